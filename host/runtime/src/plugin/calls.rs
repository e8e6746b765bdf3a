//! The calls in flight of one generation of a plugin, counted, so that the generation is stopped after its last one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Set when no further call may begin. The bits below count those in flight.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// Counts calls.
pub struct Calls {
    plugin: Arc<str>,
    state: AtomicUsize,
    /// Whether nobody is to wait for them any longer.
    hurry: Mutex<bool>,
    changed: Condvar,
}

/// A call in flight. It lasts until its reply is delivered.
pub struct Lease(Arc<Calls>);

impl Calls {
    /// Counts the calls of a generation of `plugin`.
    pub fn of(plugin: Arc<str>) -> Self {
        Self { plugin, state: AtomicUsize::new(0), hurry: Mutex::default(), changed: Condvar::new() }
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

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn waiting_ends_with_the_last_part_of_the_last_call_and_none_begins_afterwards() {
        let calls = Arc::new(Calls::of("plugin".into()));
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
        let calls = Arc::new(Calls::of("plugin".into()));
        let _never_ends = calls.begin().unwrap();
        calls.close();
        calls.hurry();
        calls.wait_unless_in_a_hurry();
    }

    #[test]
    fn no_call_slips_through_while_they_are_closed() {
        for _ in 0..200 {
            let calls = Arc::new(Calls::of("plugin".into()));
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
