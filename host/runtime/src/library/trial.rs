//! The trial load, seen from the child: opens the library as the host would, asks what it says of itself, and writes that
//! down.
//!
//! The plugin is not started: its `state:` function may open files that the host's own plugin has open.

use std::path::Path;

use plugin_api::manifest::Manifest;

use super::{opening, probe};

/// Does what a host that tries a library asks of this process by its environment. Returns the process's exit code, or
/// nothing for a process that has not been asked.
pub fn if_asked() -> Option<i32> {
    let library = std::env::var_os(probe::LIBRARY)?;
    let answer = std::env::var_os(probe::ANSWER)?;
    die_with_the_host();
    let outcome = describe(Path::new(&library));
    let written = serde_json::to_vec(&outcome).map(|text| std::fs::write(answer, text).is_ok());
    Some(if written.unwrap_or(false) { 0 } else { 1 })
}

fn describe(library: &Path) -> Result<Manifest, String> {
    opening::open(library)?.module.describe()
}

/// A library that hangs must not outlive a host that was killed; nor should one that crashes leave a memory image.
fn die_with_the_host() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};
        // Where the system refuses, the time limit remains.
        let _ = set_parent_process_death_signal(Some(Signal::KILL));
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
}
