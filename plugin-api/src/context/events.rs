//! Events: a plugin tells the page and other plugins, and hears what they tell.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Context, too_old};
use crate::abi::{HostHandle, Listener};
use crate::{Error, Result};

impl Context {
    /// Tells the page and the plugins of an event: those in the page that have called `listen(event, …)` get
    /// `{ type: event, payload }`, and so do plugins that [`listen`](Self::listen), this one included. Returns at once; events of
    /// one thread arrive in their order.
    ///
    /// ```
    /// # use plugin_api::{Context, Result, command};
    /// /// Counts down, for a page that listens to `countdown`.
    /// #[command]
    /// fn count_down(context: &Context, from: u32) -> Result<()> {
    ///     for left in (0..from).rev() {
    ///         context.emit("countdown", &left)?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// When `payload` cannot be written as JSON, `event` is empty, longer than 128 characters or begins with `host/`, or the
    /// host is older than this function.
    pub fn emit(&self, event: &str, payload: &(impl Serialize + ?Sized)) -> Result<()> {
        let payload = serde_json::to_string(payload)?;
        self.host.emit(event, &payload).ok_or_else(too_old)?.map_err(Error::msg)
    }

    /// Calls `hear` with the payload of each event of this name, whether the page tells it by `emit(event, payload)`, a plugin by
    /// [`emit`](Self::emit), or the host: `host/plugins` tells what happens in the plugin folders. On workers of this plugin, one
    /// event at a time and in their order, until the [`Listening`] is dropped. A payload that does not fit `T` is a line in the
    /// log; so are events that come faster than `hear` takes them, when too many wait.
    ///
    /// ```
    /// # use plugin_api::{Context, Listening, Result, export_plugin};
    /// struct Follower { _theme: Listening }
    ///
    /// fn start(context: &Context) -> Result<Follower> {
    ///     let log = context.clone();
    ///     let theme = context.listen("theme", move |theme: String| log.info(&theme))?;
    ///     Ok(Follower { _theme: theme })
    /// }
    ///
    /// export_plugin! { commands: [], state: start }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// When `event` is empty or longer than 128 characters, the plugin has too many listeners, or the host is older than this
    /// function.
    pub fn listen<T: DeserializeOwned>(
        &self,
        event: &str,
        hear: impl Fn(T) + Send + Sync + 'static,
    ) -> Result<Listening> {
        let (name, log) = (event.to_owned(), self.host.clone());
        let listener = Listener::of(move |payload| match serde_json::from_str(payload) {
            Ok(payload) => hear(payload),
            Err(error) => {
                log.log(
                    crate::Level::WARN,
                    &format!("the payload of the event `{name}` does not fit: {error}"),
                );
            }
        });
        let number = self.host.listen(event, listener).ok_or_else(too_old)?.map_err(Error::msg)?;
        Ok(Listening { host: self.host.clone(), number })
    }
}

/// Hears events as long as it lives. Dropped, no further event is heard; one that is being heard comes to its end.
#[must_use = "dropped, it hears nothing"]
pub struct Listening {
    host: HostHandle,
    number: u64,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.host.unlisten(self.number);
    }
}
