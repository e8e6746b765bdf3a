//! JSON Schema, as `schemars` writes it, said as a TypeScript type.
//!
//! The schemas come out of plugin libraries. Whatever they hold, the text is a type and nothing else: names
//! and strings are escaped, comments cannot end early, depth and length have a bound. What cannot be said is
//! `unknown`; what a type cannot hold (ranges, patterns, formats) is left out.

mod names;

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;

use plugin_host_runtime::on_a_line;
use serde_json::{Map, Value};

pub use names::{Names, type_of};

/// How deep schemas may be nested within each other.
const DEEPEST: usize = 64;
/// Objects without comments that are no longer than this stand on one line.
const ONE_LINE: usize = 90;
/// Arrays of a fixed length up to this one are tuples.
const LONGEST_TUPLE: u64 = 8;
/// What each type costs beside the strings in it: about the punctuation around it.
const COST: usize = 8;

/// A type's text, and what would tear it apart beside another operator.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Type {
    text: String,
    binds: Binds,
}

/// How strongly the parts of a type's text hold together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Binds {
    Union,
    Intersection,
    Whole,
}

impl Type {
    fn whole(text: impl Into<String>) -> Self {
        Self { text: text.into(), binds: Binds::Whole }
    }

    fn unknown() -> Self {
        Self::whole("unknown")
    }

    fn never() -> Self {
        Self::whole("never")
    }

    /// The text, in parentheses where it holds together less than `least`.
    fn within(self, least: Binds) -> String {
        if self.binds < least { format!("({})", self.text) } else { self.text }
    }
}

/// One of `types`. `null` is the last one, where people look for it.
fn union(types: impl IntoIterator<Item = Type>) -> Type {
    let mut seen = HashSet::new();
    let mut parts: Vec<Type> = types.into_iter().filter(|part| seen.insert(part.text.clone())).collect();
    if seen.contains("unknown") {
        return Type::unknown();
    }
    parts.retain(|part| part.text != "never");
    parts.sort_by_key(|part| part.text == "null");
    joined(parts, " | ", Binds::Union).unwrap_or_else(Type::never)
}

/// All of `types` at once.
fn intersection(types: impl IntoIterator<Item = Type>) -> Type {
    let mut seen = HashSet::new();
    let mut parts: Vec<Type> = types.into_iter().filter(|part| seen.insert(part.text.clone())).collect();
    if seen.contains("never") {
        return Type::never();
    }
    parts.retain(|part| part.text != "unknown");
    joined(parts, " & ", Binds::Intersection).unwrap_or_else(Type::unknown)
}

fn joined(mut parts: Vec<Type>, operator: &str, binds: Binds) -> Option<Type> {
    if parts.len() < 2 {
        return parts.pop();
    }
    let texts: Vec<String> = parts.into_iter().map(|part| part.within(binds)).collect();
    Some(Type { text: texts.join(operator), binds })
}

/// `text`, or `null`.
pub fn or_null(text: &str) -> String {
    // A union has its `null` at the end.
    let has = matches!(text, "unknown" | "null") || text.ends_with(" | null");
    if has { text.to_owned() } else { format!("{text} | null") }
}

/// A JavaScript string with this content. Nothing in it ends a line or hides in one.
pub fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    for character in Value::from(text).to_string().chars() {
        // What is shown as it is stays as it is.
        let shown = on_a_line(character.encode_utf8(&mut [0; 4]));
        if shown.chars().eq([character]) && !matches!(character, '\u{2028}' | '\u{2029}') {
            literal.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(literal, "\\u{unit:04x}");
            }
        }
    }
    literal
}

/// The name of a property, in quotes where it is no identifier.
pub fn property(name: &str) -> String {
    let fits = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '$');
    let bare =
        name.chars().all(fits) && !name.is_empty() && !name.starts_with(|first: char| first.is_ascii_digit());
    if bare { name.to_owned() } else { quoted(name) }
}

/// Text within a comment: it cannot end it, and it cannot tell the compiler anything.
pub fn remark(text: &str) -> String {
    on_a_line(text).replace(['\u{2028}', '\u{2029}'], " ").replace("*/", "*\\/").replace("@ts-", "@ ts-")
}

