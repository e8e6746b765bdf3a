//! The one answer to one call.
//!
//! A [`Replier`] is consumed by answering; dropped, it answers with an error. So every call has exactly one
//! reply, whatever happens to it on its way.

use std::sync::Arc;

use crossbeam_channel::Receiver;
use serde::de::IgnoredAny;

use crate::plugin::calls::Lease;
use crate::words;

/// What a call is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The command's value as JSON text: valid, unless the sink said that it [reads it alone](ReplySink::reads_alone).
    Value(Box<str>),
    /// Why there is none, as a sentence.
    Error(String),
}

/// Where replies go. Called exactly once for each call, on the thread that answers; it must not wait.
pub trait ReplySink: Send + Sync {
    /// Takes the reply to the call that the sink's owner knows as `call`.
    fn deliver(&self, call: u64, reply: Reply);

    /// Whether a value of so many bytes is parsed by itself where it goes, so that text that is not JSON spoils no
    /// other reply. Then it is not parsed here a first time.
    fn reads_alone(&self, bytes: usize) -> bool {
        let _ = bytes;
        false
    }
}

/// Whose command is called.
enum Owner {
    /// Not known yet, or the host itself.
    Host,
    /// A plugin; its call in flight ends with the delivery.
    Plugin(Lease),
    /// The application that embeds the host.
    App,
}

/// The right and the duty to answer one call.
pub struct Replier {
    sink: Option<Arc<dyn ReplySink>>,
    call: u64,
    cmd: String,
    owner: Owner,
}

impl Replier {
    /// A replier for the call that `sink` knows as `call`.
    pub fn new(sink: Arc<dyn ReplySink>, call: u64) -> Self {
        Self { sink: Some(sink), call, cmd: String::new(), owner: Owner::Host }
    }

    /// A replier whose one reply arrives at the receiver.
    pub fn channel() -> (Self, Receiver<Reply>) {
        let (sender, receiver) = crossbeam_channel::bounded(1);
        (Self::new(Arc::new(ChannelSink(sender)), 0), receiver)
    }

    /// Notes what is called, for the sentences of errors.
    pub(crate) fn names(&mut self, cmd: &str) {
        cmd.clone_into(&mut self.cmd);
    }

    /// Notes that it is a plugin's command, and the call in flight that ends with the reply.
    pub(crate) fn belongs_to(&mut self, lease: Lease) {
        self.owner = Owner::Plugin(lease);
    }

    /// Notes that it is a command of the application's.
    pub(crate) fn belongs_to_app(&mut self) {
        self.owner = Owner::App;
    }

    /// Answers with JSON text of a plugin's. Text that is not JSON is answered as that plugin's error.
    pub fn json(self, text: Vec<u8>) {
        let alone = self.sink.as_ref().is_some_and(|sink| sink.reads_alone(text.len()));
        let checked = match String::from_utf8(text) {
            Ok(text) if alone => Ok(text),
            Ok(text) => match serde_json::from_str::<IgnoredAny>(&text) {
                Ok(_) => Ok(text),
                Err(error) => Err(error.to_string()),
            },
            Err(error) => Err(error.to_string()),
        };
        match checked {
            Ok(text) => self.deliver(Reply::Value(text.into_boxed_str())),
            Err(detail) => {
                let text = words::reply_not_json(self.plugin_name(), &self.cmd, &detail);
                self.deliver(Reply::Error(text));
            }
        }
    }

    /// Answers with an error. One of more than 16 KB is shortened: it is a sentence for people.
    pub fn error(self, text: String) {
        self.deliver(Reply::Error(words::bounded(text)));
    }

    /// Answers that the plugin panicked.
    pub(crate) fn panicked(self, what: &str) {
        let text = words::panicked(self.plugin_name(), &self.cmd, what);
        self.error(text);
    }

    /// Whose command it is, once that is known.
    pub(crate) fn plugin(&self) -> Option<&str> {
        match &self.owner {
            Owner::Host => None,
            Owner::Plugin(lease) => Some(lease.plugin()),
            Owner::App => Some("app"),
        }
    }

    fn plugin_name(&self) -> &str {
        self.plugin().unwrap_or("host")
    }

    fn deliver(mut self, reply: Reply) {
        if let Some(sink) = self.sink.take() {
            sink.deliver(self.call, reply);
        }
    }
}

impl Drop for Replier {
    fn drop(&mut self) {
        if let Some(sink) = self.sink.take() {
            let text = match &self.owner {
                Owner::Plugin(lease) if lease.is_left_behind() => words::stopping(),
                Owner::Host => words::call_dropped(&self.cmd),
                Owner::Plugin(_) | Owner::App => words::reply_dropped(self.plugin_name(), &self.cmd),
            };
            sink.deliver(self.call, Reply::Error(text));
        }
    }
}

struct ChannelSink(crossbeam_channel::Sender<Reply>);

impl ReplySink for ChannelSink {
    fn deliver(&self, _call: u64, reply: Reply) {
        // The one who asked may have left; then nobody misses the reply.
        let _ = self.0.try_send(reply);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replier_that_is_dropped_answers_with_an_error_that_names_the_command() {
        let (mut replier, receiver) = Replier::channel();
        replier.names("doSomething");
        let calls = Arc::new(crate::plugin::calls::Calls::of("hello".into()));
        replier.belongs_to(calls.begin().unwrap());
        drop(replier);
        assert_eq!(
            receiver.try_iter().collect::<Vec<_>>(),
            [Reply::Error("plugin `hello` gave no answer to `doSomething`".into())]
        );
    }

    #[test]
    fn one_that_is_dropped_because_the_host_closes_says_so() {
        let (mut replier, receiver) = Replier::channel();
        let calls = Arc::new(crate::plugin::calls::Calls::of("hello".into()));
        replier.belongs_to(calls.begin().unwrap());
        calls.hurry();
        drop(replier);
        assert_eq!(receiver.recv(), Ok(Reply::Error("the host is closing".into())));
    }

    #[test]
    fn a_sink_that_reads_values_alone_gets_them_unread_and_never_other_than_text() {
        struct Alone(crossbeam_channel::Sender<Reply>);
        impl ReplySink for Alone {
            fn deliver(&self, _call: u64, reply: Reply) {
                self.0.send(reply).unwrap();
            }

            fn reads_alone(&self, bytes: usize) -> bool {
                bytes > 2
            }
        }
        let (sender, receiver) = crossbeam_channel::unbounded();
        let sink: Arc<dyn ReplySink> = Arc::new(Alone(sender));
        let reply = |bytes: &[u8]| {
            Replier::new(Arc::clone(&sink), 0).json(bytes.to_vec());
            receiver.recv().unwrap()
        };
        assert_eq!(reply(b"{{{"), Reply::Value("{{{".into()));
        assert!(matches!(reply(b"{{"), Reply::Error(_)));
        assert!(matches!(reply(b"\xff\xff\xff"), Reply::Error(_)));
    }

    #[test]
    fn text_that_is_not_json_is_answered_as_an_error() {
        for bad in [&b"{"[..], b"", b"\xff", b"1 2", b"NaN"] {
            let (replier, receiver) = Replier::channel();
            replier.json(bad.to_vec());
            let replies: Vec<_> = receiver.try_iter().collect();
            assert!(matches!(&replies[..], [Reply::Error(text)] if text.contains("not JSON")), "{replies:?}");
        }
    }
}
