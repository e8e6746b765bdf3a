//! The command table and the configuration, as plain serde types.
//!
//! They cross the boundary as JSON text, so that either side may know fields the other does not.

use serde::{Deserialize, Serialize};

/// Where a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// On a thread that the host manages; many calls at a time.
    Worker,
    /// On the thread of the event loop, one at a time. The window stands still meanwhile.
    MainThread,
}

/// One argument of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argument {
    /// Its key in the message.
    pub name: String,
    /// Its Rust type as written, for people; empty when not known.
    #[serde(default)]
    pub kind: String,
    /// Whether the message may leave it out.
    #[serde(default)]
    pub optional: bool,
}

/// One entry of the command table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandEntry {
    /// The `cmd` that calls it.
    pub name: String,
    /// Where it runs.
    pub place: Place,
    /// Its documentation's first line; may be empty.
    #[serde(default)]
    pub doc: String,
    /// What follows that line, in markdown; mostly empty.
    #[serde(default)]
    pub more: String,
    /// Its arguments, or nothing where the way it is written does not tell them.
    #[serde(default)]
    pub arguments: Option<Vec<Argument>>,
}

/// What the host's configuration file says for one plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    /// The file, for sentences about it.
    pub file: String,
    /// The plugin's table in it, such as `plugins.store`.
    pub table: String,
    /// What the table holds, or why it cannot be read. An empty object where there is no such table.
    pub value: Result<serde_json::Value, String>,
}
