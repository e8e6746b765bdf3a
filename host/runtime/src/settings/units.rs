//! Times and sizes as people write them: `"250 ms"`, `"512 MB"`. Times have the units of a command's `deadline`.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

const MILLISECONDS: [(&str, u64); 4] = [("ms", 1), ("s", 1000), ("min", 60_000), ("h", 3_600_000)];

const BYTES: [(&str, u64); 7] = [
    ("B", 1),
    ("kB", 1000),
    ("KB", 1000),
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
];

/// As in the attribute: a day.
const LONGEST: u64 = 24 * 3_600_000;

pub fn some_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let time = read(&text, &MILLISECONDS).filter(|time| (1..=LONGEST).contains(time));
    let time =
        time.ok_or_else(|| D::Error::custom("write a whole number of ms, s, min or h, such as \"5s\""))?;
    Ok(Some(Duration::from_millis(time)))
}

pub fn some_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let bytes = read(&text, &BYTES).filter(|bytes| *bytes > 0);
    bytes
        .map(Some)
        .ok_or_else(|| D::Error::custom("write a whole number of MB, MiB, GB or GiB, such as \"512 MB\""))
}

fn read(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, unit) = text.split_at(text.find(|character: char| !character.is_ascii_digit())?);
    let (_, size) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*size)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_and_a_unit_are_read_and_nothing_else() {
        assert_eq!(read("250 ms", &MILLISECONDS), Some(250));
        assert_eq!(read("2h", &MILLISECONDS), Some(7_200_000));
        assert_eq!(read("512 MiB", &BYTES), Some(512 << 20));
        for bad in
            ["", "5", "s", "-5s", "5 seconds", "1.5s", "99999999999999999999s", "18446744073709551615h"]
        {
            assert_eq!(read(bad, &MILLISECONDS), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_size_or_none(text in ".{0,30}") {
            read(&text, &BYTES);
        }
    }
}
