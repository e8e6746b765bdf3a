//! Where work runs: on workers that belong to one plugin each, or on the main thread through a queue.
//!
//! A plugin whose every call blocks takes its own workers and nobody else's. Nothing here waits: a full queue
//! gives the work back. Together all workers have a bounded number of threads (`budget.rs`).

mod budget;
mod concurrency;
mod deadlines;
mod label;
mod linger;
mod main_queue;
mod watch;
mod worker_group;

pub use concurrency::{ConcurrencyLimit, Place, Turn};
pub use deadlines::Deadlines;
pub use label::Label;
pub use main_queue::{MainQueue, MainThread, MainWatch, Unwatched};
pub use watch::Watch;
pub use worker_group::{Limits, Refusal, WorkerGroup};

use std::sync::Arc;

/// Work that can be run or, when it cannot run any more, be refused.
pub trait Task: Send + 'static {
    /// Runs it, on the thread it was meant for.
    fn run(self: Box<Self>);
    /// Ends it without running; called on any thread.
    fn refuse(self: Box<Self>, refusal: Refusal);
    /// About how much memory it holds while it waits, in bytes.
    fn bytes(&self) -> usize;
    /// Whose work it is; nothing for the host's own.
    fn label(&self) -> Option<Arc<Label>> {
        None
    }
}

/// Ends work that was given back.
pub fn refuse<T: Task>(submitted: Result<(), (T, Refusal)>) {
    if let Err((task, refusal)) = submitted {
        Box::new(task).refuse(refusal);
    }
}

/// Runs `task`; a panic of the host's own code in it ends neither the thread nor the process. The task's replier
/// answers when it is dropped on the way.
fn run_contained(task: Box<dyn Task>) {
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| task.run()));
    if outcome.is_err() {
        tracing::error!("the host panicked while it ran a call; please report this");
    }
}
