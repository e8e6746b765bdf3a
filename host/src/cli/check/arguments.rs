//! Arguments for a command that is checked: such as fit what the plugin says of them, and such as do not.
//!
//! All of it comes from a seed, so that a run can be had again. Where a plugin gives no schema, the type's name in Rust has to do.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// Schemas may lead back to themselves.
const DEEPEST: usize = 6;

/// Makes values.
pub struct Arguments {
    random: Rng,
}

impl Arguments {
    /// What follows from `seed`.
    pub fn new(seed: u64) -> Self {
        Self { random: Rng::with_seed(seed) }
    }

    /// A value that fits.
    pub fn fitting(&mut self, schema: Option<&Value>, kind: &str) -> Value {
        match schema {
            Some(schema) => self.of_schema(schema, schema, 0),
            None => self.of_kind(kind),
        }
    }

    /// Any value at all.
    pub fn any(&mut self) -> Value {
        self.any_below(0)
    }

    /// A number below this one.
    pub fn below(&mut self, bound: usize) -> usize {
        self.random.usize(..bound)
    }

    /// Values that are wrong for most types.
    pub fn odd() -> Vec<Value> {
        vec![
            Value::Null,
            json!(true),
            json!(-1),
            json!(1.5),
            json!(u64::MAX),
            json!(1e300),
            json!(""),
            json!("\u{0}\u{2028}\u{202e}é😀"),
            json!([]),
            json!([null, [1], { "a": 1 }]),
            json!({}),
            json!({ "__proto__": 1, "": 2, "a": { "b": [] } }),
        ]
    }

    fn any_below(&mut self, depth: usize) -> Value {
        match self.random.u8(..if depth < DEEPEST { 8 } else { 6 }) {
            0 => Value::Null,
            1 => self.random.bool().into(),
            2 => self.integer(i64::MIN, u64::MAX),
            3 => json!((self.random.f64() - 0.5) * 10_f64.powi(self.random.i32(-300..300))),
            4 | 5 => self.text(40).into(),
            6 => (0..self.random.usize(..5)).map(|_| self.any_below(depth + 1)).collect(),
            _ => (0..self.random.usize(..5)).map(|_| (self.text(8), self.any_below(depth + 1))).collect(),
        }
    }

    fn text(&mut self, longest: usize) -> String {
        let length = self.random.usize(..=longest);
        (0..length)
            .map(|_| if self.random.u8(..4) == 0 { self.random.char(..) } else { self.random.alphanumeric() })
            .collect()
    }

    /// An integer, mostly near one of the ends.
    fn integer(&mut self, least: i64, most: u64) -> Value {
        let small = i64::try_from(most).unwrap_or(i64::MAX);
        match self.random.u8(..6) {
            0 => json!(least),
            1 => json!(most),
            2 if least < small => json!(self.random.i64(least..=small)),
            _ => {
                let from = least.max(-10).min(small);
                json!(self.random.i64(from..=small.min(from.saturating_add(110))))
            }
        }
    }

    fn of_schema(&mut self, schema: &Value, root: &Value, depth: usize) -> Value {
        let Some(object) = schema.as_object() else { return self.any_below(DEEPEST) };
        if depth > DEEPEST * 4 {
            return Value::Null;
        }
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            return match reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer)) {
                Some(definition) => self.of_schema(definition, root, depth + 1),
                None => self.any_below(DEEPEST),
            };
        }
        if let Some(value) = object.get("const") {
            return value.clone();
        }
        if let Some(values) = object.get("enum").and_then(Value::as_array)
            && let Some(value) = self.random.choice(values)
        {
            return value.clone();
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(ways) = object.get(key).and_then(Value::as_array)
                && !ways.is_empty()
            {
                // Deep down the first way has to do: the others may lead deeper.
                let way = if depth < DEEPEST { self.random.usize(..ways.len()) } else { 0 };
                return self.of_schema(&ways[way], root, depth + 1);
            }
        }
        if let Some(parts) = object.get("allOf").and_then(Value::as_array) {
            let mut whole = Map::new();
            for part in parts {
                if let Value::Object(members) = self.of_schema(part, root, depth + 1) {
                    whole.extend(members);
                }
            }
            return Value::Object(whole);
        }
        let kind = match object.get("type") {
            Some(Value::String(kind)) => kind.as_str(),
            Some(Value::Array(kinds)) => {
                let kinds: Vec<_> = kinds.iter().filter_map(Value::as_str).collect();
                self.random.choice(&kinds).copied().unwrap_or("null")
            }
            _ if object.contains_key("properties") => "object",
            _ => return self.any_below(DEEPEST),
        };
        match kind {
            "null" => Value::Null,
            "boolean" => self.random.bool().into(),
            "integer" => {
                let (least, most) = bounds(object);
                self.integer(least, most)
            }
            "number" => json!((self.random.f64() * 2000.0 - 1000.0).round() / 8.0),
            "string"
                if object
                    .get("pattern")
                    .and_then(Value::as_str)
                    .is_some_and(|pattern| pattern.contains("[0-9]")) =>
            {
                self.random.u32(..).to_string().into()
            }
            "string" => self.text(12).into(),
            "array" => self.array(object, root, depth),
            "object" => self.object(object, root, depth),
            _ => Value::Null,
        }
    }

    fn array(&mut self, schema: &Map<String, Value>, root: &Value, depth: usize) -> Value {
        if let Some(items) = schema.get("prefixItems").and_then(Value::as_array) {
            return items.iter().map(|item| self.of_schema(item, root, depth + 1)).collect();
        }
        let number = |key: &str| {
            schema.get(key).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok())
        };
        let least = number("minItems").unwrap_or(0).min(100);
        let most = number("maxItems").unwrap_or(least + 4).min(least + 4);
        let count = if depth < DEEPEST { self.random.usize(least..=most.max(least)) } else { least };
        let any = Value::Bool(true);
        let item = schema.get("items").unwrap_or(&any);
        (0..count).map(|_| self.of_schema(item, root, depth + 1)).collect()
    }

    fn object(&mut self, schema: &Map<String, Value>, root: &Value, depth: usize) -> Value {
        let mut made = Map::new();
        let needed: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if needed.contains(&name.as_str()) || (depth < DEEPEST && self.random.bool()) {
                made.insert(name.clone(), self.of_schema(property, root, depth + 1));
            }
        }
        if let Some(others @ Value::Object(_)) = schema.get("additionalProperties")
            && depth < DEEPEST
        {
            for _ in 0..self.random.usize(..3) {
                made.insert(self.text(6), self.of_schema(others, root, depth + 1));
            }
        }
        Value::Object(made)
    }

    /// By the name of the type.
    fn of_kind(&mut self, kind: &str) -> Value {
        let bare = kind.trim_start_matches('&').trim();
        let last = bare.rsplit("::").next().unwrap_or(bare);
        match last {
            "bool" => self.random.bool().into(),
            "f32" | "f64" => json!(0.5),
            "String" | "str" | "PathBuf" => self.text(12).into(),
            "u8" => self.integer(0, u8::MAX.into()),
            "u16" => self.integer(0, u16::MAX.into()),
            "u32" => self.integer(0, u32::MAX.into()),
            "u64" | "u128" | "usize" => self.integer(0, u64::MAX),
            "i8" => self.integer(i8::MIN.into(), 127),
            "i16" => self.integer(i16::MIN.into(), 32_767),
            "i32" => self.integer(i32::MIN.into(), 2_147_483_647),
            "i64" | "i128" | "isize" => self.integer(i64::MIN, i64::MAX.unsigned_abs()),
            _ if bare.starts_with("Vec<") => json!([]),
            _ if bare.starts_with("Option<") => Value::Null,
            _ => json!({}),
        }
    }
}

