//! A command as `#[command]` makes it: what the table says of it, and how it is run.

use std::ops::Deref;

use crate::Context;
use crate::abi::ReplyHandle;
use crate::outcome::Outcome;
use crate::table::{Argument, CommandEntry, CommandSchemas, Place};

/// The plugin's own state, for a command that names a parameter of type `State<'_, T>`.
///
/// `T` is what the `state:` function of [`export_plugin!`](crate::export_plugin) returns. Commands run on many
/// threads at a time, so `T` is `Send + Sync`; what changes in it lives behind a lock or an atomic.
///
/// ```
/// # use plugin_api::{command, State};
/// # use std::sync::atomic::{AtomicU64, Ordering};
/// struct Counter(AtomicU64);
///
/// /// Counts the calls.
/// #[command]
/// fn count(counter: State<'_, Counter>) -> u64 {
///     counter.0.fetch_add(1, Ordering::Relaxed) + 1
/// }
/// ```
pub struct State<'a, T>(&'a T);

impl<'a, T> State<'a, T> {
    #[doc(hidden)]
    pub fn new(state: &'a T) -> Self {
        Self(state)
    }
}

impl<T> Deref for State<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0
    }
}

/// One call, as the generated code sees it.
#[doc(hidden)]
pub struct Call<'a, S> {
    /// The JSON text.
    pub message: &'a str,
    /// The plugin's view of its host.
    pub context: &'a Context,
    /// The plugin's own state.
    pub state: &'a S,
    /// Where the answer goes.
    pub reply: &'a ReplyHandle,
}

/// What `#[command]` knows of an argument when it compiles.
#[doc(hidden)]
pub struct ArgumentInfo {
    /// Its key in the message.
    pub name: &'static str,
    /// Its type as written.
    pub kind: &'static str,
    /// Whether its type is an `Option`.
    pub optional: bool,
}

/// What `#[command]` knows of a command when it compiles.
#[doc(hidden)]
pub struct CommandInfo {
    /// Its `cmd`.
    pub name: &'static str,
    /// Where it runs.
    pub place: Place,
    /// What its documentation says at first.
    pub doc: &'static str,
    /// What follows that.
    pub more: &'static str,
    /// Its arguments.
    pub arguments: &'static [ArgumentInfo],
    /// The type it returns, as written.
    pub returns: &'static str,
    /// The type of the values that it sends; empty when none.
    pub sends: &'static str,
    /// The type of its progress; empty when none.
    pub reports: &'static str,
    /// Its deadline.
    pub deadline_ms: Option<u64>,
    /// How many of its calls run at a time.
    pub concurrency: Option<u32>,
    /// Whether it needs to be listed by name.
    pub dangerous: bool,
    /// Whether it is for plugins alone.
    pub internal: bool,
    /// Its schemas.
    pub schemas: fn() -> CommandSchemas,
}

impl CommandInfo {
    pub(crate) fn entry(&self) -> CommandEntry {
        let arguments = self.arguments.iter().map(|argument| Argument {
            name: argument.name.to_owned(),
            kind: argument.kind.to_owned(),
            optional: argument.optional,
        });
        CommandEntry {
            name: self.name.to_owned(),
            place: self.place,
            doc: self.doc.to_owned(),
            more: self.more.to_owned(),
            arguments: Some(arguments.collect()),
            returns: self.returns.to_owned(),
            sends: self.sends.to_owned(),
            reports: self.reports.to_owned(),
            deadline_ms: self.deadline_ms,
            concurrency: self.concurrency,
            dangerous: self.dangerous,
            internal: self.internal,
        }
    }
}

/// What the table says of a command, whatever the plugin's state is.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a command",
    label = "not a command",
    note = "write `#[command]` before the function"
)]
pub trait Described {
    /// What the table says of it.
    const INFO: CommandInfo;
}

/// A function with `#[command]` before it, in a plugin whose state is `S`. Implemented by that attribute alone.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a command of a plugin whose state is `{S}`",
    label = "not a command here",
    note = "write `#[command]` before the function, and let its `State<'_, T>` name the type that `state:` returns"
)]
pub trait Command<S>: Described {
    /// Decodes the arguments, runs the function, encodes what it returned.
    #[doc(hidden)]
    fn run(call: &Call<'_, S>) -> Outcome;
}
