//! What is said of plugins in a sandbox.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

use super::{on_a_line, short};

pub fn isolated_for_sandbox() -> String {
    "the configuration wants it in a sandbox".to_owned()
}

/// To follow the key and a colon.
pub fn no_place(text: &str) -> String {
    format!(
        "`{}` is no place: write it from the root, as in \"/srv/music\", or below your folder, as in \"~/Music\", or below $APP or $RESOURCE",
        short(text)
    )
}

/// To follow the key and a colon.
pub fn no_variable(text: &str) -> String {
    format!("`{}` is no name of a variable: write names alone, as in \"API_KEY\"", short(text))
}

/// To follow the key and a colon.
pub fn own_variable(text: &str) -> String {
    format!(
        "`{}` is one of the host's own variables, by which it tells a process what to do: take it out, and choose a name that does not begin with PLUGIN_HOST_",
        short(text)
    )
}

/// In the plugin's log.
pub fn not_opened_for_variable(variable: &str, path: &Path) -> String {
    let path = on_a_line(&path.to_string_lossy());
    format!(
        "{variable} names {path}, in which more lies than certificates: the user's folder, the configuration or the plugins' data; so the sandbox of this plugin does not allow it; name a folder of certificates alone, or list it under `read`"
    )
}

/// To follow the file.
pub fn sandbox_in_process(plugin: &str) -> String {
    format!(
        "has `isolation` and `sandbox` that contradict each other: a sandbox is for a process of its own; take isolation = \"in-process\" out of [host.plugins.{}], or write sandbox = \"none\" there",
        short(plugin)
    )
}

/// What a sandbox lacks, to follow a colon.
pub fn no_landlock() -> String {
    "the kernel has no Landlock, or it is not switched on (it comes with Linux 5.13), so files cannot be kept from it".to_owned()
}

pub fn old_landlock(version: i32, needed: i32) -> String {
    format!(
        "the kernel's Landlock is of version {version}, and below {needed} (Linux 6.2) it could empty files that it may not write"
    )
}

pub fn landlock_failed(detail: &str) -> String {
    format!("Landlock does not take what files it may touch: {detail}")
}

pub fn no_seccomp(detail: &str) -> String {
    format!("the kernel filters no calls of the system ({detail}), so the network cannot be kept from it")
}

pub fn no_sandbox_on_this_system() -> String {
    "sandboxes are made of what Linux alone has".to_owned()
}

pub fn did_not_begin_again() -> String {
    "its process did not begin again, so files were not kept from it; an application has to call `probe_if_asked` before anything else"
        .to_owned()
}

pub fn sandbox_garbled(detail: &str) -> String {
    format!("its process does not understand which one: {detail}")
}

/// A sentence about the file.
pub fn sandbox_refused(missing: &[String]) -> String {
    format!(
        "is not started, as the configuration requires a sandbox that this system does not have: {}; sandbox = \"if-possible\" runs it all the same",
        missing.join("; ")
    )
}

/// In the plugin's log.
pub fn sandbox_with_gaps(missing: &[String]) -> String {
    format!(
        "this plugin runs with less of a sandbox than there could be: {}; sandbox = \"required\" would refuse it",
        missing.join("; ")
    )
}

/// In the plugin's log.
pub fn nothing_there(path: &Path, detail: &str) -> String {
    format!(
        "the sandbox of this plugin lists {}, which cannot be opened ({detail}), so it is not allowed; create it, and start the plugin again",
        on_a_line(&path.to_string_lossy())
    )
}

/// A sentence about the file.
pub fn no_own_folder(folder: &Path, detail: &str) -> String {
    format!("is not started: {} cannot be made: {detail}; give another place with --data", folder.display())
}

/// What a sandbox allows, for [`denied`].
pub fn sandbox_allows(own: &[&Path], write: &[OsString], read: &[OsString], network: bool) -> String {
    let list = |paths: &mut dyn Iterator<Item = String>| paths.collect::<Vec<_>>().join(", ");
    let listed = |paths: &[OsString]| list(&mut paths.iter().map(|path| on_a_line(&path.to_string_lossy())));
    let mut text = format!("files below {}", list(&mut own.iter().map(|path| path.display().to_string())));
    if !write.is_empty() {
        // Writing to a text does not fail.
        let _ = write!(text, ", {}", listed(write));
    }
    if !read.is_empty() {
        let _ = write!(text, ", reading below {}", listed(read));
    }
    let network = if network { "the network" } else { "no network" };
    format!("{text}, and {network}")
}

/// `cmd` is nothing for the start.
pub fn denied(plugin: &str, cmd: Option<&str>, error: &str, allows: &str, file: &Path) -> String {
    let (plugin, error) = (short(plugin), short(error));
    let what = cmd.map_or_else(|| "its start".to_owned(), |cmd| format!("`{}`", short(cmd)));
    format!(
        "the system has refused something to plugin `{plugin}`, probably for its sandbox: {what} failed with \"{error}\"; the sandbox allows {allows}; `read`, `write` and `network` in [host.plugins.{plugin}] of {} allow more",
        file.display()
    )
}
