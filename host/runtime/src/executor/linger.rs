//! A worker that has run out of work dozes, and then looks for more for a moment before it sleeps.
//!
//! To wake a sleeping thread costs many times what a small call does (`make bench`), on the thread that calls and on
//! the way back. A page that makes one call after another makes the next one within the moment. Where calls come more
//! seldom than that, nobody looks.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a worker looks: a little longer than a page takes from a reply to its next call, which is 0.1 to 0.2 ms.
const MOMENT: Duration = Duration::from_micros(250);

/// How long a worker sleeps before it looks. A page needs longer from a reply to its next call, and needs the processor
/// for that.
pub const DOZE: Duration = Duration::from_micros(50);

/// What is known without the queue's lock, and when work came last.
#[derive(Default)]
pub struct Linger {
    queued: AtomicUsize,
}

/// How often work comes. Kept under the queue's lock.
#[derive(Default)]
pub struct Pace {
    last: Option<Instant>,
    brisk: bool,
}

impl Pace {
    /// Notes that work has come.
    pub fn note(&mut self) {
        let now = Instant::now();
        self.brisk = self.last.is_some_and(|last| now - last < MOMENT);
        self.last = Some(now);
    }

    /// Whether the next work may be expected within the moment.
    pub fn brisk(&self) -> bool {
        self.brisk
    }
}

impl Linger {
    /// Tells how many wait in the queue. Under the queue's lock.
    pub fn set_queued(&self, count: usize) {
        self.queued.store(count, Ordering::Release);
    }

    /// Returns when something is in the queue, or when the moment is over.
    pub fn look(&self) {
        let begin = Instant::now();
        while self.queued.load(Ordering::Acquire) == 0 && begin.elapsed() < MOMENT {
            // Others may have more to do with this processor.
            thread::yield_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_comes_for_the_first_time_or_seldom_is_not_expected_again() {
        let mut pace = Pace::default();
        pace.note();
        assert!(!pace.brisk());
        pace.last = Instant::now().checked_sub(MOMENT);
        pace.note();
        assert!(!pace.brisk());
        // As if the last had come in the future: no time has passed.
        pace.last = Some(Instant::now() + MOMENT);
        pace.note();
        assert!(pace.brisk());
    }

    #[test]
    fn looking_ends_when_there_is_work_and_when_there_is_none() {
        let linger = Linger::default();
        linger.set_queued(1);
        linger.look();
        linger.set_queued(0);
        linger.look();
    }
}
