//! The runtime's and the bridge's ports to the main thread, over the event loop's proxy.

use std::sync::{Mutex, PoisonError};

use plugin_host_runtime::MainThread;
use tao::event_loop::EventLoopProxy;

use crate::event::UserEvent;

/// Sends events to the loop from any thread.
pub struct Proxy(Mutex<EventLoopProxy<UserEvent>>);

impl Proxy {
    pub fn new(proxy: EventLoopProxy<UserEvent>) -> Self {
        Self(Mutex::new(proxy))
    }

    /// Sends an event. Once the loop has ended there is nobody to hear it.
    pub fn send(&self, event: UserEvent) {
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).send_event(event);
    }
}

impl MainThread for Proxy {
    fn wake(&self) {
        self.send(UserEvent::Work);
    }
}
