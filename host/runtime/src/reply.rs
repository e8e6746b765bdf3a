//! The one answer to one call.
//!
//! A [`Replier`] is consumed by answering; dropped, it answers with an error. So every call has exactly one
//! reply, whatever happens to it on its way. One that is settled earlier, as when its time is over, says nothing.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crossbeam_channel::Receiver;
use serde::de::IgnoredAny;

use crate::attached::Attached;
use crate::control::Control;
use crate::ledger::{Entry, Outcome};
use crate::plugin::calls::Lease;
use crate::sink::{Reply, ReplySink, UnderWay};
use crate::words;

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
    attached: Option<Arc<Attached>>,
    /// Where the call stands in the books.
    entry: Option<Arc<Entry>>,
    /// Made for a call that can be settled early or that tells more than a reply.
    control: OnceLock<Arc<Control>>,
}

impl Replier {
    /// A replier for the call that `sink` knows as `call`.
    pub fn new(sink: Arc<dyn ReplySink>, call: u64) -> Self {
        Self {
            sink: Some(sink),
            call,
            cmd: String::new(),
            owner: Owner::Host,
            attached: None,
            entry: None,
            control: OnceLock::new(),
        }
    }

    /// A replier whose one reply arrives at the receiver.
    pub fn channel() -> (Self, Receiver<Reply>) {
        let (sender, receiver) = crossbeam_channel::bounded(1);
        (Self::new(Arc::new(ChannelSink(sender)), 0), receiver)
    }

    /// The same, with bytes that came along with the message.
    pub fn carrying(mut self, attached: Attached) -> Self {
        self.attached = Some(Arc::new(attached));
        self
    }

    /// How many bytes came along with the message.
    pub(crate) fn carried_bytes(&self) -> usize {
        self.attached.as_ref().map_or(0, |attached| attached.len())
    }

    /// What the call shares with those who wait for it.
    pub(crate) fn control(&self) -> Arc<Control> {
        let control = self.control.get_or_init(|| {
            let sink: Arc<dyn ReplySink> = match &self.sink {
                Some(sink) => Arc::clone(sink),
                // It has been answered; nobody is interested any more.
                None => Arc::new(Nobody),
            };
            let control = Control::new(sink, self.call, self.attached.clone());
            if let (Owner::Plugin(lease), Some(entry)) = (&self.owner, &self.entry) {
                control.belongs_to(lease, entry);
            }
            if let Some(sink) = &self.sink {
                sink.watched(self.call, &(Arc::clone(&control) as Arc<dyn UnderWay>));
            }
            control
        });
        Arc::clone(control)
    }

    /// What to say when the command takes longer than it may.
    pub(crate) fn deadline_sentence(&self, limit: Duration) -> String {
        words::deadline(self.plugin_name(), &self.cmd, limit)
    }

    /// Has the call followed from now on, wherever it is on its way: its sink hears of it by [`ReplySink::watched`].
    pub fn follow(&self) -> Arc<dyn UnderWay> {
        self.control()
    }

    /// The control, where there is one.
    pub(crate) fn has_control(&self) -> Option<&Arc<Control>> {
        self.control.get()
    }

    /// What is called, as the message says.
    pub(crate) fn cmd(&self) -> &str {
        &self.cmd
    }

    /// What came along with the message.
    pub(crate) fn attached(&self) -> Option<&Attached> {
        self.attached.as_deref()
    }

    /// The plugin gets the call now.
    pub(crate) fn begins(&self) {
        if let Some(control) = self.control.get() {
            control.begin();
        }
    }

    /// Whether there is no sense in running the call: it is settled, or nobody waits for it.
    pub(crate) fn is_idle(&self) -> bool {
        let settled = self.control.get().is_some_and(|control| control.is_settled());
        settled || !self.sink.as_ref().is_some_and(|sink| sink.is_wanted(self.call))
    }

    /// Notes what is called, for the sentences of errors.
    pub(crate) fn names(&mut self, cmd: &str) {
        cmd.clone_into(&mut self.cmd);
    }

