//! What a plugin has others do: another plugin's command, and work on the main thread.

use std::sync::{Arc, mpsc};

use serde::Serialize;
use serde::de::value::BytesDeserializer;
use serde::de::{self, DeserializeOwned};
use serde_json::Value;

use super::{Context, too_old};
use crate::abi::{HostHandle, NoCall, ReplyHandle, ReplySide, Status};
use crate::{Result, anyhow, guard};

impl Context {
    /// Calls a command of any plugin, as a page would, and waits for its value. `message` is an object with a `cmd`. What a command
    /// returns as [`Bytes`](crate::Bytes) is read as such.
    ///
    /// A command that waits holds a worker of its plugin meanwhile. [`call_then`](Self::call_then) does not wait.
    ///
    /// ```
    /// # use plugin_api::{Context, Result, command};
    /// /// Greets whoever the store knows.
    /// #[command]
    /// fn greet_known(context: &Context) -> Result<String> {
    ///     let name: Option<String> = context.call(&serde_json::json!({ "cmd": "storeGet", "key": "name" }))?;
    ///     Ok(format!("Hello, {}!", name.unwrap_or_default()))
    /// }
    /// ```
    ///
    /// # Errors
    /// The command's own error; that there is no such command; that its value does not fit `T`. On the main thread, where the
    /// command runs there as well, and in the plugin's own start, while the first plugins are loaded: it could never begin.
    pub fn call<T: DeserializeOwned>(&self, message: &(impl Serialize + ?Sized)) -> Result<T> {
        let (sender, receiver) = mpsc::channel();
        let message = serde_json::to_string(message)?;
        let reply = ReplyHandle::of(Reply(Some(Box::new(move |outcome| {
            // The one who waits is there: it does nothing else.
            let _ = sender.send(outcome);
        }))));
        if !self.host.call(&message, true, reply) {
            return Err(too_old());
        }
        match receiver.recv().map_err(|_| anyhow!("the call was lost"))?? {
            Answered::Json(value) => Ok(serde_json::from_value(value)?),
            Answered::Bytes(bytes) => {
                let bytes: BytesDeserializer<'_, de::value::Error> = BytesDeserializer::new(&bytes);
                Ok(T::deserialize(bytes)?)
            }
        }
    }

    /// Calls a command of any plugin, as a page would, and runs `then` with its outcome on a worker of this plugin.
    ///
    /// Where the plugin takes no more work, or the host closes, `then` is dropped.
    ///
    /// # Errors
    /// When `message` cannot be written as JSON, or the host is older than this function.
    pub fn call_then(
        &self,
        message: &(impl Serialize + ?Sized),
        then: impl FnOnce(Result<Value>) + Send + 'static,
    ) -> Result<()> {
        let message = serde_json::to_string(message)?;
        let host: HostHandle = self.host.clone();
        let reply = ReplyHandle::of(Reply(Some(Box::new(move |outcome| {
            let outcome = outcome.and_then(|answered| match answered {
                Answered::Json(value) => Ok(value),
                Answered::Bytes(_) => Err(anyhow!("the command answered with bytes; `call` takes them")),
            });
            // The thread is somebody else's.
            let refused = host.spawn(move || guard::contain(move || then(outcome)), size_of::<Value>());
            drop(refused);
        }))));
        if self.host.call(&message, false, reply) { Ok(()) } else { Err(too_old()) }
    }

    /// Runs `work` on the main thread, and waits for what it returns. On the main thread itself it runs at once.
    ///
    /// ```
    /// # use plugin_api::{Context, Result, command};
    /// # fn ask_the_toolkit() -> String { String::new() }
    /// /// Asks what only the main thread may ask.
    /// #[command]
    /// fn theme(context: &Context) -> Result<String> {
    ///     context.on_main_thread(ask_the_toolkit)
    /// }
    /// ```
    ///
    /// # Errors
    /// When `work` panics, the host closes before it ran, the main thread's queue is full, or the host is older than this
    /// function.
    pub fn on_main_thread<R: Send + 'static>(&self, work: impl FnOnce() -> R + Send + 'static) -> Result<R> {
        if self.host.is_main_thread() {
            return Ok(work());
        }
        let (sender, receiver) = mpsc::channel();
        let job = move || {
            // The one who waits is there: it does nothing else.
            let _ = sender.send(guard::catch(work));
        };
        if self.host.run_on_main(job).is_err() {
            return Err(anyhow!(
                "the main thread takes no more work: its queue is full, or the host is too old"
            ));
        }
        match receiver.recv() {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(panic)) => Err(anyhow!("the work on the main thread panicked: {panic}")),
            Err(mpsc::RecvError) => Err(anyhow!("the host is closing")),
        }
    }
}

/// What a command has answered with.
enum Answered {
    Json(Value),
    Bytes(Vec<u8>),
}

type Then = Box<dyn FnOnce(Result<Answered>) + Send>;

/// Where the reply to a plugin's own call goes.
struct Reply(Option<Then>);

impl ReplySide for Reply {
    type Call = NoCall;

    fn call(&self) -> Arc<NoCall> {
        Arc::new(NoCall)
    }

    fn send(mut self, status: Status, bytes: &[u8]) {
        let outcome = match status {
            Status::OK => serde_json::from_slice(bytes).map(Answered::Json).map_err(crate::Error::from),
            Status::BYTES => Ok(Answered::Bytes(bytes.to_owned())),
            _ => Err(anyhow!("{}", String::from_utf8_lossy(bytes))),
        };
        if let Some(then) = self.0.take() {
            then(outcome);
        }
    }

    fn on_panic() {
        // What may panic is the plugin's own, and contained; the host has no more to say of it.
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(then) = self.0.take() {
            then(Err(anyhow!("no answer came")));
        }
    }
}
