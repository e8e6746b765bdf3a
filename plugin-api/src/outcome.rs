//! From what a command returned to what crosses the boundary: a status and bytes.

use std::fmt::Display;

use serde::Serialize;

use crate::abi::{ReplyHandle, Status};
use crate::guard;

/// The JSON text of a command's value, or why there is none.
pub type Outcome = Result<Vec<u8>, Failure>;

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

impl<T: Serialize, E: Display> Returned<Result<T, E>> {
    #[doc(hidden)]
    pub fn into_outcome(self) -> Outcome {
        self.0.map_err(Failure::error).and_then(|value| encode(&value))
    }
}

/// The way of a return value that is no `Result`.
#[doc(hidden)]
pub trait FromValue {
    #[doc(hidden)]
    fn into_outcome(self) -> Outcome;
}

impl<T: Serialize> FromValue for Returned<T> {
    fn into_outcome(self) -> Outcome {
        encode(&self.0)
    }
}

fn encode<T: Serialize>(value: &T) -> Outcome {
    let mut bytes = Vec::with_capacity(128);
    match serde_json::to_writer(&mut bytes, value) {
        Ok(()) => Ok(bytes),
        Err(error) => Err(Failure::error(format_args!("the command's result does not serialise: {error}"))),
    }
}

/// Runs `work` and answers `reply` with its outcome, whatever happens in it.
pub(crate) fn answer(reply: ReplyHandle, work: impl FnOnce() -> Outcome) {
    match guard::catch(work) {
        Ok(Ok(bytes)) => reply.send(Status::OK, &bytes),
        Ok(Err(failure)) => reply.send(failure.status, failure.text.as_bytes()),
        Err(panic) => reply.send(Status::PANIC, panic.as_bytes()),
    }
}
