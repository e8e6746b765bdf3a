//! Files within the folders that a configuration lists (feature `files`): for plugins that read and write where a page tells them to.
//!
//! A [`Scope`] knows the folders, each for reading or for writing, and turns a path into a [`Place`]: an opened folder and a path below it. What is done by
//! them never leaves that folder, whatever links and `..` lie on the way and whoever changes them meanwhile: on Linux the kernel sees to
//! that while it opens, elsewhere each step is opened by itself (crate `cap-std`). It never asks whether a path *looks* as if it stayed
//! within, and opens nothing by a path that somebody else has checked before.
//!
//! ```
//! use std::io::Read as _;
//! use plugin_api::files::{Access, BaseDirectory, Scope};
//! use plugin_api::{Context, Result, State, command, export_plugin};
//!
//! fn start(context: &Context) -> Result<Scope> {
//!     Scope::new(context, &["$DOWNLOAD/reports".into()], &["$APP".into()])
//! }
//!
//! /// The first bytes of a report.
//! #[command]
//! fn beginning(scope: State<'_, Scope>, path: String, dir: Option<BaseDirectory>) -> Result<Vec<u8>> {
//!     let place = scope.at(&scope.resolve(dir, path.as_ref())?, Access::Read)?;
//!     let mut bytes = Vec::new();
//!     place.open_for_reading()?.take(16).read_to_end(&mut bytes).map_err(|error| place.cannot("read", &error))?;
//!     Ok(bytes)
//! }
//!
//! export_plugin! { commands: [beginning], state: start }
//! # fn main() {}
//! ```

mod base;
mod draft;
mod place;
mod root;
mod scope;
#[cfg(all(test, unix, feature = "testing"))]
mod tests;

pub use base::BaseDirectory;
/// The crate whose `Dir` and `File` a [`Place`] works with.
pub use cap_std;
pub use draft::Draft;
pub use place::Place;
pub use scope::Scope;

/// What is to be done with a file. Who may write may read as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Reading, and asking whether it is there.
    Read,
    /// Making, changing, renaming, removing.
    Write,
}
