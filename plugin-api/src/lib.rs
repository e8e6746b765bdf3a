//! All that an author of a plugin imports.
//!
//! A plugin is a library (`crate-type = ["cdylib"]`) that lists its commands with [`export_plugin!`]. The host
//! loads it from a folder, and a page calls its commands by name:
//!
//! ```
//! use plugin_api::{Result, command, export_plugin};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize)]
//! struct Payload { state: String, data: u64 }
//!
//! #[derive(Serialize)]
//! struct Response { value: u64, message: String }
//!
//! /// Answers when there is enough.
//! #[command]
//! fn do_something(count: u64, payload: Payload) -> Result<Response> {
//!     plugin_api::ensure!(count > 5, "count should be > 5");
//!     Ok(Response { value: payload.data + payload.state.len() as u64, message: "async response!".into() })
//! }
//!
//! export_plugin! { commands: [do_something] }
//! ```
//!
//! The life of a plugin, in steps:
//! 1. the host reads the library's [manifest](manifest::Manifest) from its file; one that it does not know it opens, starts and
//!    stops in a child process first, on an empty data folder (see [`Context::is_trial`]);
//! 2. it starts the plugin: the `state:` function runs, once, and may refuse with an error;
//! 3. commands run, many at a time on threads of the host's, or one at a time on the main thread
//!    (`#[command(main_thread)]`). `Ok` resolves the page's promise, `Err` rejects it with the error's text, a panic
//!    rejects it with the panic's message;
//! 4. the host stops the plugin: no further call comes, `stop:` runs, then the state is dropped.
//!
//! The [guide] tells more, on five pages. The same can be written [the Tauri 0.x way](export_plugin!#the-tauri-0x-way). The library is never unloaded.

pub mod abi;
mod arguments;
mod asynchronous;
mod bytes;
mod cancellation;
mod command;
mod context;
mod enum_table;
pub mod exact;
mod export;
mod exporting;
#[cfg(feature = "files")]
pub mod files;
mod guard;
pub mod guide;
pub mod manifest;
mod outcome;
mod progress;
mod promise;
mod schema;
pub mod table;
#[cfg(feature = "testing")]
pub mod testing;

pub use abi::Level;
pub use anyhow::{Error, Result, anyhow, bail, ensure};
pub use bytes::Bytes;
pub use cancellation::Cancellation;
pub use command::{Command, State};
pub use context::{Context, Listening};
pub use exact::Exact;
pub use plugin_api_macros::command;
pub use progress::{Channel, Progress};
pub use promise::{Webview, execute_promise, execute_promise_sync};
#[cfg(feature = "schema")]
pub use schemars;

/// For generated code and for hosts; no part of the promise to authors.
#[doc(hidden)]
pub mod __private {
    pub use crate::arguments::{Slots, missing, next, read};
    pub use crate::asynchronous::drive;
    pub use crate::command::{ArgumentInfo, Call, CommandInfo, Described};
    pub use crate::export::{Definition, Functions, Handler, Plugin, header, module};
    pub use crate::manifest::{Source, is_name};
    pub use crate::outcome::{Failure, FromValue, Outcome, Returned};
    pub use crate::promise::run_handler;
    /// Where a plugin is built without schemas, generated code names the traits all the same.
    #[cfg(not(feature = "schema"))]
    pub use crate::schema::{OfAnything as OfResult, OfAnything as OfValue};
    pub use crate::schema::{OfAnything, SchemaOf};
    #[cfg(feature = "schema")]
    pub use crate::schema::{OfResult, OfValue};
    #[cfg(feature = "testing")]
    pub use crate::testing::no_configuration;
    pub use abi_stable::library::LibHeader;
    pub use serde;
}
