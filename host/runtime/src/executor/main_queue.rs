//! Work for the main thread, and the port through which the runtime asks for its time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use super::{Label, Refusal, Task, run_contained};

/// Calls that wait for the main thread at most; as for a plugin's workers.
const MOST_WAITING: usize = 65_536;

/// How long one turn runs calls before it lets the event loop draw and listen: half a frame at 60 Hz.
const LONGEST_TURN: Duration = Duration::from_millis(8);

/// Hears what the main thread is at, on that thread.
pub trait MainWatch: Send + Sync {
    /// Work of a plugin's begins.
    fn begins(&self) {}

    /// It has taken longer than a frame.
    fn slow(&self, label: &Label, took: Duration) {
        let _ = (label, took);
    }
}

/// Nobody wants to know.
pub struct Unwatched;

impl MainWatch for Unwatched {}

/// Work that takes longer than this, a frame at 60 Hz, is told of.
const A_FRAME: Duration = Duration::from_millis(16);

/// The port to the main thread.
pub trait MainThread: Send + Sync {
    /// Asks the main thread to call [`Runtime::run_main_thread_turn`](crate::Runtime::run_main_thread_turn) soon. Called on
    /// any thread; must not wait.
    fn wake(&self);
}

/// Work that waits for the main thread.
pub struct MainQueue {
    main_thread: Arc<dyn MainThread>,
    most_bytes: usize,
    watch: Arc<dyn MainWatch>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Box<dyn Task>>,
    queued_bytes: usize,
    awake: bool,
    stopping: bool,
    /// The thread that ran the last turn.
    thread: Option<ThreadId>,
    /// What runs, and since when: the innermost, where a nested event loop runs work inside of work.
    running: Option<(Arc<Label>, Instant)>,
}

impl MainQueue {
    /// A queue whose waiting messages hold at most so many bytes. `watch` hears what it is at.
    pub fn new(main_thread: Arc<dyn MainThread>, most_bytes: usize, watch: Arc<dyn MainWatch>) -> Self {
        Self { main_thread, most_bytes, watch, state: Mutex::default() }
    }

    /// Takes `task` for the main thread, or gives it back with the reason.
    pub fn submit<T: Task>(&self, task: T) -> Result<(), (T, Refusal)> {
        let mut state = self.lock();
        if state.stopping {
            return Err((task, Refusal::Stopping));
        }
        let bytes = task.bytes();
        let full = state.queue.len() >= MOST_WAITING
            || (state.queued_bytes + bytes > self.most_bytes && !state.queue.is_empty());
        if full {
            return Err((task, Refusal::MainThreadFull(state.queue.len())));
        }
        state.queued_bytes += bytes;
        state.queue.push_back(Box::new(task));
        drop(state);
        self.ask_for_another_turn();
        Ok(())
    }

    /// Runs what waits, on the calling thread, which is the main thread. A task may run a nested event loop that
    /// comes here again: no lock is held while one runs, and what is submitted meanwhile asks for a turn of its own.
    pub fn run_turn(&self) {
        let end = Instant::now() + LONGEST_TURN;
        {
            let mut state = self.lock();
            state.awake = false;
            state.thread = Some(thread::current().id());
        }
        while let Some(task) = self.pop() {
            let now = self.run(task);
            if now >= end {
                self.ask_for_another_turn();
                return;
            }
        }
    }

    /// Runs one task. The time when it ended.
    fn run(&self, task: Box<dyn Task>) -> Instant {
        let label = task.label();
        let began = Instant::now();
        let outer = {
            let running = label.clone().map(|label| (label, began));
            std::mem::replace(&mut self.lock().running, running)
        };
        if label.is_some() {
            self.watch.begins();
        }
        run_contained(task);
        self.lock().running = outer;
        let now = Instant::now();
        let took = now - began;
        if let Some(label) = label {
            if let Some(account) = &label.account {
                account.note_on_main(took);
            }
            if took > A_FRAME {
                self.watch.slow(&label, took);
            }
        }
        now
    }

    /// What runs on the main thread at this moment, and since when.
    pub fn running(&self) -> Option<(Arc<Label>, Instant)> {
        self.lock().running.clone()
    }

    /// Whether anything waits.
    pub fn has_work(&self) -> bool {
        !self.lock().queue.is_empty()
    }

    /// Whether this is the main thread.
    pub fn is_main_thread(&self) -> bool {
        self.lock().thread == Some(thread::current().id())
    }

    fn pop(&self) -> Option<Box<dyn Task>> {
        let mut state = self.lock();
        let task = state.queue.pop_front()?;
        state.queued_bytes = state.queued_bytes.saturating_sub(task.bytes());
        Some(task)
    }

    fn ask_for_another_turn(&self) {
        let mut state = self.lock();
        let ask = !state.queue.is_empty() && !std::mem::replace(&mut state.awake, true);
        drop(state);
        if ask {
            self.main_thread.wake();
        }
    }

    /// Refuses what waits and what comes.
    pub fn stop(&self) {
        let waiting = {
            let mut state = self.lock();
            state.stopping = true;
            state.queued_bytes = 0;
            std::mem::take(&mut state.queue)
        };
        for task in waiting {
            task.refuse(Refusal::Stopping);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl MainThread for Wakes {
        fn wake(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    struct Work(Box<dyn FnOnce() + Send>);

    impl Task for Work {
        fn run(self: Box<Self>) {
            (self.0)();
        }

        fn refuse(self: Box<Self>, _refusal: Refusal) {}

        fn bytes(&self) -> usize {
            0
        }
    }

    #[test]
    fn calls_that_wait_together_ask_for_one_turn() {
        let wakes = Arc::new(Wakes::default());
        let queue = MainQueue::new(Arc::clone(&wakes) as _, 1000, Arc::new(Unwatched));
        for _ in 0..10 {
            assert!(queue.submit(Work(Box::new(|| {}))).is_ok());
        }
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
        queue.run_turn();
        assert!(queue.submit(Work(Box::new(|| {}))).is_ok());
        assert_eq!(wakes.0.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_call_submitted_while_another_runs_asks_for_a_turn_that_a_nested_loop_can_give() {
        let wakes = Arc::new(Wakes::default());
        let queue = Arc::new(MainQueue::new(Arc::clone(&wakes) as _, 1000, Arc::new(Unwatched)));
        let (inner, ran) = (Arc::clone(&queue), Arc::new(AtomicUsize::new(0)));
        let (counter, seen) = (Arc::clone(&ran), Arc::clone(&wakes));
        let nested = move || {
            let counted = Arc::clone(&counter);
            let before = seen.0.load(Ordering::Relaxed);
            let work = Work(Box::new(move || {
                counted.fetch_add(1, Ordering::Relaxed);
            }));
            assert!(inner.submit(work).is_ok());
            assert_eq!(seen.0.load(Ordering::Relaxed), before + 1, "a turn is asked for");
            inner.run_turn();
            assert_eq!(counter.load(Ordering::Relaxed), 1, "and runs it inside of the other call");
            counter.fetch_add(1, Ordering::Relaxed);
        };
        assert!(queue.submit(Work(Box::new(nested))).is_ok());
        queue.run_turn();
        assert_eq!(ran.load(Ordering::Relaxed), 2);
    }
}
