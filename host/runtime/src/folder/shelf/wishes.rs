//! What people want of the files: try one again, switch a plugin off or on.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{Entry, Shelf, Spot, State};
use crate::folder::messages::Which;
use crate::library::discovery::Stamp;
use crate::words;

impl Shelf {
    /// Tries refused files again. Returns how many.
    pub fn retry(&mut self, which: &Which) -> usize {
        let again: Vec<Spot> = self
            .entries
            .iter()
            .filter(|(spot, entry)| {
                let serves = entry.serving().map(|plugin| &*plugin.name);
                entry.refusal().is_some_and(|refusal| which.means(&spot.path, refusal, serves))
            })
            .map(|(spot, _)| spot.clone())
            .collect();
        for spot in &again {
            let refusal = self.entries.get(spot).and_then(Entry::refusal);
            if let Some(hash) = refusal.and_then(|refusal| refusal.hash) {
                self.intake.forget(hash);
            }
            self.consider(spot, Stamp::of(&spot.path).ok(), Duration::ZERO);
        }
        again.len() + self.start_again(which)
    }

    /// Starts isolated plugins again that were given up, and takes those back into this process that were isolated for a crash.
    /// Returns how many.
    fn start_again(&mut self, which: &Which) -> usize {
        let mut count = 0;
        let serving: Vec<_> = self
            .entries
            .iter()
            .filter_map(|(spot, entry)| Some((spot.clone(), Arc::clone(entry.serving()?))))
            .collect();
        for (spot, plugin) in serving {
            if !which.means_plugin(&spot.path, &plugin.name) {
                continue;
            }
            // Only who is called by name is trusted again.
            let forgiven = matches!(which, Which::Called(_)) && self.loader.lanes().forgive(plugin.hash);
            // Where somebody has tidied up, its process has nothing left to load.
            let has_no_copy = plugin.is_given_up() && !self.intake.has_copy(plugin.hash);
            if forgiven || has_no_copy {
                self.start_anew(&spot, &plugin);
            }
            count += usize::from(forgiven || has_no_copy || plugin.start_again());
        }
        count
    }

    /// Switches a plugin off, or on again.
    ///
    /// # Errors
    /// A sentence, when the choice cannot be kept, or no file has such a plugin.
    pub fn set_disabled(&mut self, name: &str, disabled: bool) -> Result<(), String> {
        let concerned = self.concerned(name);
        if concerned.is_empty() && disabled {
            return Err(words::no_such_plugin(name));
        }
        self.choices.set(name, disabled)?;
        self.reconsider(name);
        Ok(())
    }

    fn reconsider(&mut self, name: &str) {
        for spot in self.concerned(name) {
            let stamp = Stamp::of(&spot.path).ok();
            let serves =
                self.entries.get(&spot).and_then(Entry::serving).is_some_and(|plugin| &*plugin.name == name);
            if serves && self.choices.is_disabled(name) {
                // Whatever lies in its place by now: it is the one that serves that is switched off.
                self.leave_out(&spot, stamp, name.to_owned(), words::disabled(name), true);
            } else {
                self.consider(&spot, stamp, Duration::ZERO);
            }
        }
    }

    /// Says in the log which plugins somebody wants to do without who are not there.
    pub fn warn_of_unknown_wishes(&self) {
        for name in self.selection.names() {
            if self.concerned(name).is_empty() {
                // A slip of the one who started this; what follows is not what they wanted.
                tracing::error!("{}", words::nobody_to_do_without(name));
            }
        }
        for name in self.loader.lanes().wanted() {
            if self.concerned(name).is_empty() {
                tracing::error!("{}", words::nobody_to_isolate(name));
            }
        }
    }

    /// Where plugins of this name lie.
    fn concerned(&self, name: &str) -> Vec<Spot> {
        let replaced_by = |entry: &Entry| entry.replacement.as_ref().and_then(|refusal| refusal.name.clone());
        let concerns = |entry: &Entry| match &entry.state {
            State::Serving(plugin) => &*plugin.name == name || replaced_by(entry).as_deref() == Some(name),
            State::LeftOut { name: other, .. } => other == name,
            State::Refused(refusal) => refusal.name.as_deref() == Some(name),
            State::Stranger => false,
        };
        self.entries.iter().filter(|(_, entry)| concerns(entry)).map(|(spot, _)| spot.clone()).collect()
    }

    /// The file of the choices, which others may change.
    pub fn choices_file(&self) -> &Path {
        self.choices.file()
    }

    /// Reads the choices anew, and does what they say.
    pub fn reread_choices(&mut self) {
        let now = self.choices.read_anew();
        let before = std::mem::replace(&mut self.choices, now);
        for name in before.differing(&self.choices) {
            self.reconsider(&name);
        }
    }
}
