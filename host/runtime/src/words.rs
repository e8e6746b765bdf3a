//! Every sentence the runtime says, in one place: replies, refusals, log lines.
//!
//! They are lowercase and without a full stop, so that they fit behind a colon; they say what is wrong, whose it
//! is, and what to do.

use std::path::Path;
use std::time::Duration;

use crate::library::phase::Phase;

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

pub fn not_a_regular_file() -> String {
    "is not a regular file; only library files are loaded".to_owned()
}

pub fn same_file(other: &Path) -> String {
    format!("is the same file as {}, under another name; remove one of the two", other.display())
}

pub fn unreadable(detail: &str) -> String {
    format!("cannot be read: {detail}")
}

pub fn not_loadable(detail: &str) -> String {
    format!("is not a library this system can load: {detail}; build it for this system, or remove it")
}

/// The detail comes last: [`opening::may_change`](crate::library::opening::may_change) knows it by its beginning.
pub fn needs_library(detail: &str) -> String {
    format!(
        "needs another library that the system does not find; install it, or name its folder in LD_LIBRARY_PATH (the plugin's own folder is not searched): {detail}"
    )
}

pub fn not_a_plugin() -> String {
    "is a library, but not a plugin: it exports no plugin table; a plugin ends with `export_plugin!`"
        .to_owned()
}

pub fn other_layout() -> String {
    "was built with a plugin-api whose boundary differs from this host's; rebuild it with this host's plugin-api"
        .to_owned()
}

pub fn other_abi(theirs: u32, ours: u32) -> String {
    format!("speaks ABI {theirs}, and this host ABI {ours}; rebuild it with this host's plugin-api")
}

pub fn does_not_unwind() -> String {
    "was built with panic = \"abort\", so its first panic would end the host; remove that from its Cargo profile"
        .to_owned()
}

pub fn bad_description(detail: &str) -> String {
    // Longer than a name: it may end with what to do.
    let detail: String = detail.chars().take(400).flat_map(char::escape_debug).collect();
    format!("does not describe itself: {detail}")
}

pub fn bad_plugin_name(name: &str) -> String {
    format!(
        "calls itself `{}`; a plugin's name is 1 to 64 letters, digits, `-` or `_`, and not `host` or `app`",
        short(name)
    )
}

pub fn bad_command_name(cmd: &str) -> String {
    format!(
        "has a command named `{}`; a command's name is 1 to 128 characters without `/` and control characters",
        short(cmd)
    )
}

pub fn command_listed_twice(cmd: &str) -> String {
    format!("lists the command `{}` twice; rename one of the two", short(cmd))
}

pub fn too_many_commands(count: usize, most: usize) -> String {
    format!("has {count} commands, and {most} are allowed")
}

pub fn start_refused(detail: &str) -> String {
    format!("did not start: {detail}")
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

pub fn empty_file() -> String {
    "is empty; copy it again".to_owned()
}

pub fn not_a_library() -> String {
    "is not a library, whatever its name says; remove it, or copy the right file again".to_owned()
}

pub fn not_a_shared_library() -> String {
    "is a program or a part of one, not a library; a plugin is built with crate-type = [\"cdylib\"]"
        .to_owned()
}

pub fn other_system(system: &str) -> String {
    format!("is a library for {system}; get the one for this system")
}

pub fn other_width(bits: u32) -> String {
    format!("is a {bits}-bit library, and this host is not; get the one for this system")
}

pub fn other_machine(machine: &str) -> String {
    format!(
        "is a library for {machine}, and this machine is {}; get the one for this machine",
        std::env::consts::ARCH
    )
}

pub fn cut_off(length: u64, needs: u64) -> String {
    format!("is cut off: it has {length} bytes, and would need at least {needs}; copy it again")
}

pub fn damaged_library() -> String {
    "is damaged: its tables do not make sense; copy it again".to_owned()
}

pub fn damaged_manifest() -> String {
    "is damaged: what it says about itself cannot be read; copy it again, or build it anew".to_owned()
}

pub fn other_manifest(theirs: u32, ours: u32) -> String {
    format!(
        "describes itself in format {theirs}, and this host reads format {ours}; get a newer host, or build it with this host's plugin-api"
    )
}

pub fn manifest_disagrees() -> String {
    "says one thing about itself in its file and another when it is opened; build it anew, from clean"
        .to_owned()
}

pub fn no_probe(program: &Path, detail: &str) -> String {
    format!("could not be tried: {} does not start: {detail}; try again", program.display())
}

pub fn probe_garbled(detail: &str) -> String {
    format!("could not be tried: the answer cannot be read: {detail}; try again")
}

pub fn no_room_for_the_trial(room: &Path) -> String {
    format!(
        "could not be tried: {} cannot be written; make room, or choose another folder with TMPDIR",
        room.display()
    )
}

pub fn trial_was_lost(detail: &str) -> String {
    format!("could not be tried: what became of the process that did so is not known: {detail}; try again")
}

pub fn trial_was_ended(cause: &str) -> String {
    format!("could not be tried: somebody ended the process that did so, by {cause}; try again")
}

pub fn closes_files(phase: Phase) -> String {
    let what = tried(phase);
    format!(
        "closed files that are not its own in the process that tried to {what} it; report that to its author, and remove it"
    )
}

/// What a trial does in a phase.
fn tried(phase: Phase) -> &'static str {
    match phase {
        Phase::Open => "open",
        Phase::Stop => "stop",
        _ => "start",
    }
}

