//! The child's end of the socket. Whoever has something to say writes it: in a child every thread may wait.

use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

use crate::isolation::{FromChild, frames};
use crate::library::leaving::leave_at_once;

/// How large the buffer may stay between two frames.
const KEPT: usize = 64 << 10;

/// Writes frames.
pub struct Wire(Mutex<(UnixStream, Vec<u8>)>);

impl Wire {
    pub fn to(stream: UnixStream) -> Self {
        Self(Mutex::new((stream, Vec::new())))
    }

    /// Says something. A child whose host does not hear it any more has nothing left to do, and ends.
    ///
    /// # Errors
    /// When the frame is longer than one may be.
    pub fn say(&self, frame: &FromChild) -> io::Result<()> {
        let mut wire = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (stream, buffer) = &mut *wire;
        let appended = frames::append(buffer, frame);
        if appended.is_err() {
            buffer.shrink_to(KEPT);
            return appended;
        }
        if stream.write_all(buffer).is_err() {
            leave_at_once(1);
        }
        buffer.clear();
        buffer.shrink_to(KEPT);
        Ok(())
    }
}
