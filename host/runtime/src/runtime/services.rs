//! What the runtime does for plugins that ask: events for the page, messages to other plugins, work on the main thread.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use plugin_api::abi::{ReplyHandle, Status};
use serde::de::IgnoredAny;

use super::Inner;
use crate::library::{Services, SpawnedJob};
use crate::reply::{Replier, Reply, ReplySink};
use crate::words;

/// Hears of a plugin's event: its name, and its payload as JSON text.
pub type EventHearer = Box<dyn Fn(&str, &str) + Send + Sync>;

/// The services of one runtime.
pub struct RuntimeServices {
    /// Set once the runtime is there; no plugin starts before.
    inner: OnceLock<Weak<Inner>>,
    on_event: EventHearer,
}

impl RuntimeServices {
    pub fn new(on_event: EventHearer) -> Self {
        Self { inner: OnceLock::new(), on_event }
    }

    /// Serves `inner` from now on.
    pub fn serve(&self, inner: &Arc<Inner>) {
        // It is told once.
        let _ = self.inner.set(Arc::downgrade(inner));
    }

    fn inner(&self) -> Option<Arc<Inner>> {
        self.inner.get().and_then(Weak::upgrade)
    }
}

impl Services for RuntimeServices {
    fn emit(&self, event: &str, payload: &str) -> Result<(), String> {
        let good = (1..=128).contains(&event.chars().count()) && !event.chars().any(char::is_control);
        if !good || event.starts_with("host/") {
            return Err(words::bad_event_name(event));
        }
        // It goes to the page beside replies of others.
        if let Err(error) = serde_json::from_str::<IgnoredAny>(payload) {
            return Err(words::event_not_json(event, &error.to_string()));
        }
        (self.on_event)(event, payload);
        Ok(())
    }

    fn call(&self, message: &str, waits: bool, reply: ReplyHandle) {
        let replier = Replier::new(Arc::new(PluginSink(Mutex::new(Some(reply)))), 0);
        match self.inner() {
            Some(inner) if waits => inner.submit_and_wait(message.to_owned(), replier),
            Some(inner) => inner.submit(message.to_owned(), replier),
            None => replier.error(words::stopping()),
        }
    }

    fn run_on_main(&self, job: SpawnedJob) -> Result<(), SpawnedJob> {
        match self.inner() {
            Some(inner) => inner.main_queue.submit(job).map_err(|(job, _refusal)| job),
            None => Err(job),
        }
    }

    fn is_main_thread(&self) -> bool {
        self.inner().is_some_and(|inner| inner.main_queue.is_main_thread())
    }
}

/// Gives the one reply to the plugin that asked.
struct PluginSink(Mutex<Option<ReplyHandle>>);

impl ReplySink for PluginSink {
    fn deliver(&self, _call: u64, reply: Reply) {
        let handle = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(handle) = handle else { return };
        match reply {
            Reply::Value(json) => handle.send(Status::OK, json.as_bytes()),
            Reply::Error(text) => handle.send(Status::ERROR, text.as_bytes()),
        }
    }
}
