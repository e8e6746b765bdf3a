//! The calls in flight of one generation of a plugin, counted, so that the generation is stopped after its last one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};

use plugin_api::abi::OwnedJob;

use crate::ledger::Account;

/// Set when no further call may begin. The bits below count those in flight.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// Counts calls.
pub struct Calls {
    plugin: Arc<str>,
    state: AtomicUsize,
    /// Those that do not return although they are settled.
    stuck: AtomicUsize,
    /// Whether nobody is to wait for them any longer.
    hurry: Mutex<bool>,
    changed: Condvar,
    /// The calls that want to know when they are to hurry.
    watched: Mutex<Watched>,
    ways: Box<dyn Ways>,
}

#[derive(Default)]
struct Watched {
    controls: Vec<Weak<dyn Hurry>>,
    /// When to look for those that are over.
    look_at: usize,
}

/// A call under way, as the calls of its plugin see it.
pub trait Hurry: Send + Sync {
    /// The host closes. The answer is welcome until then.
    fn hurry(&self);

    /// Counts it as stuck if the plugin has it still, although others have settled it.
    fn look_whether_stuck(&self);
}

/// What calls need of their surroundings.
pub trait Ways: Send + Sync {
    /// Whether this is the main thread.
    fn on_main_thread(&self) -> bool;
    /// Runs a job of the plugin's, whose workers may all be busy, and which may take its time.
    fn run_aside(&self, job: OwnedJob);
    /// Asks a settled call some time later whether it has returned.
    fn look_whether_stuck(&self, call: Weak<dyn Hurry>);
    /// A call does not return although it is settled, or has returned after all.
    fn note_stuck(&self, call: u64, account: &Account, is_stuck: bool);
}

/// A call in flight. It lasts until its reply is delivered.
pub struct Lease(Arc<Calls>);

impl Calls {
    /// Counts the calls of a generation of `plugin`.
    pub fn of(plugin: Arc<str>, ways: impl Ways + 'static) -> Self {
        Self {
            plugin,
            state: AtomicUsize::new(0),
            stuck: AtomicUsize::new(0),
            hurry: Mutex::default(),
            changed: Condvar::new(),
            watched: Mutex::default(),
            ways: Box::new(ways),
        }
    }

    /// Whether this is the main thread.
    pub fn on_main_thread(&self) -> bool {
        self.ways.on_main_thread()
    }

    /// Runs what the plugin wants to be run when a call is cancelled, on a thread that nobody else waits for.
    pub fn run_aside(&self, job: OwnedJob) {
        self.ways.run_aside(job);
    }

    /// Has a settled call be asked some time later whether it has returned.
    pub fn look_whether_stuck(&self, call: Weak<dyn Hurry>) {
        self.ways.look_whether_stuck(call);
    }

    /// A call does not return although it is settled, or has returned after all.
    pub fn note_stuck(&self, call: u64, account: &Account, is_stuck: bool) {
        if is_stuck {
            self.stuck.fetch_add(1, Ordering::AcqRel);
        } else {
            self.stuck.fetch_sub(1, Ordering::AcqRel);
        }
        self.ways.note_stuck(call, account, is_stuck);
    }

    /// How many calls do not return although they are settled.
    pub fn stuck(&self) -> usize {
        self.stuck.load(Ordering::Acquire)
    }

    /// Begins a call; nothing, once they are closed.
    pub fn begin(self: &Arc<Self>) -> Option<Lease> {
        // Counted first and looked at then: many threads do this at the same time, and none has to try twice.
        let before = self.state.fetch_add(1, Ordering::SeqCst);
        let lease = Lease(Arc::clone(self));
        (before & CLOSED == 0).then_some(lease)
    }

    /// Lets no further call begin.
    pub fn close(&self) {
        self.state.fetch_or(CLOSED, Ordering::SeqCst);
    }

    /// Waits until the last call has ended.
    pub fn wait(&self) {
        self.wait_while(|_| true);
    }

    /// Waits until the last call has ended, or until somebody is in a [`hurry`](Self::hurry).
    pub fn wait_unless_in_a_hurry(&self) {
        self.wait_while(|hurry| !hurry);
    }