pub fn probe_died(phase: Phase, cause: &str) -> String {
    let what = tried(phase);
    format!("ended the process that tried to {what} it, by {cause}; report that to its author, and remove it")
}

pub fn probe_late(limit: Duration) -> String {
    format!(
        "did not finish opening within {} seconds; report that to its author, or try again",
        limit.as_secs()
    )
}

/// What a process ended by, for [`probe_died`].
pub fn signal(number: i32) -> String {
    let name = match number {
        4 => "an illegal instruction",
        5 => "a trap",
        6 => "an abort",
        7 | 10 => "an access to memory that is not there (SIGBUS)",
        8 => "an arithmetic error",
        1 => "a hangup",
        2 => "an interrupt",
        9 => "a kill",
        11 => "a wrong access to memory (SIGSEGV)",
        15 => "a request to end",
        _ => return format!("signal {number}"),
    };
    name.to_owned()
}

/// What a process ended by, for [`probe_died`].
pub fn exit_code(code: i32) -> String {
    format!("exit({code})")
}

pub fn old_image() -> String {
    "is new, but the system gave back the library that was loaded before in its place; restart the host to use it"
        .to_owned()
}

pub fn no_thread_to_start(detail: &str) -> String {
    format!("was not started: the system gives no thread: {detail}; try again")
}

pub fn start_late(limit: Duration) -> String {
    format!("did not start within {} seconds; report that to its author, or try again", limit.as_secs())
}

pub fn last_start_failed(reason: &str) -> String {
    format!("{reason} (that was the last time; the next start tries it again)")
}

pub fn start_late_again(limit: Duration) -> String {
    format!(
        "did not start within {} seconds, twice; report that to its author, and remove it, or try it again",
        limit.as_secs()
    )
}

pub fn safe_mode() -> String {
    "is left out in safe mode; start without --safe-mode to use it".to_owned()
}

pub fn without(name: &str) -> String {
    format!("is left out as asked; start without `--without {name}` to use it")
}

pub fn disabled(name: &str) -> String {
    format!("is switched off; `plugin-host enable {name}` switches it on again")
}

pub fn shadowed(name: &str, by: &Path) -> String {
    format!("calls itself `{name}`, and so does {}, which comes first; remove one of the two", by.display())
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

pub fn configuration_unreadable(detail: &str) -> String {
    format!("cannot be read: {detail}")
}

pub fn configuration_garbled(line: Option<usize>, detail: &str) -> String {
    let detail = detail.trim().replace('\n', ", ");
    match line {
        Some(line) => format!("is not TOML in line {line}: {detail}"),
        None => format!("is not TOML: {detail}"),
    }
}

pub fn configuration_no_table(table: &str) -> String {
    format!("`{table}` is no table; write [{table}] above what belongs to it")
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

/// A plugin's sentence, shortened to what a person may want to read.
pub fn bounded(mut text: String) -> String {
    if text.len() > LONGEST_SENTENCE {
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

pub fn killed_the_host_in_its_start(cause: &str) -> String {
    format!(
        "ended the host while it started, by {cause}; report that to its author, and remove it, or try it again"
    )
}

pub fn crash(phase: Phase, plugin: &str, cmd: Option<&str>, cause: Option<&str>) -> String {
    let plugin = short(plugin);
    let place = match (phase, cmd) {
        (Phase::Open, _) => "its library was opened".to_owned(),
        (Phase::Start, _) => "it started".to_owned(),
        (Phase::Call, Some(cmd)) => format!("`{}` ran", short(cmd)),
        (Phase::Call | Phase::Promise, _) => "a promise of it ran".to_owned(),
        (Phase::Stop | Phase::OwnThread, _) => "it stopped".to_owned(),
    };
    match cause {
        Some(cause) => format!(
            "the last run died in plugin `{plugin}` while {place}, by {cause}; `plugin-host disable {plugin}` switches it off, and `--without {plugin}` does so for one run"
        ),
        None => {
            format!("the last run was ended from outside; plugin `{plugin}` was at work then, while {place}")
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

pub fn file_too_large(bytes: u64, most: u64) -> String {
    format!("is too large for a plugin: {bytes} bytes, and {most} are allowed; remove it")
}

pub fn copy_unwritable(folder: &Path, detail: &str) -> String {
    format!(
        "was not loaded: the copy in {} cannot be written: {detail}; make room, or choose another folder with TMPDIR",
        folder.display()
    )
}

pub fn copy_vanished(copy: &Path) -> String {
    format!("was not loaded: somebody has removed the copy {} meanwhile; try again", copy.display())
}

pub fn no_programs_there() -> String {
    "was not loaded: the folder for temporary files does not allow programs; choose another one with TMPDIR"
        .to_owned()
}

pub fn no_breadcrumbs(folder: &Path, detail: &str) -> String {
    format!(
        "should this host die in a plugin, the next one will not know in which: {} cannot be written: {detail}",
        folder.display()
    )
}
