//! The way of a file from the folder to a copy that may be opened: looked at, trusted, copied, looked at again, tried.
//!
//! Nothing of a library runs in this process here. What is refused is refused with a sentence.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use plugin_api::manifest::Manifest;

use super::copy::{ContentHash, Copy, PrivateCopies};
use super::discovery::{self, Stamp};
use super::gate::{self, Found};
use super::names;
use super::probe::Probe;
use super::trust::Trust;
use super::verdicts::{Verdict, Verdicts};
use crate::words;

/// Everything a file needs on its way.
pub struct Intake {
    copies: Arc<PrivateCopies>,
    pub verdicts: Verdicts,
    pub trust: Trust,
    probe: Probe,
    /// What was found out ahead.
    ahead: Mutex<HashMap<ContentHash, Verdict>>,
}

/// What a file says of itself without being run, and what is remembered of it.
#[derive(Debug)]
pub struct Looked {
    /// What it says of itself; with the command table that it has when it runs, if that is known.
    pub manifest: Manifest,
    /// What it holds, if that was noted.
    pub hash: Option<ContentHash>,
    /// Whether it has been tried.
    pub tried: bool,
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
    /// Whether it is not trusted where it lies, which may change without the file.
    pub untrusted: bool,
    /// Who the file says it is, if that can be read.
    pub name: Option<String>,
    /// What it holds, if that was found out.
    pub hash: Option<ContentHash>,
    /// The commands that it would have, where it was ready to be started. Shared, as a refusal is moved about as an error.
    pub commands: Arc<Vec<String>>,
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
    /// The way of files that `trust` lets pass, which are copied to `copies`, remembered in `verdicts` and tried by `probe`.
    pub fn new(copies: Arc<PrivateCopies>, verdicts: Verdicts, trust: Trust, probe: Probe) -> Self {
        Self { copies, verdicts, trust, probe, ahead: Mutex::default() }
    }

    /// Whether there is a copy of what a library held.
    pub fn has_copy(&self, hash: ContentHash) -> bool {
        self.copies.has(hash)
    }