    fn wait_while(&self, patient: impl Fn(bool) -> bool) {
        let mut hurry = self.hurry.lock().unwrap_or_else(PoisonError::into_inner);
        while self.in_flight() != 0 && patient(*hurry) {
            hurry = self.changed.wait(hurry).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends the waiting of those who wait unless in a hurry, now and later.
    pub fn hurry(&self) {
        *self.hurry.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
        let watched = std::mem::take(&mut *self.watched.lock().unwrap_or_else(PoisonError::into_inner));
        watched.controls.iter().filter_map(Weak::upgrade).for_each(|control| control.hurry());
    }

    fn is_in_a_hurry(&self) -> bool {
        *self.hurry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are in flight.
    pub fn in_flight(&self) -> usize {
        self.state.load(Ordering::SeqCst) & !CLOSED
    }
}

impl Lease {
    /// Whose call it is.
    pub fn plugin(&self) -> &str {
        &self.0.plugin
    }

    /// Whether the host closes and does not wait for it.
    pub fn is_left_behind(&self) -> bool {
        self.0.is_in_a_hurry()
    }

    /// The calls that it is one of.
    pub fn calls(&self) -> Arc<Calls> {
        Arc::clone(&self.0)
    }

    /// Has the call hear when it is to hurry.
    pub fn watch(&self, control: &Arc<dyn Hurry>) {
        {
            let mut watched = self.0.watched.lock().unwrap_or_else(PoisonError::into_inner);
            if watched.controls.len() >= watched.look_at {
                watched.controls.retain(|control| control.strong_count() > 0);
                // Not at each one: that would cost the square of their number.
                watched.look_at = (watched.controls.len() * 2).max(64);
            }
            watched.controls.push(Arc::downgrade(control));
        }
        // Looked at last: somebody may be in a hurry since.
        if self.is_left_behind() {
            control.hurry();
        }
    }

    /// A second one for the same call, for another part of it. It may begin when the calls are closed.
    pub fn share(&self) -> Self {
        self.0.state.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(&self.0))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Only the last one after the closing wakes somebody: before it, nobody waits.
        if self.0.state.fetch_sub(1, Ordering::SeqCst) == CLOSED + 1 {
            // The one who waits has looked, or will look after this lock is free.
            drop(self.0.hurry.lock().unwrap_or_else(PoisonError::into_inner));
            self.0.changed.notify_all();
        }
    }
}

/// No main thread, and no other one.
#[cfg(test)]
pub struct Here;

#[cfg(test)]
impl Ways for Here {
    fn on_main_thread(&self) -> bool {
        false
    }

    fn run_aside(&self, job: OwnedJob) {
        job.run();
    }

    fn look_whether_stuck(&self, _call: Weak<dyn Hurry>) {}

    fn note_stuck(&self, _call: u64, _account: &Account, _is_stuck: bool) {}
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn waiting_ends_with_the_last_part_of_the_last_call_and_none_begins_afterwards() {
        let calls = Arc::new(Calls::of("plugin".into(), Here));
        let first = calls.begin().unwrap();
        let second = first.share();
        calls.close();
        assert!(calls.begin().is_none());
        assert_eq!((calls.in_flight(), first.plugin()), (2, "plugin"));
        let waiter = {
            let calls = Arc::clone(&calls);
            thread::spawn(move || calls.wait())
        };
        drop(first);
        let third = second.share();
        drop(second);
        assert_eq!(calls.in_flight(), 1);
        drop(third);
        waiter.join().unwrap();
        assert_eq!(calls.in_flight(), 0);
    }

    #[test]
    fn who_is_in_a_hurry_does_not_wait() {
        let calls = Arc::new(Calls::of("plugin".into(), Here));
        let _never_ends = calls.begin().unwrap();
        calls.close();
        calls.hurry();
        calls.wait_unless_in_a_hurry();
    }

    #[test]
    fn no_call_slips_through_while_they_are_closed() {
        for _ in 0..200 {
            let calls = Arc::new(Calls::of("plugin".into(), Here));
            let begun = {
                let calls = Arc::clone(&calls);
                thread::spawn(move || (0..50).filter_map(|_| calls.begin()).count())
            };
            calls.close();
            calls.wait();
            // Those that began have ended; the count never went below nothing.
            assert!(begun.join().unwrap() <= 50);
            assert_eq!(calls.in_flight(), 0);
        }
    }
}
