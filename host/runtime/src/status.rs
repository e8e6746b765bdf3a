//! What is loaded, what was refused and why: plain data, for people and for `--json`.

use plugin_api::table::CommandEntry;
use serde::Serialize;

/// The state of the plugin folder's contents, once loaded.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Status {
    /// The plugins that run, in the order they were loaded.
    pub plugins: Vec<PluginStatus>,
    /// The files that were refused.
    pub refused: Vec<Refused>,
    /// The commands that more than one plugin has.
    pub duplicates: Vec<Duplicate>,
}

/// A plugin that runs.
#[derive(Debug, Clone, Serialize)]
pub struct PluginStatus {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it says it is for; may be empty.
    pub description: String,
    /// The file it was loaded from.
    pub file: String,
    /// Its command table.
    pub commands: Vec<CommandEntry>,
}

/// A file, or a folder, that was not loaded.
#[derive(Debug, Clone, Serialize)]
pub struct Refused {
    /// Its path.
    pub file: String,
    /// What is wrong with it and what to do, to follow its name.
    pub reason: String,
}

/// A command that more than one plugin has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Duplicate {
    /// The name.
    pub cmd: String,
    /// The plugin that keeps it: the first one loaded.
    pub kept_by: String,
    /// The plugin whose command is reachable as `plugin-name/cmd` only.
    pub also: String,
}
