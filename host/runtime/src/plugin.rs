//! A loaded plugin: one generation of it, what it is made of, and how it is started and retired.

pub mod calls;
mod loader;
pub mod retirement;

use std::sync::Arc;

use plugin_api::abi::ReplyHandle;
use plugin_api::manifest::Manifest;
use plugin_api::table::CommandEntry;

use crate::executor::WorkerGroup;
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
}

impl Plugin {
    /// Runs the command at `index` of its table, here and now.
    pub fn call(&self, index: u32, message: &str, reply: ReplyHandle) {
        let _crumb = self.known.put(Phase::Call, index);
        self.started.call(index, message, reply);
    }

    /// Tells it that no further call comes.
    pub fn stop(&self) {
        let _crumb = self.known.put(Phase::Stop, 0);
        self.started.stop();
    }

    /// Frees its state. No call runs, and none comes.
    pub fn release(&self) {
        let _crumb = self.known.put(Phase::Stop, 0);
        self.started.release();
    }

    /// Its command table.
    pub fn commands(&self) -> &[CommandEntry] {
        self.manifest.commands.as_deref().unwrap_or_default()
    }
}
