//! Whether a value is the one that is expected, where some of it may be anything.

use serde_json::{Number, Value};

/// What stands for anything.
const ANYTHING: char = '…';

/// The way to the first place where `got` is not what is expected, and what is wrong there; nothing where all is well.
pub fn differs(expected: &Value, got: &Value) -> Option<String> {
    find(expected, got, "the value".to_owned())
}

fn find(expected: &Value, got: &Value, at: String) -> Option<String> {
    match (expected, got) {
        (Value::String(pattern), _) if pattern.chars().eq([ANYTHING]) => None,
        (Value::String(pattern), Value::String(text)) => (!is_like(pattern, text)).then_some(at),
        (Value::Number(expected), Value::Number(got)) => (!is_same(expected, got)).then_some(at),
        (Value::Array(expected), Value::Array(got)) => {
            let pairs = expected.iter().zip(got).enumerate();
            let mut differences =
                pairs.filter_map(|(index, (expected, got))| find(expected, got, format!("{at}[{index}]")));
            differences.next().or_else(|| {
                (expected.len() != got.len())
                    .then(|| format!("{at} has {} elements and not {}", got.len(), expected.len()))
            })
        }
        (Value::Object(expected), Value::Object(got)) => {
            let mut differences = expected.iter().filter_map(|(key, expected)| match got.get(key) {
                Some(got) => find(expected, got, format!("{at}.{key}")),
                None => Some(format!("{at} has no `{key}`")),
            });
            differences.next().or_else(|| {
                let more = got.keys().find(|key| !expected.contains_key(*key));
                more.map(|key| format!("{at} has `{key}` as well"))
            })
        }
        _ => (expected != got).then_some(at),
    }
}

/// A whole number is the same as one that is written with a point: in the page they are.
fn is_same(expected: &Number, got: &Number) -> bool {
    expected == got || ((expected.is_f64() || got.is_f64()) && expected.as_f64() == got.as_f64())
}

/// Whether a text is like this one, in which `…` stands for any text.
pub fn is_like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split(ANYTHING);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    // Each as early as it can be: that leaves most for those behind it.
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}
