//! A loaded plugin: one generation of it, what it is made of, and how it is started and retired.

pub mod calls;
mod loader;
pub mod retirement;

use std::sync::Arc;

use plugin_api::manifest::Manifest;
use plugin_api::table::CommandEntry;

use crate::executor::WorkerGroup;
use crate::library::copy::ContentHash;
use crate::library::module::Started;
use calls::Calls;
pub use loader::Loader;

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
    /// Its instance; shared by every call that runs.
    pub started: Arc<Started>,
    /// Its workers.
    pub workers: WorkerGroup,
    /// Its calls in flight.
    pub calls: Arc<Calls>,
}

impl Plugin {
    /// Its command table.
    pub fn commands(&self) -> &[CommandEntry] {
        self.manifest.commands.as_deref().unwrap_or_default()
    }
}
