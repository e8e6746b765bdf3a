//! Reads the command names of an enum with `#[serde(tag = "cmd")]` out of its derived `Deserialize`.
//!
//! The enum is asked to read a message whose `cmd` no variant has. serde then reports the names of all
//! variants to the error type, and the error type here keeps them.

use std::fmt;

use serde::de::value::{MapDeserializer, StrDeserializer};
use serde::de::{self, Deserialize};

/// A `cmd` that no enum has.
const NO_COMMAND: &str = "\u{1}no such command\u{1}";

/// The `cmd` of every variant of `C`, in order.
///
/// # Errors
/// When `C` does not report its variants: it is not tagged by `cmd`, or has `#[serde(other)]`.
pub fn names<'de, C: Deserialize<'de>>() -> Result<&'static [&'static str], String> {
    let message = MapDeserializer::<_, Names>::new(std::iter::once((
        StrDeserializer::new("cmd"),
        StrDeserializer::new(NO_COMMAND),
    )));
    match C::deserialize(message) {
        Err(Names::Found(names)) => Ok(names),
        Err(Names::Other(text)) => Err(format!(
            "the command enum does not tell its commands; it needs #[serde(tag = \"cmd\")] ({text})"
        )),
        Ok(_) => Err("the command enum takes any `cmd`; remove #[serde(other)]".to_owned()),
    }
}

#[derive(Debug)]
enum Names {
    Found(&'static [&'static str]),
    Other(String),
}

impl fmt::Display for Names {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self:?}")
    }
}

impl std::error::Error for Names {}

impl de::Error for Names {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Other(message.to_string())
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        if variant == NO_COMMAND { Self::Found(expected) } else { Self::Other(format!("variant {variant}")) }
    }
}

#[cfg(test)]
mod tests {
    use super::names;
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(tag = "cmd", rename_all = "camelCase")]
    #[allow(dead_code, reason = "only the names are of interest")]
    enum Cmd {
        DoSomething {
            count: u64,
        },
        Quit,
        #[serde(rename = "x-y")]
        Renamed,
    }

    #[test]
    fn the_names_are_those_of_the_variants_as_serde_renames_them() {
        assert_eq!(names::<Cmd>().unwrap(), ["doSomething", "quit", "x-y"]);
    }

    #[test]
    fn an_enum_with_another_tag_is_refused_with_the_remedy() {
        #[derive(Deserialize)]
        #[serde(tag = "kind")]
        #[allow(dead_code, reason = "only the refusal is of interest")]
        enum Other {
            A,
        }
        assert!(names::<Other>().unwrap_err().contains("#[serde(tag = \"cmd\")]"));
    }
}
