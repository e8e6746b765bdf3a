//! Why a plugin does not serve.

use std::time::Duration;

/// Why a candidate does not serve.
pub struct NotStarted {
    /// A sentence about the file, to follow its name.
    pub reason: String,
    /// How long it was waited for, if it hangs in its start.
    pub late: Option<Duration>,
}

impl From<String> for NotStarted {
    fn from(reason: String) -> Self {
        Self { reason, late: None }
    }
}
