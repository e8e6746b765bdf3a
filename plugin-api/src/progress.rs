//! What a command tells the page before it answers: how far it has come, and values one after another.

use std::marker::PhantomData;

use serde::Serialize;

use crate::abi::{CallHandle, ReplyHandle};
use crate::{Bytes, Error, Result, anyhow};

/// Tells the page how far the command has come: its `onProgress` gets the value. Where the page is slow it gets the last value
/// and not those before; a [`Channel`] loses none.
///
/// May be cloned, kept and used from any thread.
///
/// ```
/// # use plugin_api::{Progress, Result, command};
/// /// Copies files, as `promisified({ cmd: 'copyFiles', names }, { onProgress: share => … })` shows.
/// #[command]
/// fn copy_files(progress: Progress<f64>, names: Vec<String>) -> Result<()> {
///     for (index, name) in names.iter().enumerate() {
///         # fn copy(_: &str) {}
///         copy(name);
///         progress.report(&((index + 1) as f64 / names.len() as f64))?;
///     }
///     Ok(())
/// }
/// ```
pub struct Progress<T> {
    call: Option<CallHandle>,
    of: PhantomData<fn(T)>,
}

/// Sends the page many values before the command answers: its `onValue` gets each of them, in their order, or the loop
/// `for await (const value of stream({ cmd: … }))` does.
///
/// Values of [`Bytes`] travel as they are, and are `ArrayBuffer`s in the page: a `Channel<Bytes>` sends a file of any size in parts, of
/// which a megabyte is a good one.
///
/// May be cloned, kept and used from any thread but the main one.
///
/// ```
/// # use plugin_api::{Channel, Result, command};
/// /// Sends the lines of a file, one by one, however long it is.
/// #[command]
/// fn lines_of(lines: Channel<String>, path: String) -> Result<()> {
///     use std::io::BufRead;
///     for line in std::io::BufReader::new(std::fs::File::open(path)?).lines() {
///         lines.send(&line?)?;
///     }
///     Ok(())
/// }
/// ```
pub struct Channel<T> {
    call: Option<CallHandle>,
    of: PhantomData<fn(T)>,
}

/// What may be told of the progress: all that can be written as JSON.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be told to the page: it cannot be written as JSON",
    label = "cannot be written as JSON",
    note = "write `#[derive(serde::Serialize)]` before the type, or report one that has it"
)]
pub trait Reported: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Reported for T {}

/// What may be sent to the page before the answer: all that can be written as JSON, and [`Bytes`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent to the page: it cannot be written as JSON",
    label = "cannot be written as JSON",
    note = "write `#[derive(serde::Serialize)]` before the type, or send one that has it"
)]
pub trait Sent {
    #[doc(hidden)]
    fn send_over(&self, call: &CallHandle) -> Result<()>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Sent for T {
    fn send_over(&self, call: &CallHandle) -> Result<()> {
        call.send_value(&serde_json::to_string(self)?).map_err(Error::msg)
    }
}

#[diagnostic::do_not_recommend]
impl Sent for Bytes {
    fn send_over(&self, call: &CallHandle) -> Result<()> {
        let sent = call.send_bytes(self);
        sent.ok_or_else(|| anyhow!("this host is too old to take bytes before the answer; get a newer one"))?
            .map_err(Error::msg)
    }
}

// The bounds stand at the methods and not at the `impl`: so these are always found, and what is missing is told in words of ours.
impl<T> Progress<T> {
    #[doc(hidden)]
    pub fn of(reply: &ReplyHandle) -> Self
    where
        T: Reported,
    {
        Self { call: reply.call(), of: PhantomData }
    }

    /// Tells the page. Returns at once. With an older host, nobody hears it.
    ///
    /// # Errors
    /// When `value` cannot be written as JSON.
    pub fn report(&self, value: &T) -> Result<()>
    where
        T: Reported,
    {
        let value = serde_json::to_string(value)?;
        match &self.call {
            Some(call) => call.progress(&value).map_err(Error::msg),
            None => Ok(()),
        }
    }
}

impl<T> Channel<T> {
    #[doc(hidden)]
    pub fn of(reply: &ReplyHandle) -> Self
    where
        T: Sent,
    {
        Self { call: reply.call(), of: PhantomData }
    }

    /// Sends a value. Waits while the page has not taken enough of those before; so a command is never ahead of its page by more
    /// than a few values.
    ///
    /// # Errors
    /// When nobody waits for the answer any more, as after a cancellation; when `value` cannot be written as JSON; on the main
    /// thread, where waiting for the page would be for ever; when the host is older than this function.
    pub fn send(&self, value: &T) -> Result<()>
    where
        T: Sent,
    {
        let call =
            self.call.as_ref().ok_or_else(|| anyhow!("this host takes no values before the answer"))?;
        value.send_over(call)
    }
}

impl<T> Clone for Progress<T> {
    fn clone(&self) -> Self {
        Self { call: self.call.clone(), of: PhantomData }
    }
}

impl<T> Clone for Channel<T> {
    fn clone(&self) -> Self {
        Self { call: self.call.clone(), of: PhantomData }
    }
}
