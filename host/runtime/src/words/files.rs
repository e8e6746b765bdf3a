//! Why a file in a plugin folder is not taken: sentences that follow the file's name.

use std::path::Path;
use std::time::Duration;

use plugin_api::abi::ABI_NUMBER;
use plugin_api::manifest::{API_VERSION, FORMAT};

use super::short;
use crate::library::phase::Phase;

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

/// `theirs` is the version of the plugin-api that the file was built with, as the file tells it.
pub fn other_layout(theirs: &str) -> String {
    format!(
        "was built with plugin-api {}, and this host with plugin-api {API_VERSION}: their boundaries differ; rebuild it with this host's plugin-api",
        short(theirs)
    )
}

/// The number and the version of the plugin-api that the file was built with. What is older is rebuilt; what is newer may be right,
/// and the host too old.
pub fn other_abi(number: u32, theirs: &str) -> String {
    let or = if number > ABI_NUMBER { ", or get a newer host" } else { "" };
    format!(
        "was built with plugin-api {} (ABI {number}), and this host with plugin-api {API_VERSION} (ABI {ABI_NUMBER}): the two do not fit; rebuild it with this host's plugin-api{or}",
        short(theirs)
    )
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

/// `theirs` is the version of the plugin-api that the file was built with, where it can be read.
pub fn other_manifest(format: u32, theirs: Option<&str>) -> String {
    let theirs =
        theirs.map_or_else(|| "another plugin-api".to_owned(), |it| format!("plugin-api {}", short(it)));
    format!(
        "describes itself in format {format}, as {theirs} does, and this host's plugin-api {API_VERSION} in format {FORMAT}; get a newer host, or rebuild it with this host's plugin-api"
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
        31 if cfg!(target_os = "linux") => "a call of the system that its sandbox does not know (SIGSYS)",
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

pub fn killed_the_host_in_its_start(cause: &str) -> String {
    format!(
        "ended the host while it started, by {cause}; report that to its author, and remove it, or try it again"
    )
}

pub fn file_too_large(bytes: u64, most: u64) -> String {
    format!("is too large for a plugin: {bytes} bytes, and {most} are allowed; remove it")
}

/// To follow the file.
pub fn copies_not_ours_alone(folder: &Path) -> String {
    format!(
        "was not loaded: the folder {}, to which it is copied first, was removed and made again: it belongs to somebody else, or is open to others; remove it, or start the host again",
        folder.display()
    )
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
