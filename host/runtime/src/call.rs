//! One call on its way, as work for the executor: to the host itself, or to the application. Those to plugins are in `plugin/call.rs`.

use std::sync::{Arc, TryLockError};

use plugin_api::Context;
use plugin_api::abi::{HostHandle, ReplyHandle};

use crate::executor::{Refusal, Task};
use crate::message::Message;
use crate::reply::Replier;
use crate::router::{App, BuiltIn};
use crate::words;

/// A call to a function of the host's.
pub struct BuiltInCall {
    pub function: BuiltIn,
    pub message: Message,
    pub replier: Replier,
}

impl Task for BuiltInCall {
    fn run(self: Box<Self>) {
        if self.replier.is_idle() {
            return self.replier.unwanted();
        }
        (self.function)(&self.message, self.replier);
    }

    fn refuse(self: Box<Self>, refusal: Refusal) {
        self.replier.error(words::refused(&refusal, None));
    }

    fn bytes(&self) -> usize {
        self.message.text().len() + self.replier.carried_bytes()
    }
}

/// A call to the application's handler.
pub struct AppCall {
    pub app: Arc<App>,
    pub message: Message,
    pub replier: Replier,
}

impl Task for AppCall {
    fn run(self: Box<Self>) {
        self.app.run(self.message.text(), ReplyHandle::of(self.replier));
    }

    fn refuse(self: Box<Self>, refusal: Refusal) {
        self.replier.error(words::refused(&refusal, None));
    }

    fn bytes(&self) -> usize {
        self.message.text().len() + self.replier.carried_bytes()
    }
}

impl App {
    /// Gives one call to the application's handler.
    fn run(&self, message: &str, reply: plugin_api::abi::ReplyHandle) {
        let context = Context::new(HostHandle::of(Arc::clone(&self.host)));
        let mut handler = match self.handler.try_lock() {
            Ok(handler) => handler,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // A nested event loop called it again: dropped, the reply is an error.
            Err(TryLockError::WouldBlock) => return drop(reply),
        };
        plugin_api::__private::run_handler(&context, reply, message, &mut *handler);
    }
}
