//! The plugin `fs`: commands that read and write files, within the folders that the configuration lists and what the user has chosen.
//! The work is in the files beside this one, and what may be used is `plugin_api::files`' to say.
//!
//! Paths begin in the folder `options.dir`, or are whole. The commands of Tauri 0.x take and answer what its client expects.

mod folders;
mod listing;
mod moving;
mod options;
mod reading;
#[cfg(test)]
mod tests;
mod watching;
mod writing;

use std::path::Path;

use plugin_api::files::{Access, BaseDirectory, Place, Scope};
use plugin_api::schemars::{self, JsonSchema};
use plugin_api::{
    Bytes, Cancellation, Channel, Context, Progress, Result, State, command, ensure, export_plugin,
};
use serde::{Deserialize, Serialize};

use crate::listing::{Entry, FileEntry, Known};
use crate::options::{Contents, FileOptions, FolderOptions, WriteOptions};
use crate::reading::{MOST_NUMBERS, MOST_READ, Part, Share};
use crate::watching::{Change, Ending, Watches};
use crate::writing::Writings;

/// From the table `[plugins.fs]` in the host's configuration file.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    /// The folders in which files may be read.
    read: Vec<String>,
    /// The folders in which they may be written as well.
    write: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let own = || vec!["$APP".to_owned()];
        Self { read: own(), write: own() }
    }
}

/// What the commands share.
struct Files {
    scope: Scope,
    writings: Writings,
    watches: Watches,
}

impl Files {
    fn start(context: &Context) -> Result<Self> {
        let Settings { read, write } = context.configuration()?;
        let scope = Scope::new(context, &read, &write)?;
        Ok(Self { scope, writings: Writings::default(), watches: Watches::default() })
    }

    fn stop(&self) {
        self.writings.give_up();
    }

    fn at(&self, dir: Option<BaseDirectory>, path: &str, access: Access) -> Result<Place> {
        // With `dir` it is that folder, as in Tauri 0.x.
        ensure!(!path.is_empty() || dir.is_some(), "a path is empty; `.` is the folder itself");
        self.scope.at(&self.scope.resolve(dir, Path::new(path))?, access)
    }
}

/// The text in a file, which is in UTF-8 and at most 64 MB long.
#[command]
fn read_text_file(files: State<'_, Files>, path: &str, options: Option<FileOptions>) -> Result<String> {
    let FileOptions { dir, .. } = options.unwrap_or_default();
    reading::text(&files.at(dir, path, Access::Read)?)
}

/// The bytes in a file as a list of numbers, as Tauri 0.x gives them; at most 16 MB.
/// `readFile` gives an `ArrayBuffer`, which is a quarter as long on its way.
#[command]
fn read_binary_file(files: State<'_, Files>, path: &str, options: Option<FileOptions>) -> Result<Vec<u8>> {
    let FileOptions { dir, .. } = options.unwrap_or_default();
    reading::bytes(&files.at(dir, path, Access::Read)?, Part::default(), MOST_NUMBERS)
}

/// The bytes in a file, at most 64 MB: `length` of them from `offset` on, or to the end.
/// What begins behind the end is empty. Larger files are for `readStream`.
#[command]
fn read_file(
    files: State<'_, Files>,
    path: &str,
    options: Option<FileOptions>,
    offset: Option<u64>,
    length: Option<u64>,
) -> Result<Bytes> {
    let FileOptions { dir, .. } = options.unwrap_or_default();
    let part = Part { offset: offset.unwrap_or(0), length };
    reading::bytes(&files.at(dir, path, Access::Read)?, part, MOST_READ).map(Bytes::from)
}

/// Writes a text as the content of a file, which is made where there is none.
/// With `append` it comes behind what is there; with `atomic` the file is replaced in one step.
#[command]
fn write_file(
    files: State<'_, Files>,
    path: &str,
    contents: &str,
    options: Option<WriteOptions>,
) -> Result<()> {
    let options = options.unwrap_or_default();
    writing::write(files.at(options.dir, path, Access::Write)?, contents.as_bytes(), &options)
}

/// Writes bytes as the content of a file: as they are, or from text in base64.
/// Otherwise as `writeFile`.
#[command]
fn write_binary_file(
    files: State<'_, Files>,
    path: &str,
    contents: Contents,
    options: Option<WriteOptions>,
) -> Result<()> {
    let options = options.unwrap_or_default();
    writing::write(files.at(options.dir, path, Access::Write)?, &contents.0, &options)
}

