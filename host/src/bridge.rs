//! Between page and runtime: the page's text in, scripts out.
//!
//! Lives on the main thread. It knows neither the window nor the event loop: text comes from [`Bridge::receive`]'s
//! caller, scripts go to the caller of [`Bridge::take_scripts`].

mod envelope;
mod inbox;
mod keys;
mod outbox;
mod outboxes;
mod sinks;

use std::cell::RefCell;
use std::sync::Arc;

pub use envelope::Sealed;
use envelope::{Envelope, Line};
use inbox::Arrived;
pub use inbox::Inbox;
pub use keys::Keys;
pub use outbox::{Large, Outbox};
pub use outboxes::Outboxes;
use plugin_host_runtime::{Attached, MAX_MESSAGE_BYTES, Origin, Page, Replier, ReplySink, Runtime};
use sinks::{InvokeSink, PromiseSink};

use crate::attempts::{Attempt, Attempts};
use crate::words;

/// The page's script; a function of the part that knows the secret, the limit, the window's label, and the other parts by their names.
const SCRIPT: &str = include_str!("bridge/bridge.js");

/// The part of it that knows the secret; a function of the keys of all pages and the limit.
const TRANSPORT: &str = include_str!("bridge/transport.js");

/// The parts of it that know no secret, by the names by which it calls for them.
const PARTS: [(&str, &str); 6] = [
    ("makeStream", include_str!("bridge/stream.js")),
    ("makeEvents", include_str!("bridge/events.js")),
    ("makeNotification", include_str!("bridge/notification.js")),
    ("makeGroups", include_str!("bridge/groups.js")),
    ("makeInternals", include_str!("bridge/internals.js")),
    ("watchMistakes", include_str!("bridge/mistakes.js")),
];

/// Routes the page's calls to the runtime, and its replies back, for one page session at a time.
pub struct Bridge {
    /// The name of the window.
    label: String,
    runtime: Runtime,
    keys: Arc<Keys>,
    attempts: Arc<Attempts>,
    outbox: Arc<Outbox>,
    inbox: Inbox,
    session: RefCell<Option<Session>>,
    on_mistake: Box<dyn Fn(&str)>,
}

/// One load of a page: its token, and where its replies go.
struct Session {
    page: Arc<Page>,
    token: String,
    promises: Arc<dyn ReplySink>,
    invokes: Arc<dyn ReplySink>,
}

impl Bridge {
    /// A bridge of the window called `label`, whose pages prove themselves with `keys`. `on_mistake` hears what goes wrong in the page
    /// and nobody catches.
    pub fn new(
        label: &str,
        runtime: Runtime,
        keys: Arc<Keys>,
        attempts: Arc<Attempts>,
        outbox: Arc<Outbox>,
        inbox: Inbox,
        on_mistake: impl Fn(&str) + 'static,
    ) -> Self {
        Self {
            label: label.to_owned(),
            runtime,
            keys,
            attempts,
            outbox,
            inbox,
            session: RefCell::new(None),
            on_mistake: Box::new(on_mistake),
        }
    }

    /// The script to run in the top frame before the page's own. Pages of an origin send calls with bytes to its `address`, and fetch
    /// large replies from there.
    pub fn script(&self, address: impl Fn(&Origin) -> String) -> String {
        let keys = self.keys.for_script(address);
        let transport = format!("{}({keys}, {MAX_MESSAGE_BYTES})", TRANSPORT.trim_end());
        // A file may end with a line of its own, which no argument does.
        let parts = PARTS.map(|(name, part)| format!("{name}: {}", part.trim_end())).join(",\n");
        let label = serde_json::Value::from(&*self.label);
        format!("{SCRIPT}({transport}, {MAX_MESSAGE_BYTES}, {label}, {{ {parts} }})")
    }

    /// Takes what a page or a frame posted. What does not come from the present load of the host's own page is dropped.
    pub fn receive(&self, text: &str) {
        let Some(envelope) = Envelope::parse(text, &self.keys) else {
            return self.attempts.note(Attempt::Post, "");
        };
        // What was sent before comes before, as a call that is cancelled here.
        self.receive_parcels();
        for line in envelope.lines() {
            match line {
                Ok(Line::Hello) => self.start_session(&envelope),
                Ok(line @ (Line::Invoke(..) | Line::Promise(..) | Line::Followed(..))) => {
                    self.submit(&envelope.page, envelope.token, line, None);
                }
                Ok(line @ (Line::Cancel(_) | Line::Taken(..) | Line::Discard(_))) => {
                    self.hear_of_call(envelope.token, &line);
                }
                Ok(Line::Mistake(text)) => self.hear_of_mistake(envelope.token, text),
                Err(()) => tracing::warn!("{}", words::garbled_line()),
            }
        }
    }

    /// Takes the messages with bytes that have arrived.
    pub fn receive_parcels(&self) {
        for Arrived { page, token, parcel, attached } in self.inbox.take() {
            if let Some(call) = parcel.call() {
                self.submit(&page, &token, call, Some(attached));
            }
        }
    }

    /// What the page says of a call that is under way.
    fn hear_of_call(&self, token: &str, line: &Line<'_>) {
        if self.session.borrow().as_ref().is_none_or(|session| session.token != token) {
            return;
        }
        match *line {
            Line::Cancel(id) => self.outbox.cancel(id),
            Line::Taken(id, count) => self.outbox.taken(id, count),
            Line::Discard(number) => self.outbox.discard(number),
            _ => {}
        }
    }

    fn hear_of_mistake(&self, token: &str, text: &str) {
        let present = self.session.borrow().as_ref().is_some_and(|session| session.token == token);
        let text: Option<String> = serde_json::from_str(text).ok().filter(|_| present);
        if let Some(text) = text {
            tracing::warn!("{}", words::page_mistake(&text));
            (self.on_mistake)(&text);
        }
    }

    fn start_session(&self, Envelope { page, token, .. }: &Envelope<'_>) {
        self.runtime.refresh_permissions();
        let hears_events = self.runtime.permits(page, "events");
        let number = self.outbox.start_session(token, hears_events);
        *self.session.borrow_mut() = Some(Session {
            page: Arc::clone(page),
            token: (*token).to_owned(),
            promises: Arc::new(PromiseSink::new(Arc::clone(&self.outbox), number)),
            invokes: Arc::new(InvokeSink::new(Arc::clone(&self.outbox), number)),
        });
    }

    /// Another page has taken the window's place that is not heard: nothing more is for it.
    pub fn end_session(&self) {
        *self.session.borrow_mut() = None;
        self.outbox.end_session();
    }

    fn submit(&self, page: &Arc<Page>, token: &str, call: Line<'_>, attached: Option<Attached>) {
        let (Line::Invoke(id, text) | Line::Promise(id, text) | Line::Followed(id, text)) = call else {
            return;
        };
        let sink = match &*self.session.borrow() {
            Some(session) if session.token == token && session.page == *page => match call {
                Line::Invoke(..) => Arc::clone(&session.invokes),
                _ => Arc::clone(&session.promises),
            },
            // A page that has been left meanwhile: nobody waits for the answer, so the work is not begun.
            _ => return,
        };
        let mut replier = Replier::new(sink, id);
        if let Some(attached) = attached {
            replier = replier.carrying(attached);
        }
        if matches!(call, Line::Followed(..)) {
            // From now on it can be cancelled, wherever it is on its way.
            drop(replier.follow());
        }
        self.runtime.submit_from(page, text.to_owned(), replier);
    }

    /// The scripts that deliver all replies that are ready.
    pub fn take_scripts(&self) -> Vec<String> {
        self.outbox.take_scripts()
    }
}
