//! Reading files: whole, in part, or piece by piece. Knows nothing of who gets the bytes.

use std::io::{self, Read, Seek as _, SeekFrom};

use plugin_api::files::Place;
use plugin_api::files::cap_std::fs::File;
use plugin_api::schemars::{self, JsonSchema};
use plugin_api::{Result, anyhow, ensure};
use serde::Serialize;

/// The largest answer, in bytes: what a message may have in the other direction. It is in memory more than once.
pub const MOST_READ: u64 = 64 << 20;

/// The largest file that is answered as a list of numbers: each takes up to four letters.
pub const MOST_NUMBERS: u64 = MOST_READ / 4;

/// How much is read, written or sent at a time.
pub const PIECE: usize = 256 << 10;

/// How far something has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Share {
    /// Bytes done.
    pub done: u64,
    /// Bytes in all, as many as there were at the beginning.
    pub total: u64,
}

/// A part of a file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Part {
    /// Where it begins, in bytes.
    pub offset: u64,
    /// How long it is; to the end of the file, where nothing is said.
    pub length: Option<u64>,
}

/// Reads a part of a file that is at most `most` bytes long.
pub fn bytes(place: &Place, part: Part, most: u64) -> Result<Vec<u8>> {
    let (file, length) = open(place, part)?;
    let too_long = |length: u64| {
        anyhow!(
            "`{}` has {length} bytes to read, and at most {most} are read at once; use readStream, or read it in parts",
            place.shown().display()
        )
    };
    ensure!(length <= most, too_long(length));
    let mut bytes = Vec::with_capacity(usize::try_from(length)?);
    // It may have grown; and a file of the system's own says that it is empty, and is not.
    let end = part.length.unwrap_or(most + 1);
    file.take(end).read_to_end(&mut bytes).map_err(|error| place.cannot("read", &error))?;
    ensure!(bytes.len() as u64 <= most, too_long(bytes.len() as u64));
    Ok(bytes)
}

/// Reads a file as text.
pub fn text(place: &Place) -> Result<String> {
    let bytes = bytes(place, Part::default(), MOST_READ)?;
    String::from_utf8(bytes).map_err(|error| {
        anyhow!(
            "`{}` is no text in UTF-8: byte {} does not fit; readFile gives it as bytes",
            place.shown().display(),
            error.utf8_error().valid_up_to()
        )
    })
}

/// Gives a part of a file to `take`, piece by piece, and tells it how far that is. Returns the number of bytes.
pub fn pieces(place: &Place, part: Part, mut take: impl FnMut(Vec<u8>, Share) -> Result<()>) -> Result<u64> {
    let (file, total) = open(place, part)?;
    let mut file = file.take(part.length.unwrap_or(u64::MAX));
    let mut done = 0;
    loop {
        let piece = piece(&mut file).map_err(|error| place.cannot("read", &error))?;
        if piece.is_empty() {
            return Ok(done);
        }
        done += piece.len() as u64;
        take(piece, Share { done, total: total.max(done) })?;
    }
}

/// The next piece, as long as there is as much; empty at the end.
pub fn piece(file: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut piece = Vec::with_capacity(PIECE);
    file.take(PIECE as u64).read_to_end(&mut piece)?;
    Ok(piece)
}

/// The file from the part's beginning on, and how much of the part there is.
fn open(place: &Place, part: Part) -> Result<(File, u64)> {
    let mut file = place.open_for_reading()?;
    let cannot = |error: io::Error| place.cannot("read", &error);
    let size = file.metadata().map_err(cannot)?.len();
    ensure!(part.offset <= i64::MAX as u64, "`offset` is {}, and no file is that long", part.offset);
    if part.offset > 0 {
        file.seek(SeekFrom::Start(part.offset)).map_err(cannot)?;
    }
    let length = size.saturating_sub(part.offset);
    Ok((file, part.length.map_or(length, |wanted| wanted.min(length))))
}
