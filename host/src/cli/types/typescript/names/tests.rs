//! Which types get a name, and what it is.

use serde_json::json;

use super::*;

fn item(title: &str, kind: &str) -> Value {
    let properties = json!({ "id": { "type": kind } });
    json!({ "title": title, "type": "object", "properties": properties, "required": ["id"] })
}

#[test]
fn the_same_shape_shares_its_name_and_another_one_gets_a_number() {
    let mut names = Names::without([]);
    assert_eq!(type_of(&item("Item", "string"), &mut names), "Item");
    assert_eq!(type_of(&item("Item", "number"), &mut names), "Item2");
    assert_eq!(type_of(&item("Item", "boolean"), &mut names), "Item3");
    let mut described = item("Item", "string");
    described["description"] = "Says more.".into();
    let list = json!({
        "title": "Array_of_Item",
        "type": "array",
        "items": { "$ref": "#/$defs/Item" },
        "$defs": { "Item": described },
    });
    assert_eq!(type_of(&list, &mut names), "Item[]");
    let expected = "export type Item = { id: string }\n\nexport type Item2 = { id: number }\n\n\
                    export type Item3 = { id: boolean }";
    assert_eq!(names.declarations(), expected);
}

#[test]
fn shapes_are_the_same_when_all_that_they_lead_to_is() {
    let with = |kind: &str| {
        json!({
            "$ref": "#/$defs/Outer",
            "$defs": {
                "Outer": { "properties": { "inner": { "$ref": "#/$defs/Inner" } } },
                "Inner": item("Inner", kind),
            },
        })
    };
    let mut names = Names::without([]);
    assert_eq!(type_of(&with("string"), &mut names), "Outer");
    assert_eq!(type_of(&with("number"), &mut names), "Outer2");
    assert_eq!(type_of(&with("string"), &mut names), "Outer");
    assert!(names.declarations().contains("type Outer2 = { inner?: Inner2 }"));
}

#[test]
fn what_leads_back_to_itself_has_a_name() {
    let next =
        |to: &str| json!({ "properties": { "next": { "anyOf": [{ "$ref": to }, { "type": "null" }] } } });
    let mut names = Names::without([]);
    let mut root = next("#");
    root["title"] = "Node".into();
    assert_eq!(type_of(&root, &mut names), "Node");
    // The same one, as a part of something.
    let part = json!({ "items": { "$ref": "#/$defs/Node" }, "$defs": { "Node": next("#/$defs/Node") } });
    assert_eq!(type_of(&part, &mut names), "Node[]");
    let tree = json!({
        "type": "array",
        "items": { "$ref": "#/$defs/Tree" },
        "$defs": { "Tree": { "type": "array", "items": { "$ref": "#/$defs/Tree" } } },
    });
    assert_eq!(type_of(&tree, &mut names), "Tree[]");
    let expected = "export type Node = { next?: Node | null }\n\nexport type Tree = Tree[]";
    assert_eq!(names.declarations(), expected);
}

#[test]
fn where_an_intersection_would_look_into_itself_is_unknown() {
    let array = json!({ "prefixItems": [{ "$ref": "#/$defs/A" }], "minItems": 1, "maxItems": 1 });
    let other = json!({ "anyOf": [{ "items": true }, { "type": "object" }] });
    let schema = json!({ "$ref": "#/$defs/A", "$defs": { "A": { "allOf": [array, other] } } });
    let mut names = Names::without([]);
    assert_eq!(type_of(&schema, &mut names), "A");
    let expected = "export type A = [unknown] & (unknown[] | { [key: string]: unknown })";
    assert_eq!(names.declarations(), expected);
}

