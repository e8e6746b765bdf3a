//! Integers of 64 and 128 bits to their last digit. JavaScript's numbers are exact up to 2^53; beyond, text is.

use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::ops::Deref;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

/// An integer that is exact in the page as well: it travels as text. The page may pass a string of digits, a `BigInt`, or a
/// number without a fraction that JavaScript knows exactly; it gets a string, for `BigInt(text)`.
///
/// Plain `u64` and `i64` travel as JSON numbers, which the page rounds above 2^53. For a field of a type of one's own there is
/// `#[serde(with = "plugin_api::exact")]`.
///
/// ```
/// # use plugin_api::{Exact, command};
/// /// The number after this one, to the last digit.
/// #[command]
/// fn next_number(number: Exact<u64>) -> Exact<u64> {
///     Exact(number.wrapping_add(1))
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exact<T>(pub T);

impl<T> Deref for Exact<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Exact<T> {
    fn from(number: T) -> Self {
        Self(number)
    }
}

/// The types that can be exact.
pub trait Integer: Display + FromStr + TryFrom<u64> + TryFrom<i64> {
    /// For sentences.
    const NAME: &'static str;
}

macro_rules! integers {
    ($($kind:ident),*) => {
        $(impl Integer for $kind {
            const NAME: &'static str = stringify!($kind);
        })*
    };
}

integers!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);

/// Writes an integer as text; for `#[serde(with = "plugin_api::exact")]`.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<T: Integer, S: Serializer>(number: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

/// Reads an integer from text, or from a number that has lost nothing.
///
/// # Errors
/// When it is none, or does not fit `T`.
pub fn deserialize<'de, T: Integer, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(Digits(PhantomData))
}

impl<T: Integer> Serialize for Exact<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, serializer)
    }
}

impl<'de, T: Integer> Deserialize<'de> for Exact<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(Self)
    }
}

/// The largest number up to which JavaScript has all integers.
const LAST_SAFE: u64 = (1 << 53) - 1;

struct Digits<T>(PhantomData<T>);

impl<T: Integer> Digits<T> {
    fn fitting<N: TryInto<T>, E: de::Error>(&self, number: N, text: impl Display) -> Result<T, E> {
        number.try_into().map_err(|_| E::custom(format_args!("{text} does not fit {}", T::NAME)))
    }
}

impl<T: Integer> Visitor<'_> for Digits<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} as a string of digits, or as a number up to {LAST_SAFE}", T::NAME)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        if number > LAST_SAFE {
            return Err(E::custom(format_args!(
                "{number} may have lost its last digits on the way; pass it as a string or a BigInt"
            )));
        }
        self.fitting(number, number)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        if number.unsigned_abs() > LAST_SAFE {
            return Err(E::custom(format_args!(
                "{number} may have lost its last digits on the way; pass it as a string or a BigInt"
            )));
        }
        self.fitting(number, number)
    }
}

#[cfg(feature = "schema")]
impl<T: Integer> schemars::JsonSchema for Exact<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Exact".into()
    }

    fn json_schema(_generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^-?[0-9]+$" })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_that_may_have_lost_digits_is_refused_and_so_is_what_does_not_fit() {
        let read = |text: &str| serde_json::from_str::<Exact<u64>>(text).map_err(|error| error.to_string());
        assert_eq!(read("\"18446744073709551615\""), Ok(Exact(u64::MAX)));
        assert_eq!(read("9007199254740991"), Ok(Exact(LAST_SAFE)));
        assert!(read("9007199254740992").unwrap_err().contains("pass it as a string or a BigInt"));
        assert!(read("-1").unwrap_err().contains("does not fit u64"));
        for bad in ["\"18446744073709551616\"", "\"1.0\"", "1.5", "\"\"", "null", "\"0x1\""] {
            assert!(read(bad).unwrap_err().contains("u64 as a string of digits"), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_integer_comes_back_as_it_was(wide in any::<i128>(), long in any::<u64>()) {
            let text = serde_json::to_string(&(Exact(wide), Exact(long))).unwrap();
            prop_assert_eq!(&text, &format!("[\"{wide}\",\"{long}\"]"));
            prop_assert_eq!(serde_json::from_str::<(Exact<i128>, Exact<u64>)>(&text).unwrap(), (Exact(wide), Exact(long)));
        }
    }
}
