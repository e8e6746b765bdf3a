//! Which of many files will need a trial, so that they are tried several at a time before they are decided about one by one.

use std::collections::HashSet;
use std::path::PathBuf;

use super::{Shelf, Spot};
use crate::library::discovery::Stamp;
use crate::library::intake::{self, Looked};

impl Shelf {
    /// Tries those of `files`, each with its folder's place in the order, that [`look`](Self::look) would have tried. They
    /// must come in the order of precedence.
    pub fn try_ahead(&self, files: &[(usize, PathBuf)]) {
        let (mut seen, mut names, mut unknown) = (HashSet::new(), HashSet::new(), Vec::new());
        for (folder, path) in files {
            let spot = Spot { folder: *folder, path: path.clone() };
            let Ok(stamp) = Stamp::of(path) else { continue };
            let unchanged = self.entries.get(&spot).is_some_and(|entry| entry.is_settled(Some(&stamp)));
            // Another name of a file that comes first is not tried.
            let new = stamp.identity().is_none_or(|identity| seen.insert(identity));
            if unchanged || !new || self.same_file(&spot, Some(&stamp)).is_some() {
                continue;
            }
            let looked = intake::look(path, &stamp, &self.intake.verdicts, &self.intake.trust);
            let Ok(Some(Looked { manifest, tried, .. })) = looked else { continue };
            let wanted = self.unwanted(&spot, &manifest.name).is_none() && names.insert(manifest.name);
            if wanted && !tried {
                unknown.push(path.clone());
            }
        }
        // One alone is tried when it is looked at.
        if unknown.len() > 1 {
            self.intake.try_ahead(&unknown);
        }
    }
    /// To be called when all of them have been looked at.
    pub fn forget_ahead(&self) {
        self.intake.forget_ahead();
    }
}
