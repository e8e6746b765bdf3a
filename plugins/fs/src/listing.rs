//! What is in a folder, and what a file is. Links to folders are told and not followed, so that no walk goes in circles.

use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use cap_fs_ext::DirExt as _;
use plugin_api::files::Place;
use plugin_api::files::cap_std::fs::{Dir, DirEntry, FileType, Metadata};
use plugin_api::schemars::{self, JsonSchema};
use plugin_api::{Result, anyhow, bail, ensure};
use serde::Serialize;

/// How many entries are listed at once, in all folders together: some 10 MB of JSON.
pub const MOST_ENTRIES: usize = 100_000;

/// How deep folders are listed. JSON of twice the depth is what many programs read at most, and each level is two.
pub const DEEPEST: usize = 50;

/// What Tauri 0.x tells of what is in a folder.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileEntry {
    /// The whole path.
    pub path: String,
    /// The name; a sign that is no UTF-8 is told as �, and such a name finds nothing.
    pub name: String,
    /// What is in it, where it is a folder: nothing unless it was asked for by `recursive`. Null for everything else.
    pub children: Option<Vec<FileEntry>>,
}

/// What something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A pipe, a socket or a device.
    Other,
}

/// An entry of a folder.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Entry {
    /// The name; a sign that is no UTF-8 is told as �, and such a name finds nothing.
    pub name: String,
    /// What it is itself: of a link, not what it leads to.
    pub kind: Kind,
    /// How many bytes are in it.
    pub size: u64,
    /// When it was changed last: milliseconds since 1970, as JavaScript's `Date` counts. Null where that is not known.
    pub modified: Option<i64>,
}

/// What is known of a file or folder.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Known {
    /// What it is; of a link, what it leads to.
    pub kind: Kind,
    /// Whether a link stands there.
    pub link: bool,
    /// How many bytes are in it.
    pub size: u64,
    /// When it was changed last: milliseconds since 1970. Null where that is not known.
    pub modified: Option<i64>,
    /// When it was made, likewise.
    pub created: Option<i64>,
    /// Whether it is write-protected.
    pub read_only: bool,
}

/// The entries of a folder, by name.
pub fn list(place: &Place) -> Result<Vec<Entry>> {
    let folder = folder(place)?;
    let mut count = 0;
    let entries = entries(place, &folder, &mut count)?;
    let entry = |entry: DirEntry| {
        // One that has gone since is none.
        let metadata = entry.metadata().ok()?;
        Some(Entry {
            name: entry.file_name().to_string_lossy().into_owned(),
            kind: kind(metadata.file_type()),
            size: metadata.len(),
            modified: milliseconds(metadata.modified()),
        })
    };
    Ok(entries.into_iter().filter_map(entry).collect())
}

/// The same in the words of Tauri 0.x, with all that is below where that is wanted.
pub fn read(place: &Place, recursive: bool) -> Result<Vec<FileEntry>> {
    read_below(place, &folder(place)?, place.shown(), if recursive { DEEPEST } else { 0 }, recursive, &mut 0)
}

fn read_below(
    place: &Place,
    folder: &Dir,
    shown: &Path,
    deeper: usize,
    recursive: bool,
    count: &mut usize,
) -> Result<Vec<FileEntry>> {
    let mut found = Vec::new();
    for entry in entries(place, folder, count)? {
        let name = entry.file_name();
        let path = shown.join(&name);
        let Ok(kind) = entry.file_type() else { continue };
        let children = if kind.is_dir() {
            match (recursive, deeper) {
                (false, _) => Some(Vec::new()),
                (true, 0) => bail!(
                    "`{}` holds folders that are more than {DEEPEST} deep, and no more are listed at once; list them one by one",
                    place.shown().display()
                ),
                (true, _) => match folder.open_dir_nofollow(&name) {
                    Ok(inner) => Some(read_below(place, &inner, &path, deeper - 1, true, count)?),
                    // It has gone since, or is not for this user to read: the others are told all the same.
                    Err(_) => Some(Vec::new()),
                },
            }
        } else {
            // A link to a folder is shown as one, as far as it leads somewhere that may be asked.
            let leads_to_folder =
                kind.is_symlink() && folder.metadata(&name).is_ok_and(|there| there.is_dir());
            leads_to_folder.then(Vec::new)
        };
        found.push(FileEntry {
            path: path.to_string_lossy().into_owned(),
            name: name.to_string_lossy().into_owned(),
            children,
        });
    }
    Ok(found)
}

/// What is known of a file or folder.
pub fn known(place: &Place) -> Result<Known> {
    let metadata = place.metadata()?;
    let itself =
        place.folder().symlink_metadata(place.path()).map_err(|error| place.cannot("read", &error))?;
    Ok(Known {
        kind: kind(metadata.file_type()),
        link: itself.is_symlink(),
        size: metadata.len(),
        modified: milliseconds(metadata.modified()),
        created: milliseconds(metadata.created()),
        read_only: metadata.permissions().readonly(),
    })
}

/// How many folders there are below one, itself included, as far as `most`.
pub fn count_folders(folder: &Dir, most: usize) -> usize {
    let mut count = 0;
    let mut waiting = vec![(std::path::PathBuf::from("."), 0)];
    while let Some((path, depth)) = waiting.pop() {
        count += 1;
        if count > most || depth > DEEPEST {
            return most + 1;
        }
        let Ok(entries) = folder.open_dir_nofollow(&path).and_then(|inner| inner.entries()) else { continue };
        let folders = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        for entry in folders {
            if count + waiting.len() > most {
                return most + 1;
            }
            waiting.push((path.join(entry.file_name()), depth + 1));
        }
    }
    count
}

/// Opens a folder for listing.
pub fn folder(place: &Place) -> Result<Dir> {
    ensure!(place.metadata()?.is_dir(), "`{}` cannot be listed: it is no folder", place.shown().display());
    place.folder().open_dir(place.path()).map_err(|error| place.cannot("listed", &error))
}

/// Its entries by name, and no more than may be listed.
fn entries(place: &Place, folder: &Dir, count: &mut usize) -> Result<Vec<DirEntry>> {
    let cannot = |error: io::Error| place.cannot("listed", &error);
    let mut found = Vec::new();
    for entry in folder.entries().map_err(cannot)? {
        *count += 1;
        if *count > MOST_ENTRIES {
            return Err(anyhow!(
                "`{}` holds more than {MOST_ENTRIES} files and folders, and no more are listed at once; list folders in it one by one",
                place.shown().display()
            ));
        }
        found.push(entry.map_err(cannot)?);
    }
    found.sort_by_cached_key(DirEntry::file_name);
    Ok(found)
}

fn kind(kind: FileType) -> Kind {
    if kind.is_dir() {
        Kind::Folder
    } else if kind.is_file() {
        Kind::File
    } else if kind.is_symlink() {
        Kind::Link
    } else {
        Kind::Other
    }
}

fn milliseconds(time: io::Result<plugin_api::files::cap_std::time::SystemTime>) -> Option<i64> {
    let time = time.ok()?.into_std();
    // What was changed before 1970 has a negative number, as in JavaScript.
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).ok(),
        Err(before) => i64::try_from(before.duration().as_millis()).ok().map(|before| -before),
    }
}

/// Whether two are the same file under two names.
pub fn same(one: &Metadata, other: &Metadata) -> bool {
    use cap_fs_ext::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}