/// What is in a folder, by name, as Tauri 0.x tells it.
/// Folders have `children`, which are listed with `recursive`; others have null. Links to folders are not followed. At most 100,000
/// entries in all, and 50 folders deep.
#[command]
fn read_dir(files: State<'_, Files>, path: &str, options: Option<FolderOptions>) -> Result<Vec<FileEntry>> {
    let FolderOptions { dir, recursive } = options.unwrap_or_default();
    listing::read(&files.at(dir, path, Access::Read)?, recursive)
}

/// What is in a folder, by name, with kind, size in bytes and time; at most 100,000 entries.
#[command]
fn list(files: State<'_, Files>, path: &str, options: Option<FileOptions>) -> Result<Vec<Entry>> {
    let FileOptions { dir, .. } = options.unwrap_or_default();
    listing::list(&files.at(dir, path, Access::Read)?)
}

/// What a file or folder is: kind, size in bytes, times. A link is followed.
#[command]
fn metadata(files: State<'_, Files>, path: &str, options: Option<FileOptions>) -> Result<Known> {
    let FileOptions { dir, .. } = options.unwrap_or_default();
    listing::known(&files.at(dir, path, Access::Read)?)
}

/// Whether there is a file or folder. A link that leads nowhere is none.
#[command]
fn exists(files: State<'_, Files>, path: &str, options: Option<FileOptions>) -> Result<bool> {
    let FileOptions { dir, .. } = options.unwrap_or_default();
    Ok(files.at(dir, path, Access::Read)?.try_metadata()?.is_some())
}

/// Makes a folder; with `recursive` those around it as well, and it may be there already.
#[command]
fn create_dir(files: State<'_, Files>, path: &str, options: Option<FolderOptions>) -> Result<()> {
    let FolderOptions { dir, recursive } = options.unwrap_or_default();
    folders::create(&files.at(dir, path, Access::Write)?, recursive)
}

/// Removes an empty folder; with `recursive` all that is in it as well.
/// Links in it are removed, and not what they lead to. Cancelled, it has removed a part.
#[command(dangerous)]
fn remove_dir(
    files: State<'_, Files>,
    cancellation: Cancellation,
    path: &str,
    options: Option<FolderOptions>,
) -> Result<()> {
    // Whoever means a folder that has a name of its own writes `.`: what is empty may as well be a variable that was never set.
    ensure!(!path.is_empty(), "the path of what is to be removed is empty");
    let FolderOptions { dir, recursive } = options.unwrap_or_default();
    folders::remove(&files.at(dir, path, Access::Write)?, recursive, &|| cancellation.check())
}

/// Removes a file, or a link and not what it leads to.
#[command(dangerous)]
fn remove_file(files: State<'_, Files>, path: &str, options: Option<FileOptions>) -> Result<()> {
    let FileOptions { dir, .. } = options.unwrap_or_default();
    folders::remove_file(&files.at(dir, path, Access::Write)?)
}

/// Gives a file, folder or link another name, also in another folder of the same disk.
/// A file that has the name is replaced.
#[command(dangerous)]
#[expect(non_snake_case, reason = "the arguments of Tauri 0.x, as they stand in the message")]
fn rename_file(
    files: State<'_, Files>,
    oldPath: &str,
    newPath: &str,
    options: Option<FileOptions>,
) -> Result<()> {
    ensure!(!oldPath.is_empty() && !newPath.is_empty(), "a path of what is to be renamed is empty");
    let FileOptions { dir, .. } = options.unwrap_or_default();
    moving::rename(&files.at(dir, oldPath, Access::Write)?, &files.at(dir, newPath, Access::Write)?)
}

/// Copies a file with its mode, in place of one that is there.
/// It is there whole, or not at all where the copy is cancelled or fails. Progress is in bytes.
#[command]
fn copy_file(
    files: State<'_, Files>,
    cancellation: Cancellation,
    progress: Progress<Share>,
    source: &str,
    destination: &str,
    options: Option<FileOptions>,
) -> Result<()> {
    let FileOptions { dir, .. } = options.unwrap_or_default();
    let source = files.at(dir, source, Access::Read)?;
    moving::copy(&source, files.at(dir, destination, Access::Write)?, &mut |share| {
        cancellation.check()?;
        progress.report(&share)
    })
}

