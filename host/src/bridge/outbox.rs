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
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use plugin_host_runtime::{Partial, Replier, Reply, ReplySink, Taken};

    use super::super::sinks::PromiseSink;
    use super::*;

    fn outbox() -> (Arc<Outbox>, Arc<AtomicUsize>) {
        let wakes = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&wakes);
        let outbox = Outbox::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        (Arc::new(outbox), wakes)
    }

    fn value(json: &str) -> Reply {
        Reply::Value(json.into())
    }

    #[test]
    fn replies_of_one_turn_travel_in_one_script_and_wake_once() {
        let (outbox, wakes) = outbox();
        let session = outbox.start_session("7", true);
        let sink = PromiseSink::new(Arc::clone(&outbox), session);
        sink.deliver(1, value(r#"{"a":"\u2028"}"#));
        sink.deliver(2, Reply::Error("no \"luck\"".into()));
        assert_eq!(wakes.load(Ordering::Relaxed), 1);
        assert_eq!(
            outbox.take_scripts(),
            [r#"__PLUGIN_HOST_DELIVER__("7","[1,0,{\"a\":\"\\u2028\"},2,1,\"no \\\"luck\\\"\"]")"#]
        );
        assert!(outbox.take_scripts().is_empty());
        sink.deliver(3, value("1"));
        assert_eq!(wakes.load(Ordering::Relaxed), 2, "the next one wakes again");
    }

    #[test]
    fn a_reply_to_a_page_that_was_left_is_dropped() {
        let (outbox, wakes) = outbox();
        let old = PromiseSink::new(Arc::clone(&outbox), outbox.start_session("1", true));
        old.deliver(1, value("1"));
        outbox.start_session("2", true);
        old.deliver(2, value("2"));
        assert!(outbox.take_scripts().is_empty());
        assert_eq!(wakes.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_large_value_is_fetched_once_and_by_its_session_only() {
        let (outbox, _) = outbox();
        let sink = PromiseSink::new(Arc::clone(&outbox), outbox.start_session("1", true));
        let large = format!("\"{}\"", "x".repeat(LARGE));
        sink.deliver(1, value(&large));
        assert_eq!(outbox.take_scripts(), [r#"__PLUGIN_HOST_DELIVER__("1","[1,2,0]")"#]);
        assert_eq!(outbox.take_large("2", 0), None);
        assert_eq!(outbox.take_large("1", 0), Some(Large::Json(large.into())));
        assert_eq!(outbox.take_large("1", 0), None);
    }

    #[test]
    fn a_reply_that_does_not_fit_is_an_error_and_there_is_room_again_after_a_delivery() {
        let outbox = Arc::new(Outbox { most_held: 300, ..Outbox::new(|| {}) });
        let sink = PromiseSink::new(Arc::clone(&outbox), outbox.start_session("1", true));
        let text = format!("\"{}\"", "x".repeat(250));
        sink.deliver(1, value(&text));
        sink.deliver(2, value(&text));
        let scripts = outbox.take_scripts();
        assert!(scripts[0].contains("[1,0,") && scripts[0].contains("2,1,"), "{scripts:?}");
        assert!(scripts[0].contains("the reply does not fit"), "{scripts:?}");
        sink.deliver(3, value(&text));
        assert!(outbox.take_scripts()[0].contains("[3,0,"));
    }

    #[test]
    fn of_the_progress_that_nobody_has_seen_the_last_is_told_and_the_rest_stays_in_order() {
        let (outbox, _) = outbox();
        let sink = PromiseSink::new(Arc::clone(&outbox), outbox.start_session("1", true));
        let tell =
            |call, partial: fn(Box<str>) -> Partial, json: &str| sink.partial(call, partial(json.into()));
        tell(1, Partial::Progress, "1");
        tell(2, Partial::Progress, "5");
        tell(1, Partial::Value, "\"a\"");
        tell(1, Partial::Progress, "2");
        tell(1, Partial::Value, "\"b\"");
        sink.deliver(1, value("7"));
        let script = &outbox.take_scripts()[0];
        assert!(script.contains("[1,6,2,2,6,5,1,7,\\\"a\\\",1,7,\\\"b\\\",1,0,7]"), "{script}");
        tell(2, Partial::Progress, "6");
        assert!(outbox.take_scripts()[0].contains("[2,6,6]"));
    }

    #[test]
    fn bytes_are_fetched_or_discarded_and_the_room_comes_back() {
        let outbox = Arc::new(Outbox { most_held: 300, ..Outbox::new(|| {}) });
        let sink = PromiseSink::new(Arc::clone(&outbox), outbox.start_session("1", true));
        for round in 0..10 {
            sink.deliver(round, Reply::Bytes(vec![7; 200].into()));
            assert!(outbox.take_scripts()[0].contains(&format!("[{round},5,{round}]")));
            if round % 2 == 0 {
                outbox.discard(round);
                assert_eq!(outbox.take_large("1", round), None);
            } else {
                assert_eq!(outbox.take_large("1", round), Some(Large::Bytes(vec![7; 200].into())));
            }
        }
        assert_eq!(sink.partial(1, Partial::Value("1".repeat(400).into())), Taken::NoRoom);
    }

    #[test]
    fn a_value_of_bytes_is_fetched_however_small_it_is_and_counts_until_then() {
        let outbox = Arc::new(Outbox { most_held: 300, ..Outbox::new(|| {}) });
        let sink = PromiseSink::new(Arc::clone(&outbox), outbox.start_session("1", true));
        let send = |bytes: &[u8]| sink.partial(3, Partial::Bytes(bytes.into()));
        assert_eq!((send(&[1, 2]), send(&[])), (Taken::Later, Taken::Later));
        sink.deliver(3, value("null"));
        assert!(
            outbox.take_scripts()[0].contains("[3,9,0,3,9,1,3,0,null]"),
            "in their order, before the reply"
        );
        assert_eq!(outbox.take_large("1", 0), Some(Large::Bytes([1, 2].into())));
        assert_eq!(outbox.take_large("1", 0), None);
        assert_eq!(outbox.take_large("1", 1), Some(Large::Bytes([].into())));
        assert_eq!(send(&[7; 200]), Taken::Later);
        outbox.take_scripts();
        assert_eq!(send(&[7; 200]), Taken::NoRoom, "what was told of has not been fetched");
        outbox.discard(2);
        assert_eq!(send(&[7; 200]), Taken::Later);
        assert_eq!(outbox.lock().held, 200);
    }

    #[test]
    fn a_call_is_cancelled_once_by_its_page_and_all_of_them_when_it_is_left() {
        let (outbox, _) = outbox();
        let sink: Arc<dyn ReplySink> =
            Arc::new(PromiseSink::new(Arc::clone(&outbox), outbox.start_session("1", true)));
        let begin = |call| Replier::new(Arc::clone(&sink), call);
        let (first, second, third) = (begin(1), begin(2), begin(3));
        drop([first.follow(), second.follow(), third.follow()]);
        outbox.cancel(1);
        outbox.cancel(1);
        first.json(b"1".to_vec());
        second.json(b"2".to_vec());
        outbox.cancel(2);
        let scripts = outbox.take_scripts();
        assert_eq!(
            scripts,
            [r#"__PLUGIN_HOST_DELIVER__("1","[2,0,2]")"#],
            "only the one that was answered first"
        );
        outbox.start_session("2", true);
        assert!(!sink.is_wanted(4));
        let late = begin(4);
        drop(late.follow());
        drop((third, late));
        assert!(
            outbox.take_scripts().is_empty(),
            "neither the one that was open nor the one that comes too late"
        );
    }

    #[test]
    fn many_replies_are_spread_over_scripts_of_bounded_size() {
        let (outbox, _) = outbox();
        let sink = PromiseSink::new(Arc::clone(&outbox), outbox.start_session("1", true));
        for id in 0..10_000 {
            sink.deliver(id, value("{\"value\":5,\"message\":\"async response!\"}"));
        }
        let scripts = outbox.take_scripts();
        assert!(scripts.len() > 1 && scripts.iter().all(|script| script.len() < 2 * LARGE));
    }
}
