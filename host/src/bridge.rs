//! Between page and runtime: the page's text in, scripts out.
//!
//! Lives on the main thread. It knows neither the window nor the event loop: text comes from [`Bridge::receive`]'s
//! caller, scripts go to the caller of [`Bridge::take_scripts`].

mod envelope;
mod outbox;

use std::cell::RefCell;
use std::sync::Arc;

use envelope::{Envelope, Line};
pub use outbox::Outbox;
use outbox::{InvokeSink, PromiseSink};
use plugin_host_runtime::{MAX_MESSAGE_BYTES, Replier, ReplySink, Runtime};

use crate::words;

/// The page's script; a function of the secret, the limit and the address of large replies.
const SCRIPT: &str = include_str!("bridge/bridge.js");

/// Routes the page's calls to the runtime, and its replies back, for one page session at a time.
pub struct Bridge {
    runtime: Runtime,
    secret: String,
    outbox: Arc<Outbox>,
    session: RefCell<Option<Session>>,
    on_mistake: Box<dyn Fn(&str)>,
}

/// One load of the page: its token, and where its replies go.
struct Session {
    token: String,
    promises: Arc<dyn ReplySink>,
    invokes: Arc<dyn ReplySink>,
}

impl Bridge {
    /// A bridge whose page proves itself with `secret`. `on_mistake` hears what goes wrong in the page and nobody catches.
    pub fn new(
        runtime: Runtime,
        secret: String,
        outbox: Arc<Outbox>,
        on_mistake: impl Fn(&str) + 'static,
    ) -> Self {
        Self { runtime, secret, outbox, session: RefCell::new(None), on_mistake: Box::new(on_mistake) }
    }

    /// The script to run in the top frame before the page's own. Large replies are fetched below `reply_address`.
    pub fn script(&self, reply_address: &str) -> String {
        let secret = serde_json::Value::from(self.secret.as_str());
        let address = serde_json::Value::from(reply_address);
        format!("{SCRIPT}({secret}, {MAX_MESSAGE_BYTES}, {address})")
    }

    /// Takes what a page or a frame posted. What does not come from the present load of the host's own page is dropped.
    pub fn receive(&self, text: &str) {
        let Some(envelope) = Envelope::parse(text, &self.secret) else {
            tracing::warn!("{}", words::stranger_posted());
            return;
        };
        for line in envelope.lines() {
            match line {
                Ok(Line::Hello) => self.start_session(envelope.token),
                Ok(Line::Invoke(id, text)) => self.submit(envelope.token, id, text, false),
                Ok(Line::Promise(id, text)) => self.submit(envelope.token, id, text, true),
                Ok(Line::Mistake(text)) => self.hear_of_mistake(envelope.token, text),
                Err(()) => tracing::warn!("{}", words::garbled_line()),
            }
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

    fn start_session(&self, token: &str) {
        let number = self.outbox.start_session(token);
        *self.session.borrow_mut() = Some(Session {
            token: token.to_owned(),
            promises: Arc::new(PromiseSink::new(Arc::clone(&self.outbox), number)),
            invokes: Arc::new(InvokeSink::new(Arc::clone(&self.outbox), number)),
        });
    }

    fn submit(&self, token: &str, id: u64, text: &str, promise: bool) {
        let sink = match &*self.session.borrow() {
            Some(session) if session.token == token => {
                Arc::clone(if promise { &session.promises } else { &session.invokes })
            }
            // A page that has been left meanwhile: nobody waits for the answer, so the work is not begun.
            _ => return,
        };
        self.runtime.submit(text.to_owned(), Replier::new(sink, id));
    }

    /// The scripts that deliver all replies that are ready.
    pub fn take_scripts(&self) -> Vec<String> {
        self.outbox.take_scripts()
    }
}
