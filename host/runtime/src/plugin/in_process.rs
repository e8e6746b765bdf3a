//! A plugin whose code runs in this process: on workers of its own, or on the main thread.

use std::sync::Arc;
use std::time::Instant;

use plugin_api::abi::ReplyHandle;
use plugin_api::table::Schemas;

use crate::executor::{ConcurrencyLimit, WorkerGroup};
use crate::library::PluginHost;
use crate::library::breadcrumbs::Known;
use crate::library::module::Started;
use crate::library::phase::Phase;

/// A started instance, and what its calls need.
pub struct InProcess {
    pub started: Started,
    pub workers: WorkerGroup,
    /// By which it says that its code runs.
    pub known: Known,
    /// What it may use of the host.
    pub host: Arc<PluginHost>,
    /// The bounds of its commands that have one, by their index.
    pub limits: Vec<Option<ConcurrencyLimit>>,
    /// The thread on which it hears that calls are cancelled.
    pub aside: WorkerGroup,
}

impl InProcess {
    /// Runs the command at `index` of its table, here and now.
    pub fn call(&self, index: u32, message: &str, reply: ReplyHandle) {
        let _crumb = self.known.put(Phase::Call, index);
        self.started.call(index, message, reply);
    }

    /// The bound of the command at `index` of its table, where it has one.
    pub fn limit(&self, index: u32) -> Option<&ConcurrencyLimit> {
        self.limits.get(usize::try_from(index).ok()?)?.as_ref()
    }

    /// Whether all the calls of a command that may run at a time run on this thread.
    pub fn is_all_here(&self, index: u32) -> bool {
        self.limit(index).is_some_and(ConcurrencyLimit::is_all_here)
    }

    /// How many calls wait for a worker or for their turn.
    pub fn waiting(&self) -> usize {
        self.workers.waiting() + self.limits.iter().flatten().map(ConcurrencyLimit::waiting).sum::<usize>()
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
}
