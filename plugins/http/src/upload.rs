//! Bodies on their way to a server: what is held in memory, and files, which are read while they are sent. Opens no file but by the scope.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

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
    fn open(&self, pulse: &Pulse) -> Result<Option<(reqwest::Body, Option<u64>)>> {
        match self.body {
            Body::Empty => Ok(None),
            Body::Held(bytes) => Ok(Some((bytes.clone().into(), None))),
            Body::File(path) => {
                let place = self.scope.at(&self.scope.resolve(self.dir, Path::new(path))?, Access::Read)?;
                let file = place.open_for_reading()?.into_std();
                let length = file.metadata().map_err(|error| place.cannot("read", &error))?.len();
                let sending = Sending { file, left: length, path: path.clone(), pulse: pulse.clone() };
                Ok(Some((reqwest::Body::wrap_stream(try_unfold(sending, Sending::next)), Some(length))))
            }
        }
    }
}

/// A file that is sent. It knows nothing of the plugin's host: the task that sends it may be the last one to go.
struct Sending {
    file: File,
    /// As much as was promised is sent, though the file may grow.
    left: u64,
    path: String,
    pulse: Pulse,
}

impl Sending {
    async fn next(self) -> io::Result<Option<(Vec<u8>, Self)>> {
        if self.left == 0 {
            return Ok(None);
        }
        // A file on another machine may take its time, and the thread here has others to serve.
        let read = tokio::task::spawn_blocking(move || {
            let mut part = Vec::new();
            (&self.file).take(PART.min(self.left)).read_to_end(&mut part)?;
            Ok::<_, io::Error>((part, self))
        });
        let (part, mut rest) = read.await.map_err(io::Error::other)??;
        if part.is_empty() {
            let path = &rest.path;
            return Err(io::Error::other(format!("`{path}` has become shorter while it was sent")));
        }
        rest.left -= part.len() as u64;
        // This is asked for when what was sent before has gone.
        rest.pulse.beat();
        Ok(Some((part, rest)))
    }
}
