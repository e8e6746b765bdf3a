//! The way of a file from the folder to a copy that may be opened: looked at, copied, looked at again, tried.
//!
//! Nothing of a library runs in this process here. What is refused is refused with a sentence.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use plugin_api::manifest::Manifest;

use super::copy::{ContentHash, Copy, PrivateCopies};
use super::discovery::{self, Stamp};
use super::gate::{self, Found};
use super::names;
use super::probe::Probe;
use super::verdicts::{Verdict, Verdicts};
use crate::words;

/// Everything a file needs on its way.
pub struct Intake {
    pub copies: Arc<PrivateCopies>,
    pub verdicts: Verdicts,
    pub probe: Probe,
}

/// A plugin that has passed.
#[derive(Debug)]
pub struct Candidate {
    /// What it says of itself, its command table included.
    pub manifest: Manifest,
    /// What to open.
    pub copy: Copy,
}

/// Why a file was not taken.
#[derive(Debug, Default)]
pub struct Refusal {
    /// A sentence, to follow the file's name.
    pub reason: String,
    /// What the library printed while it was tried.
    pub output: String,
    /// Whether a file that is still being written looks like this.
    pub may_grow: bool,
    /// Whether it is another name of a file that comes first.
    pub is_same_file: bool,
    /// Who the file says it is, if that can be read.
    pub name: Option<String>,
    /// What it holds, if that was found out.
    pub hash: Option<ContentHash>,
}

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Self { reason, ..Self::default() }
    }
}

impl From<gate::Refused> for Refusal {
    fn from(refused: gate::Refused) -> Self {
        let gate::Refused { reason, may_grow, manifest } = refused;
        Self { reason, may_grow, name: manifest.map(|manifest| manifest.name), ..Self::default() }
    }
}

impl Intake {
    /// Takes the file at `path`; nothing for a library that is no plugin. Waits for the child that tries it, unless its
    /// content is known.
    ///
    /// # Errors
    /// Why it was not taken.
    pub fn take(&self, path: &Path, stamp: &Stamp) -> Result<Option<Candidate>, Refusal> {
        let unreadable = |error: std::io::Error| Refusal::from(words::unreadable(&error.to_string()));
        let (file, length) = discovery::open(path)?;
        let Found::Plugin(_) = gate::examine(&file, length)? else { return Ok(None) };
        std::io::Seek::rewind(&mut &file).map_err(unreadable)?;
        let copy = self.copies.copy(&file)?;
        // The file may have changed since it was looked at; the copy does not.
        let (file, length) = discovery::open(&copy.path)?;
        let Found::Plugin(manifest) = gate::examine(&file, length)? else { return Ok(None) };
        self.verdicts.note(path, stamp, copy.hash);
        let verdict = self.verdict(&copy);
        let Verdict { outcome, output, .. } = verdict;
        let refuse = |reason| Refusal {
            reason,
            output: output.clone(),
            name: Some(manifest.name.clone()),
            hash: Some(copy.hash),
            ..Refusal::default()
        };
        let described = outcome.map_err(refuse)?;
        agree(&manifest, &described).map_err(refuse)?;
        Ok(Some(Candidate { manifest: described, copy }))
    }

    fn verdict(&self, copy: &Copy) -> Verdict {
        if let Some(known) = self.verdicts.recall(copy.hash) {
            return known;
        }
        let verdict = self.probe.try_out(&copy.path, &self.copies.path_for("answer"));
        if !verdict.fleeting {
            self.verdicts.keep(copy.hash, &verdict);
        }
        verdict
    }

    /// Forgets what is known of a content, so that it is tried anew.
    pub fn forget(&self, hash: ContentHash) {
        self.verdicts.forget(hash);
    }
}

/// What a file says about itself without being run, and what is remembered of it.
///
/// # Errors
/// Why it would not be taken.
pub fn look(path: &Path, stamp: &Stamp, verdicts: &Verdicts) -> Result<Option<Manifest>, Refusal> {
    let (file, length): (File, u64) = discovery::open(path)?;
    let Found::Plugin(manifest) = gate::examine(&file, length)? else { return Ok(None) };
    let known = verdicts.hash_of(path, stamp).and_then(|hash| Some((hash, verdicts.recall(hash)?)));
    let Some((hash, Verdict { outcome, output, .. })) = known else { return Ok(Some(*manifest)) };
    let refuse = |reason| Refusal {
        reason,
        output,
        name: Some(manifest.name.clone()),
        hash: Some(hash),
        ..Refusal::default()
    };
    match outcome.and_then(|described| agree(&manifest, &described).map(|()| described)) {
        // The table of an enum is known once the library has been tried.
        Ok(described) => Ok(Some(described)),
        Err(reason) => Err(refuse(reason)),
    }
}

/// Refuses a library that says one thing in its file and another when it runs.
fn agree(manifest: &Manifest, described: &Manifest) -> Result<(), String> {
    names::check(described)?;
    let commands = manifest.commands.is_none() || manifest.commands == described.commands;
    let rest = |of: &Manifest| Manifest { commands: None, ..of.clone() };
    if commands && rest(manifest) == rest(described) { Ok(()) } else { Err(words::manifest_disagrees()) }
}
