//! One call on its way, as work for the executor: to a plugin, to the host itself, to the application.

use std::sync::{Arc, TryLockError};

use plugin_api::Context;
use plugin_api::abi::{HostHandle, ReplyHandle};

use crate::executor::{Label, MainQueue, Place, Refusal, Task, Turn};
use crate::ledger::Outcome;
use crate::message::Message;
use crate::plugin::calls::Lease;
use crate::plugin::in_process::InProcess;
use crate::reply::Replier;
use crate::router::{App, BuiltIn};
use crate::words;

/// Answers a call that the executor gave back.
pub fn refuse<T: Task>(submitted: Result<(), (T, Refusal)>) {
    if let Err((task, refusal)) = submitted {
        Box::new(task).refuse(refusal);
    }
}

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
        let text = refusal_text(&refusal, self.replier.plugin());
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

/// A call to a function of the host's.
pub struct BuiltInCall {
    pub function: BuiltIn,
    pub message: Message,
    pub replier: Replier,
}

impl Task for BuiltInCall {
    fn run(self: Box<Self>) {
        if self.replier.is_idle() {
            return self.replier.unwanted();
        }
        (self.function)(self.message.text(), self.replier);
    }

    fn refuse(self: Box<Self>, refusal: Refusal) {
        self.replier.error(refusal_text(&refusal, None));
    }

    fn bytes(&self) -> usize {
        self.message.text().len() + self.replier.carried_bytes()
    }
}

/// A call to the application's handler.
pub struct AppCall {
    pub app: Arc<App>,
    pub message: Message,
    pub replier: Replier,
}

impl Task for AppCall {
    fn run(self: Box<Self>) {
        self.app.run(self.message.text(), ReplyHandle::of(self.replier));
    }

    fn refuse(self: Box<Self>, refusal: Refusal) {
        self.replier.error(refusal_text(&refusal, None));
    }

    fn bytes(&self) -> usize {
        self.message.text().len() + self.replier.carried_bytes()
    }
}

impl App {
    /// Gives one call to the application's handler.
    fn run(&self, message: &str, reply: plugin_api::abi::ReplyHandle) {
        let context = Context::new(HostHandle::of(Arc::clone(&self.host)));
        let mut handler = match self.handler.try_lock() {
            Ok(handler) => handler,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // A nested event loop called it again: dropped, the reply is an error.
            Err(TryLockError::WouldBlock) => return drop(reply),
        };
        plugin_api::__private::run_handler(&context, reply, message, &mut *handler);
    }
}

/// The refusal's sentence, for a call of this plugin's.
fn refusal_text(refusal: &Refusal, plugin: Option<&str>) -> String {
    let plugin = plugin.unwrap_or("host");
    match refusal {
        Refusal::Stopping => words::stopping(),
        Refusal::Full(waiting) => words::busy(plugin, *waiting),
        Refusal::MainThreadFull(waiting) => words::main_thread_busy(*waiting),
        Refusal::NoThread(detail) => words::no_threads(plugin, detail),
    }
}
