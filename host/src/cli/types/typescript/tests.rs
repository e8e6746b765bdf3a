//! What becomes of schemas.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn type_text(schema: &Value) -> String {
    type_of(schema, &mut Names::without([]))
}

/// Whether the text is brackets that match, strings and comments that end, and words.
fn holds_together(text: &str) -> bool {
    let mut open = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = match character {
            '"' => match end_of_string(rest) {
                Some(end) => end,
                None => return false,
            },
            '/' if rest.starts_with("/*") => match rest.find("*/") {
                Some(end) => end + 2,
                None => return false,
            },
            '{' | '[' | '(' => {
                open.push(character);
                1
            }
            '}' | ']' | ')' => {
                let begin = if character == ')' { '(' } else { (character as u8 - 2) as char };
                if open.pop() != Some(begin) {
                    return false;
                }
                1
            }
            ' ' | '\n' | '|' | '&' | ':' | ';' | ',' | '?' | '.' | '-' | '+' | '_' | '$' => 1,
            other if other.is_ascii_alphanumeric() => 1,
            _ => return false,
        };
        rest = &rest[length..];
    }
    open.is_empty()
}

fn end_of_string(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'"' => return Some(index + 1),
            b'\n' => return None,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
    None
}

#[test]
fn each_kind_of_schema_has_its_type() {
    for (schema, expected) in [
        (json!(true), "unknown"),
        (json!(false), "never"),
        (json!({}), "unknown"),
        (json!("string"), "unknown"),
        (json!({ "type": "string", "maxLength": 7 }), "string"),
        (json!({ "type": "integer", "format": "uint64", "minimum": 0 }), "number"),
        (json!({ "type": "number" }), "number"),
        (json!({ "type": "boolean" }), "boolean"),
        (json!({ "type": "null" }), "null"),
        (json!({ "type": "object" }), "{ [key: string]: unknown }"),
        (json!({ "type": "object", "additionalProperties": false }), "{ [key: string]: never }"),
        (json!({ "type": "array" }), "unknown[]"),
        (json!({ "type": "stranger" }), "unknown"),
        (json!({ "type": 7 }), "unknown"),
        (json!({ "type": ["null", "string"] }), "string | null"),
        (json!({ "const": "a" }), "\"a\""),
        (json!({ "enum": ["a", 1, null, true, "a"] }), "\"a\" | 1 | true | null"),
        (json!({ "enum": ["a", {}] }), "unknown"),
        (json!({ "not": true }), "never"),
    ] {
        assert_eq!(type_text(&schema), expected, "{schema}");
    }
}

#[test]
fn a_property_that_is_not_required_may_be_left_out() {
    let schema = json!({
        "type": "object",
        "properties": { "a": { "type": "string" }, "b": { "type": ["integer", "null"] } },
        "required": ["a", "c"],
    });
    assert_eq!(type_text(&schema), "{ a: string; b?: number | null; c: unknown }");
}

#[test]
fn a_map_has_an_index_signature_that_leaves_room_for_its_properties() {
    let number = json!({ "type": "number" });
    let map = json!({ "type": "object", "additionalProperties": number });
    assert_eq!(type_text(&map), "{ [key: string]: number }");
    let keys = json!({ "patternProperties": { "^\\d+$": number }, "additionalProperties": false });
    assert_eq!(type_text(&keys), "{ [key: string]: number }");
    let mut both =
        json!({ "properties": { "a": number }, "required": ["a"], "additionalProperties": number });
    assert_eq!(type_text(&both), "{ a: number; [key: string]: number }");
    both["properties"]["a"] = json!({ "type": "string" });
    assert_eq!(type_text(&both), "{ a: string; [key: string]: unknown }");
}

