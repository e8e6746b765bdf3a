//! A file that is written beside its place and put there whole. It is in nobody's way until then, and gone when it is given up.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use cap_std::fs::{Dir, File, Metadata, OpenOptions, Permissions};

use super::Place;
use crate::{Result, ensure};

/// How often another name is tried, where one is taken already; they are random.
const TRIES: usize = 16;

/// What a draft's name begins and ends with; between them stand 16 hexadecimal digits.
const AROUND: (&str, &str) = (".", ".part");

/// A new content for a file: written beside it, and put in its place by [`keep`](Self::keep) in one step, so that everybody finds the
/// old one or the new one whole. Dropped before that, it leaves nothing behind.
///
/// The mode of a file that is replaced is kept; where a link leads to it, the link is kept as well.
pub struct Draft {
    folder: Dir,
    /// Where it is written.
    draft: PathBuf,
    /// Where it is to be.
    name: PathBuf,
    place: Place,
    file: Option<File>,
}

impl Draft {
    /// Begins one for `place`, whose folder exists.
    ///
    /// # Errors
    /// When there is something that is no regular file, or is write-protected; when no file can be made in its folder.
    pub fn new(place: Place) -> Result<Self> {
        Self::begin(place, None)
    }

    /// The same for a copy of a file: where there is none in the place, it gets the mode of that file.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn copy_of(original: &Metadata, place: Place) -> Result<Self> {
        Self::begin(place, Some(original))
    }

    /// Whether a file of this name is one that is being written, or was not written to the end when the power went out.
    pub fn is_name(name: &Path) -> bool {
        let name = name.file_name().unwrap_or_default().to_string_lossy();
        let digits = name.strip_prefix(AROUND.0).and_then(|name| name.strip_suffix(AROUND.1));
        digits
            .is_some_and(|digits| digits.len() == 16 && digits.chars().all(|digit| digit.is_ascii_hexdigit()))
    }

    fn begin(place: Place, original: Option<&Metadata>) -> Result<Self> {
        let before = place.try_metadata()?;
        if let Some(before) = &before {
            place.ensure_regular(before.file_type(), "written")?;
            ensure!(
                !before.permissions().readonly(),
                "`{}` cannot be written: it is write-protected",
                super::place::shorten(place.shown())
            );
        }
        let cannot = |error: io::Error| place.cannot("written", &error);
        // The place where the links lead, so that it is the file that is replaced and not the link to it.
        let path = if before.is_some() && !place.alone {
            place.folder.canonicalize(&place.path).map_err(cannot)?
        } else {
            place.path.clone()
        };
        let name = PathBuf::from(
            path.file_name().ok_or(io::ErrorKind::InvalidInput).map_err(|kind| cannot(kind.into()))?,
        );
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = place.folder.open_dir(parent).map_err(cannot)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        let like = before.as_ref().or(original);
        #[cfg(unix)]
        if let Some(like) = like {
            use cap_std::fs::{MetadataExt as _, OpenOptionsExt as _};
            // From the beginning: what was private is so at no moment for others.
            options.mode(like.mode() & 0o777);
        }
        let (draft, file) = make(&folder, &options).map_err(cannot)?;
        if let Some(like) = like {
            // Once more, since the process's mask may have taken from it. Where that is forbidden the file has less, and not more.
            let _ = file.set_permissions(ordinary(like));
        }
        Ok(Self { folder, draft, name, place, file: Some(file) })
    }

    /// The place that it is for.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Puts it in its place, once it is on the disk.
    ///
    /// # Errors
    /// When it could not be written to the end, or the place has become a folder. Then nothing is changed there.
    pub fn keep(mut self) -> Result<()> {
        let put = |this: &mut Self| {
            if let Some(file) = &this.file {
                file.sync_all()?;
            }
            this.folder.rename(&this.draft, &this.folder, &this.name)?;
            this.file = None;
            // The new name is on the disk as well, where the system lets a folder be asked for that.
            let _ = this.folder.open(".").and_then(|folder| folder.sync_all());
            Ok(())
        };
        put(&mut self).map_err(|error: io::Error| self.place.cannot("written", &error))
    }
}

/// The permissions of a file, without those that make who runs it somebody else.
fn ordinary(like: &Metadata) -> Permissions {
    #[cfg(unix)]
    {
        use cap_std::fs::{MetadataExt as _, PermissionsExt as _};
        Permissions::from_mode(like.mode() & 0o777)
    }
    #[cfg(not(unix))]
    like.permissions()
}

fn make(folder: &Dir, options: &OpenOptions) -> io::Result<(PathBuf, File)> {
    let mut last = io::ErrorKind::AlreadyExists.into();
    for _ in 0..TRIES {
        // Of the file's name there is nothing in it: that may be as long as a name can be.
        let name =
            PathBuf::from(format!("{}{:016x}{}", AROUND.0, RandomState::new().hash_one(TRIES), AROUND.1));
        match folder.open_with(&name, options) {
            Ok(file) => return Ok((name, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // There is nobody to tell; the name says what it is.
            let _ = self.folder.remove_file(&self.draft);
        }
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Draft").field("for", &self.place.shown).finish_non_exhaustive()
    }
}
