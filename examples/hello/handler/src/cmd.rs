//! The messages of the page, as in the Tauri 0.x documentation.

use serde::Deserialize;

/// What the page sends with `doSomething`.
#[derive(Debug, Deserialize)]
pub struct DoSomethingPayload {
    /// Some text.
    pub state: String,
    /// Some number.
    pub data: u64,
}

/// One variant for each command.
#[derive(Deserialize)]
#[serde(tag = "cmd", rename_all = "camelCase")]
pub enum Cmd {
    /// Runs on the main thread.
    DoSomethingSync {
        /// Some text.
        argument: String,
    },
    /// Answers from another thread.
    DoSomething {
        /// Above five, or it is an error.
        count: u64,
        /// Goes along.
        payload: DoSomethingPayload,
        /// The name of the page's resolve function.
        callback: String,
        /// The name of the page's reject function.
        error: String,
    },
}
