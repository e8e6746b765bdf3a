//! A private copy of each library, named by its content, in a folder of this process's own.
//!
//! Libraries are loaded from the copy: one who writes over the file in the plugin folder must not change the pages of
//! a loaded library, and the system's loader must not take a changed file for the one it knows.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use super::discovery;
use crate::words;

/// What the folders' names begin with.
const PREFIX: &str = "plugin-host-";

/// The file in a folder that its process holds locked as long as it lives.
const LOCK: &str = "in-use";

/// The mode of a folder that this user alone may open.
#[cfg(unix)]
const PRIVATE: u32 = 0o700;

/// What a file holds: the same for the same bytes, and for no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentHash(blake3::Hash);

impl ContentHash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes))
    }

    /// The hash that is written so.
    pub fn from_text(text: &str) -> Option<Self> {
        blake3::Hash::from_hex(text).ok().map(Self)
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.to_hex())
    }
}

/// A copy of a file, which nobody else writes to.
#[derive(Debug, Clone)]
pub struct Copy {
    /// Where it is.
    pub path: PathBuf,
    /// What it holds.
    pub hash: ContentHash,
}

/// The folder of the copies. It is removed with this value, or by [`remove`](Self::remove).
pub struct PrivateCopies {
    // Unlocked before the folder goes.
    _lock: File,
    folder: TempDir,
    removed: AtomicBool,
}

impl PrivateCopies {
    /// Makes the folder, readable to this user alone, and removes those of processes that died.
    ///
    /// # Errors
    /// When the system's folder for temporary files cannot be written.
    pub fn new() -> io::Result<Self> {
        remove_abandoned(&std::env::temp_dir());
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(PRIVATE));
        let folder = builder.tempdir()?;
        let lock = File::create_new(folder.path().join(LOCK))?;
        lock.lock()?;
        Ok(Self { _lock: lock, folder, removed: AtomicBool::new(false) })
    }

    /// Copies the first `length` bytes of what `file` holds: who goes on writing to it does not fill the disk.
    ///
    /// # Errors
    /// A sentence about the file, when it cannot be read, or the copy cannot be written.
    pub fn copy(&self, file: &File, length: u64) -> Result<Copy, String> {
        let unwritable = |error: io::Error| words::copy_unwritable(self.folder.path(), &error.to_string());
        if self.removed.load(Ordering::Acquire) {
            return Err(words::stopping());
        }
        self.make_sure()?;
        let mut copy = tempfile::NamedTempFile::new_in(self.folder.path()).map_err(unwritable)?;
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; 256 * 1024];
        let mut file = file.take(length);
        loop {
            let count = file.read(&mut buffer).map_err(|error| words::unreadable(&error.to_string()))?;
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
            copy.write_all(&buffer[..count]).map_err(unwritable)?;
        }
        let hash = ContentHash(hasher.finalize());
        // The content alone: a name in the folder may be 255 bytes long, not UTF-8, or hold a newline.
        let path = self.place(hash);
        if !path.exists() {
            copy.persist(&path).map_err(|error| unwritable(error.error))?;
        }
        Ok(Copy { path, hash })
    }

    fn place(&self, hash: ContentHash) -> PathBuf {
        self.folder.path().join(format!("{hash}{}", std::env::consts::DLL_SUFFIX))
    }

    /// Whether there is a copy that holds this.
    pub fn has(&self, hash: ContentHash) -> bool {
        self.place(hash).exists()
    }

    /// An empty folder beside the copies, for one trial or one process.
    ///
    /// # Errors
    /// A sentence about the file that is to be tried.
    pub fn room(&self) -> Result<TempDir, String> {
        self.make_sure()?;
        let made = tempfile::Builder::new().prefix("trial-").tempdir_in(self.folder.path());
        made.map_err(|error| words::copy_unwritable(self.folder.path(), &error.to_string()))
    }

    /// Makes the folder again if somebody who tidies up has taken it. Its name is known by then: another user may have been faster,
    /// and could put something else in the place of a copy that has been looked at.
    fn make_sure(&self) -> Result<(), String> {
        let folder = self.folder.path();
        make_private(folder).map_err(|error| words::copy_unwritable(folder, &error.to_string()))?;
        if is_private(folder) { Ok(()) } else { Err(words::copies_not_ours_alone(folder)) }
    }

    /// Removes the copies. Libraries loaded from them go on where the system keeps removed files in use.
    pub fn remove(&self) {
        self.removed.store(true, Ordering::Release);
        // What cannot be removed is left to whoever comes next.
        let _ = fs::remove_dir_all(self.folder.path());
    }
}

