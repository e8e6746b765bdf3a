//! What a decision does to the entry of a file, to the plugin that served from it, and to what is told of that.

use std::path::Path;
use std::sync::Arc;

use super::{Entry, MOST_GONE, Shelf, Spot, State};
use crate::folder::messages::Gone;
use crate::library::discovery::Stamp;
use crate::library::intake::Refusal;
use crate::plugin::Plugin;
use crate::status::{Change, ChangeKind};
use crate::words;

impl Shelf {
    pub(super) fn serve(&mut self, spot: &Spot, stamp: Option<Stamp>, plugin: Plugin) {
        let plugin = Arc::new(plugin);
        let name = plugin.name.to_string();
        tracing::info!(
            plugin = name,
            version = plugin.manifest.version,
            generation = plugin.generation,
            "loaded {}",
            spot.path.display()
        );
        self.generations.insert(name.clone(), plugin.generation);
        self.gone.retain(|gone| gone.name != name);
        let elsewhere = self.spot_of(&name).filter(|elsewhere| *elsewhere != spot).cloned();
        let mut kind = ChangeKind::Added;
        if let Some(elsewhere) = &elsewhere {
            // It came later and has precedence, as it would after a restart.
            kind = ChangeKind::Replaced;
            let (reason, name) = (words::shadowed(&name, &spot.path), name.clone());
            if let Some(entry) = self.entries.get_mut(elsewhere) {
                let left_out = State::LeftOut { name, reason, disabled: false };
                if let State::Serving(old) = std::mem::replace(&mut entry.state, left_out) {
                    self.leaving.push(old);
                }
            }
        }
        let before = self.entries.get(spot).and_then(Entry::serving).cloned();
        if let Some(before) = before {
            if before.name == plugin.name {
                kind = ChangeKind::Replaced;
                self.leaving.push(before);
            } else {
                self.part_with(&before, &spot.path, ChangeKind::Removed, None);
            }
        }
        self.tell(kind, &spot.path, Some(name), Some(plugin.generation), None);
        self.put(spot, stamp, State::Serving(plugin));
    }

    /// A plugin serves no longer, and nothing takes its place.
    pub(super) fn part_with(
        &mut self,
        plugin: &Arc<Plugin>,
        file: &Path,
        kind: ChangeKind,
        reason: Option<String>,
    ) {
        let name = plugin.name.to_string();
        if self.gone.len() >= MOST_GONE {
            self.gone.remove(0);
        }
        self.gone.push(Gone {
            name: name.clone(),
            commands: plugin.commands().iter().map(|command| command.name.clone()).collect(),
            disabled: kind == ChangeKind::LeftOut,
        });
        self.tell(kind, file, Some(name), None, reason);
        self.leaving.push(Arc::clone(plugin));
    }

    pub(super) fn leave_out(
        &mut self,
        spot: &Spot,
        stamp: Option<Stamp>,
        name: String,
        reason: String,
        disabled: bool,
    ) {
        let serving = self.entries.get(spot).and_then(Entry::serving).cloned();
        match serving {
            Some(plugin) => {
                self.part_with(&plugin, &spot.path, ChangeKind::LeftOut, Some(reason.clone()));
            }
            None => {
                self.tell(ChangeKind::LeftOut, &spot.path, Some(name.clone()), None, Some(reason.clone()))
            }
        }
        self.put(spot, stamp, State::LeftOut { name, reason, disabled });
    }

    /// What lies there is not taken. A plugin that serves from there goes on.
    pub(super) fn refuse(&mut self, spot: &Spot, stamp: Option<Stamp>, refusal: Refusal) {
        if let Some(entry) = self.entries.get_mut(spot)
            && entry.refusal().is_some_and(|before| before.untrusted && before.reason == refusal.reason)
        {
            // It is looked at again whenever something happens that might mend it, and was told already.
            entry.stamp = stamp;
            return;
        }
        tracing::warn!("{}", words::file_refused(&spot.path, &refusal.reason));
        let (name, reason) = (refusal.name.clone(), Some(refusal.reason.clone()));
        let entry = self.entries.get_mut(spot);
        let generation = entry.as_ref().and_then(|entry| entry.serving()).map(|plugin| plugin.generation);
        match entry {
            Some(entry) if generation.is_some() => {
                (entry.stamp, entry.replacement) = (stamp, Some(refusal));
            }
            _ => self.put(spot, stamp, State::Refused(refusal)),
        }
        self.tell(ChangeKind::Refused, &spot.path, name, generation, reason);
    }

    /// Sets what needs no more than that, and parts with what served.
    pub(super) fn set(&mut self, spot: &Spot, stamp: Option<Stamp>, state: State) {
        if let Some(plugin) = self.entries.get(spot).and_then(Entry::serving).cloned() {
            self.part_with(&plugin, &spot.path, ChangeKind::Removed, None);
        }
        self.put(spot, stamp, state);
    }

    pub(super) fn put(&mut self, spot: &Spot, stamp: Option<Stamp>, state: State) {
        self.changed = true;
        self.entries.insert(spot.clone(), Entry { stamp, state, replacement: None });
    }

    pub(super) fn vanish(&mut self, spot: &Spot) {
        let Some(entry) = self.entries.remove(spot) else { return };
        self.changed = true;
        if let State::Serving(plugin) = entry.state {
            self.part_with(&plugin, &spot.path, ChangeKind::Removed, None);
        }
    }

    pub(super) fn tell(
        &mut self,
        kind: ChangeKind,
        file: &Path,
        name: Option<String>,
        generation: Option<u32>,
        reason: Option<String>,
    ) {
        self.changed = true;
        self.changes.push(Change { kind, file: file.display().to_string(), name, generation, reason });
    }
}
