//! What the runtime does for plugins that ask: events for the page, messages to other plugins, work on the main thread.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use plugin_api::abi::{ReplyHandle, Status};
use serde::de::IgnoredAny;

use super::Inner;
use crate::events::{self, Ear, Events};
use crate::library::{Services, SpawnedJob};
use crate::reply::Replier;
use crate::sink::{Reply, ReplySink};
use crate::status::Change;
use crate::words;

/// The event by which pages and plugins hear what happens in the plugin folders; its payload is a [`Change`].
pub const PLUGINS_EVENT: &str = "host/plugins";

/// Hears of a plugin's event: its name, and its payload as JSON text.
pub type EventHearer = Box<dyn Fn(&str, &str) + Send + Sync>;

/// The services of one runtime.
pub struct RuntimeServices {
    /// Set once the runtime is there; no plugin starts before.
    inner: OnceLock<Weak<Inner>>,
    on_event: EventHearer,
    events: Events,
}

impl RuntimeServices {
    pub fn new(on_event: EventHearer) -> Self {
        Self { inner: OnceLock::new(), on_event, events: Events::default() }
    }

    /// Serves `inner` from now on.
    pub fn serve(&self, inner: &Arc<Inner>) {
        // It is told once.
        let _ = self.inner.set(Arc::downgrade(inner));
    }

    /// Tells the plugins of an event of the page's.
    ///
    /// # Errors
    /// A sentence.
    pub fn tell_plugins(&self, event: &str, payload: &str) -> Result<(), String> {
        may_be_told(event)?;
        self.events.tell(event, payload);
        Ok(())
    }

    /// Tells the plugins what has happened in the plugin folders.
    pub fn tell_of_change(&self, change: &Change) {
        if let Ok(payload) = serde_json::to_string(change) {
            self.events.tell(PLUGINS_EVENT, &payload);
        }
    }

    fn inner(&self) -> Option<Arc<Inner>> {
        self.inner.get().and_then(Weak::upgrade)
    }
}

impl Services for RuntimeServices {
    fn emit(&self, event: &str, payload: &str) -> Result<(), String> {
        may_be_told(event)?;
        // It goes to the page beside replies of others.
        if let Err(error) = serde_json::from_str::<IgnoredAny>(payload) {
            return Err(words::event_not_json(event, &error.to_string()));
        }
        (self.on_event)(event, payload);
        self.events.tell(event, payload);
        Ok(())
    }

    fn listen(&self, ear: Ear) -> u64 {
        self.events.listen(ear)
    }

    fn unlisten(&self, number: u64) {
        self.events.unlisten(number);
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

/// The names that begin with `host/` are the host's.
fn may_be_told(event: &str) -> Result<(), String> {
    if !events::is_name(event) || event.starts_with("host/") {
        return Err(words::bad_event_name(event));
    }
    Ok(())
}

/// Gives the one reply to the plugin that asked.
struct PluginSink(Mutex<Option<ReplyHandle>>);

impl ReplySink for PluginSink {
    fn deliver(&self, _call: u64, reply: Reply) {
        let handle = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(handle) = handle else { return };
        match reply {
            Reply::Value(json) => handle.send(Status::OK, json.as_bytes()),
            Reply::Bytes(bytes) => handle.send(Status::BYTES, &bytes),
            Reply::Error(text) => handle.send(Status::ERROR, text.as_bytes()),
        }
    }
}
