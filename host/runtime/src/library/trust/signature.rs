//! Detached signatures, as minisign makes them: `libx.so.minisig` lies beside `libx.so`.
//!
//! Only verifies. Both kinds count, the one that minisign makes by default and the older one without a hash, and with each the
//! trusted comment must be the signer's, too.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use minisign_verify::{Error as Mistake, PublicKey, Signature};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::super::discovery;
use crate::words;

/// Longer than any signature with the longest comments that minisign allows, in bytes.
const LONGEST: u64 = 16 << 10;

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(PublicKey);

impl Key {
    fn from_text(text: &str) -> Result<Self, String> {
        PublicKey::from_base64(text.trim()).map(Self).map_err(|_| words::bad_key(text))
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_text(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Why a file does not count as signed, with the file of the signature.
#[derive(Debug, PartialEq, Eq)]
pub enum Unsigned {
    /// There is no signature.
    Missing(PathBuf),
    /// There is one that cannot be read.
    Unreadable(PathBuf, String),
    /// What is there is no signature, or a damaged one.
    Garbled(PathBuf),
    /// It is by none of the keys.
    OtherKey(PathBuf),
    /// It is said to be by one of the keys, and does not fit the content, or its own comment.
    DoesNotFit(PathBuf),
    /// The library itself cannot be read.
    NoContent(String),
}

/// Verifies that one of `keys` has signed `content`, by the signature beside `path`. Returns the trusted comment.
pub fn verify(keys: &[Key], content: &File, path: &Path) -> Result<String, Unsigned> {
    let file = discovery::signature_of(path);
    let text = read(&file)?;
    let Ok(signature) = Signature::decode(&text) else { return Err(Unsigned::Garbled(file)) };
    let mut said_to_be = false;
    for Key(key) in keys {
        match fits(key, content, &signature).map_err(|error| Unsigned::NoContent(error.to_string()))? {
            Ok(()) => return Ok(signature.trusted_comment().to_owned()),
            Err(Mistake::UnexpectedKeyId) => {}
            Err(_) => said_to_be = true,
        }
    }
    Err(if said_to_be { Unsigned::DoesNotFit(file) } else { Unsigned::OtherKey(file) })
}

fn read(file: &Path) -> Result<String, Unsigned> {
    if matches!(file.try_exists(), Ok(false)) {
        return Err(Unsigned::Missing(file.to_owned()));
    }
    let (opened, length) =
        discovery::open(file).map_err(|reason| Unsigned::Unreadable(file.to_owned(), reason))?;
    let mut text = Vec::new();
    let unreadable =
        |error: io::Error| Unsigned::Unreadable(file.to_owned(), words::unreadable(&error.to_string()));
    if length <= LONGEST {
        opened.take(LONGEST).read_to_end(&mut text).map_err(unreadable)?;
    }
    String::from_utf8(text).map_err(|_| Unsigned::Garbled(file.to_owned()))
}

/// Whether a signature is by this key and of this content, and its trusted comment as it was signed.
fn fits(key: &PublicKey, mut content: &File, signature: &Signature) -> io::Result<Result<(), Mistake>> {
    content.rewind()?;
    let mut verifier = match key.verify_stream(signature) {
        Ok(verifier) => verifier,
        Err(Mistake::UnsupportedLegacyMode) => {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            return Ok(key.verify(&bytes, signature, true));
        }
        Err(mistake) => return Ok(Err(mistake)),
    };
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match content.read(&mut buffer)? {
            0 => return Ok(verifier.finalize()),
            count => verifier.update(&buffer[..count]),
        }
    }
}

/// Keys of those whose signatures count, for who verifies a file without a host.
#[derive(Debug, Clone)]
pub struct SignatureKeys {
    keys: Vec<Key>,
    /// Whose they are, in a sentence.
    whose: String,
}

impl SignatureKeys {
    pub(super) fn new(keys: Vec<Key>, whose: String) -> Self {
        Self { keys, whose }
    }

    /// The key that is written so: the line that the configuration takes, or the text of a `minisign.pub`, whose last line that is.
    ///
    /// # Errors
    /// A sentence, when it is no key.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let line = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
        Key::from_text(line).map(|key| Self::new(vec![key], words::keys_that_were_given()))
    }

    /// Verifies that one of them has signed the file, by the signature beside it. Returns what the signer says in the
    /// trusted comment.
    ///
    /// # Errors
    /// A sentence, to follow the file's name.
    pub fn verify(&self, file: &Path) -> Result<String, String> {
        let (content, _) = discovery::open(file)?;
        verify(&self.keys, &content, file).map_err(|unsigned| words::not_signed(&unsigned, &self.whose))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    // The vectors of minisign-verify's documentation, made by minisign of the content `test`.
    const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
    const OTHER_KEY: &str = "RWTJh8NvBK8U8NdHUScsWpGGU4qyBMPxBwU7UqXBGIlLGqRlgB6LAdNl";
    const SIGNATURE: &str = "untrusted comment: signature from minisign secret key
RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=
trusted comment: timestamp:1633700835\tfile:test\tprehashed
wLMDjy9FLAuxZ3q4NlEvkgtyhrr0gtTu6KC4KBJdITbbOeAi1zBIYo0v4iTgt8jJpIidRJnp94ABQkJAgAooBQ==
";
    const LEGACY: &str = "untrusted comment: signature from minisign secret key
RWQf6LRCGA9i59SLOFxz6NxvASXDJeRtuZykwQepbDEGt87ig1BNpWaVWuNrm73YiIiJbq71Wi+dP9eKL8OC351vwIasSSbXxwA=
trusted comment: timestamp:1555779966\tfile:test
QtKMXWyYcwdpZAlPF7tE2ENJkRd1ujvKjlj1m9RtHTBnZPa5WKU5uWRs5GoP5M/VqE81QFuMKI5k/SfNQUaOAA==
";

    /// What comes of a content with a signature.
    fn outcome(key: &str, content: &[u8], signature: &[u8]) -> Result<String, Unsigned> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.so");
        fs::write(&file, content).unwrap();
        fs::write(discovery::signature_of(&file), signature).unwrap();
        let keys = [Key::from_text(key).unwrap()];
        let outcome = verify(&keys, &File::open(&file).unwrap(), &file);
        let none = || PathBuf::new();
        outcome.map_err(|unsigned| match unsigned {
            Unsigned::Garbled(_) => Unsigned::Garbled(none()),
            Unsigned::OtherKey(_) => Unsigned::OtherKey(none()),
            Unsigned::DoesNotFit(_) => Unsigned::DoesNotFit(none()),
            other => other,
        })
    }

    #[test]
    fn signatures_of_minisign_are_understood_in_either_kind() {
        let comment = "timestamp:1633700835\tfile:test\tprehashed";
        assert_eq!(outcome(KEY, b"test", SIGNATURE.as_bytes()), Ok(comment.to_owned()));
        assert_eq!(
            outcome(KEY, b"test", LEGACY.as_bytes()),
            Ok("timestamp:1555779966\tfile:test".to_owned())
        );
        let windows = SIGNATURE.replace('\n', "\r\n");
        assert!(outcome(KEY, b"test", windows.as_bytes()).is_ok());
    }

    #[test]
    fn another_content_another_comment_and_another_key_are_told_apart() {
        let none = PathBuf::new;
        for signature in [SIGNATURE, LEGACY] {
            assert_eq!(outcome(KEY, b"Test", signature.as_bytes()), Err(Unsigned::DoesNotFit(none())));
            let comment = signature.replace("file:test", "file:best");
            assert_eq!(outcome(KEY, b"test", comment.as_bytes()), Err(Unsigned::DoesNotFit(none())));
            assert_eq!(outcome(OTHER_KEY, b"test", signature.as_bytes()), Err(Unsigned::OtherKey(none())));
        }
        let long = vec![b'x'; 10 << 20];
        for garbage in [&b""[..], b"\xff\xfe", b"no signature\n\n\n\n", &long, &SIGNATURE.as_bytes()[..150]] {
            assert_eq!(outcome(KEY, b"test", garbage), Err(Unsigned::Garbled(none())));
        }
    }

    #[test]
    fn a_key_is_its_line_or_the_text_of_its_file() {
        for text in [KEY.to_owned(), format!(" {KEY}\r\n"), format!("untrusted comment: a key\n{KEY}\n")] {
            assert!(SignatureKeys::from_text(&text).is_ok(), "{text}");
        }
        for text in ["", "RWQ", "untrusted comment: a key", &KEY.replace('W', "é")] {
            assert!(SignatureKeys::from_text(text).unwrap_err().contains("begins with RW"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_signature_is_read_without_a_panic(text in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(outcome(KEY, b"test", &text).is_err());
        }

        #[test]
        fn a_signature_with_any_damage_does_not_count(at in 54..SIGNATURE.len() - 1, other in 1..=u8::MAX) {
            // What stands before is a comment that nobody has signed.
            let mut text = SIGNATURE.as_bytes().to_vec();
            text[at] ^= other;
            prop_assert!(outcome(KEY, b"test", &text).is_err());
        }
    }
}
