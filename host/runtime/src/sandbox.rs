//! The sandbox of a process in which one plugin runs: what the process may touch of files and of the system, taken from it by itself
//! before it opens the library, for the rest of its life.
//!
//! Landlock keeps files from it ([`files`]), and a filter of system calls the network, other processes, and what goes past the first
//! ([`calls`]). Landlock holds for the thread that asks for it, and for all that comes of that thread; but the libraries of a window have
//! started threads before `main`, through which a plugin could act. So the process begins twice ([`enter_if_asked`]): it takes files
//! from itself and becomes the same program again, now with all its threads inside, which then filters the calls of all of them
//! ([`finish`]).
//!
//! It takes nothing from the host's process, decides nothing about lanes, and knows no other system than Linux.

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
use std::process::Command;

use serde::{Deserialize, Serialize};

#[cfg(target_os = "linux")]
use crate::again;
#[cfg(target_os = "linux")]
use crate::library::inherited;
use crate::status::Sandboxed;
use crate::words;

/// The variable by which a process knows that it is to be in a sandbox, and in which.
const ORDER: &str = "PLUGIN_HOST_SANDBOX";

/// What stands for the application's folder where places are listed.
pub const APP: &str = "$APP";

/// And for the folder of what it brings along.
pub const RESOURCE: &str = "$RESOURCE";

/// What a sandbox is to allow beyond the plugin's own folders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// Whether the plugin is refused where the sandbox would have a gap.
    pub demanded: bool,
    pub network: bool,
    pub read: Vec<OsString>,
    pub write: Vec<OsString>,
}

impl Confinement {
    /// The same for a plugin that finds the application's folder and its resources here: `$APP` and `$RESOURCE` stand for them. The
    /// first is made: from inside nobody could, and what is not there when the process begins is not opened.
    pub fn within(&self, app: &Path, resources: &Path) -> Self {
        let real = |paths: &[OsString]| paths.iter().map(|path| real(path, app, resources)).collect();
        // Where that fails the sandbox says that there is nothing.
        let _ = std::fs::create_dir_all(app);
        Self {
            demanded: self.demanded,
            network: self.network,
            read: real(&self.read),
            write: real(&self.write),
        }
    }
}

fn real(path: &OsString, app: &Path, resources: &Path) -> OsString {
    let path = Path::new(path);
    match (path.strip_prefix(APP), path.strip_prefix(RESOURCE)) {
        (Ok(below), _) => app.join(below).into(),
        (_, Ok(below)) => resources.join(below).into(),
        _ => path.into(),
    }
}

/// A sandbox for one process.
#[derive(Debug, Serialize, Deserialize)]
pub struct Cell {
    pub confinement: Confinement,
    /// The plugin's library.
    pub library: OsString,
    /// Folders that are its own. They are there.
    pub folders: Vec<OsString>,
    /// What has others' in it, which no variable opens: the configuration, and the folders of all plugins' data.
    pub of_all: Vec<OsString>,
}

/// What has become of one half of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Half {
    Closed,
    /// It keeps out most; this is what it does not.
    WithGap(String),
    Open(String),
}

impl Cell {
    /// Has a process that is to be started take from itself what is not allowed; its temporary files go to `temporary`.
    ///
    /// # Errors
    /// When a path cannot be passed on.
    pub fn order(&self, command: &mut Command, temporary: &Path) -> Result<(), String> {
        let order = serde_json::to_string(self).map_err(|error| error.to_string())?;
        // Only the process itself says what has come of it.
        command.env(ORDER, order).env("TMPDIR", temporary).env_remove(again::SANDBOX_FILES);
        Ok(())
    }
}

/// Takes files from this process, if a host wants that, and begins again. Returns only where nobody wants that, where it has been done,
/// or with the exit code where it does not go on. To be called before anything else.
#[cfg(target_os = "linux")]
pub fn enter_if_asked() -> Option<i32> {
    if std::env::var_os(again::SANDBOX_FILES).is_some() {
        return None;
    }
    let cell = ordered()?;
    let half = cell.map_or_else(Half::Open, |cell| files::close(&cell));
    let Ok(half) = serde_json::to_string(&half) else { return Some(again::NOT_AGAIN) };
    // It begins without them, too.
    inherited::mark();
    Some(again::begin(again::SANDBOX_FILES, &half))
}

#[cfg(not(target_os = "linux"))]
pub fn enter_if_asked() -> Option<i32> {
    None
}

/// Takes the rest from this process, if it is to be in a sandbox. How far that goes in all; nothing, where nobody wants one.
///
/// # Errors
/// A sentence about the plugin's file, when it is demanded that the sandbox has no gap, and it has one.
pub fn finish() -> Result<Option<Sandboxed>, String> {
    let Some(cell) = ordered() else { return Ok(None) };
    let cell = cell.map_err(|detail| words::sandbox_refused(&[detail]))?;
    #[cfg(target_os = "linux")]
    files::tell_of_variables(&cell);
    let Confinement { demanded, network, read, write } = cell.confinement;
    for path in read.iter().chain(&write).map(Path::new) {
        // That much can be seen from inside.
        if let Err(error) = std::fs::metadata(path) {
            tracing::warn!("{}", words::nothing_there(path, &error.to_string()));
        }
    }
    judge(demanded, files_half(), calls_half(network)).map(Some)
}

fn ordered() -> Option<Result<Cell, String>> {
    let order = std::env::var_os(ORDER)?;
    Some(
        serde_json::from_slice(order.as_encoded_bytes())
            .map_err(|error| words::sandbox_garbled(&error.to_string())),
    )
}

fn files_half() -> Half {
    if !cfg!(target_os = "linux") {
        return Half::Open(words::no_sandbox_on_this_system());
    }
    let half = std::env::var_os(again::SANDBOX_FILES).unwrap_or_default();
    serde_json::from_slice(half.as_encoded_bytes())
        .unwrap_or_else(|_| Half::Open(words::did_not_begin_again()))
}

#[cfg(target_os = "linux")]
fn calls_half(network: bool) -> Half {
    calls::close(network)
}

#[cfg(not(target_os = "linux"))]
fn calls_half(_network: bool) -> Half {
    Half::Open(words::no_sandbox_on_this_system())
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
    fn a_process_of_which_nobody_wants_that_goes_on_as_it_is() {
        assert_eq!((enter_if_asked(), finish()), (None, Ok(None)));
        let half = files_half();
        let wanted = if cfg!(target_os = "linux") { "did not begin again" } else { "Linux alone" };
        assert!(matches!(&half, Half::Open(what) if what.contains(wanted)), "{half:?}");
    }
}