/// A comment that documents what stands below it, with the end of its last line; nothing where there is no
/// text.
pub fn comment(text: &str) -> String {
    let lines: Vec<String> = text.trim().lines().map(remark).collect();
    match lines.as_slice() {
        [] => String::new(),
        [line] => format!("/** {line} */\n"),
        lines => {
            let lines: String =
                lines.iter().map(|line| format!("{}\n", format!(" * {line}").trim_end())).collect();
            format!("/**\n{lines} */\n")
        }
    }
}

/// `text` moved to the right, but for its first line.
pub fn indented(text: &str) -> String {
    text.replace('\n', "\n  ")
}

/// An object type with these members: on one line, or where that gets long, on one line for each.
pub fn braces(members: &[String]) -> String {
    if members.is_empty() {
        return "{}".to_owned();
    }
    let line = format!("{{ {} }}", members.join("; "));
    if line.len() <= ONE_LINE && !line.contains('\n') {
        return line;
    }
    format!("{}\n}}", indented(&format!("{{\n{}", members.join("\n"))))
}

/// Prints schemas as types.
struct Printer<'a> {
    /// The type for a reference that stands there.
    refer: &'a mut dyn FnMut(&str, Within) -> Type,
    /// Whether descriptions become comments.
    comments: bool,
    /// How much may still be printed.
    left: &'a mut usize,
    /// Whether there was an intersection that is not in an object.
    intersects: bool,
}

/// What stands around a part of a type. It decides when TypeScript looks at the part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Within {
    /// A tuple's element that may not be there. TypeScript looks through it, and through arrays in it.
    Optional,
    /// Nothing: it is the type, or one of its alternatives.
    Nothing,
    /// An array or a tuple, but no object.
    Array,
    /// An object.
    Object,
}

