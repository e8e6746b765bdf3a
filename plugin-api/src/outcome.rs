//! From what a command returned to what crosses the boundary: a status and bytes.

use std::cell::Cell;
use std::fmt::Display;

use serde::Serialize;

use crate::abi::{ReplyHandle, Status};
use crate::{Bytes, guard};

/// A command's value as it crosses the boundary, or why there is none.
pub type Outcome = Result<Encoded, Failure>;

/// A value as bytes.
pub struct Encoded {
    /// What the bytes are.
    status: Status,
    bytes: Vec<u8>,
}

/// Why a command has no value.
#[derive(Debug)]
pub struct Failure {
    pub(crate) status: Status,
    pub(crate) text: String,
}

impl Failure {
    pub(crate) fn error(text: impl Display) -> Self {
        Self { status: Status::ERROR, text: text.to_string() }
    }

    pub(crate) fn arguments(text: String) -> Self {
        Self { status: Status::ARGUMENTS, text }
    }
}

/// A command's return value on its way to an [`Outcome`]: a `Result` by the inherent method, everything else by [`FromValue`].
#[doc(hidden)]
pub struct Returned<T>(pub T);

impl<T, E> Returned<Result<T, E>> {
    // The bounds stand here and not at the `impl`: every `Result` comes this way. Otherwise one whose error can be serialised
    // and not displayed would come by the other, and its `Err` would resolve the promise.
    #[doc(hidden)]
    pub fn into_outcome(self) -> Outcome
    where
        T: Answer,
        E: Display,
    {
        self.0.map_err(Failure::error).and_then(|value| value.encode())
    }
}

/// The way of a return value that is no `Result`.
#[doc(hidden)]
pub trait FromValue {
    #[doc(hidden)]
    type Value;

    // The bound stands here and not at the `impl`: so the method is always found, and what is missing is told in words of ours.
    #[doc(hidden)]
    fn into_outcome(self) -> Outcome
    where
        Self::Value: Answer;
}

impl<T> FromValue for Returned<T> {
    type Value = T;

    fn into_outcome(self) -> Outcome
    where
        T: Answer,
    {
        self.0.encode()
    }
}

/// What a command may return besides a `Result`: all that can be written as JSON.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a command: it cannot be written as JSON",
    label = "cannot be written as JSON",
    note = "write `#[derive(serde::Serialize)]` before the type, or return one that has it"
)]
pub trait Answer {
    #[doc(hidden)]
    fn encode(self) -> Outcome;
}

impl<T: Serialize> Answer for T {
    fn encode(self) -> Outcome {
        encode(&self)
    }
}

impl Answer for Bytes {
    fn encode(self) -> Outcome {
        Ok(Encoded { status: Status::BYTES, bytes: self.into_vec() })
    }
}

/// A buffer is kept up to this many bytes: a thread that once answered with a large value does not hold its memory.
const LARGEST_KEPT: usize = 16 * 1024;

thread_local! {
    /// The host copies what it is sent, so one buffer serves all answers of a thread, one after another.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// This thread's buffer, empty.
fn buffer() -> Vec<u8> {
    let mut bytes = BUFFER.try_with(Cell::take).unwrap_or_default();
    bytes.clear();
    bytes
}

fn keep(bytes: Vec<u8>) {
    if bytes.capacity() <= LARGEST_KEPT {
        // A thread that ends keeps nothing.
        let _ = BUFFER.try_with(|buffer| buffer.set(bytes));
    }
}

fn encode<T: Serialize>(value: &T) -> Outcome {
    let mut bytes = buffer();
    match serde_json::to_writer(&mut bytes, value) {
        Ok(()) => Ok(Encoded { status: Status::OK, bytes }),
        Err(error) => Err(Failure::error(format_args!("the command's result does not serialise: {error}"))),
    }
}

/// Runs `work` and answers `reply` with its outcome, whatever happens in it.
pub(crate) fn answer(reply: ReplyHandle, work: impl FnOnce(&ReplyHandle) -> Outcome) {
    match guard::catch(|| work(&reply)) {
        Ok(Ok(Encoded { status: Status::BYTES, .. })) if reply.call().is_none() => {
            reply.send(Status::ERROR, b"this host is too old to take bytes; get a newer one");
        }
        Ok(Ok(Encoded { status, bytes })) => {
            reply.send(status, &bytes);
            keep(bytes);
        }
        Ok(Err(failure)) => reply.send(failure.status, failure.text.as_bytes()),
        Err(panic) => reply.send(Status::PANIC, panic.as_bytes()),
    }
}
