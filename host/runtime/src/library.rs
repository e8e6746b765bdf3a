//! From a file in a folder to a started plugin. The only part of the runtime that knows abi_stable and libloading,
//! and the only one with `unsafe`.
//!
//! A library goes one way: found ([`discovery`]), copied ([`copy`]), opened ([`opening`]), described and started
//! ([`module`]). The static gate, the manifest and the probe stand between found and opened.

pub mod copy;
pub mod discovery;
mod host_side;
pub mod leaving;
pub mod module;
pub mod opening;

pub use host_side::{PluginHost, handle_of, reply_handle};
