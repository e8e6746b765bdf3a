//! What each file in the plugin folders is, and what becomes of the plugins when a file changes.
//!
//! Decides; runs nothing but what intake and loader run. One plugin for each name: that of the first file in the order of
//! folders and file names, whatever the order in which the files came.

mod ahead;
mod entries;
mod summary;
mod wishes;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::messages::{Gone, Published};
use super::{Choices, Selection};
use crate::library::copy::ContentHash;
use crate::library::discovery::Stamp;
use crate::library::intake::{self, Candidate, Intake, Refusal};
use crate::plugin::retirement::Retirement;
use crate::plugin::{Loader, NotStarted, Plugin};
use crate::status::Change;
use crate::words;

/// Plugins that are gone and remembered at most, for the sentence that says so.
const MOST_GONE: usize = 1000;

/// Whether a file has to be looked at again soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It looks as if somebody were writing it.
    Later,
    /// Not before it changes.
    Never,
}

/// Where a file lies: the folder's place in the order, and the path. Their order is the order of precedence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    folder: usize,
    path: PathBuf,
}

struct Entry {
    stamp: Option<Stamp>,
    state: State,
    /// Why what lies there now was not taken in place of the plugin that serves from it.
    replacement: Option<Refusal>,
}

impl Entry {
    /// Why what lies there is not taken.
    fn refusal(&self) -> Option<&Refusal> {
        match &self.state {
            State::Refused(refusal) => Some(refusal),
            _ => self.replacement.as_ref(),
        }
    }

    /// Whether all is decided about what has this stamp. What is not trusted where it lies may be trusted by now.
    fn is_settled(&self, stamp: Option<&Stamp>) -> bool {
        let untrusted = self.refusal().is_some_and(|refusal| refusal.untrusted);
        stamp.is_some() && self.stamp.as_ref() == stamp && !untrusted
    }

    /// The plugin that serves from there.
    fn serving(&self) -> Option<&Arc<Plugin>> {
        match &self.state {
            State::Serving(plugin) => Some(plugin),
            _ => None,
        }
    }
}

enum State {
    Serving(Arc<Plugin>),
    Refused(Refusal),
    Stranger,
    LeftOut { name: String, reason: String, disabled: bool },
}

/// All files, and what serves.
pub struct Shelf {
    intake: Intake,
    loader: Arc<Loader>,
    choices: Choices,
    selection: Selection,
    entries: BTreeMap<Spot, Entry>,
    unreadable: BTreeMap<PathBuf, String>,
    generations: HashMap<String, u32>,
    gone: Vec<Gone>,
    changes: Vec<Change>,
    leaving: Vec<Arc<Plugin>>,
    changed: bool,
}

impl Shelf {
    pub fn new(intake: Intake, loader: Arc<Loader>, choices: Choices, selection: Selection) -> Self {
        Self {
            intake,
            loader,
            choices,
            selection,
            entries: BTreeMap::new(),
            unreadable: BTreeMap::new(),
            generations: HashMap::new(),
            gone: Vec::new(),
            changes: Vec::new(),
            leaving: Vec::new(),
            changed: false,
        }
    }

    /// Looks at a file that may be new, changed or gone. One that looks unfinished and was written to less than `unfinished`
    /// ago is left for later.
    pub fn look(&mut self, folder: usize, path: &Path, unfinished: Duration) -> Again {
        let spot = Spot { folder, path: path.to_owned() };
        if fs::symlink_metadata(path).is_err() {
            self.vanish(&spot);
            return Again::Never;
        }
        let stamp = Stamp::of(path).ok();
        let serves = self.entries.get(&spot).is_some_and(|entry| entry.serving().is_some());
        if serves && matches!(path.try_exists(), Ok(false)) {
            // A link that leads nowhere any more: its file was removed, and something is left to be told of.
            self.vanish(&spot);
        }
        if self.entries.get(&spot).is_some_and(|entry| entry.is_settled(stamp.as_ref())) {
            return Again::Never;
        }
        self.consider(&spot, stamp, unfinished)
    }

