//! The plugin folders while the host runs: what each file is, and what changes when a file does.
//!
//! One thread, the keeper, owns all of it. It hears of changes and wishes by messages, and tells what came of them by
//! publishing: which plugins serve, and what is to be said of the others.

mod choices;
mod keeper;
mod messages;
mod selection;
mod shelf;
pub mod survey;
mod watcher;

pub use choices::Choices;
pub use keeper::Keeper;
pub use messages::{Gone, Leaving, Order, Published, QUESTION, RETRY, Which};
pub use selection::Selection;
pub use shelf::Shelf;
