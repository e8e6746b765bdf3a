//! Where something is: an opened folder and a path below it. Opens regular files and says in a sentence why it cannot.

use std::io;
use std::path::{Path, PathBuf};

use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt as _, OpenOptionsSyncExt as _};
use cap_std::fs::{Dir, File, FileType, Metadata, OpenOptions};

use crate::{Error, Result, anyhow, bail, ensure};

/// A path within a folder that may be used. All that is done by [`folder`](Self::folder) and [`path`](Self::path) stays below that folder.
#[derive(Debug)]
pub struct Place {
    pub(super) folder: Dir,
    pub(super) path: PathBuf,
    /// The path as it was asked for.
    pub(super) shown: PathBuf,
    /// The folder's path without links, when it was opened.
    pub(super) real: PathBuf,
    /// Nothing but this name may be used, so no link is followed there.
    pub(super) alone: bool,
}

impl Place {
    /// The folder, opened.
    pub fn folder(&self) -> &Dir {
        &self.folder
    }

    /// The path from there; `.` for the folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole path as it was asked for; to be shown, and not to be opened.
    pub fn shown(&self) -> &Path {
        &self.shown
    }

    /// The path without links, for what takes no opened folder, as a watcher does. Who opens something by it trusts that nobody has put
    /// a link on the way meanwhile; use [`folder`](Self::folder) where that is possible.
    ///
    /// # Errors
    /// When there is nothing, or a link leads out of the folder.
    pub fn real_path(&self) -> Result<PathBuf> {
        self.metadata()?;
        let below = self.folder.canonicalize(&self.path).map_err(|error| self.cannot("read", &error))?;
        Ok(self.real.join(below).components().collect())
    }

    /// Whether it is the folder that the configuration lists, or the user has chosen, itself.
    pub fn is_root(&self) -> bool {
        self.path == Path::new(".")
    }

    /// Whether it is a file that the user has chosen, of whose folder nothing else may be used.
    pub fn is_alone(&self) -> bool {
        self.alone
    }

    /// What is there; a link is followed.
    ///
    /// # Errors
    /// When there is nothing, or it may not be asked.
    pub fn metadata(&self) -> Result<Metadata> {
        self.try_metadata()?.ok_or_else(|| self.cannot("read", &io::ErrorKind::NotFound.into()))
    }

    /// What is there; nothing where there is nothing.
    ///
    /// # Errors
    /// When it may not be asked, or a link leads out of the folder.
    pub fn try_metadata(&self) -> Result<Option<Metadata>> {
        let found = if self.alone {
            self.folder.symlink_metadata(&self.path)
        } else {
            self.folder.metadata(&self.path)
        };
        match found {
            Ok(metadata) if self.alone && metadata.is_symlink() => {
                bail!("`{}` has become a link, and is not followed; choose it again", self.name())
            }
            Ok(metadata) => Ok(Some(metadata)),
            // Nothing is below a file.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Ok(None)
            }
            Err(error) => Err(self.cannot("read", &error)),
        }
    }

    /// Opens a regular file for reading.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_for_reading(&self) -> Result<File> {
        self.open(OpenOptions::new().read(true), "read")
    }

    /// Opens a regular file, or makes it where `options` say so. What is neither is refused and never waited for: a pipe would not
    /// open before somebody comes to its other end.
    ///
    /// # Errors
    /// A sentence that names the path, and says that it cannot be `done` ("read", "written").
    pub fn open(&self, options: &OpenOptions, done: &str) -> Result<File> {
        // Opening a device may do something already, so this is asked before; and after, as it may have changed in between.
        if let Some(metadata) = self.try_metadata()? {
            self.ensure_regular(metadata.file_type(), done)?;
        }
        let mut options = options.clone();
        options.nonblock(true);
        if self.alone {
            options.follow(FollowSymlinks::No);
        }
        let file = self.folder.open_with(&self.path, &options).map_err(|error| self.cannot(done, &error))?;
        let metadata = file.metadata().map_err(|error| self.cannot(done, &error))?;
        self.ensure_regular(metadata.file_type(), done)?;
        Ok(file)
    }

    pub(super) fn ensure_regular(&self, kind: FileType, done: &str) -> Result<()> {
        ensure!(!kind.is_dir(), "`{}` cannot be {done}: it is a folder, and a file is wanted", self.name());
        ensure!(
            kind.is_file(),
            "`{}` cannot be {done}: it is a pipe, a socket or a device, and only regular files are used",
            self.name()
        );
        Ok(())
    }

    /// The sentence for what has failed here: that it cannot be `done` ("read", "renamed"), and why.
    pub fn cannot(&self, done: &str, error: &io::Error) -> Error {
        let name = self.name();
        // Made by cap-std and not by the system: the path would have led out.
        if error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none() {
            return anyhow!(
                "`{name}` cannot be {done}: it leads out of its folder by a link or `..`; list the folder where it \
                 leads in the configuration, and use its path there"
            );
        }
        match error.kind() {
            io::ErrorKind::NotFound => anyhow!("`{name}` cannot be {done}: it does not exist"),
            io::ErrorKind::AlreadyExists => anyhow!("`{name}` cannot be {done}: it exists already"),
            _ => anyhow!("`{name}` cannot be {done}: {error}"),
        }
    }

    fn name(&self) -> String {
        shorten(&self.shown)
    }
}

/// A path as it stands in a sentence.
pub fn shorten(path: &Path) -> String {
    /// As long as a path can be on most systems, in letters.
    const LONGEST: usize = 4096;
    let text = path.to_string_lossy();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}
