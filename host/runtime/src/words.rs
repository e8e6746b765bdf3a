//! Every sentence the runtime says, in one place: replies, refusals, log lines. What is said of the configuration follows in
//! `words/configuration.rs`, of files in `words/files.rs`, what of processes and calls that do not return in `words/isolation.rs`, what of sandboxes in `words/sandbox.rs`,
//! who may call what in `words/permissions.rs`, and which libraries are trusted in `words/trust.rs`.
//!
//! They are lowercase and without a full stop, so that they fit behind a colon; they say what is wrong, whose it
//! is, and what to do.

mod configuration;
mod files;
mod isolation;
pub mod permissions;
mod sandbox;
mod trust;

use std::path::Path;
use std::time::Duration;

use crate::executor::Refusal;
use crate::library::phase::Phase;

pub use configuration::*;
pub use files::*;
pub use isolation::*;
pub use sandbox::*;
pub use trust::*;

/// Names come from pages and files: as long as a line, and no longer.
pub fn short(name: &str) -> String {
    const LONGEST: usize = 80;
    let mut short: String = name.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if name.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

/// A text as it may stand in a line that a person reads: characters that control the terminal, or hide others, are written out.
/// Names of files and what libraries print may hold anything.
pub fn on_a_line(text: &str) -> String {
    let hides = |character: char| {
        let hidden =
            matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        character.is_control() || hidden
    };
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if hides(character) {
            line.extend(character.escape_debug());
        } else {
            line.push(character);
        }
    }
    line
}

pub fn not_json(detail: &str) -> String {
    format!("the message is not JSON: {detail}")
}

pub fn not_an_object() -> String {
    "the message is not an object; send { cmd: \"name\", … }".to_owned()
}

pub fn no_cmd() -> String {
    "the message has no `cmd`; send { cmd: \"name\", … }".to_owned()
}

pub fn cmd_twice() -> String {
    "the message has two `cmd` keys; it is not clear which one is meant".to_owned()
}

pub fn cmd_not_text() -> String {
    "the message's `cmd` is not a string".to_owned()
}

pub fn message_too_long(bytes: usize, most: usize) -> String {
    format!(
        "the message is too long: {bytes} bytes, and {most} are allowed; pass large data in parts or by file"
    )
}

pub fn unknown_command(cmd: &str, nearest: &[&str], any: bool, kept_out: usize) -> String {
    let cmd = short(cmd);
    match nearest {
        [] if !any && kept_out > 0 => {
            format!(
                "unknown command `{cmd}`: no plugin is loaded; {kept_out} in the plugin folders were refused or left out, and `plugin-host list` tells why"
            )
        }
        [] if !any => {
            format!("unknown command `{cmd}`: no plugin is loaded; drop one into the plugin folder")
        }
        [] => format!("unknown command `{cmd}`"),
        names => {
            let names: Vec<String> = names.iter().map(|name| format!("`{}`", short(name))).collect();
            format!("unknown command `{cmd}`; did you mean {}?", names.join(" or "))
        }
    }
}

pub fn reply_dropped(plugin: &str, cmd: &str) -> String {
    format!("plugin `{plugin}` gave no answer to `{}`", short(cmd))
}

pub fn call_dropped(cmd: &str) -> String {
    format!("`{}` was dropped before it ran", short(cmd))
}

pub fn panicked(plugin: &str, cmd: &str, what: &str) -> String {
    format!("plugin `{plugin}` panicked in `{}`: {what}", short(cmd))
}

pub fn reply_not_json(plugin: &str, cmd: &str, detail: &str) -> String {
    format!("plugin `{plugin}` answered `{}` with something that is not JSON: {detail}", short(cmd))
}

pub fn busy(plugin: &str, waiting: usize) -> String {
    format!("plugin `{plugin}` is busy: {waiting} calls are waiting already; try again later")
}

/// Why a call was not begun that is this plugin's, or the host's.
pub fn refused(refusal: &Refusal, plugin: Option<&str>) -> String {
    let plugin = plugin.unwrap_or("host");
    match refusal {
        Refusal::Stopping => stopping(),
        Refusal::Full(waiting) => busy(plugin, *waiting),
        Refusal::MainThreadFull(waiting) => main_thread_busy(*waiting),
        Refusal::NoThread(detail) => no_threads(plugin, detail),
    }
}

