//! What `plugin-host check` says.

use std::path::Path;
use std::time::Duration;

use plugin_host_runtime::on_a_line;

/// Messages may be megabytes long.
fn short(message: &str) -> String {
    const LONGEST: usize = 300;
    let mut short: String = message.chars().take(LONGEST).collect();
    if message.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    on_a_line(&short)
}

pub fn no_library(library: &Path) -> String {
    format!("{} is no file", library.display())
}

pub fn no_such_check(name: &str) -> String {
    format!("there is no check `{}`; --list tells which there are", on_a_line(name))
}

pub fn no_child() -> String {
    "the system starts no process for a check".to_owned()
}

pub fn no_plugin() -> String {
    "is a library without a manifest: no plugin, and a host leaves it alone".to_owned()
}

pub fn loading() -> String {
    "while it was loaded".to_owned()
}

pub fn asking_for_schemas() -> String {
    "while it told its schemas".to_owned()
}

pub fn no_schemas() -> String {
    "does not tell the schemas of its commands".to_owned()
}

pub fn calling(message: &str) -> String {
    format!("while it was called with {}", short(message))
}

pub fn stopping() -> String {
    "while it was stopped".to_owned()
}

pub fn in_flight() -> String {
    "while many calls were in flight".to_owned()
}

pub fn switching(cmd: &str) -> String {
    format!("in {cmd}")
}

pub fn signal(number: i32) -> String {
    format!("by signal {number}")
}

pub fn exit_code(code: i32) -> String {
    format!("with exit code {code}")
}

pub fn died(cause: &str, place: &str) -> String {
    format!("ends the process {cause}, {place}")
}

pub fn died_in_the_end(cause: &str) -> String {
    format!("ends the process {cause} after it was stopped, as by a destructor or a thread of its own")
}

pub fn late(patience: Duration, place: &str) -> String {
    format!("is not done within {} s: it hangs {place}", patience.as_secs())
}

pub fn no_answer(patience: Duration, message: &str) -> String {
    format!(
        "gives no answer within {} s to {}; a command that is meant to wait is left out by --skip",
        patience.as_secs(),
        short(message)
    )
}

pub fn bad_answer(text: &str, message: &str) -> String {
    format!("{}, when called with {}", on_a_line(text), short(message))
}

pub fn not_refused(message: &str) -> String {
    format!("answers {} as if nothing were missing or too much", short(message))
}

pub fn nothing_to_call() -> String {
    "there is nothing to call".to_owned()
}

pub fn calls(count: usize, refused: usize) -> String {
    match refused {
        0 => format!("{count} calls"),
        _ => format!("{count} calls, {refused} of them answered with an error"),
    }
}

pub fn nothing_on_main() -> String {
    "no command runs on the main thread".to_owned()
}

pub fn stands_still(cmd: &str, longest: Duration) -> String {
    format!("`{}` keeps the window still for {} ms", on_a_line(cmd), longest.as_millis())
}

pub fn longest_on_main(cmd: &str, longest: Duration) -> String {
    format!("at most {:.1} ms, by `{}`", longest.as_secs_f64() * 1000.0, on_a_line(cmd))
}

pub fn loaded(name: &str, version: &str, commands: usize) -> String {
    let plural = if commands == 1 { "" } else { "s" };
    format!("{} {}, {commands} command{plural}", on_a_line(name), on_a_line(version))
}

pub fn does_not_stop(patience: Duration) -> String {
    format!("does not stop within {} s", patience.as_secs())
}

pub fn does_not_stop_in_flight(patience: Duration) -> String {
    format!(
        "does not stop within {} s while calls run; they can ask `Cancellation`, and `stop` can end what they wait for",
        patience.as_secs()
    )
}

pub fn does_not_switch(cmd: &str, detail: &str) -> String {
    format!("{cmd} fails: {}", if detail.is_empty() { "no answer" } else { detail })
}

pub fn does_not_start_again(reason: &str) -> String {
    format!(
        "does not start a second time in one process: {}",
        if reason.is_empty() { "it is not there" } else { reason }
    )
}

pub fn not_documentable() -> String {
    "its commands are an enum, whose arguments and documentation nobody can know".to_owned()
}

pub fn no_description() -> String {
    "has no description; write one into its Cargo.toml".to_owned()
}

pub fn not_documented(commands: &[&str]) -> String {
    let commands: Vec<_> = commands.iter().map(|command| on_a_line(command)).collect();
    format!(
        "has no documentation for `{}`; write a comment with three slashes before the function",
        commands.join("`, `")
    )
}

pub fn never_answered(message: &str) -> String {
    format!("leaves a call without an answer when it is stopped: {}", short(message))
}

pub fn not_on_this_system() -> String {
    "this system does not tell".to_owned()
}

pub fn threads_left(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| on_a_line(name)).collect();
    format!("leaves threads behind when it has stopped: `{}`; end them in `stop`", names.join("`, `"))
}

pub fn changes(parts: &[&str]) -> String {
    format!("changes {} of the whole process", parts.join(", "))
}

pub fn keeps_memory(each: usize) -> String {
    format!("keeps {each} bytes of each call")
}

pub fn keeps_files(files: usize, calls: usize) -> String {
    format!("leaves {files} files open after {calls} calls")
}

pub fn kept(each: usize) -> String {
    format!("{each} bytes for each call")
}

pub fn heading(file: &Path, level: u8, seed: u64) -> String {
    format!("{}, level {level}, seed {seed}", on_a_line(&file.display().to_string()))
}

pub fn summary(passed: usize, warned: usize, failed: usize, skipped: usize) -> String {
    let parts = [(passed, "passed"), (warned, "could be better"), (failed, "failed"), (skipped, "skipped")];
    let parts: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    parts.join(", ")
}

pub fn again(library: &Path, check: &str, seed: u64) -> String {
    format!("plugin-host check --only {check} --seed {seed} {}", on_a_line(&library.display().to_string()))
}
