//! Finds the library files of a folder, in name order, and opens them for reading without running or waiting.
//!
//! A pipe in the folder must not block, and a file must not run.

use std::fs::{self, File, Metadata};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::words;

/// By what a changed file is told from the one it was: not by what it holds, which would have to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    bytes: u64,
    /// When it was written to, in nanoseconds after 1970, or before.
    modified_ns: Option<i64>,
    /// When it was written to or got other properties, which nobody can choose: seconds and nanoseconds.
    changed: Option<(i64, i64)>,
    identity: Option<(u64, u64)>,
}

impl Stamp {
    /// The stamp of the file at `path`, or of what a link there leads to.
    pub fn of(path: &Path) -> std::io::Result<Self> {
        fs::metadata(path).map(|metadata| Self::from(&metadata))
    }

    /// Device and number of the file, which two names of one file have in common.
    pub fn identity(&self) -> Option<(u64, u64)> {
        self.identity
    }
}

impl From<&Metadata> for Stamp {
    fn from(metadata: &Metadata) -> Self {
        Self {
            bytes: metadata.len(),
            modified_ns: metadata.modified().ok().and_then(nanoseconds),
            changed: changed(metadata),
            identity: identity(metadata),
        }
    }
}

fn nanoseconds(time: SystemTime) -> Option<i64> {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).ok(),
        Err(before) => i64::try_from(before.duration().as_nanos()).ok().map(i64::wrapping_neg),
    }
}

#[cfg(unix)]
fn changed(metadata: &Metadata) -> Option<(i64, i64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.ctime(), metadata.ctime_nsec()))
}

#[cfg(not(unix))]
fn changed(_metadata: &Metadata) -> Option<(i64, i64)> {
    None
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_metadata: &Metadata) -> Option<(u64, u64)> {
    None
}

/// Whether a file's name is that of a library on this system. A hidden file is somebody's temporary one.
pub fn is_library_name(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    !hidden && path.extension().is_some_and(|extension| extension == std::env::consts::DLL_EXTENSION)
}

/// What the name of a signature adds to that of its library.
const SIGNATURE: &str = "minisig";

/// Where the signature of the library at `path` lies: beside its name in the folder, wherever a link there leads.
pub fn signature_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(SIGNATURE);
    name.into()
}

/// The library that a file is the signature of, if its name says so.
pub fn signed_by(path: &Path) -> Option<PathBuf> {
    let library =
        path.extension().is_some_and(|extension| extension == SIGNATURE).then(|| path.with_extension(""));
    library.filter(|library| is_library_name(library))
}

/// The files in `folder` whose names are those of libraries, sorted by name, so that duplicates resolve the same way in
/// each run.
///
/// # Errors
/// A sentence, when the folder cannot be read.
pub fn libraries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let unreadable = |error: std::io::Error| words::folder_unreadable(folder, &error.to_string());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if is_library_name(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Opens a regular file, and tells its length in bytes. Never waits for what is none.
///
/// # Errors
/// A sentence, to follow the file's name.
pub fn open(path: &Path) -> Result<(File, u64), String> {
    let unreadable = |error: std::io::Error| words::unreadable(&error.to_string());
    // Asked by name first: opening a device may do something.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(words::not_a_regular_file());
    }
    let mut options = File::options();
    options.read(true);
    // Another file may have taken its place meanwhile; a pipe would make us wait.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_NOCTTY);
    let file = options.open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_file() { Ok((file, metadata.len())) } else { Err(words::not_a_regular_file()) }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn files_come_in_name_order_and_what_is_no_file_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["b.so", "a.so", "notes.txt", "c.so.1", ".swp", ".a.so"] {
            fs::write(path(name), name).unwrap();
        }
        fs::create_dir(path("d.so")).unwrap();
        std::os::unix::fs::symlink(path("nowhere"), path("f.so")).unwrap();
        std::os::unix::fs::symlink(path("g.so"), path("g.so")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, path("h.so"), rustix::fs::Mode::RWXU).unwrap();
        let told: Vec<String> = libraries(folder.path())
            .unwrap()
            .into_iter()
            .map(|file| {
                let opened = match open(&file) {
                    Ok((_, bytes)) => format!("{bytes} bytes"),
                    Err(reason) => reason.split(' ').take(3).collect::<Vec<_>>().join(" "),
                };
                format!("{}: {opened}", file.file_name().unwrap().to_string_lossy())
            })
            .collect();
        assert_eq!(
            told,
            [
                "a.so: 4 bytes",
                "b.so: 4 bytes",
                "d.so: is not a",
                "f.so: cannot be read:",
                "g.so: cannot be read:",
                "h.so: is not a",
            ]
        );
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_it() {
        let reason = libraries(Path::new("no/such/folder")).unwrap_err();
        assert!(reason.contains("no/such/folder") && reason.contains("--plugins"), "{reason}");
    }
}
