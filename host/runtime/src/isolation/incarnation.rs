//! What one process of an isolated plugin asks of the host: events, other commands, lines in the log. Ends with the process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plugin_api::abi::{HostSide as _, Listener, NoCall, ReplyHandle, ReplySide, Status};
use plugin_api::table::Place;

use super::connection::Connection;
use super::forward;
use super::frames::{Answer, FromChild, MOST_ASKED, ToChild};
use crate::caller::Caller;
use crate::library::PluginHost;
use crate::words;

/// One process, as the host's services see it.
pub struct Incarnation {
    host: Arc<PluginHost>,
    /// Who it is for the permissions.
    caller: Caller,
    connection: Connection,
    /// The host's numbers of its listeners, by its own.
    listeners: Mutex<HashMap<u64, u64>>,
    /// How many questions are open.
    asked: Arc<AtomicUsize>,
}

impl Incarnation {
    pub fn new(host: Arc<PluginHost>, caller: Caller, connection: Connection) -> Self {
        Self { host, caller, connection, listeners: Mutex::default(), asked: Arc::default() }
    }

    /// Does what the process asks for.
    ///
    /// # Errors
    /// How it has broken the rules.
    pub fn hear(&self, frame: FromChild) -> Result<(), String> {
        match frame {
            FromChild::Log { level, text } => forward::log(&self.host.name, level, &text),
            FromChild::Emit { event, payload } => {
                if let Err(reason) = self.host.services.emit(&event, &payload) {
                    // The plugin was told so in its process, unless it went past that.
                    return Err(words::bad_event_from_afar(&reason));
                }
            }
            FromChild::Ask { asked, message, waits, on_main, full } => {
                return self.ask(asked, &message, waits, on_main, &full);
            }
            FromChild::Listen { listener, event } => self.listen(listener, &event),
            FromChild::Unlisten { listener } => {
                let number = self.listeners().remove(&listener);
                if let Some(number) = number {
                    self.host.unlisten(number);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn ask(&self, asked: u64, message: &str, waits: bool, on_main: bool, full: &[u8]) -> Result<(), String> {
        // It counts them itself.
        if self.asked.fetch_add(1, Ordering::AcqRel) >= MOST_ASKED {
            return Err(words::garbled_frame("it asks more than it may"));
        }
        let open = Arc::clone(&self.asked);
        let answer = FarReply { asked, connection: Some(self.connection.clone()), open };
        // Who waits for what can begin only after it: that is known here, where the routes are.
        let own = self.host.services.find(message).filter(|found| waits && found.plugin == self.host.name);
        let refusal = own.and_then(|found| match found.place {
            Place::MainThread if on_main => Some(words::waits_for_itself(&found.cmd)),
            _ if full.chunks_exact(4).any(|index| *index == found.index.to_le_bytes()) => {
                Some(words::waits_for_its_own_place(&found.cmd))
            }
            _ => None,
        });
        match refusal {
            Some(sentence) => answer.send(Status::ERROR, sentence.as_bytes()),
            None => self.host.services.call(self.caller.clone(), message, waits, ReplyHandle::of(answer)),
        }
        Ok(())
    }

    fn listen(&self, listener: u64, event: &str) {
        let connection = self.connection.clone();
        let name = Arc::clone(&self.host.name);
        let what = event.to_owned();
        let hear = Listener::of(move |payload| {
            let frame = ToChild::Heard { listener, payload: payload.to_owned() };
            if !connection.send_bounded(frame, payload.len()) {
                tracing::debug!("{}", words::event_lost_on_the_way(&name, &what));
            }
        });
        match self.host.listen(event, hear) {
            Ok(number) => drop(self.listeners().insert(listener, number)),
            // The same was asked in its process, and granted; the two do not count alike at the very edge.
            Err(reason) => tracing::warn!(plugin = &*self.host.name, "{reason}"),
        }
    }

    fn listeners(&self) -> MutexGuard<'_, HashMap<u64, u64>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Incarnation {
    fn drop(&mut self) {
        // The process has ended: it hears nothing any more.
        self.host.end(None);
    }
}

/// Gives the one answer to the process that asked.
struct FarReply {
    asked: u64,
    connection: Option<Connection>,
    open: Arc<AtomicUsize>,
}

impl FarReply {
    fn answer(&mut self, answer: Answer) {
        let Some(connection) = self.connection.take() else { return };
        self.open.fetch_sub(1, Ordering::AcqRel);
        let bytes = match &answer {
            Answer::Value(bytes) | Answer::Bytes(bytes) => bytes.len(),
            Answer::Error(text) => text.len(),
        };
        if !connection.send_bounded(ToChild::Answer { asked: self.asked, answer }, bytes) {
            // One that reads nothing is ended because of what it does not hear of; one that reads hears this.
            let answer = Answer::Error(words::no_room_for_the_answer(bytes));
            let _ = connection.send_bounded(ToChild::Answer { asked: self.asked, answer }, 0);
        }
    }
}

impl ReplySide for FarReply {
    type Call = NoCall;

    fn call(&self) -> Arc<NoCall> {
        Arc::new(NoCall)
    }

    fn send(mut self, status: Status, bytes: &[u8]) {
        self.answer(Answer::of(status, bytes));
    }

    fn on_panic() {
        tracing::error!("{}", words::host_panicked());
    }
}

impl Drop for FarReply {
    fn drop(&mut self) {
        self.answer(Answer::Error(words::stopping()));
    }
}
