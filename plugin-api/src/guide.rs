//! A guide for authors: what a command may be, what it may do while it is under way, what the host offers, how a plugin lives, how
//! code of Tauri 0.x becomes one, and how one is made, tested and checked.

#[doc = include_str!("../docs/commands.md")]
pub mod commands {}

#[doc = include_str!("../docs/underway.md")]
pub mod underway {}

#[doc = include_str!("../docs/host.md")]
pub mod host {}

#[doc = include_str!("../docs/life.md")]
pub mod life {}

#[doc = include_str!("../docs/porting.md")]
pub mod porting {}

#[cfg(feature = "testing")]
#[doc = include_str!("../docs/develop.md")]
pub mod develop {}
