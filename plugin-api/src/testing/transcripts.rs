//! Transcripts in a README: what is sent and what comes back, run against the plugin. So what a README shows is what the plugin does.
//!
//! Refused is whatever would be passed over in silence: a line that is none of a transcript's, a call without its reply, a README
//! without a transcript.

mod compare;
mod parse;

use serde_json::{Value, json};

use self::compare::{differs, is_like};
use self::parse::{Exchange, Expected, parse};
use super::side::{Answered, Told};
use super::{Pending, TestHost};

/// How much of a value a failure shows.
const MOST_SHOWN: usize = 2000;

/// Runs the transcripts of a README, in their order, against one host; panics at the first line that does not hold, with the line's
/// number, what the README says and what the plugin did.
///
/// A transcript is a block of code with the word `transcript` behind its fence:
///
/// ````markdown
/// ```transcript
/// > {"cmd": "shout", "text": "hello", "times": 2}
/// ~ "HELLO"
/// ~ "HELLO"
/// < {"told": 2, "took": "…"}
/// > {"cmd": "shout", "text": "", "times": 1}
/// ! there is nothing to shout
/// ```
/// ````
///
/// - `> ` is a message, in JSON. `{"$bytes": "base64"}` stands for an argument that is bytes.
/// - `~ ` is what the call reports or sends before its reply, one line each, in their order. All of it, or nothing.
/// - `< ` is the reply; one of bytes is written `< bytes "base64"`, and so is a value of a channel of bytes.
/// - `! ` is the sentence that the promise is rejected with.
///
/// In what is expected a `…` within a string, or in a sentence, stands for any text, and `"…"` by itself for any value. Numbers are the
/// same where JavaScript has no difference between them. Each name in `replacements` means the text beside it, in all lines: a path that is not
/// the same twice, as `("$FOLDER", &folder)`; within JSON the text is written as a string needs it.
///
/// ````
/// use plugin_api::{Channel, Result, command, export_plugin};
/// use plugin_api::testing::check_transcripts;
///
/// /// Says it louder.
/// #[command]
/// fn shout(said: Channel<String>, text: String, times: u32) -> Result<u32> {
///     plugin_api::ensure!(!text.is_empty(), "there is nothing to shout");
///     for _ in 0..times {
///         said.send(&text.to_uppercase())?;
///     }
///     Ok(times)
/// }
///
/// export_plugin! { commands: [shout] }
///
/// # fn main() {
/// // In a test: `include_str!("../README.md")`.
/// let readme = r#"
/// ```transcript
/// > {"cmd": "shout", "text": "NAME, come here", "times": 1}
/// ~ "…, COME HERE"
/// < 1
/// > {"cmd": "shout", "text": "", "times": 1}
/// ! there is nothing to …
/// ```
/// "#;
/// check_transcripts(readme, &plugin_api::test_host!().unwrap(), &[("NAME", "Bello")]);
/// # }
/// ````
///
/// # Panics
/// Where the README and the plugin differ, and where a transcript is not written so. When a command does not answer within a minute.
#[track_caller]
pub fn check_transcripts(readme: &str, host: &TestHost, replacements: &[(&str, &str)]) {
    let ask = |message: &Value, bytes: Vec<Vec<u8>>| Heard::of(&host.begin_with(message, bytes));
    if let Err(failure) = run(readme, replacements, ask) {
        panic!("{failure}");
    }
}

/// What has come of one call.
struct Heard {
    told: Vec<Told>,
    outcome: Result<Answered, String>,
}

impl Heard {
    fn of(pending: &Pending<'_>) -> Self {
        let outcome = pending.answered();
        Self { told: pending.call.lock().told.clone(), outcome }
    }
}

/// Reads the transcripts and asks for each call; what does not hold, in lines to be read.
fn run(
    readme: &str,
    replacements: &[(&str, &str)],
    mut ask: impl FnMut(&Value, Vec<Vec<u8>>) -> Heard,
) -> Result<(), String> {
    let exchanges = parse(readme, replacements)?;
    for exchange in &exchanges {
        let (message, bytes) = attached(&exchange.message)
            .map_err(|reason| format!("README line {}: {reason}", exchange.line))?;
        let heard = ask(&message, bytes);
        check_outcome(exchange, &heard.outcome)?;
        check_told(exchange, &heard.told)?;
    }
    Ok(())
}

