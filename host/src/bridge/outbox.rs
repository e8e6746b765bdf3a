//! Replies on their way to the page: gathered until the main thread delivers them, for one page session.
//!
//! A reply to another session is dropped here. Small values travel in the script, as data; large ones wait to be
//! fetched, once.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plugin_host_runtime::UnderWay;

use crate::words;

/// The page fetches values above this many bytes: WebKitGTK keeps the memory of larger scripts.
pub(super) const LARGE: usize = 64 * 1024;

/// Replies that wait hold at most this many bytes: four of the longest messages there and back.
const MOST_HELD: usize = 512 * 1024 * 1024;

/// Statuses of a reply, as `bridge.js` knows them.
pub(super) const VALUE: u8 = 0;
pub(super) const ERROR: u8 = 1;
const FETCH: u8 = 2;
pub(super) const INVOKE_ERROR: u8 = 3;
const EVENT: u8 = 4;
pub(super) const FETCH_BYTES: u8 = 5;
pub(super) const PROGRESS: u8 = 6;
pub(super) const ITEM: u8 = 7;
const FETCH_ITEM: u8 = 8;
pub(super) const FETCH_BYTES_ITEM: u8 = 9;

/// Replies that are ready, for the present page session.
pub struct Outbox {
    wake: Box<dyn Fn() + Send + Sync>,
    most_held: usize,
    /// The number of the present session; the same as in the state, for those who only want to know that.
    session: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    session: u64,
    token: String,
    /// Whether its page is told of events.
    hears_events: bool,
    ready: Vec<Ready>,
    large: HashMap<u64, Large>,
    /// The calls that the page may cancel, or that want to know when it is left.
    watched: HashMap<u64, Arc<dyn UnderWay>>,
    /// Where the last progress of a call stands among those that are ready.
    progress: HashMap<u64, usize>,
    next_large: u64,
    held: usize,
}

/// A value that the page fetches.
#[derive(Debug, PartialEq, Eq)]
pub enum Large {
    /// JSON text.
    Json(Box<str>),
    /// What a command has returned or sent as such.
    Bytes(Box<[u8]>),
}

