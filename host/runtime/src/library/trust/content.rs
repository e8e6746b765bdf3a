//! What a library holds, by its SHA-256, as `sha256sum` prints it: who writes a list of contents has that program at hand.
//!
//! Nothing else is told by it: copies and verdicts have a hash of their own.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use sha2::{Digest as _, Sha256};

use crate::words;

/// Bytes of the hash.
const BYTES: usize = 32;

/// The SHA-256 of a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; BYTES]);

impl Digest {
    /// Of all that a file holds.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(mut file: &File) -> io::Result<Self> {
        let mut hasher = Sha256::new();
        file.rewind()?;
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(Self(hasher.finalize().into())),
                count => hasher.update(&buffer[..count]),
            }
        }
    }

    /// The one that is written so, in letters of either size.
    fn from_text(text: &str) -> Option<Self> {
        let digits: Vec<u8> =
            text.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8)).collect::<Option<_>>()?;
        let bytes: Vec<u8> =
            digits.chunks(2).map(|pair| pair.iter().fold(0, |sum, digit| sum << 4 | digit)).collect();
        (digits.len() == 2 * BYTES).then(|| bytes.try_into().ok()).flatten().map(Self)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_text(text.trim()).ok_or_else(|| D::Error::custom(words::bad_digest(&text)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_is_what_sha256sum_prints() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc").unwrap();
        let digest = Digest::of(file.as_file()).unwrap();
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest.to_string(), text);
        assert_eq!(Digest::of(file.as_file()).unwrap(), digest, "it is read from its beginning");
        assert_eq!(Digest::from_text(&text.to_uppercase()), Some(digest));
        for wrong in [&text[1..], &format!("{text}0"), &format!("{}g", &text[1..]), "", "é"] {
            assert_eq!(Digest::from_text(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic_and_none_but_its_own(text in "[0-9a-fA-Fé]{0,70}") {
            let read = Digest::from_text(&text).map(|digest| digest.to_string());
            prop_assert!(read.is_none_or(|read| read == text.to_lowercase()));
        }
    }
}
