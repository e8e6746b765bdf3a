//! Looks after worker groups that have more work than threads, and lets them grow when they are blocked.
//!
//! One thread for all groups. It sleeps on its channel while no group is short of threads.

use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::WorkerGroup;
use super::budget::Budget;

/// Between two looks. Long against a call of microseconds, short against what a person notices.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Hands groups to the watching thread. The thread ends when the last clone is gone.
#[derive(Clone)]
pub struct Watch {
    groups: Sender<WorkerGroup>,
    budget: Budget,
}

impl Watch {
    /// Starts the watching thread. The groups may have so many threads together, beyond the first of each.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(threads: usize) -> std::io::Result<Self> {
        // Unbounded, yet bounded: each group is in it once at most.
        let (sender, receiver) = crossbeam_channel::unbounded();
        thread::Builder::new().name("worker watch".to_owned()).spawn(move || watch(&receiver))?;
        Ok(Self { groups: sender, budget: Budget::of(threads) })
    }

    pub(super) fn look_after(&self, group: WorkerGroup) {
        // Without the thread, groups stay at one thread for each processor.
        let _ = self.groups.send(group);
    }

    /// The threads that all groups share.
    pub(super) fn budget(&self) -> &Budget {
        &self.budget
    }
}

fn watch(new_groups: &Receiver<WorkerGroup>) {
    while let Ok(first) = new_groups.recv() {
        let mut groups = vec![first];
        while !groups.is_empty() {
            match new_groups.recv_timeout(LOOK_EVERY) {
                Ok(group) => groups.push(group),
                Err(RecvTimeoutError::Timeout) => groups.retain(WorkerGroup::look),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}
