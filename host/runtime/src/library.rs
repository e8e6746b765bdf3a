//! From a file in a folder to a started plugin. The only part of the runtime that knows abi_stable and libloading,
//! and the only one with `unsafe`.
//!
//! A library goes one way ([`intake`]): found ([`discovery`]), looked at ([`gate`]), trusted or not ([`trust`]), copied ([`copy`]), tried in a child
//! process ([`probe`], and [`trial`] in the child) unless that is known already ([`verdicts`]), opened ([`opening`]),
//! started ([`module`]). Where its code runs, [`breadcrumbs`] say so. Nothing of it runs in this process before it has passed.

mod answer;
pub mod breadcrumbs;
pub mod copy;
pub mod discovery;
pub mod gate;
mod host_side;
#[cfg(unix)]
pub mod inherited;
pub mod intake;
pub mod leaving;
pub mod locale;
pub mod module;
pub mod names;
pub mod opening;
pub mod phase;
pub mod probe;
pub mod trial;
pub mod trust;
pub mod verdicts;

pub use host_side::{Found, NoServices, PluginHost, Services, SpawnedJob};