    /// Decides anew what a file is.
    fn consider(&mut self, spot: &Spot, stamp: Option<Stamp>, unfinished: Duration) -> Again {
        if let Some(other) = self.same_file(spot, stamp.as_ref()) {
            let refusal = Refusal { is_same_file: true, ..words::same_file(&other).into() };
            self.refuse(spot, stamp, refusal);
            return Again::Never;
        }
        let stamp_or_any = stamp.clone().unwrap_or_default();
        // Who it says it is comes first: what is not wanted is not even tried.
        let name = match intake::look(&spot.path, &stamp_or_any, &self.intake.verdicts, &self.intake.trust) {
            Ok(Some(looked)) => looked.manifest.name,
            Ok(None) => {
                self.set(spot, stamp, State::Stranger);
                return Again::Never;
            }
            Err(refusal) if refusal.may_grow && is_young(&spot.path, unfinished) => return Again::Later,
            Err(refusal) => {
                self.refuse(spot, stamp, refusal);
                return Again::Never;
            }
        };
        if let Some((reason, disabled)) = self.unwanted(spot, &name) {
            self.leave_out(spot, stamp, name, reason, disabled);
            return Again::Never;
        }
        match self.intake.take(&spot.path, &stamp_or_any) {
            Ok(Some(candidate)) if self.serves(spot, &candidate.manifest.name, candidate.copy.hash) => {
                // Touched, or written again as it was.
                if let Some(entry) = self.entries.get_mut(spot) {
                    entry.stamp = stamp;
                    self.changed |= entry.replacement.take().is_some();
                }
            }
            Ok(Some(candidate)) => self.start(spot, stamp, candidate),
            Ok(None) => self.set(spot, stamp, State::Stranger),
            Err(refusal) if refusal.may_grow && is_young(&spot.path, unfinished) => return Again::Later,
            Err(refusal) => self.refuse(spot, stamp, refusal),
        }
        Again::Never
    }

    /// Starts what has passed, and has it serve.
    fn start(&mut self, spot: &Spot, stamp: Option<Stamp>, candidate: Candidate) {
        let generation = self.generations.get(&candidate.manifest.name).copied().unwrap_or_default() + 1;
        let (name, hash) = (candidate.manifest.name.clone(), candidate.copy.hash);
        let commands = candidate.manifest.commands.iter().flatten();
        let commands = Arc::new(commands.map(|command| command.name.clone()).collect());
        match self.loader.load(candidate, generation) {
            Ok(plugin) => {
                self.intake.verdicts.has_started(hash);
                self.serve(spot, stamp, plugin);
            }
            Err(NotStarted { reason, late }) => {
                self.intake.verdicts.has_not_started(hash, &reason, late);
                let (name, hash) = (Some(name), Some(hash));
                let refusal = Refusal { reason, name, hash, commands, ..Refusal::default() };
                self.refuse(spot, stamp, refusal);
            }
        }
    }

    /// Starts the same library again, as another lane is meant for it by now.
    fn start_anew(&mut self, spot: &Spot, plugin: &Plugin) {
        let stamp = Stamp::of(&spot.path).ok();
        // What has changed meanwhile is noticed by itself.
        match self.intake.take(&spot.path, &stamp.clone().unwrap_or_default()) {
            Ok(Some(candidate)) if candidate.copy.hash == plugin.hash => self.start(spot, stamp, candidate),
            _ => {}
        }
    }

    /// Another name of the same file, which comes first.
    fn same_file(&self, spot: &Spot, stamp: Option<&Stamp>) -> Option<PathBuf> {
        let identity = stamp?.identity()?;
        let mut before = self.entries.range(..spot);
        let same =
            before.find(|(_, entry)| entry.stamp.as_ref().and_then(Stamp::identity) == Some(identity))?;
        Some(same.0.path.clone())
    }

    /// Why a plugin of this name is not to serve from here, and whether that is because it is switched off.
    fn unwanted(&self, spot: &Spot, name: &str) -> Option<(String, bool)> {
        if let Some(reason) = self.selection.refuses(name) {
            return Some((reason, false));
        }
        if self.choices.is_disabled(name) {
            return Some((words::disabled(name), true));
        }
        let first = self.spot_of(name).filter(|first| *first < spot)?;
        Some((words::shadowed(name, &first.path), false))
    }

