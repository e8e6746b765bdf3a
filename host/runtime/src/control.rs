//! What a call and those who wait for it share while it is under way: whether it is settled, whether anybody still waits, and
//! what goes to the page before the reply.
//!
//! Made only for calls that need it. The latch here is what keeps a call that is cancelled, or whose time is over, from being
//! answered a second time.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use plugin_api::abi::{CallSide, OwnedJob};
use serde::de::IgnoredAny;

use crate::attached::Attached;
use crate::ledger::{Entry, Outcome};
use crate::plugin::calls::{Calls, Hurry, Lease};
use crate::sink::{Partial, Reply, ReplySink, Taken, UnderWay};
use crate::words;

/// Values that a command may be ahead of its page. Enough that neither waits for the other at each one.
const MOST_UNDER_WAY: usize = 64;
/// And their bytes; one value may be longer. As many as the page gets in some sixty scripts.
const MOST_BYTES_UNDER_WAY: usize = 4 * 1024 * 1024;
/// How long after it was settled by others a call that runs has to return before it counts as stuck. Long against what it takes
/// to notice, short against what a person waits for.
pub const STUCK_AFTER: Duration = Duration::from_secs(1);

/// Who wants to know when a call is cancelled, at most.
const MOST_HOOKS: usize = 1024;

/// One call under way.
pub struct Control {
    sink: Arc<dyn ReplySink>,
    call: u64,
    attached: Option<Arc<Attached>>,
    /// The calls of the plugin that it belongs to, once that is known.
    calls: OnceLock<Arc<Calls>>,
    /// Where it stands in the books, once that is known.
    entry: OnceLock<Arc<Entry>>,
    /// Where it really runs, if that is elsewhere.
    elsewhere: OnceLock<Arc<dyn Elsewhere>>,
    me: Weak<Self>,
    /// Whether it was told that the call is stuck. Held while that is told, so that it is told in the order in which it happens.
    told_stuck: Mutex<bool>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    settled: bool,
    /// How, where that was not the plugin's doing.
    ended: Option<Outcome>,
    cancelled: bool,
    /// The plugin has it, and has not let go of it.
    begun: bool,
    returned: bool,
    /// Counted as one that does not return.
    stuck: bool,
    hooks: Vec<OwnedJob>,
    /// The lengths of the values that the page has not taken yet, the oldest first.
    under_way: VecDeque<usize>,
    bytes_under_way: usize,
}

/// A call that runs in another process.
pub trait Elsewhere: Send + Sync {
    /// Nobody waits for it any more.
    fn cancelled(&self);
    /// The page has taken so many of its values.
    fn taken(&self, count: usize);
}

impl Control {
    /// The control of the call that `sink` knows as `call`.
    pub(crate) fn new(sink: Arc<dyn ReplySink>, call: u64, attached: Option<Arc<Attached>>) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            sink,
            call,
            attached,
            calls: OnceLock::new(),
            entry: OnceLock::new(),
            elsewhere: OnceLock::new(),
            me: Weak::clone(me),
            told_stuck: Mutex::default(),
            state: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// The call turns out to be a plugin's; its command hears when it is to hurry.
    pub(crate) fn belongs_to(self: &Arc<Self>, lease: &Lease, entry: &Arc<Entry>) {
        // A call is one plugin's, and does not change hands.
        let _ = self.calls.set(lease.calls());
        let _ = self.entry.set(Arc::clone(entry));
        // Nobody may have waited for it any more before that was known.
        let ended = self.lock().ended;
        if let Some(outcome) = ended {
            entry.settle(outcome);
        }
        lease.watch(&(Arc::clone(self) as Arc<dyn Hurry>));
    }

    /// Takes the right to answer. Nobody else has it from now on; `false` where somebody had it before.
    pub fn settle(&self) -> bool {
        let mut state = self.lock();
        let first = !std::mem::replace(&mut state.settled, true);
        let hooks = std::mem::take(&mut state.hooks);
        drop(state);
        self.changed.notify_all();
        // Freed by the plugin's code, which may do anything.
        drop(hooks);
        first
    }

