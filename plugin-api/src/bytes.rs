//! Bytes that travel as they are, in both directions, without becoming text.

use std::cell::RefCell;
use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::abi::{CallHandle, ReplyHandle};

/// The key of the object that stands in a message in the place of bytes; its value is their number.
const PLACE: &str = "$bytes";

/// Bytes from the page, or for the page. An argument of this type takes an `ArrayBuffer`, a view of one, or an array of numbers;
/// a command that returns it resolves the promise with an `ArrayBuffer`. Inside of other results it cannot stand.
///
/// ```
/// # use plugin_api::{Bytes, command};
/// /// Turns every bit over.
/// #[command]
/// fn invert(data: Bytes) -> Bytes {
///     data.iter().map(|byte| !byte).collect::<Vec<u8>>().into()
/// }
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bytes(Vec<u8>);

impl Bytes {
    /// The bytes as a vector.
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Bytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_owned())
    }
}

/// Their number: nobody wants to read a picture in a log.
impl fmt::Debug for Bytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Bytes({})", self.0.len())
    }
}

thread_local! {
    /// The call whose message is read on this thread at this moment.
    static READING: RefCell<Option<CallHandle>> = const { RefCell::new(None) };
}

/// Runs `read`, in which [`Bytes`] are found that came with the call's message.
pub fn with_bytes_of<R>(reply: &ReplyHandle, read: impl FnOnce() -> R) -> R {
    /// Forgets the call, also where a `Deserialize` of the author's panics.
    struct Reading;
    impl Drop for Reading {
        fn drop(&mut self) {
            READING.set(None);
        }
    }
    READING.set(reply.call());
    let _reading = Reading;
    read()
}

fn numbered(index: u32) -> Option<Vec<u8>> {
    READING.with_borrow(|call| call.as_ref()?.bytes(index))
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BytesVisitor).map(Self)
    }
}

struct BytesVisitor;

impl<'de> Visitor<'de> for BytesVisitor {
    type Value = Vec<u8>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("bytes: an ArrayBuffer, or an array of numbers from 0 to 255")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_owned())
    }

    fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
        Ok(bytes)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<u8>, A::Error> {
        /// A message may claim any length.
        const MOST_RESERVED: usize = 64 * 1024;
        let mut bytes = Vec::with_capacity(sequence.size_hint().unwrap_or(0).min(MOST_RESERVED));
        while let Some(byte) = sequence.next_element()? {
            bytes.push(byte);
        }
        Ok(bytes)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<u8>, A::Error> {
        let place: Option<(String, u32)> = map.next_entry()?;
        let index = place.filter(|(key, _)| key == PLACE).map(|(_, index)| index);
        if map.next_key::<String>()?.is_some() {
            return Err(de::Error::invalid_type(de::Unexpected::Map, &self));
        }
        index.and_then(numbered).ok_or_else(|| de::Error::invalid_type(de::Unexpected::Map, &self))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Bytes {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bytes".into()
    }

    fn json_schema(_generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "array",
            "format": "bytes",
            "items": { "type": "integer", "minimum": 0, "maximum": 255 }
        })
    }
}
