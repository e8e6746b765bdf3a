//! From the text of a README to the calls in its transcripts. Whatever is no line of a transcript is an error with its number.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The word behind the fence.
const TRANSCRIPT: &str = "transcript";

/// One call, and what is to come of it; each with the line it stands in.
#[derive(Debug, PartialEq)]
pub struct Exchange {
    pub line: usize,
    pub message: Value,
    pub told: Vec<(usize, Expected)>,
    pub outcome: (usize, Expected),
}

/// What is expected.
#[derive(Debug, PartialEq)]
pub enum Expected {
    Json(Value),
    Bytes(Vec<u8>),
    Error(String),
}

impl fmt::Display for Expected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(value) => value.fmt(formatter),
            Self::Bytes(bytes) => write!(formatter, "bytes {}", base64_of(bytes)),
            Self::Error(sentence) => formatter.write_str(sentence),
        }
    }
}

/// A call whose reply has not been read yet.
struct Open {
    line: usize,
    message: Value,
    told: Vec<(usize, Expected)>,
}

impl Open {
    fn without_reply(&self) -> String {
        format!("README line {}: the call has no reply; write `< …` or `! …` below it", self.line)
    }
}

/// All calls of a README.
///
/// # Errors
/// A sentence with the number of the line.
pub fn parse(readme: &str, replacements: &[(&str, &str)]) -> Result<Vec<Exchange>, String> {
    let mut exchanges = Vec::new();
    let mut fence: Option<Fence<'_>> = None;
    let mut open: Option<Open> = None;
    for (number, line) in (1..).zip(readme.lines()) {
        let line = line.trim();
        let Some(inside) = &fence else {
            fence = Fence::opened_by(line, number);
            continue;
        };
        if inside.is_closed_by(line) {
            if let Some(open) = open.take() {
                return Err(open.without_reply());
            }
            fence = None;
        } else if inside.is_transcript() && !line.is_empty() {
            read(number, line, replacements, &mut open, &mut exchanges)?;
        }
    }
    match fence {
        Some(fence) if fence.is_transcript() => {
            Err(format!("README line {}: the transcript that begins here has no end", fence.line))
        }
        _ if exchanges.is_empty() => {
            Err("the README has no transcript: a block that begins with ```transcript".to_owned())
        }
        _ => Ok(exchanges),
    }
}

fn read(
    number: usize,
    line: &str,
    replacements: &[(&str, &str)],
    open: &mut Option<Open>,
    exchanges: &mut Vec<Exchange>,
) -> Result<(), String> {
    let wrong = |what: &str| format!("README line {number}: {what}");
    let mut characters = line.chars();
    let sign = characters.next().unwrap_or_default();
    let rest = characters.as_str();
    // `!` may have an empty sentence behind it, and it is one.
    if !matches!(sign, '>' | '~' | '<' | '!') || !(rest.is_empty() || rest.starts_with(' ')) {
        return Err(wrong("no line of a transcript begins so; there are `> `, `~ `, `< ` and `! `"));
    }
    let rest = rest.trim_start();
    let expected = || expected(rest, replacements).map_err(|reason| wrong(&reason));
    if sign == '>' {
        if let Some(open) = open {
            return Err(open.without_reply());
        }
        let message = json(rest, replacements).map_err(|reason| wrong(&reason))?;
        *open = Some(Open { line: number, message, told: Vec::new() });
        return Ok(());
    }
    let Some(call) = open else {
        return Err(wrong("there is no call before this; write `> {…}` above it"));
    };
    let outcome = match sign {
        '~' => {
            call.told.push((number, expected()?));
            return Ok(());
        }
        '<' => expected()?,
        _ => Expected::Error(replaced(rest, replacements, str::to_owned)),
    };
    if let Some(Open { line, message, told }) = open.take() {
        exchanges.push(Exchange { line, message, told, outcome: (number, outcome) });
    }
    Ok(())
}

/// A block of code, from its first line on.
struct Fence<'a> {
    line: usize,
    sign: char,
    length: usize,
    info: &'a str,
}

impl<'a> Fence<'a> {
    fn opened_by(text: &'a str, line: usize) -> Option<Self> {
        let sign = text.chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
        let info = text.trim_start_matches(sign);
        let length = text.len() - info.len();
        // As in markdown: three backticks with another one behind them are code within a line.
        (length >= 3 && !(sign == '`' && info.contains('`'))).then(|| Self {
            line,
            sign,
            length,
            info: info.trim(),
        })
    }

    fn is_closed_by(&self, text: &str) -> bool {
        text.len() >= self.length && text.chars().all(|character| character == self.sign)
    }

    fn is_transcript(&self) -> bool {
        self.info == TRANSCRIPT
    }
}

fn json(text: &str, replacements: &[(&str, &str)]) -> Result<Value, String> {
    let text = replaced(text, replacements, |text| {
        let quoted = Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    });
    serde_json::from_str(&text).map_err(|error| format!("this is not JSON: {error}: {text}"))
}

fn expected(text: &str, replacements: &[(&str, &str)]) -> Result<Expected, String> {
    match text.strip_prefix("bytes ") {
        None => json(text, replacements).map(Expected::Json),
        Some(text) => match json(text, replacements)? {
            Value::String(text) => decoded(&text).map(Expected::Bytes),
            other => Err(format!("bytes are written as base64 in quotes, and not as {other}")),
        },
    }
}

/// With the text beside each name in the place of the name. Where two begin at one place the longer one is meant; what has been put in
/// is not looked at again.
fn replaced(text: &str, replacements: &[(&str, &str)], written: impl Fn(&str) -> String) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let here = replacements.iter().filter(|(name, _)| !name.is_empty() && rest.starts_with(name));
        if let Some((name, text)) = here.max_by_key(|(name, _)| name.len()) {
            result.push_str(&written(text));
            rest = &rest[name.len()..];
        } else {
            result.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    result
}

/// The bytes that stand in a message as `{"$bytes": "base64"}`; nothing, where it is something else.
pub fn bytes_of(value: &Value) -> Option<Result<Vec<u8>, String>> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    match object.get("$bytes")? {
        Value::String(text) => Some(decoded(text)),
        other => Some(Err(format!("`$bytes` is base64 in quotes, and not {other}"))),
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, String> {
    STANDARD.decode(text).map_err(|error| format!("this is not base64: {error}: {text}"))
}

/// As a transcript has them.
pub fn base64_of(bytes: &[u8]) -> Value {
    STANDARD.encode(bytes).into()
}