    /// The call's time is over: answers with `sentence`, unless it is settled.
    pub fn expire(&self, sentence: String) {
        self.fail(sentence, Outcome::TimedOut);
    }

    fn fail(&self, sentence: String, outcome: Outcome) {
        if self.end(Some(outcome)) {
            self.sink.settled(self.call, Reply::Error(sentence), outcome);
        }
    }

    /// The plugin gets the call now.
    pub(crate) fn begin(&self) {
        self.lock().begun = true;
    }

    /// The plugin has let go of the call, which others had settled before.
    pub(crate) fn has_returned(&self) {
        {
            let mut state = self.lock();
            (state.returned, state.stuck) = (true, false);
        }
        self.tell_whether_stuck();
    }

    fn tell_whether_stuck(&self) {
        // One that belongs to nobody yet has not begun either.
        let (Some(calls), Some(entry)) = (self.calls.get(), self.entry.get()) else { return };
        let mut told = self.told_stuck.lock().unwrap_or_else(PoisonError::into_inner);
        let is_stuck = self.lock().stuck;
        if std::mem::replace(&mut *told, is_stuck) != is_stuck {
            entry.note_stuck(is_stuck);
            calls.note_stuck(self.call, entry.account(), is_stuck);
        }
    }

    /// The call runs elsewhere, where somebody has to be told what is told here.
    pub(crate) fn runs_elsewhere(&self, elsewhere: Arc<dyn Elsewhere>) {
        // It is told once.
        let _ = self.elsewhere.set(elsewhere);
        if self.is_settled()
            && let Some(elsewhere) = self.elsewhere.get()
        {
            elsewhere.cancelled();
        }
    }

    /// Counts the call as stuck where it runs, or not any more.
    pub(crate) fn is_stuck_elsewhere(&self, is_stuck: bool) {
        {
            let mut state = self.lock();
            state.stuck = is_stuck && state.ended.is_some() && !state.returned;
        }
        self.tell_whether_stuck();
    }

    /// Passes on what the call tells from where it runs. There somebody waits for the page; who does not is not passed on for ever.
    pub(crate) fn pass_on(&self, partial: Partial) {
        let bytes = partial.bytes();
        if let Partial::Progress(value) | Partial::Value(value) = &partial
            && let Err(sentence) = check(value)
        {
            return self.fail(sentence, Outcome::Error);
        }
        if self.is_settled() {
            return;
        }
        if matches!(partial, Partial::Progress(_)) {
            self.sink.partial(self.call, partial);
            return;
        }
        let ahead = {
            let mut state = self.lock();
            state.under_way.push_back(bytes);
            state.bytes_under_way += bytes;
            let far = state.under_way.len() > 2 * MOST_UNDER_WAY
                || (state.bytes_under_way > 2 * MOST_BYTES_UNDER_WAY && state.under_way.len() > 1);
            far.then_some(state.under_way.len())
        };
        if let Some(values) = ahead {
            return self.fail(words::too_far_ahead(values), Outcome::Error);
        }
        match self.sink.partial(self.call, partial) {
            Taken::Now => self.acknowledge(1),
            Taken::Later => {}
            Taken::NoRoom => self.fail(words::no_room_for_value(bytes), Outcome::Error),
        }
    }

    /// Has it settled with this outcome, or only tells the command. Whether this settled it.
    fn end(&self, settles: Option<Outcome>) -> bool {
        let mut state = self.lock();
        if state.settled {
            return false;
        }
        (state.settled, state.ended) = (settles.is_some(), settles);
        state.cancelled = true;
        let hooks = std::mem::take(&mut state.hooks);
        drop(state);
        self.changed.notify_all();
        for hook in hooks {
            match self.calls.get() {
                Some(calls) => calls.run_aside(hook),
                None => hook.run(),
            }
        }
        let Some(outcome) = settles else { return false };
        if let Some(entry) = self.entry.get() {
            entry.settle(outcome);
        }
        if let Some(elsewhere) = self.elsewhere.get() {
            elsewhere.cancelled();
        } else if let Some(calls) = self.calls.get() {
            let me: Weak<Self> = Weak::clone(&self.me);
            calls.look_whether_stuck(me);
        }
        true
    }