/// The least and the greatest integer that a schema allows.
fn bounds(schema: &Map<String, Value>) -> (i64, u64) {
    let format = schema.get("format").and_then(Value::as_str).unwrap_or("int64");
    let (least, most) = match format {
        "uint8" => (0, u8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "uint64" | "uint" | "uint128" => (0, u64::MAX),
        "int8" => (i8::MIN.into(), 127),
        "int16" => (i16::MIN.into(), 32_767),
        "int32" => (i32::MIN.into(), 2_147_483_647),
        _ => (i64::MIN, i64::MAX.unsigned_abs()),
    };
    let least = schema.get("minimum").and_then(Value::as_i64).map_or(least, |minimum| minimum.max(least));
    let most = schema.get("maximum").and_then(Value::as_u64).map_or(most, |maximum| maximum.min(most));
    (least, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_for_a_schema_fits_it_and_the_same_seed_makes_the_same() {
        let schema = json!({
            "type": "object",
            "required": ["count", "tag", "pair"],
            "properties": {
                "count": { "type": "integer", "format": "uint8", "minimum": 3 },
                "tag": { "enum": ["a", "b"] },
                "pair": { "type": "array", "prefixItems": [{ "type": "boolean" }, { "type": ["string", "null"] }] },
                "next": { "anyOf": [{ "$ref": "#" }, { "type": "null" }] },
            }
        });
        for seed in 0..500 {
            let value = Arguments::new(seed).fitting(Some(&schema), "");
            assert_eq!(value, Arguments::new(seed).fitting(Some(&schema), ""));
            assert!((3..=255).contains(&value["count"].as_u64().unwrap()), "{value}");
            assert!(value["tag"] == "a" || value["tag"] == "b", "{value}");
            assert!(value["pair"][0].is_boolean() && value["pair"].as_array().unwrap().len() == 2, "{value}");
        }
    }

    #[test]
    fn what_is_made_for_a_type_of_rust_is_read_as_that() {
        for seed in 0..200 {
            let mut arguments = Arguments::new(seed);
            let mut made = |kind: &str| arguments.fitting(None, kind).to_string();
            assert!(serde_json::from_str::<u8>(&made("u8")).is_ok());
            assert!(serde_json::from_str::<i64>(&made("i64")).is_ok());
            assert!(serde_json::from_str::<i16>(&made("i16")).is_ok());
            assert!(serde_json::from_str::<u64>(&made("u64")).is_ok());
            assert!(serde_json::from_str::<String>(&made("&str")).is_ok());
            assert!(serde_json::from_str::<Vec<u8>>(&made("Vec<u8>")).is_ok());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_schema_makes_some_value(text in "\\PC{0,40}", seed: u64) {
            let of_any = Arguments::new(seed).any();
            let _ = Arguments::new(seed).fitting(Some(&of_any), &text);
            let nested = json!({ "anyOf": [{ "$ref": "#" }, { "type": text, "items": of_any }], "minItems": seed });
            let _ = Arguments::new(seed).fitting(Some(&nested), "");
        }
    }
}
