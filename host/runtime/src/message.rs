//! A message of the page: its `cmd`, found without reading the rest, and the text for the plugin.
//!
//! Refused here: what is no JSON object, what has no `cmd`, two of them, or one that is no string. The arguments
//! are the plugin's business.

use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::caller::Caller;
use crate::words;

/// The longest message that is taken, in bytes of UTF-8. It keeps one call from filling the memory of two processes.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024 * 1024;

/// A message that has a `cmd`.
#[derive(Debug)]
pub struct Message {
    text: String,
    cmd: String,
    cmd_in_text: Range<usize>,
    caller: Caller,
}

impl Message {
    /// Finds the `cmd` in `text`.
    ///
    /// # Errors
    /// A sentence for the page when the text is no message.
    pub fn parse(text: String) -> Result<Self, String> {
        if text.len() > MAX_MESSAGE_BYTES {
            return Err(words::message_too_long(text.len(), MAX_MESSAGE_BYTES));
        }
        let (cmd, cmd_in_text) = {
            let mut deserializer = serde_json::Deserializer::from_str(&text);
            let found = deserializer
                .deserialize_map(MessageVisitor)
                .and_then(|found| deserializer.end().map(|()| found));
            let raw = match found {
                Ok(Found::Once(raw)) => raw,
                Ok(Found::Never) => return Err(words::no_cmd()),
                Ok(Found::Twice) => return Err(words::cmd_twice()),
                Err(error) if error.is_data() => return Err(words::not_an_object()),
                Err(error) => return Err(words::not_json(&error.to_string())),
            };
            let cmd: String = serde_json::from_str(raw.get()).map_err(|_| words::cmd_not_text())?;
            // Both point into `text`: the difference is where the raw value begins.
            let start = raw.get().as_ptr().addr() - text.as_ptr().addr();
            (cmd, start..start + raw.get().len())
        };
        Ok(Self { text, cmd, cmd_in_text, caller: Caller::Trusted })
    }

    /// The same message, from `caller`.
    pub fn from(self, caller: Caller) -> Self {
        Self { caller, ..self }
    }

    /// Who sends it.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The command's name, as the page wrote it.
    pub fn cmd(&self) -> &str {
        &self.cmd
    }

    /// The whole JSON text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Puts another name in the place of the `cmd`: a plugin knows its commands by their own names only.
    pub fn rename(&mut self, cmd: &str) {
        let quoted = serde_json::Value::from(cmd).to_string();
        self.text.replace_range(self.cmd_in_text.clone(), &quoted);
        self.cmd_in_text.end = self.cmd_in_text.start + quoted.len();
        cmd.clone_into(&mut self.cmd);
    }
}

enum Found<'a> {
    Never,
    Once(&'a RawValue),
    Twice,
}

struct MessageVisitor;

impl<'de> Visitor<'de> for MessageVisitor {
    type Value = Found<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found<'de>, A::Error> {
        let mut found = Found::Never;
        while let Some(is_cmd) = map.next_key_seed(IsCmd)? {
            if !is_cmd {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let raw = map.next_value()?;
            found = if matches!(found, Found::Never) { Found::Once(raw) } else { Found::Twice };
        }
        Ok(found)
    }
}

/// Whether a key is `cmd`, escaped or not, without keeping it.
struct IsCmd;

impl<'de> DeserializeSeed<'de> for IsCmd {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for IsCmd {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(key == "cmd")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(text: &str) -> String {
        Message::parse(text.to_owned()).unwrap_err()
    }

    #[test]
    fn the_cmd_is_found_wherever_it_stands_and_however_it_is_escaped() {
        for text in
            [r#"{"cmd":"a","x":1}"#, r#"{"x":{"cmd":"b"},"cmd":"a"}"#, r#" { "\u0063md" : "\u0061" } "#]
        {
            assert_eq!(Message::parse(text.to_owned()).unwrap().cmd(), "a", "{text}");
        }
    }

    #[test]
    fn what_is_no_message_is_refused_with_the_reason() {
        assert!(refused("nonsense").contains("not JSON"));
        assert!(refused("").contains("not JSON"));
        assert!(refused(r#"{"cmd":"a"} {}"#).contains("not JSON"));
        for text in ["7", "null", "[]", "\"cmd\"", "true"] {
            assert!(refused(text).contains("not an object"), "{text}");
        }
        assert!(refused("{}").contains("no `cmd`"));
        assert!(refused(r#"{"cmd":7}"#).contains("not a string"));
        assert!(refused(r#"{"cmd":null}"#).contains("not a string"));
        assert!(refused(r#"{"cmd":"a","\u0063md":"b"}"#).contains("two `cmd`"));
    }

    #[test]
    fn a_message_nested_a_hundred_thousand_deep_is_routed_without_overflowing_the_stack() {
        let deep = format!(r#"{{"cmd":"a","x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(Message::parse(deep).unwrap().cmd(), "a");
    }

    #[test]
    fn a_message_over_the_limit_is_refused_before_it_is_read() {
        assert!(refused(&" ".repeat(MAX_MESSAGE_BYTES + 1)).contains("too long"));
    }

    #[test]
    fn another_name_stands_where_the_cmd_stood() {
        let mut message = Message::parse(r#"{"x":1,"cmd":"plugin\/a","y":2}"#.to_owned()).unwrap();
        message.rename("b\"c");
        assert_eq!(message.text(), r#"{"x":1,"cmd":"b\"c","y":2}"#);
        message.rename("d");
        assert_eq!(message.text(), r#"{"x":1,"cmd":"d","y":2}"#);
    }

    proptest! {
        #[test]
        fn any_text_is_either_refused_or_has_the_cmd_a_full_parser_sees(text in ".{0,60}|\\{\"cmd\":\"[a-z\"\\\\]{0,5}\"[^}]{0,10}\\}") {
            let full: Option<serde_json::Value> = serde_json::from_str(&text).ok();
            if let Ok(message) = Message::parse(text) {
                let full = full.expect("what is no JSON is refused");
                prop_assert_eq!(full["cmd"].as_str(), Some(message.cmd()));
            }
        }

        #[test]
        fn renaming_keeps_everything_else(cmd in ".{0,12}", other in ".{0,12}", value in any::<i64>()) {
            let text = serde_json::json!({ "a": value, "cmd": cmd, "z": cmd }).to_string();
            let mut message = Message::parse(text).unwrap();
            message.rename(&other);
            let after: serde_json::Value = serde_json::from_str(message.text()).unwrap();
            prop_assert_eq!(after, serde_json::json!({ "a": value, "cmd": other, "z": cmd }));
        }
    }

    proptest! {
        #![proptest_config(corpus::config())]
        #[test]
        fn a_mutation_of_a_message_has_the_one_cmd_that_a_full_parser_sees_or_is_refused(text in corpus::mutated("message")) {
            let text = String::from_utf8_lossy(&text).into_owned();
            let Ok(message) = Message::parse(text.clone()) else { return Ok(()) };
            // What is nested too deep for it, or has a number that it does not hold, the plugin refuses in its turn.
            if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
                prop_assert_eq!(value["cmd"].as_str(), Some(message.cmd()));
            }
        }
    }
}