impl Large {
    fn len(&self) -> usize {
        match self {
            Self::Json(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

struct Ready {
    id: u64,
    status: u8,
    /// JSON text.
    value: Box<str>,
}

impl Outbox {
    /// An outbox that calls `wake` when a reply is ready and none was before.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            wake: Box::new(wake),
            most_held: MOST_HELD,
            session: AtomicU64::new(0),
            state: Mutex::default(),
        }
    }

    /// Begins a page session, cancels the calls of the one before and forgets the replies to it. Returns its number.
    pub fn start_session(&self, token: &str, hears_events: bool) -> u64 {
        let mut state = self.lock();
        let session = state.session + 1;
        self.session.store(session, Ordering::Release);
        let left = std::mem::replace(
            &mut *state,
            State { session, token: token.to_owned(), hears_events, ..State::default() },
        );
        drop(state);
        left.watched.into_values().for_each(|under_way| under_way.cancel());
        session
    }

    /// Ends the present session: what is in the window now is to hear nothing.
    pub fn end_session(&self) {
        self.start_session("", false);
    }

    /// Whether this is the session of the page that is open.
    pub(super) fn is_present(&self, session: u64) -> bool {
        self.session.load(Ordering::Acquire) == session
    }

    /// Takes note of a call of this session. One of another session is cancelled.
    pub(super) fn watch(&self, session: u64, call: u64, under_way: &Arc<dyn UnderWay>) {
        let mut state = self.lock();
        if state.session == session {
            state.watched.insert(call, Arc::clone(under_way));
        } else {
            drop(state);
            under_way.cancel();
        }
    }

    /// Nobody waits for this call any more.
    pub fn cancel(&self, call: u64) {
        let under_way = self.lock().watched.remove(&call);
        if let Some(under_way) = under_way {
            under_way.cancel();
        }
    }

    /// The page has taken so many values of this call.
    pub fn taken(&self, call: u64, count: usize) {
        let under_way = self.lock().watched.get(&call).cloned();
        if let Some(under_way) = under_way {
            under_way.acknowledge(count);
        }
    }

    /// Nobody wants this large value.
    pub fn discard(&self, number: u64) {
        let mut state = self.lock();
        if let Some(value) = state.large.remove(&number) {
            state.held = state.held.saturating_sub(value.len());
        }
    }

    /// Sends an event to the page that is open. `payload` is JSON text.
    pub fn push_event(&self, event: &str, payload: &str) {
        let (session, hears) = {
            let state = self.lock();
            (state.session, state.hears_events)
        };
        // Before the first page there is nobody to hear it, and the page that comes asks for the state by itself.
        if hears {
            let value = format!("{{\"type\":{},\"payload\":{payload}}}", json_text(event));
            self.push(session, 0, EVENT, value.into());
        }
    }

    /// Whether there was room for it.
    pub(super) fn push(&self, session: u64, id: u64, status: u8, value: Box<str>) -> bool {
        self.put(session, id, status, Large::Json(value))
    }

    pub(super) fn put(&self, session: u64, id: u64, mut status: u8, mut value: Large) -> bool {
        let mut state = self.lock();
        if state.session != session {
            return true;
        }
        let ends = matches!(status, VALUE | ERROR | FETCH_BYTES);
        if ends {
            state.watched.remove(&id);
        }
        if state.held + value.len() > self.most_held {
            if !ends {
                if status == EVENT {
                    tracing::warn!("{}", words::event_dropped());
                }
                return false;
            }
            (status, value) = (ERROR, Large::Json(json_text(&words::too_many_replies(self.most_held))));
        }
        state.held += value.len();
        let fetched = match status {
            VALUE => FETCH,
            ITEM => FETCH_ITEM,
            other => other,
        };
        let value = match value {
            Large::Json(text) if text.len() <= LARGE || fetched == status => text,
            value => {
                let number = state.next_large;
                state.next_large += 1;
                state.large.insert(number, value);
                status = fetched;
                number.to_string().into()
            }
        };
        if status == PROGRESS
            && let Some(place) = state.progress.get(&id).copied()
        {
            // Nobody has seen the one before, and nobody needs to.
            let before = std::mem::replace(&mut state.ready[place].value, value);
            state.held = state.held.saturating_sub(before.len());
            return true;
        }
        if status == PROGRESS {
            let place = state.ready.len();
            state.progress.insert(id, place);
        }
        state.ready.push(Ready { id, status, value });
        let first = state.ready.len() == 1;
        drop(state);
        if first {
            (self.wake)();
        }
        true
    }

    /// The scripts that deliver what is ready; each carries about [`LARGE`] bytes.
    pub fn take_scripts(&self) -> Vec<String> {
        let (ready, token) = {
            let mut state = self.lock();
            let ready = std::mem::take(&mut state.ready);
            state.progress.clear();
            let fetched =
                |one: &Ready| matches!(one.status, FETCH | FETCH_BYTES | FETCH_ITEM | FETCH_BYTES_ITEM);
            let carried: usize = ready.iter().filter(|one| !fetched(one)).map(|one| one.value.len()).sum();
            state.held = state.held.saturating_sub(carried);
            (ready, state.token.clone())
        };
        let mut scripts = Vec::new();
        let mut array = String::new();
        for one in ready {
            array.push(if array.is_empty() { '[' } else { ',' });
            // Writing into a string cannot fail.
            let _ = write!(array, "{},{},{}", one.id, one.status, one.value);
            if array.len() > LARGE {
                scripts.push(script(&token, std::mem::take(&mut array)));
            }
        }
        if !array.is_empty() {
            scripts.push(script(&token, array));
        }
        scripts
    }

    /// Hands out the large value called `number`, once, to the page session that `token` names.
    pub fn take_large(&self, token: &str, number: u64) -> Option<Large> {
        let mut state = self.lock();
        if state.token != token {
            return None;
        }
        let value = state.large.remove(&number)?;
        state.held = state.held.saturating_sub(value.len());
        Some(value)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The array travels as a string for `JSON.parse`; JSON's string literals are JavaScript's as well.
fn script(token: &str, mut array: String) -> String {
    array.push(']');
    format!("__PLUGIN_HOST_DELIVER__({},{})", json_text(token), json_text(&array))
}

pub(super) fn json_text(text: &str) -> Box<str> {
    serde_json::Value::from(text).to_string().into()
}

#[cfg(test)]
mod tests;
