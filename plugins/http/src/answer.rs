//! What is read of an answer, and how a page gets it. Holds no more of a body than is allowed, counted as it is after unpacking.

use std::collections::BTreeMap;
use std::ops::Deref;

use plugin_api::schemars::{self, JsonSchema};
use plugin_api::{Result, anyhow, bail, ensure};
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::exchange::{Answered, Pulse};
use crate::failure;
use crate::hosts::origin;
use crate::options::ResponseType;

/// How deep JSON may be nested. Who reads it after this may do so level by level on its stack; serde's limit is the same.
const MOST_LEVELS: usize = 127;

/// A body, as the page has asked for it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Content {
    /// The JSON text as it came, so that nothing in it is rounded or put in another order.
    Json(Box<RawValue>),
    /// A text.
    Text(String),
    /// A number for each byte.
    Binary(Vec<u8>),
}

/// An answer of whatever status.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fetched {
    /// Its status, as 404.
    pub status: u16,
    /// What that means, as `Not Found`.
    pub status_text: String,
    /// Whether it is one of success, 200 to 299.
    pub ok: bool,
    /// Its headers, by their names in small letters. What came several times is put together with `, `, cookies with a new line.
    pub headers: BTreeMap<String, String>,
    /// Where it came from in the end.
    pub url: String,
    /// Whether that is another place than was asked first.
    pub redirected: bool,
    /// Its body, as `responseType` says; as text where nothing is said.
    #[schemars(with = "Value")]
    pub body: Content,
}

impl Answered {
    /// The answer, if its status is one of success.
    ///
    /// # Errors
    /// A sentence with host and status, where it is none.
    pub fn successful(self) -> Result<Self> {
        let status = self.response.status();
        if status.is_success() {
            return Ok(self);
        }
        bail!(
            "`{}` answered {status}; `fetch` gives such an answer with its headers and its body",
            origin(&self.url)
        )
    }

    /// Reads the body.
    ///
    /// # Errors
    /// Where it breaks off, is longer than `most` bytes, or is not what was asked for.
    pub async fn content(mut self, kind: ResponseType, most: usize, pulse: &Pulse) -> Result<Content> {
        let bytes = self.bytes(most, pulse).await?;
        match kind {
            ResponseType::Binary => Ok(Content::Binary(bytes)),
            ResponseType::Text => {
                let text = decoded(bytes, self.response.headers()).await;
                Ok(Content::Text(text.map_err(|error| failure::of_body(&self.url, &error))?))
            }
            ResponseType::Json => self.json(&bytes).map(Content::Json),
        }
    }

    /// Reads all of it, whatever the status.
    ///
    /// # Errors
    /// As [`content`](Self::content).
    pub async fn fetched(self, kind: ResponseType, most: usize, pulse: &Pulse) -> Result<Fetched> {
        let status = self.response.status();
        Ok(Fetched {
            status: status.as_u16(),
            status_text: status.canonical_reason().unwrap_or_default().to_owned(),
            ok: status.is_success(),
            headers: headers(self.response.headers()),
            url: self.url.to_string(),
            redirected: self.redirected,
            body: self.content(kind, most, pulse).await?,
        })
    }

    async fn bytes(&mut self, most: usize, pulse: &Pulse) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk(pulse).await? {
            if chunk.len() > most - bytes.len() {
                bail!(
                    "the answer of `{}` is longer than {most} bytes, and no more are held in memory; have `download` write \
                     it to a file, or raise `longest_body` under `[plugins.http]` in the host's configuration",
                    origin(&self.url)
                );
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// The next part of the body, unpacked.
    ///
    /// # Errors
    /// Where it breaks off or cannot be unpacked.
    pub async fn chunk(&mut self, pulse: &Pulse) -> Result<Option<impl Deref<Target = [u8]> + use<>>> {
        let chunk = self.response.chunk().await.map_err(|error| failure::of_body(&self.url, &error))?;
        pulse.beat();
        Ok(chunk)
    }

    fn json(&self, bytes: &[u8]) -> Result<Box<RawValue>> {
        const MARK: &[u8] = "\u{feff}".as_bytes();
        let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
        // What was asked by HEAD, and what has no content, has nothing to read either.
        let bytes = if bytes.is_empty() { b"null" } else { bytes };
        let depth = depth(bytes);
        ensure!(
            depth <= MOST_LEVELS,
            "the JSON of `{}` has {depth} levels, and no more than {MOST_LEVELS} are handed on; ask for text by \
             `responseType: 2`",
            origin(&self.url)
        );
        serde_json::from_slice(bytes).map_err(|error| {
            let kind = self
                .response
                .headers()
                .get(CONTENT_TYPE)
                .map_or("of no type", |kind| kind.to_str().unwrap_or("?"));
            anyhow!(
                "`{}` answered with what is no JSON ({kind}): {error}; ask for text by `responseType: 2`",
                origin(&self.url)
            )
        })
    }
}

/// How deep lists and objects stand in one another.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut within_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = within_text,
            b'"' => within_text = !within_text,
            b'[' | b'{' if !within_text => depth += 1,
            b']' | b'}' if !within_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The text of a body, in the encoding that its type names; in UTF-8 where it names none.
async fn decoded(bytes: Vec<u8>, headers: &HeaderMap) -> Result<String, reqwest::Error> {
    let mut held = http::Response::new(bytes);
    if let Some(kind) = headers.get(CONTENT_TYPE) {
        held.headers_mut().insert(CONTENT_TYPE, kind.clone());
    }
    Response::from(held).text().await
}

/// Headers as a page gets them.
pub fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut written: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        // A byte each, as browsers read them.
        let value = value.as_bytes().iter().map(|&byte| char::from(byte));
        match written.get_mut(name.as_str()) {
            Some(text) => {
                // There may be a comma in a cookie.
                text.push_str(if name == "set-cookie" { "\n" } else { ", " });
                text.extend(value);
            }
            None => drop(written.insert(name.as_str().to_owned(), value.collect())),
        }
    }
    written
}
