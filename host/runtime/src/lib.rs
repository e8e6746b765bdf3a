//! Loads plugin libraries from folders, routes messages to their commands, runs them and settles the replies.
//!
//! It knows no window: the main thread is a port ([`MainThread`]), replies go to a sink ([`ReplySink`]). So it runs,
//! and is tested, where there is no display.
//!
//! # The life of a message
//!
//! 1. [`Runtime::submit`] gets its text and a [`Replier`], which answers with an error if anything drops it.
//! 2. `message.rs` finds the `cmd` and refuses what is no message.
//! 3. `router.rs` says whose command that is; an unknown one is answered at once, with the nearest names.
//! 4. `executor.rs` queues the call for the plugin's workers or for the main thread; a full queue is an error, never
//!    a wait.
//! 5. `library/` carries the text over the boundary. The plugin decodes, runs, encodes, and answers.
//! 6. `reply.rs` checks that the answer is JSON and gives it to the sink (`sink.rs`), once.
//!
//! ```
//! use std::sync::Arc;
//! use plugin_host_runtime::{MainThread, Places, Replier, Reply, Runtime};
//!
//! struct NoMainThread;
//! impl MainThread for NoMainThread {
//!     fn wake(&self) {}
//! }
//!
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! let places = Places {
//!     data: folder.join("data"),
//!     cache: folder.join("cache"),
//!     app: folder.join("data/app"),
//!     resources: folder.to_owned(),
//!     configuration: folder.join("config.toml"),
//!     state: folder.join("state"),
//!     probe: std::env::current_exe()?,
//! };
//! let runtime = Runtime::builder(Arc::new(NoMainThread), places).start()?;
//! let (replier, reply) = Replier::channel();
//! runtime.submit(r#"{"cmd":"hello"}"#.into(), replier);
//! assert!(matches!(reply.recv()?, Reply::Error(text) if text.contains("no plugin is loaded")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(unix)]
mod again;
mod alone;
mod attached;
mod call;
mod caller;
#[cfg(unix)]
mod child;
mod configuration;
mod control;
mod environment;
mod events;
mod executor;
mod folder;
#[cfg(unix)]
mod isolation;
mod kept;
mod ledger;
mod library;
mod links;
mod message;
mod origin;
#[cfg(unix)]
mod ownership;
mod permissions;
mod plugin;
mod reply;
mod router;
mod runtime;
mod sandbox;
mod settings;
mod sink;
mod status;
mod words;

#[doc(hidden)]
pub use alone::Alone;
pub use attached::Attached;
pub use caller::Page;
pub use configuration::ConfigurationFile;
pub use environment::keep_little;
pub use executor::{Limits, MainThread};
pub use folder::{Selection, Which};
pub use ledger::{CommandNumbers, Outcome};
#[cfg(unix)]
pub use library::inherited::mark as keep_inherited_from_children;
pub use library::leaving::{die_with_parent, leave_at_once};
pub use library::locale::locale;
pub use library::trust::SignatureKeys;
pub use message::MAX_MESSAGE_BYTES;
pub use origin::Origin;
pub use permissions::Permission;
pub use plugin::Wishes;
pub use reply::Replier;
pub use router::AppHandler;
pub use runtime::{Offline, PLUGINS_EVENT, Places, Runtime, RuntimeBuilder, Stopped, TROUBLE_EVENT};
pub use sink::{Partial, Reply, ReplySink, Taken, UnderWay};
pub use status::{
    Change, ChangeKind, Crash, Duplicate, Health, Lane, LeftOut, Live, PluginStatistics, PluginStatus,
    Refused, Retiring, RunningHost, Sandboxed, Status, Trouble, TroubleKind,
};
pub use words::on_a_line;

/// Does what a host asks of this process that has started it for that: tries a library, or is the process of an isolated plugin.
/// Returns the exit code, or nothing for a process that was started for something else. To be called before anything else.
pub fn probe_if_asked() -> Option<i32> {
    if let Some(code) = sandbox::enter_if_asked() {
        return Some(code);
    }
    let asked = library::trial::if_asked();
    #[cfg(unix)]
    let asked = asked.or_else(child::if_asked);
    asked
}