    /// Notes that it is a plugin's command, the call in flight that ends with the reply, and where it stands in the books.
    pub(crate) fn belongs_to(&mut self, lease: Lease, entry: Arc<Entry>) {
        if let Some(control) = self.control.get() {
            control.belongs_to(&lease, &entry);
        }
        self.owner = Owner::Plugin(lease);
        self.entry = Some(entry);
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
            Ok(text) => self.deliver(Reply::Value(text.into_boxed_str()), Outcome::Ok),
            Err(detail) => {
                let text = words::reply_not_json(self.plugin_name(), &self.cmd, &detail);
                self.deliver(Reply::Error(text), Outcome::Error);
            }
        }
    }

    /// Answers with bytes.
    pub fn bytes(self, bytes: Vec<u8>) {
        self.deliver(Reply::Bytes(bytes.into_boxed_slice()), Outcome::Ok);
    }

    /// Answers with an error. One of more than 16 KB is shortened: it is a sentence for people.
    pub fn error(self, text: String) {
        self.fail(text, Outcome::Error);
    }

    /// Answers with an error, and notes how the call ended.
    pub(crate) fn fail(self, text: String, outcome: Outcome) {
        self.deliver(Reply::Error(words::bounded(text)), outcome);
    }

    /// Answers a call that nobody waits for any more.
    pub(crate) fn unwanted(self) {
        self.fail(words::nobody_waits(), Outcome::Cancelled);
    }

    /// Answers that the plugin panicked.
    pub(crate) fn panicked(self, what: &str) {
        let text = words::panicked(self.plugin_name(), &self.cmd, what);
        self.fail(text, Outcome::Panic);
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

    fn deliver(mut self, reply: Reply, outcome: Outcome) {
        self.settle(|_| reply, outcome);
    }

    fn settle(&mut self, reply: impl FnOnce(&Self) -> Reply, outcome: Outcome) {
        let Some(sink) = self.sink.take() else { return };
        match self.control.get() {
            Some(control) if !control.settle() => {
                control.has_returned();
                sink.returned(self.call);
            }
            _ => {
                if let Some(entry) = &self.entry {
                    entry.settle(outcome);
                }
                sink.settled(self.call, reply(self), outcome);
            }
        }
    }
}

impl Drop for Replier {
    fn drop(&mut self) {
        let sentence = |this: &Self| {
            Reply::Error(match &this.owner {
                Owner::Plugin(lease) if lease.is_left_behind() => words::stopping(),
                Owner::Host => words::call_dropped(&this.cmd),
                Owner::Plugin(_) | Owner::App => words::reply_dropped(this.plugin_name(), &this.cmd),
            })
        };
        self.settle(sentence, Outcome::Lost);
    }
}

struct Nobody;

impl ReplySink for Nobody {
    fn deliver(&self, _call: u64, _reply: Reply) {}
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
    use crate::ledger::Ledger;
    use crate::plugin::calls::Here;

    fn entry() -> Arc<Entry> {
        Ledger::default().plugin(&"hello".into()).command("doSomething").enter()
    }

    #[test]
    fn a_replier_that_is_dropped_answers_with_an_error_that_names_the_command() {
        let (mut replier, receiver) = Replier::channel();
        replier.names("doSomething");
        let calls = Arc::new(crate::plugin::calls::Calls::of("hello".into(), Here));
        replier.belongs_to(calls.begin().unwrap(), entry());
        drop(replier);
        assert_eq!(
            receiver.try_iter().collect::<Vec<_>>(),
            [Reply::Error("plugin `hello` gave no answer to `doSomething`".into())]
        );
    }

    #[test]
    fn one_that_is_dropped_because_the_host_closes_says_so() {
        let (mut replier, receiver) = Replier::channel();
        let calls = Arc::new(crate::plugin::calls::Calls::of("hello".into(), Here));
        replier.belongs_to(calls.begin().unwrap(), entry());
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
