//! Transcripts run against a plugin made of a closure.

use std::cell::RefCell;

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A plugin that gives the value, and tells of each in `tell` before.
fn echo(message: &Value, bytes: Vec<Vec<u8>>) -> Heard {
    let told = message["tell"].as_array().into_iter().flatten();
    let told = told.map(|value| Told::Value(value.clone())).collect();
    let outcome = match (message.get("fail"), bytes.into_iter().next()) {
        (Some(text), _) => Err(text.as_str().unwrap_or_default().to_owned()),
        (None, Some(bytes)) => Ok(Answered::Bytes(bytes)),
        (None, None) => Ok(Answered::Json(message["value"].clone())),
    };
    Heard { told, outcome }
}

fn readme(lines: &str) -> String {
    format!("# A plugin\n\n```js\n> no transcript\n```\n\n```transcript\n{lines}\n```\n\nMore.\n")
}

fn checked(lines: &str) -> Result<(), String> {
    run(&readme(lines), &[("$FOLDER", "C:\\a \"b\""), ("$FOLDER2", "/two"), ("PORT", "8000")], echo)
}

#[test]
fn a_transcript_that_holds_is_taken() {
    for lines in [
        "> {\"value\": [1, \"a\", null]}\n< [1, \"a\", null]",
        "> {\"value\": 1}\n\n< 1.0\n\n> {\"value\": 2}\n  < 2",
        "> {\"value\": {\"a\": \"from 1 to 2\", \"b\": [1, {}]}}\n< {\"b\": \"…\", \"a\": \"from … to …\"}",
        "> {\"fail\": \"cannot read /tmp/x: no such file\"}\n! cannot read …: no such …",
        "> {\"fail\": \"\"}\n!",
        "> {\"tell\": [1, \"b\"], \"value\": 1}\n~ 1\n~ \"…\"\n< 1",
        "> {\"tell\": [1, \"b\"], \"value\": 1}\n< 1",
        "> {\"data\": {\"$bytes\": \"AAH/\"}}\n< bytes \"AAH/\"",
        "> {\"value\": \"$FOLDER/x\"}\n< \"C:\\\\a \\\"b\\\"/x\"",
        "> {\"fail\": \"$FOLDER: $FOLDER2\"}\n! C:\\a \"b\": /two",
        "> {\"value\": PORT}\n< 8000",
    ] {
        assert_eq!(checked(lines), Ok(()), "{lines}");
    }
}

#[test]
fn a_transcript_that_does_not_hold_fails_with_the_line_and_both_values() {
    for (lines, line, says, did) in [
        ("> {\"value\": 1}\n< 2", 9, "< 2", "< 1"),
        ("> {\"value\": \"a\"}\n< \"b…\"", 9, "< \"b…\"", "< \"a\""),
        ("> {\"value\": 1}\n! no", 9, "! no", "< 1"),
        ("> {\"fail\": \"no luck\"}\n< 1", 9, "< 1", "! no luck"),
        ("> {\"fail\": \"no luck\"}\n! no", 9, "! no", "! no luck"),
        ("> {\"value\": 1}\n< 1\n> {\"value\": 2}\n< 1", 11, "< 1", "< 2"),
        ("> {\"tell\": [1, 2], \"value\": 1}\n~ 1\n~ 3\n< 1", 10, "~ 3", "~ 2"),
        ("> {\"tell\": [1], \"value\": 1}\n~ 1\n~ 2\n< 1", 10, "~ 2", "nothing more"),
        ("> {\"tell\": [1, 2], \"value\": 1}\n~ 1\n< 1", 9, "nothing more", "~ 2"),
        ("> {\"data\": {\"$bytes\": \"AAH/\"}}\n< bytes \"AAH+\"", 9, "< bytes \"AAH+\"", "< bytes \"AAH/\""),
        ("> {\"value\": \"AAH/\"}\n< bytes \"AAH/\"", 9, "< bytes \"AAH/\"", "< \"AAH/\""),
        ("> {\"tell\": [1], \"value\": 1}\n~ bytes \"\"\n< 1", 9, "~ bytes \"\"", "~ 1"),
    ] {
        let failure = checked(lines).unwrap_err();
        let parts = [
            format!("README line {line}:"),
            format!("README says:  {says}\n"),
            format!("plugin did:   {did}"),
        ];
        assert!(parts.iter().all(|part| failure.contains(part)), "{lines}\n{failure}");
    }
}

#[test]
fn the_place_where_two_values_differ_is_named() {
    for (expected, got, at) in [
        (json!({ "a": [1, { "b": "x" }] }), json!({ "a": [1, { "b": "y" }] }), "the value.a[1].b"),
        (json!([1]), json!([1, 2]), "the value has 2 elements and not 1"),
        (json!({ "a": 1 }), json!({}), "the value has no `a`"),
        (json!({}), json!({ "a": 1 }), "the value has `a` as well"),
        (json!(null), json!(false), "the value"),
        (json!(u64::MAX), json!(u64::MAX - 1), "the value"),
    ] {
        assert_eq!(differs(&expected, &got).as_deref(), Some(at), "{expected} {got}");
        assert_eq!(differs(&got, &got), None);
    }
}

