//! A private copy of each library, in a folder of this process's own.
//!
//! Libraries are loaded from the copy: one who writes over the file in the plugin folder must not change the pages of
//! a loaded library, and the system's loader must not take a changed file for the one it knows.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

/// The folder of the copies. It is removed with this value, or by [`remove`](Self::remove).
pub struct PrivateCopies {
    folder: TempDir,
    next: AtomicU64,
}

impl PrivateCopies {
    /// Makes the folder, readable to this user alone.
    ///
    /// # Errors
    /// When the system's folder for temporary files cannot be written.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self {
            folder: tempfile::Builder::new().prefix("plugin-host-").tempdir()?,
            next: AtomicU64::new(1),
        })
    }

    /// Copies `file` under a name that no other copy of this process has.
    ///
    /// # Errors
    /// When either file cannot be read or written.
    pub fn copy(&self, file: &Path) -> std::io::Result<PathBuf> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        // The number alone: a name in the folder may be 255 bytes long, not UTF-8, or hold a newline.
        let copy = self.folder.path().join(format!("{number}{}", std::env::consts::DLL_SUFFIX));
        fs::copy(file, &copy)?;
        Ok(copy)
    }

    /// Removes the copies. Libraries loaded from them go on where the system keeps removed files in use.
    pub fn remove(&self) {
        // What cannot be removed is left to whoever cleans the folder for temporary files.
        let _ = fs::remove_dir_all(self.folder.path());
    }
}
