//! Where the replies to a page's calls go: into the outbox, for the page session that has called.

use std::sync::Arc;

use plugin_host_runtime::{Partial, Reply, ReplySink, Taken, UnderWay};

use super::outbox::{
    ERROR, FETCH_BYTES, FETCH_BYTES_ITEM, INVOKE_ERROR, ITEM, LARGE, Large, Outbox, PROGRESS, VALUE,
    json_text,
};
use crate::words;

/// Settles the promises of one page session.
pub struct PromiseSink {
    outbox: Arc<Outbox>,
    session: u64,
}

impl PromiseSink {
    pub fn new(outbox: Arc<Outbox>, session: u64) -> Self {
        Self { outbox, session }
    }
}

impl ReplySink for PromiseSink {
    fn deliver(&self, call: u64, reply: Reply) {
        match reply {
            Reply::Value(json) => self.outbox.push(self.session, call, VALUE, json),
            Reply::Bytes(bytes) => self.outbox.put(self.session, call, FETCH_BYTES, Large::Bytes(bytes)),
            Reply::Error(text) => self.outbox.push(self.session, call, ERROR, json_text(&text)),
        };
    }

    fn partial(&self, call: u64, partial: Partial) -> Taken {
        match partial {
            Partial::Progress(json) => {
                self.outbox.push(self.session, call, PROGRESS, json);
                Taken::Now
            }
            Partial::Value(json) => on_its_way(self.outbox.push(self.session, call, ITEM, json)),
            Partial::Bytes(bytes) => {
                on_its_way(self.outbox.put(self.session, call, FETCH_BYTES_ITEM, Large::Bytes(bytes)))
            }
        }
    }

    fn watched(&self, call: u64, under_way: &Arc<dyn UnderWay>) {
        self.outbox.watch(self.session, call, under_way);
    }

    fn is_wanted(&self, _call: u64) -> bool {
        self.outbox.is_present(self.session)
    }

    fn reads_alone(&self, bytes: usize) -> bool {
        bytes > LARGE
    }
}

fn on_its_way(there_was_room: bool) -> Taken {
    if there_was_room { Taken::Later } else { Taken::NoRoom }
}

/// Shows what went wrong with an `invoke` in the log and in the page's console.
pub struct InvokeSink {
    outbox: Arc<Outbox>,
    session: u64,
}

impl InvokeSink {
    pub fn new(outbox: Arc<Outbox>, session: u64) -> Self {
        Self { outbox, session }
    }
}

impl ReplySink for InvokeSink {
    fn deliver(&self, call: u64, reply: Reply) {
        if let Reply::Error(text) = reply {
            tracing::warn!("{}", words::invoke_failed(&text));
            self.outbox.push(self.session, call, INVOKE_ERROR, json_text(&text));
        }
    }

    fn reads_alone(&self, _bytes: usize) -> bool {
        // Nobody reads what an `invoke` returned.
        true
    }
}
