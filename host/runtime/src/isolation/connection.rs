//! The host's end of the socket: a thread that writes what others put into its queue, so that nobody waits for a child that does
//! not read.

use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender};

use super::frames::{self, ToChild};
use crate::words;

/// Bytes that wait for a child at most, beside calls, which are bounded where they are counted.
const MOST_WAITING: usize = 64 << 20;

/// How many bytes of small frames are gathered before they are written.
const GATHERED: usize = 64 << 10;

/// Puts frames on their way. Cloning shares it.
#[derive(Clone)]
pub struct Connection {
    /// Nothing is the end.
    sender: Sender<Option<(ToChild, usize)>>,
    waiting: Arc<AtomicUsize>,
}

impl Connection {
    /// Begins to write to `stream`, on a thread of its own, until [`end`](Self::end), or until nobody reads.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn begin(stream: UnixStream, plugin: &str) -> io::Result<Self> {
        // Unbounded, yet bounded: calls by who counts them, what concerns a call by the calls, and the rest by its bytes.
        let (sender, receiver) = crossbeam_channel::unbounded();
        let waiting = Arc::new(AtomicUsize::new(0));
        let written = Arc::clone(&waiting);
        thread::Builder::new()
            .name(format!("to {plugin}"))
            .spawn(move || write_all(stream, &receiver, &written))?;
        Ok(Self { sender, waiting })
    }

    /// Sends a frame that is counted elsewhere, or is one of few.
    pub fn send(&self, frame: ToChild) {
        // Where the child has ended nobody wants it.
        let _ = self.sender.send(Some((frame, 0)));
    }

    /// Ends the writing: the process is no more, whoever may still want to say something to it.
    pub fn end(&self) {
        let _ = self.sender.send(None);
    }

    /// Sends a frame that holds so many bytes, unless too many wait.
    pub fn send_bounded(&self, frame: ToChild, bytes: usize) -> bool {
        // Small ones count as well.
        let bytes = bytes + size_of::<ToChild>();
        if self.waiting.fetch_add(bytes, Ordering::AcqRel) + bytes > MOST_WAITING {
            self.waiting.fetch_sub(bytes, Ordering::AcqRel);
            return false;
        }
        let _ = self.sender.send(Some((frame, bytes)));
        true
    }
}

fn write_all(mut stream: UnixStream, frames: &Receiver<Option<(ToChild, usize)>>, waiting: &AtomicUsize) {
    let mut buffer = Vec::new();
    while let Ok(Some((mut frame, mut bytes))) = frames.recv() {
        loop {
            // One that is too long is a call of the longest message with as many bytes, which nobody can send.
            if let Err(error) = frames::append(&mut buffer, &frame) {
                tracing::error!("{}", words::message_lost(&error.to_string()));
            }
            waiting.fetch_sub(bytes, Ordering::AcqRel);
            if buffer.len() >= GATHERED {
                break;
            }
            match frames.try_recv() {
                Ok(Some(next)) => (frame, bytes) = next,
                Ok(None) => return,
                Err(_) => break,
            }
        }
        if stream.write_all(&buffer).is_err() {
            // The child has ended; who waits for it hears of that elsewhere.
            return;
        }
        buffer.clear();
        buffer.shrink_to(2 * GATHERED);
    }
}
