//! What the supervisor of a process hears: from the process, from the lane, and from who wants something of the plugin.

use std::time::Duration;

/// What the supervisor hears.
pub enum Order {
    /// The process has ended.
    Exited,
    /// Its plugin has started; these are its schemas.
    Started(String),
    /// Its plugin does not start.
    Refused(String),
    /// It has broken the rules, in this way, and is to be ended.
    Kill(String),
    /// It says nothing any more.
    Silent,
    /// Something has changed in its calls that may have to be acted on.
    Look,
    /// Somebody wants it to be started although it has died too often.
    Again,
    /// It is to come to its end, within this time if somebody waits for that.
    Stop(Option<Duration>),
}
