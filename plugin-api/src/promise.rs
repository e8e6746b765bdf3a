//! The Tauri 0.x way to answer: a handler gets a webview handle and the JSON text, and hands a closure to
//! [`execute_promise`] or [`execute_promise_sync`].
//!
//! The names of the page's functions (`callback`, `error`) are taken for the sake of the signature and not used:
//! the host knows which promise a call belongs to.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use crate::abi::{ReplyHandle, Status};
use crate::outcome::{Outcome, Returned, answer};
use crate::{Context, guard};

/// The one call a handler is answering, in the shape of the webview handle of Tauri 0.x.
pub struct Webview<'a> {
    context: &'a Context,
    reply: Option<ReplyHandle>,
    /// How long the message is, which is about what a task holds that was made from it.
    message_bytes: usize,
}

impl Webview<'_> {
    /// The plugin's view of its host.
    pub fn context(&self) -> &Context {
        self.context
    }

    fn take_reply(&mut self) -> Option<ReplyHandle> {
        if self.reply.is_none() {
            self.context.error("a handler answered the same call twice; the second answer is dropped");
        }
        self.reply.take()
    }
}

/// Runs `task` on a thread that the host manages, and settles the promise with its result.
///
/// `Ok` resolves with the value as JSON, `Err` rejects with the error as a string; a panic rejects with its message.
/// Returns at once. When the plugin's queue is full, the promise is rejected and `task` does not run.
pub fn execute_promise<R, F>(webview: &mut Webview<'_>, task: F, callback: String, error: String)
where
    R: Serialize,
    F: FnOnce() -> crate::Result<R> + Send + 'static,
{
    drop((callback, error));
    let Some(reply) = webview.take_reply() else { return };
    // Shared with the work, so that the answer is still at hand when the host refuses the work.
    let reply = Arc::new(Mutex::new(Some(reply)));
    let worker_reply = Arc::clone(&reply);
    let work = move || {
        if let Some(reply) = take(&worker_reply) {
            // The panic is caught in `answer`: even it must answer.
            answer(reply, move |_| Returned(task()).into_outcome());
        }
    };
    let refused = webview.context.spawn(work, webview.message_bytes);
    if refused.is_err()
        && let Some(reply) = take(&reply)
    {
        reply
            .send(Status::ERROR, b"the plugin takes no more work: its queue is full, or the host is closing");
    }
}

fn take(reply: &Mutex<Option<ReplyHandle>>) -> Option<ReplyHandle> {
    reply.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Runs `task` here and now, on the main thread, and settles the promise with its result.
///
/// # Errors
/// None; the result is there so that code written for Tauri 0.x compiles.
pub fn execute_promise_sync<R, F>(
    webview: &mut Webview<'_>,
    task: F,
    callback: String,
    error: String,
) -> crate::Result<()>
where
    R: Serialize,
    F: FnOnce() -> crate::Result<R>,
{
    drop((callback, error));
    if let Some(reply) = webview.take_reply() {
        answer(reply, move |_| Returned(task()).into_outcome());
    }
    Ok(())
}

/// Gives one call to a handler, and sees to it that it is answered: with the handler's error, with its panic, or
/// with `null` where the handler did its work without handing on a promise.
#[doc(hidden)]
pub fn run_handler(
    context: &Context,
    reply: ReplyHandle,
    message: &str,
    handler: impl FnOnce(&mut Webview<'_>, &str) -> Result<(), String>,
) {
    let mut webview = Webview { context, reply: Some(reply), message_bytes: message.len() };
    let handled = guard::catch(|| handler(&mut webview, message));
    let (status, text) = match handled {
        Ok(Ok(())) => (Status::OK, "null".to_owned()),
        Ok(Err(error)) => (Status::ERROR, error),
        Err(panic) => (Status::PANIC, panic),
    };
    match webview.reply.take() {
        Some(reply) => reply.send(status, text.as_bytes()),
        None if status != Status::OK => {
            context.error(&format!("a handler failed after it had answered: {text}"))
        }
        None => {}
    }
}

#[doc(hidden)]
pub fn busy(_reply: &ReplyHandle) -> Outcome {
    Err(crate::outcome::Failure::error(
        "the handler is running already: a nested event loop called it again before it returned",
    ))
}