/// The message as it is sent, and the bytes that go along.
fn attached(message: &Value) -> Result<(Value, Vec<Vec<u8>>), String> {
    let mut message = message.clone();
    let mut attached = Vec::new();
    for (name, value) in message.as_object_mut().into_iter().flatten() {
        if let Some(bytes) = parse::bytes_of(value).transpose()? {
            *value = json!({ "$bytes": attached.len() });
            attached.push(bytes);
        } else if holds_bytes(value) {
            return Err(format!(
                "bytes are arguments by themselves: a page cannot send those within `{name}`"
            ));
        }
    }
    Ok((message, attached))
}

fn holds_bytes(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.iter().any(holds_bytes),
        Value::Object(object) => object.contains_key("$bytes") || object.values().any(holds_bytes),
        _ => false,
    }
}

fn check_outcome(exchange: &Exchange, got: &Result<Answered, String>) -> Result<(), String> {
    let (line, expected) = &exchange.outcome;
    let difference = match (expected, got) {
        (Expected::Error(expected), Err(got)) => (!is_like(expected, got)).then(String::new),
        (Expected::Json(expected), Ok(Answered::Json(got))) => differs(expected, got),
        (Expected::Bytes(expected), Ok(Answered::Bytes(got))) => (expected != got).then(String::new),
        _ => Some(String::new()),
    };
    let Some(at) = difference else { return Ok(()) };
    let got = match got {
        Ok(Answered::Json(value)) => format!("< {value}"),
        Ok(Answered::Bytes(bytes)) => format!("< bytes {}", parse::base64_of(bytes)),
        Err(sentence) => format!("! {sentence}"),
    };
    let sign = if matches!(expected, Expected::Error(_)) { "!" } else { "<" };
    Err(failure(*line, exchange, "answers otherwise", &at, &format!("{sign} {expected}"), &got))
}

fn check_told(exchange: &Exchange, got: &[Told]) -> Result<(), String> {
    if exchange.told.is_empty() {
        return Ok(());
    }
    for (index, (line, expected)) in exchange.told.iter().enumerate() {
        let got = got.get(index);
        let difference = match (expected, got) {
            (Expected::Json(expected), Some(Told::Progress(got) | Told::Value(got))) => {
                differs(expected, got)
            }
            (Expected::Bytes(expected), Some(Told::Bytes(got))) => (expected != got).then(String::new),
            _ => Some(String::new()),
        };
        let Some(at) = difference else { continue };
        let got = got.map_or_else(|| "nothing more".to_owned(), |got| format!("~ {}", written(got)));
        return Err(failure(*line, exchange, "tells something else", &at, &format!("~ {expected}"), &got));
    }
    match (exchange.told.last(), got.get(exchange.told.len())) {
        (Some((line, _)), Some(more)) => {
            let got = format!("~ {}", written(more));
            Err(failure(*line, exchange, "tells more after this", "", "nothing more", &got))
        }
        _ => Ok(()),
    }
}

fn written(told: &Told) -> String {
    match told {
        Told::Progress(value) | Told::Value(value) => value.to_string(),
        Told::Bytes(bytes) => format!("bytes {}", parse::base64_of(bytes)),
    }
}

fn failure(line: usize, exchange: &Exchange, what: &str, at: &str, expected: &str, got: &str) -> String {
    let cmd = exchange.message["cmd"].as_str().unwrap_or("the message");
    let at = if at.is_empty() { String::new() } else { format!("\n  first differ: {at}") };
    let message = format!("> {}", exchange.message);
    format!(
        "README line {line}: `{cmd}` {what}\n  sent:         {}\n  README says:  {}\n  plugin did:   {}{at}",
        shown(&message),
        shown(expected),
        shown(got)
    )
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(MOST_SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{} … ({} bytes)", &text[..end], text.len()),
    }
}

#[cfg(test)]
mod tests;