pub fn still_loading() -> String {
    "the plugins are still being loaded, and who waits for one in its own start would wait for ever; call it later, or without waiting"
        .to_owned()
}

pub fn loading_busy() -> String {
    "the plugins are still being loaded and too many calls are waiting already; try again later".to_owned()
}

pub fn main_thread_busy(waiting: usize) -> String {
    format!("the main thread is busy: {waiting} calls are waiting for it already; try again later")
}

pub fn no_threads(plugin: &str, detail: &str) -> String {
    format!("plugin `{plugin}` has no thread to run on: {detail}")
}

pub fn stopping() -> String {
    "the host is closing".to_owned()
}

pub fn folder_unreadable(folder: &Path, detail: &str) -> String {
    format!(
        "the plugin folder {} cannot be read: {detail}; create it, or name another with --plugins",
        folder.display()
    )
}

pub fn duplicate(cmd: &str, kept_by: &str, also: &str) -> String {
    format!(
        "`{cmd}` belongs to plugin `{kept_by}`; the one of plugin `{also}` is reachable as `{also}/{cmd}`"
    )
}

pub fn no_data_folder(path: &Path, error: &std::io::Error) -> String {
    format!("the data folder {} cannot be made: {error}; give another place with --data", path.display())
}

pub fn file_refused(file: &Path, reason: &str) -> String {
    // Whole: what tells two files apart stands at the end.
    format!("{} {reason}", on_a_line(&file.to_string_lossy()))
}

pub fn command_refused(cmd: &str, plugin: &str, reason: &str) -> String {
    format!("`{}` belongs to plugin `{plugin}`, which does not serve: {reason}", short(cmd))
}

pub fn command_gone(cmd: &str, plugin: &str, disabled: bool) -> String {
    let cmd = short(cmd);
    if disabled {
        format!(
            "plugin `{plugin}` does not serve any more, and `{cmd}` with it: it is switched off or left out"
        )
    } else {
        format!(
            "plugin `{plugin}` was removed, and `{cmd}` with it; put its library back into the plugin folder"
        )
    }
}

pub fn no_such_plugin(name: &str) -> String {
    format!(
        "no file in the plugin folders has a plugin `{}`; `plugin-host list` tells which there are",
        short(name)
    )
}

pub fn nobody_to_do_without(name: &str) -> String {
    format!("`--without {}` has no effect: {}", short(name), no_such_plugin(name))
}

pub fn nobody_to_isolate(name: &str) -> String {
    format!("`--isolate {}` has no effect: {}", short(name), no_such_plugin(name))
}

pub fn too_many_watchers(most: usize) -> String {
    format!("{most} calls watch already; cancel one before the next")
}

pub fn unanswered(file: &Path, detail: &str) -> String {
    format!("somebody asks how the plugins are, and {} cannot be written: {detail}", file.display())
}

pub fn bad_order(detail: &str) -> String {
    format!("the message does not fit: {detail}")
}

pub fn choices_unreadable(file: &Path, detail: &str) -> String {
    format!(
        "{} cannot be read: {detail}; a host that runs keeps to what it knew, and one that starts switches nothing off",
        file.display()
    )
}

pub fn choices_unwritable(file: &Path, detail: &str) -> String {
    format!("the choice cannot be kept: {} cannot be written: {detail}", file.display())
}

pub fn bad_event_name(event: &str) -> String {
    format!(
        "the event `{}` has no good name: 1 to 128 characters, without control characters, and not beginning with `host/`",
        short(event)
    )
}

pub fn event_not_json(event: &str, detail: &str) -> String {
    format!("the payload of the event `{}` is not JSON: {detail}", short(event))
}

pub fn waits_for_itself(cmd: &str) -> String {
    format!(
        "`{}` runs on the main thread, and so does the one who waits for it: it would never begin; call it without waiting, or wait on a worker",
        short(cmd)
    )
}

pub fn bad_event_to_hear(event: &str) -> String {
    format!("the event `{}` has no good name: it has 1 to 128 characters that can be seen", short(event))
}

pub fn too_many_listeners(most: usize) -> String {
    format!("the plugin has {most} listeners already; drop a `Listening` before the next one")
}

pub fn events_lost(plugin: &str, event: &str, waiting: usize) -> String {
    let event = short(event);
    format!(
        "plugin `{plugin}` does not keep up with the event `{event}`: {waiting} wait for it, and more are lost"
    )
}