#[test]
fn a_type_that_would_be_itself_and_nothing_more_is_unknown() {
    let schema = json!({
        "$ref": "#/$defs/A",
        "$defs": {
            "A": { "anyOf": [{ "$ref": "#/$defs/B" }, { "type": "null" }] },
            "B": { "allOf": [{ "$ref": "#/$defs/A" }] },
        },
    });
    let mut names = Names::without([]);
    assert_eq!(type_of(&schema, &mut names), "A");
    assert_eq!(names.declarations(), "export type A = unknown");
    assert_eq!(type_of(&json!({ "$ref": "#" }), &mut names), "Type");
    // An element that may not be there is looked at, and so is a list in it.
    let list = json!({ "items": { "$ref": "#" } });
    let tuple = json!({ "title": "Tuple", "prefixItems": [list], "maxItems": 1 });
    assert_eq!(type_of(&tuple, &mut names), "Tuple");
    assert!(names.declarations().ends_with("export type Tuple = [unknown[]?]"));
}

#[test]
fn a_definition_without_an_object_or_a_word_is_written_out() {
    let schema = json!({
        "items": { "$ref": "#/$defs/Id" },
        "$defs": { "Id": { "type": ["integer", "null"] } },
    });
    let mut names = Names::without([]);
    assert_eq!(type_of(&schema, &mut names), "(number | null)[]");
    assert_eq!(names.declarations(), "");
}

#[test]
fn references_are_decoded_and_those_that_lead_nowhere_are_unknown() {
    for (reference, expected) in [
        ("#/$defs/a~1b", "A_b"),
        ("#/$defs/a%2Fb", "unknown"),
        ("#/$defs/%3C~01%3E", "Type__1_"),
        ("#/$defs/a~1b/properties/id", "unknown"),
        ("#/$defs/%ff", "unknown"),
        ("#/$defs/%", "unknown"),
        ("#/$defs/nothing", "unknown"),
        ("https://example.org/", "unknown"),
    ] {
        let schema = json!({
            "$ref": reference,
            "$defs": { "a/b": item("", "string"), "<~1>": item("", "string") },
        });
        assert_eq!(type_of(&schema, &mut Names::without([])), expected, "{reference}");
    }
}

#[test]
fn names_are_identifiers_and_none_of_those_that_are_taken() {
    for (title, expected) in [
        ("Event", "Event2"),
        ("string", "String"),
        ("__proto__", "Type__proto__"),
        ("", "Type"),
        ("7", "Type7"),
        ("Größe", "Gr__e"),
        ("A = 1\n/* \"*/", "A___1_______"),
    ] {
        let mut names = Names::without(["Event"]);
        assert_eq!(type_of(&item(title, "string"), &mut names), expected);
        assert_eq!(names.declarations(), format!("export type {expected} = {{ id: string }}"));
    }
    let long = "a".repeat(1000);
    assert_eq!(type_of(&item(&long, "string"), &mut Names::without([])).len(), LONGEST_NAME);
}

#[test]
fn a_chain_of_definitions_may_be_longer_than_the_stack() {
    let link =
        |index: u32| (format!("D{index}"), json!({ "items": { "$ref": format!("#/$defs/D{}", index + 1) } }));
    let definitions: serde_json::Map<String, Value> = (0..20_000).map(link).collect();
    let schema = json!({ "$ref": "#/$defs/D0", "$defs": definitions });
    let mut names = Names::without([]);
    assert_eq!(type_of(&schema, &mut names), "D0");
    assert!(names.declarations().starts_with("export type D0 = D1[]"));
}

#[test]
fn what_is_printed_has_a_bound() {
    // Each level has the one below it eight times.
    let mut bomb = item("", "string");
    for _ in 0..60 {
        bomb = json!({ "type": "array", "items": bomb, "minItems": 8, "maxItems": 8 });
    }
    let mut twice = item("", "string");
    for _ in 0..8 {
        twice = json!({ "type": vec!["array"; 8], "items": twice });
    }
    let mut names = Names::without([]);
    for schema in [bomb, twice] {
        assert!(type_of(&schema, &mut names).len() < 2 * MOST_OUTPUT);
    }
    let many: Vec<Value> = (0..200_000).map(Value::from).collect();
    assert!(type_of(&json!({ "enum": many }), &mut names).len() < 2 * MOST_OUTPUT);
    assert_eq!(type_of(&item("Late", "string"), &mut names), "unknown");
    assert!(names.declarations().len() < 2 * MOST_OUTPUT);
}
