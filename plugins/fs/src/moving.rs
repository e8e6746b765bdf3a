//! Renaming and copying. A name that is taken is replaced in one step, or not at all.

use std::io::{self, Write as _};

use plugin_api::files::{Draft, Place};
use plugin_api::{Result, anyhow, ensure};

use crate::listing::same;
use crate::reading::{Share, piece};

/// Gives something another name; a link itself, and not what it leads to. A file that has that name is replaced.
pub fn rename(old: &Place, new: &Place) -> Result<()> {
    for place in [old, new] {
        ensure!(
            !place.is_root(),
            "`{}` cannot be renamed or replaced: the configuration lists it, or the user has chosen it",
            place.shown().display()
        );
    }
    let to = new.shown().display();
    let renamed = old.folder().rename(old.path(), new.folder(), new.path());
    renamed.map_err(|error| match error.kind() {
        io::ErrorKind::CrossesDevices => anyhow!(
            "`{}` cannot be renamed to `{to}`, which is on another disk; copy it there, and remove it here",
            old.shown().display()
        ),
        // It may be about either of them, and the system does not say which.
        io::ErrorKind::NotFound if old.folder().symlink_metadata(old.path()).is_ok() => {
            anyhow!("`{}` cannot be renamed to `{to}`: its folder does not exist", old.shown().display())
        }
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => old.cannot("renamed", &error),
        _ => anyhow!("`{}` cannot be renamed to `{to}`: {error}", old.shown().display()),
    })
}

/// Copies a file. `tell` hears how far it is, and may stop it: then there is nothing of the copy.
pub fn copy(source: &Place, destination: Place, tell: &mut dyn FnMut(Share) -> Result<()>) -> Result<()> {
    let mut from = source.open_for_reading()?;
    let metadata = from.metadata().map_err(|error| source.cannot("copied", &error))?;
    if let Some(there) = destination.try_metadata()? {
        ensure!(!same(&metadata, &there), "`{}` cannot be copied onto itself", source.shown().display());
    }
    let mut to = Draft::copy_of(&metadata, destination)?;
    let mut share = Share { done: 0, total: metadata.len() };
    tell(share)?;
    loop {
        let piece = piece(&mut from).map_err(|error| source.cannot("copied", &error))?;
        if piece.is_empty() {
            break;
        }
        to.write_all(&piece).map_err(|error| to.place().cannot("written", &error))?;
        share.done += piece.len() as u64;
        share.total = share.total.max(share.done);
        tell(share)?;
    }
    to.keep()
}