pub fn nobody_waits() -> String {
    "cancelled: nobody waits for the answer any more".to_owned()
}

pub fn deadline(plugin: &str, cmd: &str, limit: Duration) -> String {
    let cmd = short(cmd);
    format!("`{cmd}` of plugin `{plugin}` did not answer within {limit:?}, which is its deadline")
}

pub fn values_on_main() -> String {
    "the page has not taken the values before, and it could not as long as the main thread waits; send them from a worker"
        .to_owned()
}

pub fn value_not_json(detail: &str) -> String {
    format!("what a command tells before its answer is JSON, and this is not: {detail}")
}

pub fn no_room_for_value(bytes: usize) -> String {
    format!("a value of {bytes} bytes does not fit beside the replies that wait for the page")
}

pub fn too_many_hooks(most: usize) -> String {
    format!("a call has {most} `when_cancelled` already, and one more is dropped")
}

pub fn waits_for_its_own_place(cmd: &str) -> String {
    let cmd = short(cmd);
    format!(
        "`{cmd}` is bounded by `concurrency`, and the one who waits for it has its last place: it would never begin"
    )
}

pub fn no_calls_in_a_trial() -> String {
    "this is a trial, in which there are no other plugins".to_owned()
}

pub fn not_watched(folder: &Path, detail: &str) -> String {
    format!(
        "changes in the plugin {} will not be noticed: {detail}; restart the host after a change",
        folder.display()
    )
}

pub fn host_panicked() -> String {
    "the host panicked while a plugin called it; please report this".to_owned()
}

pub fn keeper_panicked() -> String {
    "the host panicked while it kept the plugin folders; changes in them are not noticed any more; please report this"
        .to_owned()
}

/// The longest sentence that is passed on. It is for people to read.
const LONGEST_SENTENCE: usize = 16 * 1024;

/// Bytes of what is put behind one that was longer.
const NOTE: usize = 64;

/// A plugin's sentence, shortened to what a person may want to read.
pub fn bounded(mut text: String) -> String {
    // One that was shortened in another process is left as it is.
    if text.len() > LONGEST_SENTENCE + NOTE {
        let bytes = text.len();
        text.truncate(text.floor_char_boundary(LONGEST_SENTENCE));
        text.push_str(&format!("… (shortened; {bytes} bytes in all)"));
    }
    text
}

/// What a process ended by, for [`crash`].
pub fn exit_call() -> String {
    "a call of exit".to_owned()
}

/// What ran, to follow "while".
pub fn place(phase: Phase, cmd: Option<&str>) -> String {
    match (phase, cmd) {
        (Phase::Open, _) => "its library was opened".to_owned(),
        (Phase::Start, _) => "it started".to_owned(),
        (Phase::Call, Some(cmd)) => format!("`{}` ran", short(cmd)),
        (Phase::Call | Phase::Promise, _) => "a promise of it ran".to_owned(),
        (Phase::Stop | Phase::OwnThread, _) => "it stopped".to_owned(),
    }
}

pub fn crash(phase: Phase, plugin: &str, cmd: Option<&str>, cause: Option<&str>) -> String {
    let (plugin, place) = (short(plugin), place(phase, cmd));
    match cause {
        Some(cause) => format!(
            "the last run died in plugin `{plugin}` while {place}, by {cause}; `plugin-host disable {plugin}` switches it off, and `--without {plugin}` does so for one run"
        ),
        None => {
            format!(
                "the last run was ended from outside, or by `_exit`, which leaves no trace; plugin `{plugin}` was at work then, while {place}"
            )
        }
    }
}

pub fn crash_elsewhere(thread: &str, plugin: &str, cause: &str) -> String {
    let thread = short(thread);
    let guess = match plugin {
        "" => "a plugin has probably started it; `--safe-mode` starts without any".to_owned(),
        plugin => format!(
            "by its name plugin `{plugin}` has started it; `plugin-host disable {plugin}` switches that off, and `--without {plugin}` does so for one run"
        ),
    };
    format!(
        "the last run died in a thread called `{thread}`, by {cause}, while no command ran in it; {guess}"
    )
}

pub fn no_breadcrumbs(folder: &Path, detail: &str) -> String {
    format!(
        "should this host die in a plugin, the next one will not know in which: {} cannot be written: {detail}",
        folder.display()
    )
}
