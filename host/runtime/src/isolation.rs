//! The isolated lane: a plugin in a child process of its own.
//!
//! The child is the same executable, and loads the same library in the same way as the host would (`child.rs`). The two speak over
//! a socket pair ([`frames`]): calls, cancellations and events go there, replies, progress and questions come back. Seen from the
//! rest of the runtime a plugin here is one as any other ([`Isolated`]); what its process does to itself ends with that process:
//! its calls are answered with the cause, and it is started again ([`supervisor`]), at longer and longer intervals, and a bounded
//! number of times.
//!
//! Nothing here knows the page, abi_stable or libloading.

mod connection;
mod death;
mod denials;
mod flights;
mod forward;
pub mod frames;
mod incarnation;
mod lane;
mod order;
mod process;
mod supervisor;
mod ways;

use std::sync::Arc;

use crate::plugin::not_started::NotStarted;
use crate::words;
pub use death::CRUMBS;
pub use denials::Denials;
pub use forward::{Forward, most_that_is_heard};
pub use frames::{Answer, Errand, FromChild, MOST_ASKED, ToChild};
pub use lane::{Isolated, Setup};
pub use process::MARK;
use supervisor::Supervisor;
pub use ways::IsolatedWays;

/// Starts a plugin in a process. Waits for that.
///
/// # Errors
/// Why it does not serve.
pub fn start(setup: Setup) -> Result<Arc<Isolated>, NotStarted> {
    // Bounded by what happens to one process, and by who asks for it.
    let (orders, received) = crossbeam_channel::unbounded();
    let (over, ended) = crossbeam_channel::bounded(0);
    let lane = Isolated::new(setup, orders.clone(), ended);
    let (sender, first) = crossbeam_channel::bounded(1);
    let supervisor = Supervisor::new(Arc::clone(&lane), orders, received, sender, over);
    supervisor.begin().map_err(|error| words::no_thread_to_start(&error.to_string()))?;
    match first.recv() {
        Ok(outcome) => outcome.map(|()| lane),
        Err(_) => Err(words::no_process("it was lost").into()),
    }
}
