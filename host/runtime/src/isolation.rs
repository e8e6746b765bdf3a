//! The isolated lane: a plugin in a child process of its own.
//!
//! The child is the same executable, and loads the same library in the same way as the host would ([`child`]). The two speak over
//! a socket pair ([`frames`]): calls, cancellations and events go there, replies, progress and questions come back. Seen from the
//! rest of the runtime a plugin here is one as any other ([`Isolated`]); what its process does to itself ends with that process:
//! its calls are answered with the cause, and it is started again ([`supervisor`]), at longer and longer intervals, and a bounded
//! number of times.
//!
//! Nothing here knows the page, abi_stable or libloading.

mod child;
mod connection;
mod death;
mod far_services;
mod flights;
mod forward;
mod frames;
mod incarnation;
mod lane;
mod process;
mod supervisor;
mod wire;

use crate::executor::Limits;
use crate::library::copy::Copy;
use crate::plugin::Surroundings;
pub use child::if_asked;
use frames::Errand;
pub use lane::{Isolated, IsolatedWays, Setup};

/// What the process of a plugin is told in the beginning.
pub fn errand(
    surroundings: &Surroundings,
    copy: &Copy,
    manifest: &str,
    generation: u32,
    limits: Limits,
    memory: Option<u64>,
) -> Errand {
    Errand {
        library: copy.path.clone().into(),
        hash: copy.hash.to_string(),
        manifest: manifest.to_owned(),
        generation,
        data: surroundings.data.clone().into(),
        cache: surroundings.cache.clone().into(),
        configuration: surroundings.configuration.path().into(),
        // Each process gets its own.
        room: Default::default(),
        threads: limits.threads as u64,
        // As many as the host lets through: it is the host that refuses.
        waiting: limits.waiting.saturating_add(limits.threads) as u64,
        waiting_bytes: limits.waiting_bytes as u64,
        idle: limits.idle,
        memory,
        log: forward::most_that_is_heard(),
    }
}
