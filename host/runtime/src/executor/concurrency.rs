//! Lets so many pieces of work of one kind run at a time; the others wait here, and hold no thread.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use super::Refusal;

/// Work that waits for its turn.
pub trait Turn: Send {
    /// Its turn has come. It keeps the place as long as it runs. Where it cannot begin it has been answered, and the place comes
    /// back.
    fn begin(self: Box<Self>, place: Place) -> Result<(), Place>;

    /// Its turn will not come.
    fn refuse(self: Box<Self>, refusal: Refusal);

    /// About how much memory it holds while it waits, in bytes.
    fn bytes(&self) -> usize;
}

/// The bound of one command. Cloning shares it.
#[derive(Clone)]
pub struct ConcurrencyLimit(Arc<Shared>);

struct Shared {
    at_a_time: usize,
    most_waiting: usize,
    most_bytes: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: usize,
    /// The threads on which they run, as far as they have begun.
    threads: Vec<ThreadId>,
    waiting: VecDeque<Box<dyn Turn>>,
    bytes: usize,
    stopped: bool,
}

/// A place among those that may run. Dropped, the next one begins.
pub struct Place {
    limit: Option<ConcurrencyLimit>,
    thread: Option<ThreadId>,
}

impl Place {
    /// Whoever has it runs on this thread from now on.
    pub fn run_here(&mut self) {
        if let Some(limit) = &self.limit {
            let thread = thread::current().id();
            self.thread = Some(thread);
            limit.lock().threads.push(thread);
        }
    }
}

impl ConcurrencyLimit {
    /// A bound of `at_a_time`, at which work waits within the others.
    pub fn new(at_a_time: usize, most_waiting: usize, most_bytes: usize) -> Self {
        let at_a_time = at_a_time.max(1);
        Self(Arc::new(Shared { at_a_time, most_waiting, most_bytes, state: Mutex::default() }))
    }

    /// Takes work: it begins, waits, or is refused.
    pub fn enter(&self, work: Box<dyn Turn>) {
        let bytes = work.bytes();
        let mut state = self.lock();
        let refusal = if state.stopped {
            Refusal::Stopping
        } else if state.running < self.0.at_a_time {
            state.running += 1;
            drop(state);
            return self.run(work);
        } else if state.waiting.len() >= self.0.most_waiting
            || (state.bytes + bytes > self.0.most_bytes && !state.waiting.is_empty())
        {
            Refusal::Full(state.waiting.len())
        } else {
            state.bytes += bytes;
            state.waiting.push_back(work);
            return;
        };
        drop(state);
        work.refuse(refusal);
    }

    /// Gives a place to `work`, and to the ones after it where it cannot begin: in a loop, as there may be thousands.
    fn run(&self, work: Box<dyn Turn>) {
        let mut next = Some(work);
        let mut place = Place { limit: Some(self.clone()), thread: None };
        while let Some(work) = next {
            match work.begin(place) {
                Ok(()) => return,
                Err(back) => place = back,
            }
            next = self.leave();
        }
        // Given up by `leave`.
        place.limit = None;
    }

    /// Whether this thread has every place: who waits here for another one waits for itself.
    pub fn is_all_here(&self) -> bool {
        let here = thread::current().id();
        let state = self.lock();
        state.threads.len() >= self.0.at_a_time && state.threads.iter().all(|thread| *thread == here)
    }

    /// How many wait for their turn.
    pub fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Takes nothing more, and refuses what waits.
    pub fn stop(&self) {
        let waiting = {
            let mut state = self.lock();
            state.stopped = true;
            state.bytes = 0;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(|work| work.refuse(Refusal::Stopping));
    }

    /// The one whose turn has come when one ends; where none waits, the place is free.
    fn leave(&self) -> Option<Box<dyn Turn>> {
        let mut state = self.lock();
        let next = state.waiting.pop_front();
        match &next {
            Some(work) => state.bytes = state.bytes.saturating_sub(work.bytes()),
            None => state.running = state.running.saturating_sub(1),
        }
        next
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(limit) = self.limit.take() else { return };
        if let Some(thread) = self.thread {
            let mut state = limit.lock();
            if let Some(at) = state.threads.iter().position(|own| *own == thread) {
                state.threads.swap_remove(at);
            }
        }
        if let Some(next) = limit.leave() {
            limit.run(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Seen = Arc<Mutex<(Vec<String>, Vec<Place>)>>;

    struct Work {
        number: u32,
        bytes: usize,
        begins: bool,
        seen: Seen,
    }

    impl Turn for Work {
        fn begin(self: Box<Self>, place: Place) -> Result<(), Place> {
            let mut seen = self.seen.lock().unwrap();
            if !self.begins {
                seen.0.push(format!("{} cannot", self.number));
                return Err(place);
            }
            seen.0.push(format!("{} begins", self.number));
            seen.1.push(place);
            Ok(())
        }

        fn refuse(self: Box<Self>, refusal: Refusal) {
            self.seen.lock().unwrap().0.push(format!("{} {refusal:?}", self.number));
        }

        fn bytes(&self) -> usize {
            self.bytes
        }
    }

    struct Bound {
        limit: ConcurrencyLimit,
        seen: Seen,
    }

    impl Bound {
        fn enter(&self, number: u32, bytes: usize, begins: bool) {
            self.limit.enter(Box::new(Work { number, bytes, begins, seen: Arc::clone(&self.seen) }));
        }

        fn end_one(&self) {
            let place = self.seen.lock().unwrap().1.remove(0);
            drop(place);
        }

        fn seen(&self) -> Vec<String> {
            std::mem::take(&mut self.seen.lock().unwrap().0)
        }
    }

    fn bound() -> Bound {
        Bound { limit: ConcurrencyLimit::new(2, 3, 10), seen: Arc::default() }
    }

    #[test]
    fn one_more_than_the_bound_waits_for_the_first_to_leave_and_the_order_is_kept() {
        let bound = bound();
        (1..=4).for_each(|number| bound.enter(number, 1, true));
        bound.enter(5, 9, true);
        bound.enter(6, 1, true);
        bound.enter(7, 1, true);
        assert_eq!(bound.seen(), ["1 begins", "2 begins", "5 Full(2)", "7 Full(3)"]);
        (0..5).for_each(|_| bound.end_one());
        assert_eq!(bound.seen(), ["3 begins", "4 begins", "6 begins"]);
        (8..=11).for_each(|number| bound.enter(number, 1, true));
        bound.limit.stop();
        bound.enter(12, 1, true);
        assert_eq!(bound.seen(), ["8 begins", "9 begins", "10 Stopping", "11 Stopping", "12 Stopping"]);
    }

    #[test]
    fn a_place_of_work_that_cannot_begin_goes_on_to_the_next_however_many_cannot() {
        let bound = Bound { limit: ConcurrencyLimit::new(1, 200_000, usize::MAX), seen: Arc::default() };
        bound.enter(0, 1, true);
        (1..=100_000).for_each(|number| bound.enter(number, 1, false));
        bound.enter(7, 1, true);
        bound.end_one();
        let seen = bound.seen();
        assert_eq!((seen.len(), seen.last().map(String::as_str)), (100_002, Some("7 begins")));
        bound.end_one();
        bound.enter(8, 1, false);
        bound.enter(9, 1, true);
        assert_eq!(bound.seen(), ["8 cannot", "9 begins"], "the place is free again");
    }
}
