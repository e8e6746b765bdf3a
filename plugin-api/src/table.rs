//! The command table, its schemas and the configuration, as plain serde types.
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
    /// What its documentation says at first: a sentence or some, on one line; may be empty.
    #[serde(default)]
    pub doc: String,
    /// What follows that, in markdown; mostly empty.
    #[serde(default)]
    pub more: String,
    /// Its arguments, or nothing where the way it is written does not tell them.
    #[serde(default)]
    pub arguments: Option<Vec<Argument>>,
    /// What it returns: the Rust type as written, for people; empty when not known.
    #[serde(default)]
    pub returns: String,
    /// What it sends before it answers: the Rust type as written; empty when nothing.
    #[serde(default)]
    pub sends: String,
    /// What it reports of its progress: the Rust type as written; empty when nothing.
    #[serde(default)]
    pub reports: String,
    /// How many milliseconds after it was called its promise is rejected, if it has not been settled by then.
    #[serde(default)]
    pub deadline_ms: Option<u64>,
    /// How many calls of it run at the same time at most.
    #[serde(default)]
    pub concurrency: Option<u32>,
    /// Whether it can do harm, so that a page may call it only where the host's configuration lists it by its own name.
    #[serde(default)]
    pub dangerous: bool,
    /// Whether it is for other plugins and for who owns the host, and for no page whatever the configuration lists. Such a command is
    /// dangerous as well, for hosts that know nothing of this.
    #[serde(default)]
    pub internal: bool,
}

impl CommandEntry {
    /// A command of which only the name and the place are known.
    pub fn named(name: &str, place: Place) -> Self {
        Self {
            name: name.to_owned(),
            place,
            doc: String::new(),
            more: String::new(),
            arguments: None,
            returns: String::new(),
            sends: String::new(),
            reports: String::new(),
            deadline_ms: None,
            concurrency: None,
            dangerous: false,
            internal: false,
        }
    }
}

/// The JSON Schemas (draft 2020-12) of one command; nothing where a type has none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CommandSchemas {
    /// Those of its arguments, in their order.
    #[serde(default)]
    pub arguments: Vec<Option<serde_json::Value>>,
    /// What it returns.
    #[serde(default)]
    pub result: Option<serde_json::Value>,
    /// What it sends before it answers.
    #[serde(default)]
    pub values: Option<serde_json::Value>,
    /// What it reports of its progress.
    #[serde(default)]
    pub progress: Option<serde_json::Value>,
}

/// The schemas of all commands, in the order of the command table; empty where the way the plugin is written does not tell them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Schemas {
    /// One entry for each command.
    pub commands: Vec<CommandSchemas>,
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
