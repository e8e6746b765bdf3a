//! One call to a plugin in this process, as work for the executor.

use std::sync::Arc;

use plugin_api::abi::ReplyHandle;

use super::calls::Lease;
use super::in_process::InProcess;
use crate::executor::{Label, MainQueue, Place, Refusal, Task, Turn, refuse};
use crate::ledger::Outcome;
use crate::message::Message;
use crate::reply::Replier;
use crate::words;

/// A call to a command of a plugin in this process.
pub struct PluginCall {
    pub plugin: Arc<InProcess>,
    pub index: u32,
    pub message: Message,
    pub replier: Replier,
    pub label: Arc<Label>,
    /// On the main thread: held until the plugin's code has returned. Those who wait for a worker's call wait for the worker.
    pub returns: Option<Lease>,
    /// Its place among the calls that may run at a time, where there is such a bound.
    pub place: Option<Place>,
}

impl PluginCall {
    /// Gives the call to the plugin's workers, at once or when its turn comes.
    pub fn submit(self) {
        match self.plugin.limit(self.index).cloned() {
            Some(limit) => limit.enter(Box::new(self)),
            None => refuse(self.plugin.workers.clone().submit(self)),
        }
    }

    /// Gives the call to the main thread.
    pub fn submit_to_main(self, main_queue: &MainQueue) {
        refuse(main_queue.submit(self));
    }
}

impl Turn for PluginCall {
    fn begin(mut self: Box<Self>, place: Place) -> Result<(), Place> {
        self.place = Some(place);
        let workers = self.plugin.workers.clone();
        match workers.submit(*self) {
            Ok(()) => Ok(()),
            Err((mut call, refusal)) => {
                let place = call.place.take();
                Task::refuse(Box::new(call), refusal);
                // It was put there above.
                place.map_or(Ok(()), Err)
            }
        }
    }

    fn refuse(self: Box<Self>, refusal: Refusal) {
        Task::refuse(self, refusal);
    }

    fn bytes(&self) -> usize {
        Task::bytes(self)
    }
}

impl Task for PluginCall {
    fn run(self: Box<Self>) {
        let Self { plugin, index, message, replier, label, returns, mut place } = *self;
        if let Some(place) = &mut place {
            place.run_here();
        }
        if replier.is_idle() {
            replier.unwanted();
        } else {
            let _span =
                tracing::debug_span!("call", plugin = &*label.plugin, cmd = label.cmd.as_deref()).entered();
            replier.begins();
            plugin.call(index, message.text(), ReplyHandle::of(replier));
        }
        drop(place);
        // Who waits for the last call frees the plugin's state.
        drop(returns);
    }

    fn refuse(self: Box<Self>, refusal: Refusal) {
        let text = words::refused(&refusal, self.replier.plugin());
        let outcome = match refusal {
            Refusal::Stopping => Outcome::Lost,
            Refusal::Full(_) | Refusal::MainThreadFull(_) | Refusal::NoThread(_) => Outcome::Busy,
        };
        self.replier.fail(text, outcome);
    }

    fn bytes(&self) -> usize {
        self.message.text().len() + self.replier.carried_bytes()
    }

    fn label(&self) -> Option<Arc<Label>> {
        Some(Arc::clone(&self.label))
    }
}
