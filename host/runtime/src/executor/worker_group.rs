//! The workers of one plugin: a bounded queue and threads that come and go with the work.
//!
//! Up to one thread for each processor is made as soon as there is work for it. More come only when all of them
//! are blocked ([`Watch`] sees that), so a burst of small calls does not become a crowd of threads. For each call that does not
//! return although nobody waits for it any more, one thread more may come in the place of the one it holds.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::budget::Permit;
use super::linger::{self, Linger, Pace};
use super::{Label, Task, Watch, run_contained};
use crate::words;

/// Bounds of one plugin's workers.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Threads at most, and at least one. 64 blocked calls are more than a page can want at a time, and a few megabytes of stack.
    pub threads: usize,
    /// Calls that wait at most. Six times the 10,000 calls that a page may make in one turn.
    pub waiting: usize,
    /// Bytes of messages that wait at most: four of the longest messages.
    pub waiting_bytes: usize,
    /// How long a thread without work stays.
    pub idle: Duration,
    /// Threads of all plugins together, beyond the first of each. Eight plugins can have all they may.
    pub all_threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            threads: 64,
            waiting: 65_536,
            waiting_bytes: 256 * 1024 * 1024,
            idle: Duration::from_secs(10),
            all_threads: 512,
        }
    }
}

/// Why work was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// So many wait for the plugin's workers already.
    Full(usize),
    /// So many wait for the main thread already, whoever's they are.
    MainThreadFull(usize),
    /// The host is closing.
    Stopping,
    /// The system gives no thread.
    NoThread(String),
}

/// The workers of one plugin. Cloning shares them.
#[derive(Clone)]
pub struct WorkerGroup(Arc<Shared>);

struct Shared {
    name: String,
    limits: Limits,
    processors: usize,
    watch: Watch,
    linger: Linger,
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Box<dyn Task>>,
    queued_bytes: usize,
    threads: usize,
    /// Of all threads that have not been seen to be over.
    handles: Vec<JoinHandle<()>>,
    idle: usize,
    /// Idle threads that are on their way to work; the queue's next task needs another one.
    woken: usize,
    /// Whether a thread lingers, and whether the queue's next task is its.
    lingers: bool,
    claimed: bool,
    pace: Pace,
    finished: u64,
    finished_at_last_look: u64,
    watched: bool,
    /// Calls that do not return although they are settled.
    stuck: usize,
    stopping: bool,
}

impl WorkerGroup {
    /// Workers named after `plugin`. None runs before there is work.
    pub fn new(plugin: &str, limits: Limits, watch: Watch) -> Self {
        // Without a thread nothing would ever be answered.
        let limits = Limits { threads: limits.threads.max(1), ..limits };
        let processors = thread::available_parallelism().map_or(1, usize::from).min(limits.threads);
        Self(Arc::new(Shared {
            name: plugin.to_owned(),
            limits,
            processors,
            watch,
            linger: Linger::default(),
            state: Mutex::default(),
            work: Condvar::new(),
        }))
    }

    /// Takes `task` for a worker, or gives it back with the reason.
    pub fn submit<T: Task>(&self, task: T) -> Result<(), (T, Refusal)> {
        let bytes = task.bytes();
        let mut state = self.lock();
        if state.stopping {
            return Err((task, Refusal::Stopping));
        }
        let full = state.queue.len() >= self.0.limits.waiting
            || (state.queued_bytes + bytes > self.0.limits.waiting_bytes && !state.queue.is_empty());
        if full {
            return Err((task, Refusal::Full(state.queue.len())));
        }
        state.pace.note();
        if state.lingers && !state.claimed {
            state.claimed = true;
        } else if state.idle > state.woken {
            state.woken += 1;
            self.0.work.notify_one();
        } else {
            // Where there are threads, more of them may come later: the watch tries again.
            let wants_watch = if state.threads < self.0.processors {
                match self.add_thread(&mut state) {
                    Err(error) if state.threads == 0 => {
                        return Err((task, Refusal::NoThread(error.to_string())));
                    }
                    added => added.is_err(),
                }
            } else {
                state.threads < self.most_threads(&state)
            };
            if wants_watch && !state.watched {
                state.watched = true;
                self.0.watch.look_after(self.clone());
            }
        }
        state.queued_bytes += bytes;
        state.queue.push_back(Box::new(task));
        self.0.linger.set_queued(state.queue.len());
        Ok(())
    }

