//! Making and removing folders, removing files. A link is removed and never what it leads to.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use cap_fs_ext::DirExt as _;
use plugin_api::files::Place;
use plugin_api::files::cap_std::fs::Dir;
use plugin_api::{Result, bail, ensure};

/// How many names are read before they are removed.
const BATCH: usize = 1024;

/// How deep folders are removed: each level keeps one of the process's open files.
const DEEPEST: usize = 200;

/// Makes a folder, and those around it where that is wanted.
pub fn create(place: &Place, recursive: bool) -> Result<()> {
    ensure!(
        !place.is_alone(),
        "`{}` cannot be made a folder: it was chosen as a file",
        place.shown().display()
    );
    // It is there by now: a listed folder is made when something is to be written there.
    if place.is_root() {
        return Ok(());
    }
    let (folder, path) = (place.folder(), place.path());
    let made = if recursive { folder.create_dir_all(path) } else { folder.create_dir(path) };
    made.map_err(|error| place.cannot("made", &error))
}

/// Removes a folder, and all that is in it where that is wanted. `go_on` is asked again and again.
pub fn remove(place: &Place, recursive: bool, go_on: &dyn Fn() -> Result<()>) -> Result<()> {
    let shown = place.shown().display();
    ensure!(
        !place.is_root(),
        "`{shown}` cannot be removed: the configuration lists it, or the user has chosen it; remove what is in it"
    );
    let (folder, path) = (place.folder(), place.path());
    let cannot = |error: io::Error| place.cannot("removed", &error);
    let itself = folder.symlink_metadata(path).map_err(cannot)?;
    ensure!(
        !itself.is_symlink(),
        "`{shown}` cannot be removed as a folder: it is a link; removeFile removes it"
    );
    ensure!(itself.is_dir(), "`{shown}` cannot be removed as a folder: it is none; removeFile removes it");
    if recursive {
        let inner = folder.open_dir_nofollow(path).map_err(cannot)?;
        empty(place, &inner, DEEPEST, go_on)?;
    }
    folder.remove_dir(path).map_err(cannot)
}

/// Removes all that is in a folder.
fn empty(place: &Place, folder: &Dir, deeper: usize, go_on: &dyn Fn() -> Result<()>) -> Result<()> {
    let cannot = |error: io::Error| place.cannot("removed", &error);
    if deeper == 0 {
        bail!(
            "`{}` cannot be removed as a whole: folders in it are more than {DEEPEST} deep",
            place.shown().display()
        );
    }
    loop {
        // Names and not open entries: of those there are only so many.
        let names: Vec<(OsString, bool)> = folder
            .entries()
            .map_err(cannot)?
            .take(BATCH)
            .map(|entry| entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?.is_dir()))))
            .collect::<io::Result<_>>()
            .map_err(cannot)?;
        if names.is_empty() {
            return Ok(());
        }
        for (name, is_folder) in names {
            go_on()?;
            let name = Path::new(&name);
            let removed = if is_folder {
                // What has become a link in between is not opened.
                let inner = folder.open_dir_nofollow(name).map_err(cannot)?;
                empty(place, &inner, deeper - 1, go_on)?;
                folder.remove_dir(name)
            } else {
                folder.remove_file(name)
            };
            match removed {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => removed.map_err(cannot)?,
            }
        }
    }
}

/// Removes a file, a link, or whatever is no folder.
pub fn remove_file(place: &Place) -> Result<()> {
    let (folder, path) = (place.folder(), place.path());
    let cannot = |error: io::Error| place.cannot("removed", &error);
    let itself = folder.symlink_metadata(path).map_err(cannot)?;
    ensure!(
        !itself.is_dir(),
        "`{}` cannot be removed as a file: it is a folder; removeDir removes it",
        place.shown().display()
    );
    folder.remove_file(path).map_err(cannot)
}
