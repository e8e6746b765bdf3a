//! Bodies on their way to a server: what is held in memory, and files, which are read as they are sent.

use plugin_api::{Result, bail};

use crate::exchange::{Pulse, Source};
use crate::request::Body;

/// The body of a request.
pub struct Upload<'a> {
    /// What is sent.
    pub body: &'a Body,
}

impl Source for Upload<'_> {
    fn open(&self, _pulse: &Pulse) -> Result<Option<(reqwest::Body, Option<u64>)>> {
        match self.body {
            Body::Empty => Ok(None),
            Body::Held(bytes) => Ok(Some((bytes.clone().into(), None))),
            Body::File(_) => bail!("not yet"),
        }
    }
}
