//! The sandbox of a process in which one plugin runs: what the process may touch of files and of the system, taken from it by itself
//! before it opens the library, for the rest of its life.
//!
//! Landlock keeps files from it ([`files`]), and a filter of system calls the network, other processes, and what goes past the first
//! ([`calls`]). Both belong to a thread and to those that it starts: so this comes before there is a second one. It takes nothing
//! from the host's process, decides nothing about lanes, and knows no other system than Linux.

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod calls;
// The numbers of calls are each processor's own, and those of others were not tried.
#[cfg(all(target_os = "linux", not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod calls {
    pub fn close(_network: bool) -> super::Half {
        super::Half::Open(super::words::no_seccomp(&format!("not on {}", std::env::consts::ARCH)))
    }
}
#[cfg(target_os = "linux")]
mod files;

use std::ffi::OsString;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::status::Sandboxed;
use crate::words;

/// What a sandbox is to allow beyond the plugin's own folders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// Whether the plugin is refused where the sandbox would have a gap.
    pub demanded: bool,
    pub network: bool,
    pub read: Vec<OsString>,
    pub write: Vec<OsString>,
}

/// What every plugin needs that runs at all.
pub struct Own<'a> {
    /// Its library.
    pub library: &'a Path,
    /// Folders that are its own. They are there.
    pub folders: &'a [&'a Path],
}

/// What has become of one half of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Half {
    Closed,
    /// It keeps out most; this is what it does not.
    WithGap(String),
    Open(String),
}

/// Takes from this process what is not allowed. How far that went.
///
/// # Errors
/// A sentence about the plugin's file, when it is demanded that this has no gap, and it has one.
pub fn confine(confinement: &Confinement, own: &Own<'_>) -> Result<Sandboxed, String> {
    let [files, calls] = close(confinement, own);
    judge(confinement.demanded, files, calls)
}

#[cfg(target_os = "linux")]
fn close(confinement: &Confinement, own: &Own<'_>) -> [Half; 2] {
    // Threads that are there already would go on outside.
    let threads = std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
    if threads > 1 {
        return [Half::Open(words::not_alone()), Half::Open(words::not_alone())];
    }
    [files::close(confinement, own), calls::close(confinement.network)]
}

#[cfg(not(target_os = "linux"))]
fn close(_confinement: &Confinement, _own: &Own<'_>) -> [Half; 2] {
    let missing = || Half::Open(words::no_sandbox_on_this_system());
    [missing(), missing()]
}

fn judge(demanded: bool, files: Half, calls: Half) -> Result<Sandboxed, String> {
    let mut missing = Vec::new();
    let mut open = 0;
    for half in [files, calls] {
        match half {
            Half::Closed => {}
            Half::WithGap(what) => missing.push(what),
            Half::Open(what) => {
                open += 1;
                missing.push(what);
            }
        }
    }
    missing.dedup();
    if demanded && !missing.is_empty() {
        return Err(words::sandbox_refused(&missing));
    }
    if !missing.is_empty() {
        tracing::warn!("{}", words::sandbox_with_gaps(&missing));
    }
    Ok(match (open, missing.len()) {
        (_, 0) => Sandboxed::Fully,
        (2, _) => Sandboxed::NotAvailable,
        _ => Sandboxed::Partly,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_with_a_gap_is_told_and_refused_where_it_is_required() {
        let gap = || Half::WithGap("files can be emptied".to_owned());
        let open = |what: &str| Half::Open(what.to_owned());
        for (files, calls, degree, missing) in [
            (Half::Closed, Half::Closed, Sandboxed::Fully, &[][..]),
            (gap(), Half::Closed, Sandboxed::Partly, &["files can be emptied"]),
            (open("no Landlock"), Half::Closed, Sandboxed::Partly, &["no Landlock"]),
            (Half::Closed, open("no filters"), Sandboxed::Partly, &["no filters"]),
            (open("no Landlock"), open("no filters"), Sandboxed::NotAvailable, &["no Landlock; no filters"]),
            (open("no Linux"), open("no Linux"), Sandboxed::NotAvailable, &["have: no Linux; sandbox"]),
        ] {
            assert_eq!(judge(false, files.clone(), calls.clone()), Ok(degree));
            match judge(true, files, calls) {
                Ok(found) => assert_eq!((found, missing.len()), (Sandboxed::Fully, 0)),
                Err(reason) => {
                    assert!(reason.starts_with("is not started, as the configuration requires a sandbox"));
                    assert!(reason.contains(missing[0]), "{reason}");
                }
            }
        }
    }

    #[test]
    fn a_process_with_more_than_one_thread_is_not_taken_for_confined() {
        let none = Confinement { demanded: true, network: false, read: Vec::new(), write: Vec::new() };
        // The harness has a thread of its own.
        let refused = confine(&none, &Own { library: Path::new("/none"), folders: &[] }).unwrap_err();
        let wanted = if cfg!(target_os = "linux") { "had other threads" } else { "Linux alone" };
        assert!(refused.contains(wanted), "{refused}");
    }
}