    /// Adds threads if none of those there are has finished anything since the last look. Whether to look again.
    pub(super) fn look(&self) -> bool {
        let mut state = self.lock();
        if state.queue.is_empty() || state.stopping || state.threads >= self.most_threads(&state) {
            state.watched = false;
            return false;
        }
        if state.finished == state.finished_at_last_look {
            let wanted = (state.threads * 2).min(self.most_threads(&state));
            while state.threads < wanted && self.add_thread(&mut state).is_ok() {}
        }
        state.finished_at_last_look = state.finished;
        true
    }

    /// A call holds its thread although it is settled, or has let go of it after all.
    pub fn note_stuck(&self, is_stuck: bool) {
        let mut state = self.lock();
        state.stuck = if is_stuck { state.stuck + 1 } else { state.stuck.saturating_sub(1) };
        if is_stuck && !state.queue.is_empty() && !state.watched {
            state.watched = true;
            self.0.watch.look_after(self.clone());
        }
    }

    /// How many calls wait.
    pub fn waiting(&self) -> usize {
        self.lock().queue.len()
    }

    /// A plugin has as many again, at most, in the place of those that do not return.
    fn most_threads(&self, state: &State) -> usize {
        self.0.limits.threads + state.stuck.min(self.0.limits.threads)
    }

    /// Refuses what waits, and lets every thread end after what it runs.
    pub fn stop(&self) {
        let waiting = {
            let mut state = self.lock();
            state.stopping = true;
            state.queued_bytes = 0;
            self.0.linger.set_queued(0);
            std::mem::take(&mut state.queue)
        };
        self.0.work.notify_all();
        for task in waiting {
            task.refuse(Refusal::Stopping);
        }
    }

    /// Waits until every thread is over, what the plugin's code does at a thread's end included. Not for a worker.
    pub fn join(&self) {
        loop {
            let handles = std::mem::take(&mut self.lock().handles);
            if handles.is_empty() {
                return;
            }
            for handle in handles {
                // A worker does not panic; if it did, it is over all the same.
                let _ = handle.join();
            }
        }
    }

    /// Waits for work, at most so long. Whether that was too long.
    fn sleep<'a>(&self, mut state: MutexGuard<'a, State>, most: Duration) -> (MutexGuard<'a, State>, bool) {
        state.idle += 1;
        let (mut state, timeout) =
            self.0.work.wait_timeout(state, most).unwrap_or_else(PoisonError::into_inner);
        state.idle -= 1;
        state.woken = state.woken.saturating_sub(1);
        (state, timeout.timed_out())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing between lock and unlock leaves the state half changed.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add_thread(&self, state: &mut State) -> io::Result<()> {
        // The first one is free, so that no plugin can keep another from working.
        let permit = match state.threads {
            0 => None,
            _ => Some(self.0.watch.budget().take().ok_or_else(|| io::Error::other(words::no_thread_left()))?),
        };
        let group = self.clone();
        // It is called after each command that it runs.
        let handle = thread::Builder::new().name(self.0.name.clone()).spawn(move || group.work(permit))?;
        state.handles.retain(|handle| !handle.is_finished());
        state.handles.push(handle);
        state.threads += 1;
        Ok(())
    }

    fn work(&self, permit: Option<Permit>) {
        let mut state = self.lock();
        let mut has_worked = false;
        let mut name: Option<Arc<Label>> = None;
        loop {
            if let Some(task) = state.queue.pop_front() {
                self.0.linger.set_queued(state.queue.len());
                state.queued_bytes = state.queued_bytes.saturating_sub(task.bytes());
                drop(state);
                let label = task.label();
                if let Some(label) = label
                    && !name.as_ref().is_some_and(|name| Arc::ptr_eq(name, &label))
                {
                    label.name_thread();
                    name = Some(label);
                }
                run_contained(task);
                state = self.lock();
                state.finished += 1;
                has_worked = true;
                continue;
            }
            if state.stopping {
                break;
            }
            // With one processor the next work could not come while this thread looks for it.
            let lingers = std::mem::take(&mut has_worked) && state.pace.brisk() && self.0.processors > 1;
            if lingers {
                let dozed;
                (state, dozed) = self.sleep(state, linger::DOZE);
                if dozed && state.queue.is_empty() && !state.stopping && !state.lingers {
                    state.lingers = true;
                    drop(state);
                    self.0.linger.look();
                    state = self.lock();
                    (state.lingers, state.claimed) = (false, false);
                }
                continue;
            }
            let timed_out;
            (state, timed_out) = self.sleep(state, self.0.limits.idle);
            if timed_out && state.queue.is_empty() {
                break;
            }
        }
        state.threads -= 1;
        drop(state);
        drop(permit);
    }
}
