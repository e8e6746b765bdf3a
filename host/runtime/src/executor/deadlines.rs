//! Tells calls that their time is over, and asks those that were settled so whether they have returned, on one thread for all
//! of them, which begins with the first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Mutex, PoisonError, Weak};
use std::thread;
use std::time::Instant;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use crate::control::Control;
use crate::plugin::calls::Hurry;
use crate::words;

/// Watches the clock for calls. The thread ends with it.
#[derive(Default)]
pub struct Deadlines(Mutex<Option<Sender<Due>>>);

struct Due {
    at: Instant,
    what: What,
}

enum What {
    /// Its time is over, with this sentence.
    Expire(Weak<Control>, String),
    /// It was settled some time ago.
    LookWhetherStuck(Weak<dyn Hurry>),
}

impl What {
    /// Whether the call is over, so that nothing is left to do.
    fn is_over(&self) -> bool {
        match self {
            Self::Expire(call, _) => call.strong_count() == 0,
            Self::LookWhetherStuck(call) => call.strong_count() == 0,
        }
    }

    fn act(self) {
        match self {
            Self::Expire(call, sentence) => drop(call.upgrade().map(|call| call.expire(sentence))),
            Self::LookWhetherStuck(call) => drop(call.upgrade().map(|call| call.look_whether_stuck())),
        }
    }
}

impl Deadlines {
    /// Has the call be answered with `sentence` at `at`, unless it is settled by then.
    pub fn set(&self, at: Instant, control: Weak<Control>, sentence: String) {
        self.send(Due { at, what: What::Expire(control, sentence) });
    }

    /// Has a call that is settled be asked at `at` whether it has returned.
    pub fn look_whether_stuck(&self, at: Instant, call: Weak<dyn Hurry>) {
        self.send(Due { at, what: What::LookWhetherStuck(call) });
    }

    fn send(&self, due: Due) {
        let mut sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sender.is_none() {
            // Unbounded, yet bounded: by the calls in flight, and the thread does nothing but read.
            let (begun, receiver) = crossbeam_channel::unbounded();
            let thread = thread::Builder::new().name("deadlines".to_owned());
            match thread.spawn(move || watch(&receiver)) {
                Ok(_) => *sender = Some(begun),
                // This call takes as long as it takes; the next one tries again.
                Err(error) => tracing::warn!("{}", words::no_deadlines(&error.to_string())),
            }
        }
        if let Some(sender) = &*sender {
            let _ = sender.send(due);
        }
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at.cmp(&other.at)
    }
}

fn watch(coming: &Receiver<Due>) {
    let mut due: BinaryHeap<Reverse<Due>> = BinaryHeap::new();
    let mut look_at = 1024;
    loop {
        let next = due.peek().map(|Reverse(first)| first.at);
        let received = match next {
            None => coming.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(at) => coming.recv_deadline(at),
        };
        match received {
            Ok(one) => due.push(Reverse(one)),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                if let Some(Reverse(Due { what, .. })) = due.pop() {
                    what.act();
                }
            }
        }
        // Most calls are over long before their deadline.
        if due.len() >= look_at {
            due.retain(|Reverse(one)| !one.what.is_over());
            look_at = (due.len() * 2).max(1024);
        }
    }
}
