//! Versions of the library `changing`, made by writing another number over the mark in the file.

use std::fs;
use std::path::{Path, PathBuf};

use plugin_host_runtime::{Change, ChangeKind};
use serde_json::json;

use crate::{Host, library};

/// What stands before the number in the file.
const MARK: &[u8] = b"the version is ";

/// How a version starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starts {
    /// As it should.
    Well,
    /// With an error.
    WithError,
    /// With a panic.
    WithPanic,
}

/// The bytes of a version.
///
/// # Panics
/// When the library has not been built, or has no mark.
pub fn version(number: u64, starts: Starts) -> Vec<u8> {
    let mut bytes = fs::read(library("changing")).expect("the library was built");
    let at = bytes.windows(MARK.len()).position(|window| window == MARK).expect("a mark") + MARK.len();
    bytes[at..at + 8].copy_from_slice(format!("{number:08}").as_bytes());
    bytes[at + 8] = match starts {
        Starts::Well => b's',
        Starts::WithError => b'e',
        Starts::WithPanic => b'p',
    };
    bytes
}

/// Where the library lies in a plugin folder.
pub fn place(folder: &Path) -> PathBuf {
    folder.join(library("changing").file_name().expect("a library has a name"))
}

/// Puts bytes into a folder under a file's name, in one step.
///
/// # Panics
/// When the folder cannot be written.
pub fn put(file: &Path, bytes: &[u8]) {
    let part = file.with_extension("part");
    fs::write(&part, bytes).expect("a folder");
    fs::rename(&part, file).expect("a folder");
}

/// Which version answers.
///
/// # Errors
/// What the host says where none does.
///
/// # Panics
/// When the answer is none of `changing`.
pub fn which(host: &Host) -> Result<u64, String> {
    let answer = host.call(json!({ "cmd": "which", "number": 7 }))?;
    Ok(answer["version"].as_u64().expect("the number of a version"))
}

/// Holds a change to what it should be.
///
/// # Panics
/// When it is another.
#[track_caller]
pub fn check(change: Change, kind: ChangeKind, generation: Option<u32>, reason: &str) {
    assert_eq!((change.kind, change.generation), (kind, generation), "{change:?}");
    assert!(change.reason.as_deref().unwrap_or_default().contains(reason), "{change:?}");
}
