//! Messages from before the plugins are loaded: they wait, up to a bound.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::{Inner, lock};
use crate::message::Message;
use crate::reply::Replier;
use crate::words;

/// Messages that wait for the plugins to be loaded, at most; as for a plugin's workers.
const MOST_WAITING_FOR_LOADING: usize = 65_536;

/// Those that wait.
#[derive(Default)]
pub struct Waiting {
    pub messages: Vec<(Message, Replier)>,
    bytes: usize,
}

impl Inner {
    /// Keeps a message until the plugins are loaded. Gives it back when they are. Nothing is answered under the lock: whoever
    /// hears an answer may call again.
    pub(super) fn keep_waiting(&self, message: Message, replier: Replier) -> Option<(Message, Replier)> {
        let bytes = message.text().len() + replier.carried_bytes();
        let refusal = {
            let mut waiting = lock(&self.waiting);
            // The router is set before this lock is taken to empty the list, so nothing is left behind.
            if self.router.read().unwrap_or_else(PoisonError::into_inner).is_some() {
                return Some((message, replier));
            }
            let full = waiting.messages.len() >= MOST_WAITING_FOR_LOADING
                || (waiting.bytes + bytes > self.most_waiting_bytes && !waiting.messages.is_empty());
            if self.stopping.load(Ordering::Acquire) {
                words::stopping()
            } else if full {
                words::loading_busy()
            } else {
                waiting.bytes += bytes;
                waiting.messages.push((message, replier));
                return None;
            }
        };
        replier.error(refusal);
        None
    }
}