/// Sends a file, or `length` bytes from `offset` on, in pieces of 256 KB at most, and returns how many bytes there were.
/// Progress is in bytes. The page sets the pace.
#[command]
#[expect(clippy::too_many_arguments, reason = "they are the command's own")]
fn read_stream(
    files: State<'_, Files>,
    cancellation: Cancellation,
    progress: Progress<Share>,
    pieces: Channel<Bytes>,
    path: &str,
    options: Option<FileOptions>,
    offset: Option<u64>,
    length: Option<u64>,
) -> Result<u64> {
    let FileOptions { dir, .. } = options.unwrap_or_default();
    let part = Part { offset: offset.unwrap_or(0), length };
    reading::pieces(&files.at(dir, path, Access::Read)?, part, |piece, share| {
        cancellation.check()?;
        pieces.send(&Bytes::from(piece))?;
        progress.report(&share)
    })
}

/// A file that is open for writing.
#[derive(Serialize, JsonSchema)]
struct Opened {
    /// Its number, for writeChunk and closeWriting.
    file: u64,
}

/// Opens a file to be written in pieces, by `writeChunk`, until `closeWriting`.
/// With `atomic` nothing of it is seen before that. At most 64 are open at a time; those that nobody has closed are given up when the
/// plugin stops, or after ten minutes where there is no room.
#[command]
fn open_for_writing(files: State<'_, Files>, path: &str, options: Option<WriteOptions>) -> Result<Opened> {
    let options = options.unwrap_or_default();
    let file = files.writings.open(files.at(options.dir, path, Access::Write)?, &options)?;
    Ok(Opened { file })
}

/// Writes bytes to the end of an open file, and returns how many were written since it was opened.
/// Wait for the answer before the next: of two that are under way the second may come first.
#[command]
fn write_chunk(files: State<'_, Files>, file: u64, bytes: Bytes) -> Result<u64> {
    files.writings.write(file, &bytes)
}

/// Closes an open file, and returns how many bytes were written.
/// With `keep: false` the file is as before where it was opened as `atomic`, and gone where it was made by opening it.
#[command]
fn close_writing(files: State<'_, Files>, file: u64, keep: Option<bool>) -> Result<u64> {
    files.writings.close(file, keep.unwrap_or(true))
}

/// Sends what changes in a folder, with `recursive` in all below it, or of a file, until it is cancelled or the folder is gone.
/// The first progress, `true`, says that from now on nothing is missed. What happens within a moment is told together; where it is
/// too much, the folder itself is told as changed. At most 16 watches at a time.
#[command]
fn watch(
    files: State<'_, Files>,
    cancellation: Cancellation,
    begun: Progress<bool>,
    changes: Channel<Change>,
    path: &str,
    options: Option<FolderOptions>,
) -> Result<()> {
    let FolderOptions { dir, recursive } = options.unwrap_or_default();
    let place = files.at(dir, path, Access::Read)?;
    let _one = files.watches.one_more()?;
    let ending = Ending::default();
    let end = ending.clone();
    cancellation.when_cancelled(move || end.end());
    let is_within = |shown: &Path, real: &Path| match files.scope.at(shown, Access::Read) {
        Ok(place) => place
            .try_metadata()
            .is_ok_and(|there| there.is_none() || place.real_path().is_ok_and(|led| led == real)),
        Err(_) => false,
    };
    watching::watch(
        place,
        recursive,
        &ending,
        &is_within,
        || begun.report(&true),
        |change| changes.send(&change),
    )
}

/// Allows what the user has chosen in a dialogue, until this plugin ends.
/// That is a file alone, which need not exist yet, or all below a folder; for reading, or with `write` for both.
#[command(internal)]
fn grant(files: State<'_, Files>, path: &str, write: Option<bool>) -> Result<()> {
    let access = if write.unwrap_or(false) { Access::Write } else { Access::Read };
    files.scope.grant(Path::new(path), access)
}

export_plugin! {
    commands: [
        read_text_file, read_binary_file, read_file, write_file, write_binary_file, read_dir, list, metadata, exists, create_dir,
        remove_dir, remove_file, rename_file, copy_file, read_stream, open_for_writing, write_chunk, close_writing, watch, grant,
    ],
    state: Files::start,
    stop: Files::stop,
}
