//! A loaded plugin: one generation of it, what it is made of, and how it is started and retired.

pub mod calls;
mod loader;
pub mod retirement;

use std::sync::Arc;
use std::time::Instant;

use plugin_api::abi::ReplyHandle;
use plugin_api::manifest::Manifest;
use plugin_api::table::{CommandEntry, Schemas};

use crate::executor::{ConcurrencyLimit, WorkerGroup};
use crate::library::PluginHost;
use crate::library::breadcrumbs::Known;
use crate::library::copy::ContentHash;
use crate::library::module::Started;
use crate::library::phase::Phase;
use calls::Calls;
pub use loader::{Loader, NotStarted, Surroundings};

/// A generation of a plugin, started.
pub struct Plugin {
    /// Its name.
    pub name: Arc<str>,
    /// What the file held when it was loaded.
    pub hash: ContentHash,
    /// The how manieth of its name in this process: 1 for the first.
    pub generation: u32,
    /// Greater than that of every plugin started before.
    pub sequence: u64,
    /// What it says of itself, its commands included.
    pub manifest: Manifest,
    /// Its instance.
    started: Started,
    /// Its workers.
    pub workers: WorkerGroup,
    /// Its calls in flight.
    pub calls: Arc<Calls>,
    /// By which it says that its code runs.
    known: Known,
    /// What it may use of the host.
    host: Arc<PluginHost>,
    /// The bounds of its commands that have one, by their index.
    limits: Vec<Option<ConcurrencyLimit>>,
    /// The thread on which it hears that calls are cancelled.
    aside: WorkerGroup,
}

impl Plugin {
    /// Runs the command at `index` of its table, here and now.
    pub fn call(&self, index: u32, message: &str, reply: ReplyHandle) {
        let _crumb = self.known.put(Phase::Call, index);
        self.started.call(index, message, reply);
    }

    /// The bound of the command at `index` of its table, where it has one.
    pub fn limit(&self, index: u32) -> Option<&ConcurrencyLimit> {
        self.limits.get(usize::try_from(index).ok()?)?.as_ref()
    }

    /// Takes no further work, and refuses what waits.
    pub fn refuse_work(&self) {
        self.limits.iter().flatten().for_each(ConcurrencyLimit::stop);
        self.workers.stop();
    }

    /// Tells it that no further call comes, and lets it hear no event any more. Somebody may wait for that until then.
    pub fn stop(&self, until: Option<Instant>) {
        self.host.end(until);
        let _crumb = self.known.put(Phase::Stop, 0);
        self.started.stop();
    }

    /// Frees its state, when its threads are over. No call runs, and none comes.
    pub fn release(&self) {
        self.aside.stop();
        // A call may have answered and not returned yet.
        self.workers.join();
        self.aside.join();
        let _crumb = self.known.put(Phase::Stop, 0);
        self.started.release();
    }

    /// The schemas of its commands.
    pub fn schemas(&self) -> Schemas {
        let _crumb = self.known.put(Phase::Start, 0);
        self.started.schemas()
    }

    /// Its command table.
    pub fn commands(&self) -> &[CommandEntry] {
        self.manifest.commands.as_deref().unwrap_or_default()
    }
}
