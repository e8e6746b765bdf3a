//! What plugins may use of the host, and where their answers go.

use std::path::PathBuf;
use std::sync::Arc;

use plugin_api::abi::{HostSide, Level, OwnedJob, ReplySide, Status};

use super::breadcrumbs::Known;
use super::phase::Phase;
use crate::executor::{Refusal, Task, WorkerGroup};
use crate::reply::Replier;
use crate::words;

/// What one plugin may use of the host.
pub struct PluginHost {
    /// The plugin's name.
    pub name: Arc<str>,
    /// The plugin's data folder.
    pub data_folder: PathBuf,
    /// The plugin's workers.
    pub workers: WorkerGroup,
    /// By which it says that its code runs.
    pub known: Known,
    /// Whether this is the child process that tries it.
    pub is_trial: bool,
}

impl HostSide for PluginHost {
    fn log(&self, level: Level, text: &str) {
        let plugin = &*self.name;
        match level {
            Level::DEBUG => tracing::debug!(plugin, "{text}"),
            Level::INFO => tracing::info!(plugin, "{text}"),
            Level::WARN => tracing::warn!(plugin, "{text}"),
            _ => tracing::error!(plugin, "{text}"),
        }
    }

    fn data_folder(&self) -> PathBuf {
        // Made when it is asked for: most plugins keep nothing.
        if let Err(error) = std::fs::create_dir_all(&self.data_folder) {
            tracing::warn!(plugin = &*self.name, "{}", words::no_data_folder(&self.data_folder, &error));
        }
        self.data_folder.clone()
    }

    fn spawn(&self, job: OwnedJob) -> Option<OwnedJob> {
        let task = SpawnedJob { job, known: self.known.clone() };
        self.workers.submit(task).err().map(|(task, _refusal)| task.job)
    }

    fn is_trial(&self) -> bool {
        self.is_trial
    }

    fn on_panic() {
        tracing::error!("{}", words::host_panicked());
    }
}

impl ReplySide for Replier {
    fn send(self, status: Status, bytes: &[u8]) {
        match status {
            Status::OK => self.json(bytes.to_vec()),
            Status::PANIC => self.panicked(&String::from_utf8_lossy(bytes)),
            _ => self.error(String::from_utf8_lossy(bytes).into_owned()),
        }
    }

    fn on_panic() {
        tracing::error!("{}", words::host_panicked());
    }
}

/// A plugin's own work in its workers' queue.
struct SpawnedJob {
    job: OwnedJob,
    known: Known,
}

impl Task for SpawnedJob {
    fn run(self: Box<Self>) {
        let Self { job, known } = *self;
        let _crumb = known.put(Phase::Promise, 0);
        job.run();
    }

    fn refuse(self: Box<Self>, _refusal: Refusal) {}

    fn bytes(&self) -> usize {
        self.job.bytes()
    }
}
