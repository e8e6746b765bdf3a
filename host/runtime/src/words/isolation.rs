//! What is said of plugins in processes of their own, and of calls that do not return.

use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use super::{exit_code, short, signal};

pub fn isolated_by_command_line() -> String {
    "`--isolate` says so".to_owned()
}

pub fn isolated_by_configuration() -> String {
    "the configuration says so".to_owned()
}

/// Beside `plugin-host list`, and in the sentence about the crash.
pub fn isolated_after_crash(crash: &str) -> String {
    format!("it has crashed the host ({crash})")
}

/// To follow the sentence about a crash.
pub fn will_be_isolated(plugin: &str, kept: bool) -> String {
    let plugin = short(plugin);
    if !kept {
        return "in this run it has a process of its own".to_owned();
    }
    format!(
        "from now on it runs in a process of its own, until its library changes; `plugin-host retry {plugin}` takes that back"
    )
}

pub fn crash_not_kept(file: &Path, detail: &str) -> String {
    format!("a crash is not remembered beyond this run: {} cannot be written: {detail}", file.display())
}

/// What a process ended by.
pub fn ending(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(number) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return signal(number);
    }
    match status.code() {
        Some(code) => exit_code(code),
        None => status.to_string(),
    }
}

pub fn exit_call_with(code: i32) -> String {
    format!("a call of exit({code})")
}

pub fn unknown_ending(detail: &str) -> String {
    format!("what the system does not tell: {detail}")
}

/// With what a limit may have to do with it.
pub fn within_memory(cause: &str, memory: u64) -> String {
    format!("{cause} (its memory is limited to {} MB)", memory / 1_000_000)
}

pub fn death(plugin: &str, place: Option<&str>, cause: &str) -> String {
    match place {
        Some(place) => format!("plugin `{plugin}` died while {place}, by {cause}"),
        None => format!("plugin `{plugin}` died by {cause}"),
    }
}

pub fn death_and_restart(plugin: &str, place: Option<&str>, cause: &str) -> String {
    format!("{}; it is started again", death(plugin, place, cause))
}

/// The answer to a call of `cmd`. `blamed` is the command that ran when the process died.
pub fn process_died(death: &str, cmd: &str, blamed: Option<&str>, given_up: bool) -> String {
    let under_way = if blamed == Some(cmd) {
        String::new()
    } else {
        format!(", and `{}` with it, which was under way", short(cmd))
    };
    let next = if given_up { "it is not started again" } else { "it is started again" };
    format!("{death}{under_way}; {next}")
}

pub fn given_up(plugin: &str, deaths: usize, place: Option<&str>, cause: &str) -> String {
    let last = match place {
        Some(place) => format!("while {place}, by {cause}"),
        None => format!("by {cause}"),
    };
    format!(
        "plugin `{plugin}` has died {deaths} times in a row, the last time {last}, and is not started again; `plugin-host retry {plugin}` starts it"
    )
}

/// What a process died by that did not come to serve again.
pub fn bad_start(reason: &str) -> String {
    format!("a start that failed: it {reason}")
}

/// A sentence about the file.
pub fn process_died_in_start(cause: &str) -> String {
    format!("ended its own process while it started, by {cause}; report that to its author")
}

/// A sentence about the file.
pub fn no_process(detail: &str) -> String {
    format!("was not started: it has no process of its own: {detail}; try again")
}

pub fn did_not_return(commands: &[String], patience: Duration) -> String {
    let commands: Vec<String> = commands.iter().map(|cmd| format!("`{}`", short(cmd))).collect();
    let commands = if commands.is_empty() { "a call".to_owned() } else { commands.join(", ") };
    format!(
        "the host, because {commands} did not return within {patience:?} after nobody waited for it any more"
    )
}

pub fn message_lost(detail: &str) -> String {
    format!("a message to an isolated plugin was lost: {detail}")
}

pub fn told_in_vain(detail: &str) -> String {
    format!("what this plugin has told was lost: {detail}")
}

pub fn cannot_begin(detail: &str) -> String {
    format!("the process of an isolated plugin cannot begin: {detail}")
}

pub fn does_not_read() -> String {
    "the host, because its process does not hear what it is told".to_owned()
}

pub fn silent() -> String {
    "the host, because its process says nothing any more".to_owned()
}

/// What ends a call whose values the host does not take.
pub fn too_far_ahead(values: usize) -> String {
    format!("{values} values are on their way to the page, which is more than there may be")
}

pub fn watch_needs_follow() -> String {
    "`host/watch` goes on until it is cancelled: give it `onProgress` and a `signal`".to_owned()
}

pub fn no_deadlines(detail: &str) -> String {
    format!("deadlines are not kept: the system gives no thread: {detail}")
}

pub fn garbled_frame(detail: &str) -> String {
    format!("the host, because its process said what cannot be understood: {detail}")
}

pub fn bad_event_from_afar(reason: &str) -> String {
    format!("the host, because its process told of an event that there cannot be: {reason}")
}

pub fn event_lost_on_the_way(plugin: &str, event: &str) -> String {
    format!("plugin `{plugin}` does not keep up with the event `{}`: it is lost", short(event))
}

pub fn no_room_for_the_answer(bytes: usize) -> String {
    format!("the answer of {bytes} bytes does not fit beside what this plugin has not taken yet")
}

pub fn asks_too_much(most: usize) -> String {
    format!("this plugin waits for {most} answers already; try again later")
}

pub fn answer_too_long(detail: &str) -> String {
    format!("the answer is too long to leave the plugin's process: {detail}")
}

pub fn memory_not_limited(detail: &str) -> String {
    format!("the memory of this plugin's process is not limited: {detail}")
}

pub fn is_stuck(plugin: &str, cmd: &str, after: Duration) -> String {
    format!(
        "plugin `{plugin}` is stuck: `{}` goes on {after:?} after nobody waited for it any more, and holds its thread",
        short(cmd)
    )
}

pub fn is_not_stuck(plugin: &str, cmd: &str) -> String {
    format!("`{}` of plugin `{plugin}` has returned after all", short(cmd))
}

pub fn slow_on_main(plugin: &str, cmd: Option<&str>, took: Duration) -> String {
    format!(
        "{} of plugin `{plugin}` held the main thread up for {} ms; the window stood still meanwhile",
        work(cmd),
        took.as_millis()
    )
}

pub fn blocks_main(plugin: &str, cmd: Option<&str>, since: Duration) -> String {
    format!(
        "{} of plugin `{plugin}` holds the main thread up since {} ms; the window stands still",
        work(cmd),
        since.as_millis()
    )
}

fn work(cmd: Option<&str>) -> String {
    cmd.map_or_else(|| "work".to_owned(), |cmd| format!("`{}`", short(cmd)))
}

pub fn no_thread_left() -> String {
    "all threads that plugins may have are taken".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_died_of_another_command_is_told_which_one_it_was() {
        let death = death("p", Some("`bad` ran"), "an abort");
        assert_eq!(
            process_died(&death, "bad", Some("bad"), false),
            "plugin `p` died while `bad` ran, by an abort; it is started again"
        );
        assert_eq!(
            process_died(&death, "good", Some("bad"), true),
            "plugin `p` died while `bad` ran, by an abort, and `good` with it, which was under way; it is not started again"
        );
    }
}
