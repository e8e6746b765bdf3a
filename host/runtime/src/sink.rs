//! Where replies go, and what comes back from there while a call is under way.

use std::sync::Arc;

use crate::ledger::Outcome;

/// What a call is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The command's value as JSON text: valid, unless the sink said that it [reads it alone](ReplySink::reads_alone).
    Value(Box<str>),
    /// The bytes that the command returned.
    Bytes(Box<[u8]>),
    /// Why there is none, as a sentence.
    Error(String),
}

/// What a command tells before its reply. Text is JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Partial {
    /// How far it has come. Of several that nobody has seen yet the last one counts.
    Progress(Box<str>),
    /// One of its values. None is left out, and their order is kept.
    Value(Box<str>),
    /// The same, where it is bytes.
    Bytes(Box<[u8]>),
}

impl Partial {
    /// How long it is.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Progress(json) | Self::Value(json) => json.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

/// What has become of a [`Partial`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Whoever gets it has it, or is not interested.
    Now,
    /// It is on its way; [`UnderWay::acknowledge`] tells when it has arrived.
    Later,
    /// It does not fit where it was to wait.
    NoRoom,
}

/// Where replies go. Called exactly once for each call, on the thread that answers; it must not wait.
pub trait ReplySink: Send + Sync {
    /// Takes the reply to the call that the sink's owner knows as `call`.
    fn deliver(&self, call: u64, reply: Reply);

    /// The same, with how the call ended.
    fn settled(&self, call: u64, reply: Reply, outcome: Outcome) {
        let _ = outcome;
        self.deliver(call, reply);
    }

    /// Hears that a call has come to its end that was settled before, without a reply or with an error: nobody heard its own.
    fn returned(&self, call: u64) {
        let _ = call;
    }

    /// Takes what is told before the reply, on the thread that tells; it must not wait.
    fn partial(&self, call: u64, partial: Partial) -> Taken {
        let _ = (call, partial);
        Taken::Now
    }

    /// Hears that a call wants to know when nobody waits for it any more.
    fn watched(&self, call: u64, under_way: &Arc<dyn UnderWay>) {
        let _ = (call, under_way);
    }

    /// Whether somebody waits for the reply to this call. One for which nobody waits is not begun.
    fn is_wanted(&self, call: u64) -> bool {
        let _ = call;
        true
    }

    /// Whether a value of so many bytes is parsed by itself where it goes, so that text that is not JSON spoils no
    /// other reply. Then it is not parsed here a first time.
    fn reads_alone(&self, bytes: usize) -> bool {
        let _ = bytes;
        false
    }
}

/// A call under way, as those see it who wait for its reply.
pub trait UnderWay: Send + Sync {
    /// Nobody waits any more: the page has settled the promise by itself, or was left. There will be no answer.
    fn cancel(&self);

    /// So many values have arrived.
    fn acknowledge(&self, count: usize);
}
