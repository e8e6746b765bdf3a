//! What a child is told to do, and what it finds.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The variable that tells a child what to do: a [`Task`] in JSON.
pub const TASK: &str = "PLUGIN_HOST_CHECK_TASK";
/// The variable that names its folder.
pub const FOLDER: &str = "PLUGIN_HOST_CHECK_FOLDER";

/// What a child is to do.
#[derive(Debug, Serialize, Deserialize)]
pub struct Task {
    /// The check's name.
    pub check: String,
    /// The library's path.
    pub library: PathBuf,
    /// What the random part follows from.
    pub seed: u64,
    /// The commands that are not called.
    pub skip: Vec<String>,
    /// How long it may take.
    pub patience: Duration,
}

/// What a check has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Found {
    /// All is well; the text, if there is one, says more.
    Passed(String),
    /// Something could be better.
    Warning(String),
    /// Something is wrong.
    Failed(String),
    /// There was nothing to look at.
    Skipped(String),
}

impl Found {
    /// Whether something is wrong.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed(_))
    }
}