    /// Whether the call is settled, so that there is no sense in running it.
    pub fn is_settled(&self) -> bool {
        self.lock().settled
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the page is near enough for a value of so many bytes.
    fn wait_for_room(&self, bytes: usize) -> Result<(), String> {
        let mut state = self.lock();
        loop {
            if state.cancelled || state.settled {
                return Err(words::nobody_waits());
            }
            let room = state.under_way.len() < MOST_UNDER_WAY
                && (state.bytes_under_way + bytes <= MOST_BYTES_UNDER_WAY || state.under_way.is_empty());
            if room {
                state.under_way.push_back(bytes);
                state.bytes_under_way += bytes;
                return Ok(());
            }
            // It is the main thread that would make room.
            if self.calls.get().is_some_and(|calls| calls.on_main_thread()) {
                return Err(words::values_on_main());
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Sends a value of so many bytes, which is made when there is room for it.
    fn send(&self, bytes: usize, value: impl FnOnce() -> Partial) -> Result<(), String> {
        self.wait_for_room(bytes)?;
        match self.sink.partial(self.call, value()) {
            Taken::Later => Ok(()),
            Taken::Now => {
                self.acknowledge(1);
                Ok(())
            }
            Taken::NoRoom => {
                self.take_back(bytes);
                Err(words::no_room_for_value(bytes))
            }
        }
    }

    /// A value of so many bytes does not go to the page: nobody will acknowledge it.
    fn take_back(&self, bytes: usize) {
        let mut state = self.lock();
        if let Some(place) = state.under_way.iter().rposition(|own| *own == bytes) {
            state.under_way.remove(place);
            state.bytes_under_way -= bytes;
        }
        drop(state);
        self.changed.notify_all();
    }
}

impl UnderWay for Control {
    fn cancel(&self) {
        self.end(Some(Outcome::Cancelled));
    }

    fn acknowledge(&self, count: usize) {
        let mut state = self.lock();
        let mut taken = 0;
        while taken < count
            && let Some(bytes) = state.under_way.pop_front()
        {
            state.bytes_under_way -= bytes;
            taken += 1;
        }
        drop(state);
        self.changed.notify_all();
        // A page cannot have taken what was not sent.
        if taken > 0
            && let Some(elsewhere) = self.elsewhere.get()
        {
            elsewhere.taken(taken);
        }
    }
}

impl Hurry for Control {
    fn hurry(&self) {
        self.end(None);
    }

    fn look_whether_stuck(&self) {
        {
            let mut state = self.lock();
            state.stuck |= state.ended.is_some() && state.begun && !state.returned;
        }
        self.tell_whether_stuck();
    }
}

/// Text that goes to the page beside what others say must be JSON.
fn check(value: &str) -> Result<(), String> {
    serde_json::from_str::<IgnoredAny>(value)
        .map(drop)
        .map_err(|error| words::value_not_json(&error.to_string()))
}

impl CallSide for Control {
    fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    fn when_cancelled(&self, job: OwnedJob) {
        let mut state = self.lock();
        if state.cancelled {
            drop(state);
            job.run();
        } else if !state.settled && state.hooks.len() < MOST_HOOKS {
            state.hooks.push(job);
        } else {
            let settled = state.settled;
            drop(state);
            if !settled {
                tracing::warn!("{}", words::too_many_hooks(MOST_HOOKS));
            }
            drop(job);
        }
    }

    fn progress(&self, value: &str) -> Result<(), String> {
        check(value)?;
        if !self.is_settled() {
            self.sink.partial(self.call, Partial::Progress(value.into()));
        }
        Ok(())
    }

    fn send_value(&self, value: &str) -> Result<(), String> {
        check(value)?;
        self.send(value.len(), || Partial::Value(value.into()))
    }

    fn send_bytes(&self, bytes: &[u8]) -> Result<(), String> {
        self.send(bytes.len(), || Partial::Bytes(bytes.into()))
    }

    fn bytes(&self, index: u32) -> Option<&[u8]> {
        self.attached.as_ref()?.part(index)
    }

    fn on_panic() {
        tracing::error!("{}", words::host_panicked());
    }
}

#[cfg(test)]
mod tests;