#[test]
fn arrays_and_tuples_have_the_lengths_that_the_schema_says() {
    let (text, number) = (json!({ "type": "string" }), json!({ "type": "number" }));
    let either = json!({ "anyOf": [text, number] });
    for (schema, expected) in [
        (json!({ "items": text }), "string[]"),
        (json!({ "type": "array", "items": either }), "(string | number)[]"),
        (json!({ "items": number, "minItems": 3, "maxItems": 3 }), "[number, number, number]"),
        (json!({ "items": number, "minItems": 3000, "maxItems": 3000 }), "number[]"),
        (json!({ "prefixItems": [text, number], "minItems": 2, "maxItems": 2 }), "[string, number]"),
        (
            json!({ "prefixItems": [text, either], "minItems": 1, "items": false }),
            "[string, (string | number)?]",
        ),
        (json!({ "prefixItems": [text], "minItems": 1, "items": number }), "[string, ...number[]]"),
        (json!({ "prefixItems": [text], "minItems": 1 }), "[string, ...unknown[]]"),
    ] {
        assert_eq!(type_text(&schema), expected, "{schema}");
    }
}

#[test]
fn all_that_a_schema_says_holds_at_once() {
    let object = |name: &str| json!({ "properties": { name: { "type": "string" } }, "required": [name] });
    let mut schema = object("a");
    schema["allOf"] = json!([object("b"), true]);
    schema["anyOf"] = json!([object("c"), object("d")]);
    let expected = "{ a: string } & { b: string } & ({ c: string } | { d: string })";
    assert_eq!(type_text(&schema), expected);
    assert_eq!(type_text(&json!({ "type": "string", "allOf": [false] })), "never");
}

#[test]
fn descriptions_become_comments_which_they_cannot_end() {
    let schema = json!({
        "properties": {
            "a": { "description": "One */ line.\u{2028}@ts-expect-error" },
            "b": { "description": "Two\n\n\u{1b}[31mlines." },
        },
    });
    let expected = "{
  /** One *\\/ line. @ ts-expect-error */
  a?: unknown
  /**
   * Two
   *
   * \\u{1b}[31mlines.
   */
  b?: unknown
}";
    assert_eq!(type_text(&schema), expected);
}

#[test]
fn names_of_properties_are_quoted_where_they_are_no_identifiers() {
    for (name, expected) in [
        ("count", "count"),
        ("__proto__", "__proto__"),
        ("$1", "$1"),
        ("1", "\"1\""),
        ("", "\"\""),
        ("two words", "\"two words\""),
        ("\"}\n", "\"\\\"}\\n\""),
        ("\u{2028}\u{202e}\u{7f}", "\"\\u2028\\u202e\\u007f\""),
    ] {
        assert_eq!(property(name), expected);
    }
}

#[test]
fn a_type_has_null_once() {
    assert_eq!(or_null("string"), "string | null");
    assert_eq!(or_null("string | null"), "string | null");
    assert_eq!(or_null("{ a: string | null }"), "{ a: string | null } | null");
    assert_eq!(or_null("unknown"), "unknown");
}

#[test]
fn what_is_nested_too_deeply_is_unknown() {
    let mut schema = json!({ "type": "string" });
    for _ in 0..1000 {
        schema = json!({ "type": "array", "items": schema });
    }
    assert_eq!(type_text(&schema), format!("unknown{}", "[]".repeat(DEEPEST + 1)));
}

/// Values that are not all schemas, but have the keywords of schemas.
fn schemas() -> impl Strategy<Value = Value> {
    let keywords = [
        "type",
        "properties",
        "required",
        "items",
        "prefixItems",
        "minItems",
        "maxItems",
        "enum",
        "const",
        "anyOf",
        "oneOf",
        "allOf",
        "$ref",
        "$defs",
        "additionalProperties",
        "patternProperties",
        "title",
        "description",
        "not",
    ];
    let words = ["object", "array", "null", "#", "#/$defs/a", "#/$defs/%22*~1", "*/", "a", "@ts-ignore"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0_u64..10).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(words.to_vec()).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let key = prop_oneof![
        4 => prop::sample::select(keywords.to_vec()).prop_map(str::to_owned),
        1 => prop::sample::select(vec!["a", "\"*/"]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            3 => prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_as_a_schema_gives_a_type_that_holds_together(schema in schemas()) {
        let mut names = Names::without([]);
        let text = type_of(&schema, &mut names);
        prop_assert!(holds_together(&text), "{text}");
        let text = names.declarations().replace(" = ", " ");
        prop_assert!(holds_together(&text), "{text}");
    }
}
