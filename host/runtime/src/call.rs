//! One call on its way, as work for the executor: to a plugin, to the host itself, to the application.

use std::sync::Arc;

use crate::executor::{Refusal, Task};
use crate::library::module::Started;
use crate::library::reply_handle;
use crate::message::Message;
use crate::reply::Replier;
use crate::router::{App, BuiltIn};
use crate::runtime::refusal_text;

/// Answers a call that the executor gave back.
pub fn refuse<T: Task>(submitted: Result<(), (T, Refusal)>) {
    if let Err((task, refusal)) = submitted {
        Box::new(task).refuse(refusal);
    }
}

/// A call to a plugin's command.
pub struct PluginCall {
    pub started: Arc<Started>,
    pub index: u32,
    pub message: Message,
    pub replier: Replier,
}

impl Task for PluginCall {
    fn run(self: Box<Self>) {
        let Self { started, index, message, replier } = *self;
        started.call(index, message.text(), reply_handle(replier));
    }

    fn refuse(self: Box<Self>, refusal: Refusal) {
        let text = refusal_text(&refusal, self.replier.plugin());
        self.replier.error(text);
    }

    fn bytes(&self) -> usize {
        self.message.text().len()
    }
}

/// A call to a function of the host's.
pub struct BuiltInCall {
    pub function: BuiltIn,
    pub message: Message,
    pub replier: Replier,
}

impl Task for BuiltInCall {
    fn run(self: Box<Self>) {
        match (self.function)(self.message.text()) {
            Ok(json) => self.replier.json(json.into_bytes()),
            Err(text) => self.replier.error(text),
        }
    }

    fn refuse(self: Box<Self>, refusal: Refusal) {
        self.replier.error(refusal_text(&refusal, None));
    }

    fn bytes(&self) -> usize {
        self.message.text().len()
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
        self.app.run(self.message.text(), reply_handle(self.replier));
    }

    fn refuse(self: Box<Self>, refusal: Refusal) {
        self.replier.error(refusal_text(&refusal, None));
    }

    fn bytes(&self) -> usize {
        self.message.text().len()
    }
}
