//! All that can happen in the event loop besides what the system sends: one closed set.

use plugin_host_runtime::Stopped;

use crate::order::Order;

/// An event of the application's own.
#[derive(Debug)]
pub enum UserEvent {
    /// Calls wait for the main thread, or replies for the page.
    Work,
    /// Something is to be done with a window.
    Window(Box<Order>),
    /// The application is to end.
    Close,
    /// The plugins have been stopped.
    Stopped(Stopped),
}