impl Printer<'_> {
    /// The type that `schema` describes.
    fn print(&mut self, schema: &Value, depth: usize, within: Within) -> Type {
        if depth > DEEPEST || !self.spend(COST) {
            return Type::unknown();
        }
        match schema {
            Value::Bool(false) => Type::never(),
            Value::Object(schema) => self.print_object(schema, depth, within),
            _ => Type::unknown(),
        }
    }

    fn spend(&mut self, cost: usize) -> bool {
        *self.left = self.left.saturating_sub(cost);
        *self.left > 0
    }

    fn print_object(&mut self, schema: &Map<String, Value>, depth: usize, within: Within) -> Type {
        // All keywords of a schema hold at once.
        let mut parts = vec![self.own_type(schema, depth, within)];
        if let Some(Value::String(target)) = schema.get("$ref") {
            let target = (self.refer)(target, within);
            parts.push(if self.spend(target.text.len()) { target } else { Type::unknown() });
        }
        if let Some(Value::Array(all)) = schema.get("allOf") {
            parts.extend(all.iter().map(|schema| self.print(schema, depth + 1, within)));
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(Value::Array(any)) = schema.get(keyword) {
                let any: Vec<Type> = any.iter().map(|schema| self.print(schema, depth + 1, within)).collect();
                parts.push(union(any));
            }
        }
        if let Some(Value::Bool(true)) = schema.get("not") {
            parts.push(Type::never());
        }
        let all = intersection(parts);
        self.intersects |= all.binds == Binds::Intersection && within < Within::Object;
        all
    }

    /// What the keywords say that name no other schema to hold as well.
    fn own_type(&mut self, schema: &Map<String, Value>, depth: usize, within: Within) -> Type {
        if let Some(value) = schema.get("const") {
            return self.literal(value);
        }
        if let Some(Value::Array(values)) = schema.get("enum") {
            let values: Vec<Type> = values.iter().map(|value| self.literal(value)).collect();
            return union(values);
        }
        let has = |keywords: &[&str]| keywords.iter().any(|keyword| schema.contains_key(*keyword));
        let kinds: Vec<&str> = match schema.get("type") {
            Some(Value::String(kind)) => vec![kind],
            Some(Value::Array(kinds)) => kinds.iter().map(|kind| kind.as_str().unwrap_or_default()).collect(),
            Some(_) => return Type::unknown(),
            // Whoever lists properties means an object.
            None if has(&["properties", "required", "patternProperties", "additionalProperties"]) => {
                vec!["object"]
            }
            None if has(&["items", "prefixItems"]) => vec!["array"],
            None => return Type::unknown(),
        };
        let types: Vec<Type> = kinds
            .into_iter()
            .map(|kind| match kind {
                "string" | "number" | "boolean" | "null" => Type::whole(kind),
                "integer" => Type::whole("number"),
                "array" => self.array(schema, depth, within),
                "object" => self.object(schema, depth),
                _ => Type::unknown(),
            })
            .collect();
        union(types)
    }

    /// The type that has this one value.
    fn literal(&mut self, value: &Value) -> Type {
        let text = match value {
            Value::String(text) => quoted(text),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) => return Type::unknown(),
        };
        if self.spend(COST + text.len()) { Type::whole(text) } else { Type::unknown() }
    }

    fn array(&mut self, schema: &Map<String, Value>, depth: usize, within: Within) -> Type {
        let count = |keyword| schema.get(keyword).and_then(Value::as_u64);
        let (least, most) = (count("minItems").unwrap_or(0), count("maxItems"));
        let first = match schema.get("prefixItems") {
            Some(Value::Array(first)) => first.as_slice(),
            _ => &[],
        };
        let inside = if within == Within::Optional { within } else { within.max(Within::Array) };
        let optional = if within == Within::Object { within } else { Within::Optional };
        let rest = match schema.get("items") {
            Some(schema) => self.print(schema, depth + 1, if first.is_empty() { inside } else { optional }),
            None => Type::unknown(),
        };
        if first.is_empty() {
            return match most {
                Some(length) if length == least && length <= LONGEST_TUPLE => {
                    let items: Vec<&str> = (0..length).map(|_| rest.text.as_str()).collect();
                    if !self.spend(rest.text.len() * items.len()) {
                        return Type::unknown();
                    }
                    Type::whole(format!("[{}]", items.join(", ")))
                }
                _ => Type::whole(format!("{}[]", rest.within(Binds::Whole))),
            };
        }
        let mut items = Vec::new();
        for (index, schema) in (0_u64..).zip(first) {
            if most.is_some_and(|most| index >= most) {
                break;
            }
            let item = self.print(schema, depth + 1, if index < least { inside } else { optional });
            items.push(if index < least { item.text } else { format!("{}?", item.within(Binds::Whole)) });
        }
        let ends = most.is_some_and(|most| most <= first.len() as u64) || rest.text == "never";
        if !ends {
            items.push(format!("...{}[]", rest.within(Binds::Whole)));
        }
        Type::whole(format!("[{}]", items.join(", ")))
    }

    fn object(&mut self, schema: &Map<String, Value>, depth: usize) -> Type {
        let none = Map::new();
        let map = |keyword| schema.get(keyword).and_then(Value::as_object).unwrap_or(&none);
        let required: BTreeSet<&str> = match schema.get("required") {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => BTreeSet::new(),
        };
        let mut members = Vec::new();
        // The types that an index signature must leave room for.
        let mut types = Vec::new();
        for (name, schema) in map("properties") {
            let kind = self.print(schema, depth + 1, Within::Object);
            let is_required = required.contains(name.as_str());
            let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
            let comment = if self.comments { comment(description) } else { String::new() };
            if !self.spend(COST + comment.len() + name.len()) {
                return Type::unknown();
            }
            let mark = if is_required { "" } else { "?" };
            members.push(format!("{comment}{}{mark}: {}", property(name), kind.text));
            types.push((kind, is_required));
        }
        // Names that must be there, of values nobody describes.
        for name in required.iter().filter(|name| !map("properties").contains_key(**name)) {
            if !self.spend(COST + name.len()) {
                return Type::unknown();
            }
            members.push(format!("{}: unknown", property(name)));
            types.push((Type::unknown(), true));
        }

        let mut others: Vec<Type> = map("patternProperties")
            .values()
            .map(|schema| self.print(schema, depth + 1, Within::Object))
            .collect();
        match schema.get("additionalProperties") {
            None | Some(Value::Bool(_)) => {}
            Some(schema) => others.push(self.print(schema, depth + 1, Within::Object)),
        }
        if others.is_empty() && members.is_empty() {
            let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
            others.push(if closed { Type::never() } else { Type::unknown() });
        }
        if !others.is_empty() {
            let other = union(others);
            // TypeScript wants the properties to be of the index signature's type too.
            let fits = types.iter().all(|(kind, required)| *required && *kind == other);
            let other = if fits { other } else { Type::unknown() };
            members.push(format!("[key: string]: {}", other.text));
        }

        let text = braces(&members);
        // Deep things are mostly spaces.
        if !self.spend(2 * text.matches('\n').count()) {
            return Type::unknown();
        }
        Type::whole(text)
    }
}

#[cfg(test)]
mod tests;
