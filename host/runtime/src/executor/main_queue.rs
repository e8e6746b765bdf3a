//! Work for the main thread, and the port through which the runtime asks for its time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Refusal, Task, run_contained};

/// Calls that wait for the main thread at most; as for a plugin's workers.
const MOST_WAITING: usize = 65_536;

/// How long one turn runs calls before it lets the event loop draw and listen: half a frame at 60 Hz.
const LONGEST_TURN: Duration = Duration::from_millis(8);

/// The port to the main thread.
pub trait MainThread: Send + Sync {
    /// Asks the main thread to call [`Runtime::run_main_thread_turn`](crate::Runtime::run_main_thread_turn) soon. Called on
    /// any thread; must not wait.
    fn wake(&self);
}

/// Work that waits for the main thread.
pub struct MainQueue {
    main_thread: Arc<dyn MainThread>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Box<dyn Task>>,
    awake: bool,
    stopping: bool,
}

impl MainQueue {
    pub fn new(main_thread: Arc<dyn MainThread>) -> Self {
        Self { main_thread, state: Mutex::default() }
    }

    /// Takes `task` for the main thread, or gives it back with the reason.
    pub fn submit<T: Task>(&self, task: T) -> Result<(), (T, Refusal)> {
        let mut state = self.lock();
        if state.stopping {
            return Err((task, Refusal::Stopping));
        }
        if state.queue.len() >= MOST_WAITING {
            return Err((task, Refusal::Full(state.queue.len())));
        }
        state.queue.push_back(Box::new(task));
        let asleep = !std::mem::replace(&mut state.awake, true);
        drop(state);
        if asleep {
            self.main_thread.wake();
        }
        Ok(())
    }

    /// Runs what waits, on the calling thread, which is the main thread. A task may run a nested event loop that
    /// comes here again: no lock is held while one runs.
    pub fn run_turn(&self) {
        let end = Instant::now() + LONGEST_TURN;
        loop {
            let task = {
                let mut state = self.lock();
                match state.queue.pop_front() {
                    Some(task) => task,
                    None => {
                        state.awake = false;
                        return;
                    }
                }
            };
            run_contained(task);
            if Instant::now() >= end {
                self.main_thread.wake();
                return;
            }
        }
    }

    /// Refuses what waits and what comes.
    pub fn stop(&self) {
        let waiting = {
            let mut state = self.lock();
            state.stopping = true;
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