    /// Tries files that [`take`](Self::take) will be asked for next, several at a time: one that hangs keeps only those
    /// waiting that come after many others.
    pub fn try_ahead(&self, files: &[PathBuf]) {
        self.forget_ahead();
        let next = AtomicUsize::new(0);
        let try_some = || {
            while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                self.try_one(file);
            }
        };
        thread::scope(|scope| {
            // No more than there are processors, so that none is late because of the others; and two, as many that are late wait
            // for something else.
            let processors = thread::available_parallelism().map_or(1, usize::from).max(2);
            for _ in 0..files.len().min(processors) {
                // Without a thread it is tried when it is taken.
                let _ = thread::Builder::new().name("trials".to_owned()).spawn_scoped(scope, try_some);
            }
        });
    }

    /// Tries a file. Whatever is wrong with it is said when it is taken.
    fn try_one(&self, path: &Path) {
        let Ok(Some((manifest, copy))) = self.copied(path) else { return };
        let verdict = self.verdict(&copy, &manifest.name);
        self.ahead().insert(copy.hash, verdict);
    }

    /// A copy of the file at `path` that may be tried; nothing for a library that is no plugin.
    fn copied(&self, path: &Path) -> Result<Option<(Manifest, Copy)>, Refusal> {
        let unreadable = |error: std::io::Error| Refusal::from(words::unreadable(&error.to_string()));
        let (file, length) = discovery::open(path)?;
        let Found::Plugin(manifest) = gate::examine(&file, length)? else { return Ok(None) };
        let rules = self.trust.rules().map_err(|reason| untrusted(reason, &manifest))?;
        rules.check_place(&file, path).map_err(|reason| untrusted(reason, &manifest))?;
        std::io::Seek::rewind(&mut &file).map_err(unreadable)?;
        let copy = self.copies.copy(&file, length)?;
        // The file may have changed since it was looked at; the copy does not.
        let (file, length) = discovery::open(&copy.path)?;
        let Found::Plugin(manifest) = gate::examine(&file, length)? else { return Ok(None) };
        rules.check_content(&file, path).map_err(|reason| untrusted(reason, &manifest))?;
        Ok(Some((*manifest, copy)))
    }

    fn ahead(&self) -> std::sync::MutexGuard<'_, HashMap<ContentHash, Verdict>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the file at `path`; nothing for a library that is no plugin. Waits for the child that tries it, unless its
    /// content is known.
    ///
    /// # Errors
    /// Why it was not taken.
    pub fn take(&self, path: &Path, stamp: &Stamp) -> Result<Option<Candidate>, Refusal> {
        let Some((manifest, copy)) = self.copied(path)? else { return Ok(None) };
        self.verdicts.note(path, stamp, copy.hash);
        let verdict = self.verdict(&copy, &manifest.name);
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

    fn verdict(&self, copy: &Copy, name: &str) -> Verdict {
        let ahead = self.ahead().remove(&copy.hash);
        if let Some(known) = ahead.or_else(|| self.verdicts.recall(copy.hash)) {
            return known;
        }
        let verdict = match self.copies.room() {
            Ok(room) => self.probe.try_out(&copy.path, name, room.path()),
            Err(reason) => Verdict::of_this_moment(reason),
        };
        // Somebody tidies up: that says nothing of the library.
        if verdict.outcome.is_err() && !copy.path.exists() {
            return Verdict::of_this_moment(words::copy_vanished(&copy.path));
        }
        if !verdict.fleeting {
            self.verdicts.keep(copy.hash, &verdict);
        }
        // For those who list the folder meanwhile.
        if let (true, Err(reason)) = (verdict.fleeting, &verdict.outcome) {
            self.verdicts.has_not_started(copy.hash, reason, verdict.late);
        }
        verdict
    }

    /// Forgets what was found out ahead and not asked for.
    pub fn forget_ahead(&self) {
        self.ahead().clear();
    }

    /// Forgets what is known of a content, so that it is tried anew.
    pub fn forget(&self, hash: ContentHash) {
        self.ahead().remove(&hash);
        self.verdicts.forget(hash);
    }
}

/// Looks at a file without running it; nothing for a library that is no plugin.
///
/// # Errors
/// Why it would not be taken.
pub fn look(
    path: &Path,
    stamp: &Stamp,
    verdicts: &Verdicts,
    trust: &Trust,
) -> Result<Option<Looked>, Refusal> {
    let (file, length): (File, u64) = discovery::open(path)?;
    let Found::Plugin(manifest) = gate::examine(&file, length)? else { return Ok(None) };
    let trusted = trust.rules().and_then(|rules| {
        rules.check_place(&file, path)?;
        rules.check_content(&file, path)
    });
    trusted.map_err(|reason| untrusted(reason, &manifest))?;
    let hash = verdicts.hash_of(path, stamp);
    let Some(Verdict { outcome, output, .. }) = hash.and_then(|hash| verdicts.recall(hash)) else {
        return Ok(Some(Looked { manifest: *manifest, hash, tried: false }));
    };
    let refuse =
        |reason| Refusal { reason, output, name: Some(manifest.name.clone()), hash, ..Refusal::default() };
    match outcome.and_then(|described| agree(&manifest, &described).map(|()| described)) {
        // The table of an enum is known once the library has been tried.
        Ok(manifest) => Ok(Some(Looked { manifest, hash, tried: true })),
        Err(reason) => Err(refuse(reason)),
    }
}

/// A refusal that says nothing of what the library does, and is not remembered by its content.
fn untrusted(reason: String, manifest: &Manifest) -> Refusal {
    Refusal { reason, untrusted: true, name: Some(manifest.name.clone()), ..Refusal::default() }
}

/// Refuses a library that says one thing in its file and another when it runs.
fn agree(manifest: &Manifest, described: &Manifest) -> Result<(), String> {
    names::check(described)?;
    let commands = manifest.commands.is_none() || manifest.commands == described.commands;
    let rest = |of: &Manifest| Manifest { commands: None, ..of.clone() };
    if commands && rest(manifest) == rest(described) { Ok(()) } else { Err(words::manifest_disagrees()) }
}
