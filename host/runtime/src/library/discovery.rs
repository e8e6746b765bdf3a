//! Finds the library files of a folder, in name order, and says why a file that looks like one is none.
//!
//! Nothing is opened here: a pipe in the folder must not block, and a file must not run.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::words;

/// Whether to look at a file, or why not.
pub type Found = Result<PathBuf, (PathBuf, String)>;

/// The library files in `folder`, sorted by name, so that duplicates resolve the same way in each run.
///
/// # Errors
/// A sentence, when the folder cannot be read.
pub fn libraries(folder: &Path) -> Result<Vec<Found>, String> {
    let unreadable = |error: std::io::Error| words::folder_unreadable(folder, &error.to_string());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == std::env::consts::DLL_EXTENSION) {
            files.push(path);
        }
    }
    files.sort();
    let mut seen = HashMap::new();
    Ok(files.into_iter().map(|file| examine(file, &mut seen)).collect())
}

fn examine(file: PathBuf, seen: &mut HashMap<FileIdentity, PathBuf>) -> Found {
    let metadata = match fs::metadata(&file) {
        Ok(metadata) => metadata,
        Err(error) => return Err((file, words::unreadable(&error.to_string()))),
    };
    if !metadata.is_file() {
        return Err((file, words::not_a_regular_file()));
    }
    if let Some(identity) = identity(&file, &metadata) {
        if let Some(other) = seen.get(&identity) {
            let reason = words::same_file(other);
            return Err((file, reason));
        }
        seen.insert(identity, file.clone());
    }
    Ok(file)
}

/// What two names of one file have in common.
#[cfg(unix)]
type FileIdentity = (u64, u64);
#[cfg(not(unix))]
type FileIdentity = PathBuf;

#[cfg(unix)]
fn identity(_file: &Path, metadata: &fs::Metadata) -> Option<FileIdentity> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(file: &Path, _metadata: &fs::Metadata) -> Option<FileIdentity> {
    fs::canonicalize(file).ok()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn files_come_in_name_order_and_what_is_no_file_comes_with_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["b.so", "a.so", "notes.txt", "c.so.1"] {
            fs::write(path(name), name).unwrap();
        }
        fs::create_dir(path("d.so")).unwrap();
        fs::hard_link(path("a.so"), path("e.so")).unwrap();
        std::os::unix::fs::symlink(path("nowhere"), path("f.so")).unwrap();
        std::os::unix::fs::symlink(path("g.so"), path("g.so")).unwrap();
        let found = libraries(folder.path()).unwrap();
        let told: Vec<String> = found
            .iter()
            .map(|found| match found {
                Ok(file) => file.file_name().unwrap().to_string_lossy().into_owned(),
                Err((file, reason)) => {
                    let words: Vec<&str> = reason.split(' ').take(3).collect();
                    format!("{}: {}", file.file_name().unwrap().to_string_lossy(), words.join(" "))
                }
            })
            .collect();
        assert_eq!(
            told,
            [
                "a.so",
                "b.so",
                "d.so: is not a",
                "e.so: is the same",
                "f.so: cannot be read:",
                "g.so: cannot be read:"
            ]
        );
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_it() {
        let reason = libraries(Path::new("no/such/folder")).unwrap_err();
        assert!(reason.contains("no/such/folder") && reason.contains("--plugins"), "{reason}");
    }
}
