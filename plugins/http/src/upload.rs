//! Bodies on their way to a server: what is held in memory, and files, which are read while they are sent. Opens no file but by the scope.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use futures_util::stream::try_unfold;
use plugin_api::Result;
use plugin_api::files::{Access, BaseDirectory, Scope};

use crate::exchange::{Pulse, Source};
use crate::request::Body;

/// How much of a file is read at once.
const PART: u64 = 64 * 1024;

/// The body of a request.
pub struct Upload<'a> {
    /// What is sent.
    pub body: &'a Body,
    /// Where files are.
    pub scope: &'a Scope,
    /// From where on the path of a file is meant.
    pub dir: Option<BaseDirectory>,
}

impl Source for Upload<'_> {
    fn open(&self, pulse: &Pulse) -> Result<Option<(reqwest::Body, u64)>> {
        let (from, left) = match self.body {
            Body::Empty => return Ok(None),
            Body::Held(bytes) => (From::Memory(Arc::clone(bytes)), bytes.len() as u64),
            Body::File(path) => {
                let place = self.scope.at(&self.scope.resolve(self.dir, Path::new(path))?, Access::Read)?;
                let file = place.open_for_reading()?.into_std();
                let length = file.metadata().map_err(|error| place.cannot("read", &error))?.len();
                (From::File { file, path: path.clone() }, length)
            }
        };
        let sending = Sending { from, left, pulse: pulse.clone() };
        Ok(Some((reqwest::Body::wrap_stream(try_unfold(sending, Sending::next)), left)))
    }
}

/// A body that is sent part by part, so that each is a sign of life. It knows nothing of the plugin's host: the task that sends it may
/// be the last one to go.
struct Sending {
    from: From,
    /// As much as was promised is sent, though a file may grow.
    left: u64,
    pulse: Pulse,
}

enum From {
    Memory(Arc<[u8]>),
    File { file: File, path: String },
}

impl Sending {
    async fn next(self) -> io::Result<Option<(Vec<u8>, Self)>> {
        // This is asked for when what was sent before has gone.
        self.pulse.beat();
        if self.left == 0 {
            return Ok(None);
        }
        let (part, mut rest) = match &self.from {
            From::Memory(bytes) => (part_of(bytes, self.left), self),
            // A file on another machine may take its time, and the thread here has others to serve.
            From::File { .. } => {
                tokio::task::spawn_blocking(move || self.read()).await.map_err(io::Error::other)??
            }
        };
        rest.left -= part.len() as u64;
        Ok(Some((part, rest)))
    }

    fn read(self) -> io::Result<(Vec<u8>, Self)> {
        let mut part = Vec::new();
        if let From::File { file, path } = &self.from {
            file.take(PART.min(self.left)).read_to_end(&mut part)?;
            if part.is_empty() {
                return Err(io::Error::other(format!("`{path}` has become shorter while it was sent")));
            }
        }
        Ok((part, self))
    }
}

/// The next part of what is held, of which so much is still to be sent.
fn part_of(bytes: &[u8], left: u64) -> Vec<u8> {
    let left = usize::try_from(left).unwrap_or(usize::MAX);
    let rest = &bytes[bytes.len().saturating_sub(left)..];
    rest[..rest.len().min(PART as usize)].to_vec()
}
