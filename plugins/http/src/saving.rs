//! Answers that are written to a file as they come. The file is there when it is whole, and not before.

use std::collections::BTreeMap;
use std::io::Write as _;

use plugin_api::files::{Draft, Place};
use plugin_api::schemars::{self, JsonSchema};
use plugin_api::{Progress, Result, bail};
use serde::Serialize;

use crate::answer::headers;
use crate::exchange::{Answered, Pulse};
use crate::hosts::origin;

/// How many bytes come before the page is told again.
const STEP: u64 = 64 * 1024;

/// How far a download has come.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Loaded {
    /// The bytes that were written.
    pub done: u64,
    /// How many it will be, where the server says so.
    pub total: Option<u64>,
}

/// A download that is done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Downloaded {
    /// The status of the answer, 200 to 299.
    pub status: u16,
    /// Its headers, by their names in small letters.
    pub headers: BTreeMap<String, String>,
    /// Where it came from in the end.
    pub url: String,
    /// The bytes that were written.
    pub bytes: u64,
}

/// Writes an answer to a place, `most` bytes at most.
///
/// # Errors
/// Where it breaks off, is too long, or cannot be written. What was there before is there then as well.
pub async fn save(
    mut answered: Answered,
    place: Place,
    most: u64,
    progress: &Progress<Loaded>,
    pulse: &Pulse,
) -> Result<Downloaded> {
    let total = answered.response.content_length();
    let too_long = |url| {
        format!(
            "the answer of `{}` is longer than {most} bytes; raise `longest_download` under `[plugins.http]` in the host's \
             configuration, if there is room for it",
            origin(url)
        )
    };
    if total.is_some_and(|total| total > most) {
        bail!(too_long(&answered.url));
    }
    let mut draft = Draft::new(place)?;
    let (mut done, mut told) = (0, 0);
    progress.report(&Loaded { done, total })?;
    while let Some(chunk) = answered.chunk(pulse).await? {
        done += chunk.len() as u64;
        if done > most {
            bail!(too_long(&answered.url));
        }
        draft.write_all(&chunk).map_err(|error| draft.place().cannot("written", &error))?;
        if done - told >= STEP {
            told = done;
            progress.report(&Loaded { done, total })?;
        }
    }
    draft.keep()?;
    progress.report(&Loaded { done, total })?;
    Ok(Downloaded {
        status: answered.response.status().as_u16(),
        headers: headers(answered.response.headers()),
        url: answered.url.to_string(),
        bytes: done,
    })
}
