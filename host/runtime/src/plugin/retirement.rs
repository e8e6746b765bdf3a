//! The end of a generation: its last call, its stop, its state, its threads.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::Plugin;
use super::calls::Calls;

/// When the plugin hears that no further call comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// After its last call: another generation serves in its place.
    AfterTheLastCall,
    /// At once: the host closes, and the calls in flight may end early when they know it. Nobody waits longer than this.
    AtOnce(Instant),
}

/// A generation that takes no further calls. Its library stays in memory: unloading has no sound way.
pub struct Retirement {
    /// Whose it is.
    pub plugin: Arc<str>,
    /// Which one.
    pub generation: u32,
    calls: Arc<Calls>,
    /// While it is being ended.
    ending: Weak<Plugin>,
    ended: Receiver<()>,
}

impl Retirement {
    /// Ends a generation that no route leads to any more, and calls `then`, on a thread of its own: the plugin may hang in any
    /// of it.
    pub fn begin(plugin: Arc<Plugin>, stop: Stop, then: impl FnOnce() + Send + 'static) -> Self {
        let until = match stop {
            Stop::AfterTheLastCall => None,
            Stop::AtOnce(until) => Some(until),
        };
        let calls = Arc::clone(&plugin.calls);
        calls.close();
        if until.is_some() {
            // What is freed unanswered from now on has its reason in that.
            calls.hurry();
        }
        // Nothing is ever sent: it is disconnected in the end.
        let (sender, ended) = crossbeam_channel::bounded::<()>(0);
        let retirement = Self {
            plugin: Arc::clone(&plugin.name),
            generation: plugin.generation,
            calls: Arc::clone(&calls),
            ending: Arc::downgrade(&plugin),
            ended,
        };
        let left = Arc::clone(&plugin);
        let thread = thread::Builder::new().name(format!("end {}", plugin.name)).spawn(move || {
            if until.is_none() {
                calls.wait_unless_in_a_hurry();
            }
            // What waits in the queue is freed by the plugin's code.
            plugin.refuse_work();
            plugin.stop(until);
            calls.wait();
            plugin.release();
            tracing::info!(plugin = &*plugin.name, generation = plugin.generation, "has ended");
            drop(plugin);
            // Whoever waits hears of it by this.
            drop(sender);
            then();
        });
        if let Err(error) = thread {
            // A process of its own ends at least.
            left.hurry(until.unwrap_or_else(Instant::now));
            tracing::warn!(
                plugin = &*retirement.plugin,
                "is not stopped: the system gives no thread: {error}"
            );
        }
        retirement
    }

    /// Whether all of it is over.
    pub fn is_over(&self) -> bool {
        !matches!(self.ended.recv_timeout(Duration::ZERO), Err(RecvTimeoutError::Timeout))
    }

    /// Its calls in flight.
    pub fn calls_in_flight(&self) -> usize {
        self.calls.in_flight()
    }

    /// Has the plugin stopped although calls may be in flight. Nobody waits longer than this.
    pub fn hurry(&self, until: Instant) {
        self.calls.hurry();
        if let Some(plugin) = self.ending.upgrade() {
            plugin.hurry(until);
        }
    }

    /// Waits for the end. Whether it came by then.
    pub fn wait(&self, deadline: Instant) -> bool {
        self.ended.recv_deadline(deadline) != Err(RecvTimeoutError::Timeout)
    }
}
