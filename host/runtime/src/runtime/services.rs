//! What the runtime does for plugins that ask: events for the page, messages to other plugins, work on the main thread.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use plugin_api::abi::{ReplyHandle, Status};

use super::Inner;
use crate::caller::Caller;
use crate::control::STUCK_AFTER;
use crate::events::{self, Ear, Events};
use crate::executor::Label;
use crate::ledger::Account;
use crate::library::{Found, Services, SpawnedJob};
use crate::message::Message;
use crate::reply::Replier;
use crate::sink::{Reply, ReplySink};
use crate::status::{Change, Trouble, TroubleKind};
use crate::words;

/// The event by which pages and plugins hear what happens in the plugin folders; its payload is a [`Change`].
pub const PLUGINS_EVENT: &str = "host/plugins";

/// The event by which they hear of what goes wrong with a plugin; its payload is a [`Trouble`].
pub const TROUBLE_EVENT: &str = "host/trouble";

/// How long the window may stand still before the page is told of it: what people notice as more than a stutter.
const NOTICED: Duration = Duration::from_millis(250);

/// Whose pages an event is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience<'a> {
    /// Every page.
    All,
    /// The pages in windows of these names.
    Windows(&'a [String]),
}

/// Hears of an event for pages: its name, its payload as JSON text, and for which pages it is.
pub type EventHearer = Box<dyn Fn(&str, &str, Audience<'_>) + Send + Sync>;

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
        events::may_be_told(event)?;
        self.events.tell(event, payload);
        Ok(())
    }

    /// Tells pages of an event of a page's, whose name and payload are good.
    pub fn tell_pages(&self, event: &str, payload: &str, audience: Audience<'_>) {
        (self.on_event)(event, payload, audience);
    }

    /// Tells the plugins what has happened in the plugin folders.
    pub fn tell_of_change(&self, change: &Change) {
        if let Ok(payload) = serde_json::to_string(change) {
            self.events.tell(PLUGINS_EVENT, &payload);
        }
    }

    /// Tells of work that has held the main thread up: the log of every frame that was lost, and the page of what people notice.
    pub fn tell_of_slow(&self, label: &Label, took: Duration) {
        let sentence = words::slow_on_main(&label.plugin, label.cmd.as_deref(), took);
        if took < NOTICED {
            return tracing::warn!("{sentence}");
        }
        self.tell_of_trouble(&Trouble {
            kind: TroubleKind::Slow,
            plugin: label.plugin.to_string(),
            cmd: label.cmd.as_deref().map(str::to_owned),
            milliseconds: took.as_millis().try_into().ok(),
            sentence,
        });
    }

    /// Tells of work that holds the main thread up at this moment.
    pub fn tell_of_blocking(&self, label: &Label, since: Duration) {
        self.tell_of_trouble(&Trouble {
            kind: TroubleKind::Blocks,
            plugin: label.plugin.to_string(),
            cmd: label.cmd.as_deref().map(str::to_owned),
            milliseconds: since.as_millis().try_into().ok(),
            sentence: words::blocks_main(&label.plugin, label.cmd.as_deref(), since),
        });
    }

    fn inner(&self) -> Option<Arc<Inner>> {
        self.inner.get().and_then(Weak::upgrade)
    }
}

impl Services for RuntimeServices {
    fn emit(&self, event: &str, payload: &str) -> Result<(), String> {
        events::check(event, payload)?;
        (self.on_event)(event, payload, Audience::All);
        self.events.tell(event, payload);
        Ok(())
    }

    fn listen(&self, ear: Ear) -> u64 {
        self.events.listen(ear)
    }

    fn unlisten(&self, number: u64) {
        self.events.unlisten(number);
    }

    fn call(&self, caller: Caller, message: &str, waits: bool, reply: ReplyHandle) {
        let replier = Replier::new(Arc::new(PluginSink(Mutex::new(Some(reply)))), 0);
        match self.inner() {
            Some(inner) if waits => inner.submit_and_wait(message.to_owned(), caller, replier),
            Some(inner) => inner.submit(message.to_owned(), caller, replier),
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

    fn find(&self, message: &str) -> Option<Found> {
        let message = Message::parse(message.to_owned()).ok()?;
        self.inner()?.find(message.cmd())
    }

    fn note_stuck(&self, _call: u64, account: &Account, is_stuck: bool) {
        let (plugin, cmd) = (account.plugin.to_string(), Some(account.cmd.to_string()));
        let (kind, sentence) = if is_stuck {
            (TroubleKind::Stuck, words::is_stuck(&account.plugin, &account.cmd, STUCK_AFTER))
        } else {
            (TroubleKind::Returned, words::is_not_stuck(&account.plugin, &account.cmd))
        };
        self.tell_of_trouble(&Trouble { kind, plugin, cmd, milliseconds: None, sentence });
    }

    fn tell_of_trouble(&self, trouble: &Trouble) {
        match trouble.kind {
            TroubleKind::Returned => tracing::info!("{}", trouble.sentence),
            TroubleKind::GivenUp => tracing::error!("{}", trouble.sentence),
            _ => tracing::warn!("{}", trouble.sentence),
        }
        if let Ok(payload) = serde_json::to_string(trouble) {
            (self.on_event)(TROUBLE_EVENT, &payload, Audience::All);
            self.events.tell(TROUBLE_EVENT, &payload);
        }
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
            Reply::Bytes(bytes) => handle.send(Status::BYTES, &bytes),
            Reply::Error(text) => handle.send(Status::ERROR, text.as_bytes()),
        }
    }
}