#[test]
fn what_is_no_line_of_a_transcript_is_an_error_with_its_number() {
    for (lines, part) in [
        ("what is this", "line 8: no line of a transcript begins so"),
        ("> {\"value\": 1}\n>> 1", "line 9: no line"),
        ("> {\"value\": 1}\n# so it is\n< 1", "line 9: no line"),
        (">{\"value\": 1}\n< 1", "line 8: no line"),
        ("> {\"value\": 1\n< 1", "line 8: this is not JSON"),
        ("> {\"value\": 1}\n< yes", "line 9: this is not JSON"),
        ("> {\"value\": 1}\n<", "line 9: this is not JSON"),
        ("> {\"value\": 1}\n< bytes 7", "line 9: bytes are written as base64"),
        ("> {\"value\": 1}\n< bytes \"-\"", "line 9: this is not base64"),
        ("> {\"value\": 1}", "line 8: the call has no reply"),
        ("> {\"value\": 1}\n> {\"value\": 2}\n< 2", "line 8: the call has no reply"),
        ("< 1", "line 8: there is no call before this"),
        ("~ 1", "line 8: there is no call before this"),
        ("> {\"value\": 1}\n< 1\n~ 1", "line 10: there is no call before this"),
        ("> {\"data\": {\"$bytes\": 7}}\n< 1", "line 8: `$bytes` is base64 in quotes"),
        ("> {\"options\": {\"data\": {\"$bytes\": \"\"}}}\n< 1", "line 8: bytes are arguments by themselves"),
    ] {
        let failure = checked(lines).unwrap_err();
        assert!(failure.contains(part), "{lines}\n{failure}");
    }
}

#[test]
fn a_readme_without_a_transcript_or_with_one_that_has_no_end_is_an_error() {
    let run = |text: &str| run(text, &[], echo).unwrap_err();
    assert!(run("# A plugin\n\n```js\n> {}\n< 1\n```\n").contains("has no transcript"));
    assert!(run("```transcript\n```\n").contains("has no transcript"));
    assert!(
        run("\n```transcript\n> {\"value\": 1}\n< 1\n")
            .contains("line 2: the transcript that begins here has no end")
    );
    let shown = "````markdown\n```transcript\n> {\"value\": 1}\n< 2\n```\n````\n";
    assert!(run(shown).contains("has no transcript"), "one that is shown is not run");
}

#[test]
fn calls_are_made_in_their_order_and_not_after_one_that_fails() {
    let seen = RefCell::new(Vec::new());
    let ask = |message: &Value, bytes: Vec<Vec<u8>>| {
        seen.borrow_mut().push(message["value"].clone());
        echo(message, bytes)
    };
    let two = "~~~ transcript\n> {\"value\": 1}\n< 1\n~~~\n\n   ```transcript\n   > {\"value\": 2}\n   < 3\n   > {\"value\": 4}\n   < 4\n   ```\n";
    assert!(run(two, &[], ask).unwrap_err().contains("line 8"));
    assert_eq!(*seen.borrow(), [json!(1), json!(2)]);
}

#[test]
fn a_long_value_is_not_shown_whole() {
    let failure = checked(&format!("> {{\"value\": \"{}\"}}\n< 1", "é".repeat(100_000))).unwrap_err();
    assert!(failure.len() < 20_000 && failure.contains("… (200"), "{}", failure.len());
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "(\\PC|[`~<>!…\"{}$ \r\n]){0,200}", name in "\\PC{0,3}", with in "\\PC{0,9}") {
        let _ = run(&text, &[(&name, &with)], echo);
        let _ = run(&readme(&text), &[(&name, &with)], echo);
    }

    #[test]
    fn any_value_is_like_itself_and_like_anything(text in "[^…]{0,30}", number: f64, whole: i64) {
        let value = json!({ "text": text, "list": [number, whole], text.clone(): null });
        prop_assert_eq!(differs(&value, &value), None);
        prop_assert_eq!(differs(&json!("…"), &value), None);
        let expected = readme(&format!("> {}\n< {value}", json!({ "value": value })));
        prop_assert_eq!(run(&expected, &[], echo), Ok(()));
    }

    #[test]
    fn a_text_is_like_what_it_was_made_of(parts in prop::collection::vec("[ab]{0,3}", 1..5), between in prop::collection::vec("[ab ]{0,4}", 4)) {
        let mut text = parts[0].clone();
        for (part, between) in parts[1..].iter().zip(&between) {
            text.push_str(between);
            text.push_str(part);
        }
        prop_assert!(is_like(&parts.join("…"), &text));
        let other = format!("{text}!");
        prop_assert!(!is_like(&text, &other));
    }
}