    /// From where a plugin of this name serves.
    fn spot_of(&self, name: &str) -> Option<&Spot> {
        let serves = |entry: &Entry| entry.serving().is_some_and(|plugin| &*plugin.name == name);
        self.entries.iter().find(|(_, entry)| serves(entry)).map(|(spot, _)| spot)
    }

    fn serves(&self, spot: &Spot, name: &str, hash: ContentHash) -> bool {
        let serving = self.entries.get(spot).and_then(Entry::serving);
        serving.is_some_and(|plugin| &*plugin.name == name && plugin.hash == hash)
    }

    /// Considers the files whose plugin was left out because another file came first, or refused because it was the same
    /// file under another name, where that is no longer so. To be called when all that has changed was looked at.
    pub fn let_others_follow(&mut self) {
        // Each round decides about one file at least for good; more rounds than files would be a circle.
        for _ in 0..=self.entries.len() {
            let waiting = self.entries.iter().find(|(spot, entry)| match &entry.state {
                State::LeftOut { name, disabled: false, .. } => self.unwanted(spot, name).is_none(),
                State::Refused(refusal) => {
                    refusal.is_same_file && self.same_file(spot, entry.stamp.as_ref()).is_none()
                }
                _ => false,
            });
            let Some((spot, _)) = waiting else { return };
            let (spot, stamp) = (spot.clone(), Stamp::of(&spot.path).ok());
            if stamp.is_none() {
                self.vanish(&spot);
            } else if self.consider(&spot, stamp, Duration::ZERO) == Again::Later {
                return;
            }
        }
    }

    /// Notes that a folder can be read.
    pub fn folder_is_readable(&mut self, folder: &Path) {
        self.changed |= self.unreadable.remove(folder).is_some();
    }

    /// Notes why a folder cannot be read.
    pub fn folder_is_unreadable(&mut self, folder: &Path, reason: String) {
        if self.unreadable.get(folder) != Some(&reason) {
            tracing::warn!("{reason}");
            self.unreadable.insert(folder.to_owned(), reason);
            self.changed = true;
        }
    }

    /// All files, with their folder's place in the order.
    pub fn files(&self) -> Vec<(usize, PathBuf)> {
        self.entries.keys().map(|spot| (spot.folder, spot.path.clone())).collect()
    }

    /// The file of the configuration, by which libraries are trusted.
    pub fn configuration_file(&self) -> &Path {
        self.intake.trust.configuration()
    }

    /// Notes that something has changed that only the status tells.
    pub fn note_change(&mut self) {
        self.changed = true;
    }

    /// Whether there is something to publish.
    pub fn has_changed(&self) -> bool {
        self.changed
    }

    /// What is to be published, and the plugins that no route leads to afterwards.
    pub fn publish(&mut self, retirements: &[Retirement]) -> (Published, Vec<Arc<Plugin>>) {
        self.changed = false;
        let leaving = std::mem::take(&mut self.leaving);
        let published = Published {
            plugins: self.serving().cloned().collect(),
            gone: self.gone.clone(),
            status: summary::of(&self.unreadable, &self.entries, retirements, &leaving),
            changes: std::mem::take(&mut self.changes),
        };
        (published, leaving)
    }

    fn serving(&self) -> impl Iterator<Item = &Arc<Plugin>> {
        self.entries.values().filter_map(Entry::serving)
    }

    /// Hands over the plugins that serve.
    pub fn take_serving(&mut self) -> Vec<Arc<Plugin>> {
        let plugins = self.serving().cloned().collect();
        self.entries.clear();
        plugins
    }

    /// Whether a plugin hangs in its start.
    pub fn somebody_starts(&self) -> bool {
        self.loader.somebody_starts()
    }
}

/// Whether a file was written to less than so long ago. One whose time lies in the future counts as old.
fn is_young(path: &Path, than: Duration) -> bool {
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
    let age = modified.ok().and_then(|modified| SystemTime::now().duration_since(modified).ok());
    age.is_some_and(|age| age < than)
}