/// Makes a folder that this user alone may read, if it is not there.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, PRIVATE);
    builder.create(folder)
}

/// Removes the folders whose lock nobody holds. What cannot be removed is somebody else's.
fn remove_abandoned(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        // One of somebody else's may hold anything.
        if !(ours && is_ours(&entry.path())) {
            continue;
        }
        let abandoned = match discovery::open(&entry.path().join(LOCK)) {
            Ok((lock, _)) => lock.try_lock().is_ok(),
            // It is being made, or being removed; or somebody has removed the half of it.
            Err(_) => is_old(&entry.path()),
        };
        if abandoned {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether nothing has happened in a folder for so long that nobody is making it.
fn is_old(folder: &Path) -> bool {
    const OLD: Duration = Duration::from_secs(3600);
    let modified = fs::metadata(folder).and_then(|metadata| metadata.modified());
    modified.ok().and_then(|modified| modified.elapsed().ok()).is_some_and(|age| age > OLD)
}

/// Whether a folder belongs to the user of this process, and is no link to another one.
#[cfg(unix)]
fn is_ours(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let own = rustix::process::geteuid().as_raw();
    fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == own)
}

/// Whether it is ours, and nobody else may even look into it.
#[cfg(unix)]
fn is_private(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    const EVERYBODY: u32 = 0o777;
    is_ours(folder) && fs::symlink_metadata(folder).is_ok_and(|found| found.mode() & EVERYBODY == PRIVATE)
}

#[cfg(not(unix))]
fn is_private(folder: &Path) -> bool {
    is_ours(folder)
}

#[cfg(not(unix))]
fn is_ours(folder: &Path) -> bool {
    fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_files_have_one_copy_and_different_ones_have_their_own() {
        let copies = PrivateCopies::new().unwrap();
        let copy = |text: &str| {
            let file = tempfile::NamedTempFile::new().unwrap();
            fs::write(file.path(), text).unwrap();
            copies.copy(&File::open(file.path()).unwrap(), text.len() as u64).unwrap()
        };
        let (one, same, other) = (copy("one"), copy("one"), copy("other"));
        assert_eq!((one.hash, &one.path), (same.hash, &same.path));
        assert_ne!(one.path, other.path);
        assert_eq!(fs::read_to_string(other.path).unwrap(), "other");
    }

    #[test]
    #[cfg(unix)]
    fn a_folder_that_somebody_else_has_made_by_the_name_of_one_that_was_tidied_away_is_not_used() {
        use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
        let copies = PrivateCopies::new().unwrap();
        let folder = copies.folder.path();
        assert!(is_private(folder), "from the beginning");
        let file = tempfile::tempfile().unwrap();
        let refused = |what: &str| {
            for outcome in [copies.copy(&file, 0).map(drop), copies.room().map(drop)] {
                let reason = outcome.expect_err(what);
                assert!(reason.contains("belongs to somebody else, or is open to others"), "{reason}");
            }
        };
        fs::remove_dir_all(folder).unwrap();
        copies.room().unwrap();
        assert!(is_private(folder), "made again");
        let mode = |mode| fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
        for open in [0o777, 0o750] {
            mode(open);
            refused("others may open it");
        }
        mode(0o700);
        // Only root can give it away.
        if chown(folder, Some(12_345), None).is_ok() {
            refused("it is another user's");
        }
        fs::remove_dir_all(folder).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        symlink(elsewhere.path(), folder).unwrap();
        refused("it is a link");
        fs::remove_file(folder).unwrap();
        copies.room().unwrap();
    }

    #[test]
    fn folders_of_the_dead_are_removed_and_those_of_the_living_stay() {
        let parent = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let folder = parent.path().join(name);
            fs::create_dir(&folder).unwrap();
            (File::create_new(folder.join(LOCK)).unwrap(), folder)
        };
        let ((living, kept), (dead, abandoned)) = (folder("plugin-host-1"), folder("plugin-host-2"));
        let (_stranger, other) = folder("somebody-elses");
        living.lock().unwrap();
        dead.lock().unwrap();
        drop(dead);
        remove_abandoned(parent.path());
        assert!(kept.exists() && other.exists() && !abandoned.exists());
    }
}
