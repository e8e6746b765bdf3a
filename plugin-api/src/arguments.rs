//! Reads a command's arguments out of its message, by name, in one pass. What that pass refuses is read once more, with more
//! care: with the bytes that came along, and keeping the path to what does not fit.
//!
//! Every refusal names the place in the arguments and the command. A message may hold `cmd`, `callback` and `error`
//! besides the arguments, and nothing else.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_path_to_error::Track;

use crate::abi::ReplyHandle;
use crate::bytes::with_bytes_of;
use crate::outcome::Failure;

/// The arguments of one command, as `#[command]` generates it: one slot for each name.
#[doc(hidden)]
pub trait Slots: Default {
    /// The keys, in the order of the parameters.
    const NAMES: &'static [&'static str];

    /// Which slot a key names. Generated as a `match`, which compares faster than a search.
    fn index_of(key: &str) -> Option<usize>;

    /// Reads the next value into the slot at `index`.
    fn read<'de, A: MapAccess<'de>>(&mut self, index: usize, map: &mut A) -> Result<(), A::Error>;

    /// Whether the slot at `index` has been read.
    fn has(&self, index: usize) -> bool;
}

/// Reads all arguments of `command` out of `message`, to which `reply` is the answer.
#[doc(hidden)]
pub fn read<S: Slots>(command: &str, message: &str, reply: &ReplyHandle) -> Result<S, Failure> {
    let mut deserializer = serde_json::Deserializer::from_str(message);
    let mut slots = S::default();
    let read = deserializer
        .deserialize_map(MessageVisitor { slots: &mut slots, command, at_fault: &mut false })
        .and_then(|()| deserializer.end());
    match read {
        Ok(()) => Ok(slots),
        Err(_) => with_bytes_of(reply, || read_with_care(command, message)),
    }
}

#[cold]
fn read_with_care<S: Slots>(command: &str, message: &str) -> Result<S, Failure> {
    let mut deserializer = serde_json::Deserializer::from_str(message);
    let (mut slots, mut at_fault, mut track) = (S::default(), false, Track::new());
    let visitor = MessageVisitor { slots: &mut slots, command, at_fault: &mut at_fault };
    let read = serde_path_to_error::Deserializer::new(&mut deserializer, &mut track)
        .deserialize_map(visitor)
        .and_then(|()| deserializer.end());
    match read {
        Ok(()) => Ok(slots),
        Err(error) if at_fault => {
            let (path, error) = (track.path(), without_position(&error));
            Err(Failure::arguments(format!("argument `{path}` of `{command}`: {error}")))
        }
        Err(error) => Err(Failure::arguments(without_position(&error))),
    }
}

/// What can be an argument: every type that serde reads and that borrows nothing from the message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a command",
    label = "serde cannot read this from a message",
    note = "write `#[derive(serde::Deserialize)]` before `{Self}`, or take a type that has it; the state is `State<'_, T>`, the context is `&Context`"
)]
#[doc(hidden)]
pub trait Argument: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Argument for T {}

/// The value of an argument that stands in the message.
#[doc(hidden)]
pub fn next<'de, T: Argument, A: MapAccess<'de>>(map: &mut A) -> Result<T, A::Error> {
    map.next_value()
}

/// The value of an argument that the message left out: `None` where the type allows that.
#[doc(hidden)]
pub fn missing<T: Argument>(command: &str, name: &str) -> Result<T, Failure> {
    T::deserialize(Missing)
        .map_err(|_| Failure::arguments(format!("argument `{name}` of `{command}` is missing")))
}

struct MessageVisitor<'a, S> {
    slots: &'a mut S,
    command: &'a str,
    /// Whether it is the value of an argument that does not fit.
    at_fault: &'a mut bool,
}

impl<'de, S: Slots> Visitor<'de> for MessageVisitor<'_, S> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the message of `{}`, an object", self.command)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let command = self.command;
        while let Some(key) = map.next_key_seed(KeySeed::<S>(PhantomData))? {
            match key {
                Key::Reserved => drop(map.next_value::<IgnoredAny>()?),
                Key::Argument(index) => {
                    let name = S::NAMES[index];
                    if self.slots.has(index) {
                        return Err(de::Error::custom(format_args!(
                            "argument `{name}` of `{command}` appears twice"
                        )));
                    }
                    *self.at_fault = true;
                    self.slots.read(index, &mut map)?;
                    *self.at_fault = false;
                }
                Key::Unknown(name) => return Err(de::Error::custom(unknown::<S>(command, &name))),
            }
        }
        Ok(())
    }
}

fn unknown<S: Slots>(command: &str, name: &str) -> String {
    let name: String = name.chars().take(64).collect();
    let nearest = S::NAMES
        .iter()
        .map(|known| (strsim::normalized_damerau_levenshtein(known, &name), known))
        .filter(|(nearness, _)| *nearness >= 0.5)
        .max_by(|left, right| left.0.total_cmp(&right.0));
    match nearest {
        Some((_, nearest)) => format!("`{command}` has no argument `{name}`; did you mean `{nearest}`?"),
        None if S::NAMES.is_empty() => format!("`{command}` has no argument `{name}`; it takes none"),
        None => format!("`{command}` has no argument `{name}`; it takes `{}`", S::NAMES.join("`, `")),
    }
}

/// A message is one line of text that a machine wrote: line and column help nobody.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&position).map(str::to_owned).unwrap_or(text)
}

enum Key {
    Reserved,
    Argument(usize),
    Unknown(String),
}

struct KeySeed<S>(PhantomData<S>);

impl<'de, S: Slots> DeserializeSeed<'de> for KeySeed<S> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<S: Slots> Visitor<'_> for KeySeed<S> {
    type Value = Key;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of an argument")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        Ok(match S::index_of(key) {
            Some(index) => Key::Argument(index),
            // Keys of a message that are not arguments.
            None if matches!(key, "cmd" | "callback" | "error") => Key::Reserved,
            None => Key::Unknown(key.to_owned()),
        })
    }
}

/// Gives `None` to an `Option` and an error to every other type.
struct Missing;

impl<'de> Deserializer<'de> for Missing {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("missing"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
