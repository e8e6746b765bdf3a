//! The types that have names: which definitions of a schema get one, and which name that is.
//!
//! The same shape has the same name, whoever defines it; another shape of the same name is numbered. Names
//! are made of what libraries say, so they keep letters and digits only and begin with a capital: no word of
//! the language does.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::Write as _;
use std::rc::Rc;

use serde_json::Value;

use super::{COST, Printer, Type, Within, comment};

/// How much is printed at most.
const MOST_OUTPUT: usize = 1 << 20;
/// How much is printed at most to find out which definitions are the same.
const MOST_COMPARED: usize = 16 << 20;
/// Longer names are cut.
const LONGEST_NAME: usize = 64;

/// The named types of many schemas.
pub struct Names {
    taken: HashSet<String>,
    /// How often a name was wanted that is taken.
    again: HashMap<String, u64>,
    /// The name of each shape: what is written of a definition, and of all that it leads to.
    shapes: HashMap<String, String>,
    /// In the order of their first use.
    declared: Vec<Declared>,
    /// How much may still be printed.
    left: usize,
    /// How much may still be compared.
    left_to_compare: usize,
}

struct Declared {
    name: String,
    description: String,
    text: String,
}

/// A definition: one of `$defs`, or the whole schema.
type Target = Option<String>;

impl Names {
    /// No names yet. None will be one of `reserved`.
    pub fn without<'a>(reserved: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            taken: reserved.into_iter().map(str::to_owned).collect(),
            again: HashMap::new(),
            shapes: HashMap::new(),
            declared: Vec::new(),
            left: MOST_OUTPUT,
            left_to_compare: MOST_COMPARED,
        }
    }

    /// The declarations of all types that have a name, sorted by first use.
    pub fn declarations(&self) -> String {
        let mut text = String::new();
        for Declared { name, description, text: kind } in &self.declared {
            let _ = write!(text, "{}export type {name} = {kind}\n\n", comment(description));
        }
        text.truncate(text.trim_end().len());
        text
    }

    /// A name that nobody has, like the wanted one.
    fn take(&mut self, wanted: &str) -> String {
        let plain: String = wanted
            .chars()
            .map(|character| if character.is_ascii_alphanumeric() { character } else { '_' })
            .take(LONGEST_NAME)
            .collect();
        let mut name = match plain.chars().next() {
            Some(first) if first.is_ascii_alphabetic() => {
                format!("{}{}", first.to_ascii_uppercase(), plain.get(1..).unwrap_or_default())
            }
            _ => format!("Type{plain}"),
        };
        let stem = name.clone();
        while !self.taken.insert(name.clone()) {
            let number = self.again.entry(stem.clone()).or_insert(1);
            *number += 1;
            name = format!("{stem}{number}");
        }
        name
    }
}

/// The TypeScript type of what `schema` describes.
///
/// Objects and enums that the schema gives a name are declared in `names` and called by that name here, as is
/// everything that leads back to itself. Other definitions are written out where they are used.
pub fn type_of(schema: &Value, names: &mut Names) -> String {
    let mut document =
        Document { root: schema, drafts: HashMap::new(), named: HashMap::new(), queue: VecDeque::new() };
    let root = None;
    let named = document.is_worth_a_name() || document.led_to(&root, names, Within::Object).contains(&root);
    let text = if named {
        document.refer(&root, Within::Object, &root, names)
    } else {
        document.print(&root, names)
    }
    .text;
    // One after the other: a chain of definitions may be longer than the stack.
    while let Some((target, index)) = document.queue.pop_front() {
        let text = document.print(&target, names).text;
        let description = document.find(&target).and_then(|schema| schema.get("description"));
        let description = description.and_then(Value::as_str).unwrap_or_default();
        let description = if spend(&mut names.left, description.len()) { description } else { "" };
        if let Some(declared) = names.declared.get_mut(index) {
            declared.description = description.to_owned();
            declared.text = text;
        }
    }
    text
}

/// Takes `cost` off what is left. Whether something is left then.
fn spend(left: &mut usize, cost: usize) -> bool {
    *left = left.saturating_sub(cost);
    *left > 0
}

/// What a definition says when nothing in it is named or commented, and what it refers to.
struct Draft {
    kind: Type,
    /// With what stands around each.
    references: Vec<(Target, Within)>,
    /// Whether it has an intersection that is not in an object.
    intersects: bool,
}

/// A schema with its definitions, while its types are printed.
struct Document<'a> {
    root: &'a Value,
    drafts: HashMap<Target, Rc<Draft>>,
    /// The types that stand for definitions.
    named: HashMap<Target, Type>,
    /// The definitions that have a name and are not printed yet, with their places among the declarations.
    queue: VecDeque<(Target, usize)>,
}

impl<'a> Document<'a> {
    fn find(&self, target: &Target) -> Option<&'a Value> {
        match target {
            None => Some(self.root),
            Some(name) => self.root.get("$defs")?.get(name),
        }
    }

    /// What a definition is called.
    fn title<'t>(&self, target: &'t Target) -> &'t str
    where
        'a: 't,
    {
        target.as_deref().or_else(|| self.root.get("title")?.as_str()).unwrap_or_default()
    }

    /// Whether the whole schema is of a kind that people give a name: not a list, a map or a choice with
    /// nothing.
    fn is_worth_a_name(&self) -> bool {
        let is_null = |schema: &Value| schema.get("type").is_some_and(|kind| kind == "null");
        let chooses = match self.root.get("anyOf") {
            Some(Value::Array(any)) => !any.iter().any(is_null),
            _ => false,
        };
        let has = |keyword| self.root.get(keyword).is_some();
        has("title") && (has("properties") || has("enum") || has("oneOf") || chooses)
    }

    fn print(&mut self, target: &Target, names: &mut Names) -> Type {
        let Some(schema) = self.find(target) else { return Type::unknown() };
        let mut left = names.left;
        let printed = Printer {
            refer: &mut |reference, within| match parse(reference) {
                Some(to) => self.refer(target, within, &to, names),
                None => Type::unknown(),
            },
            comments: true,
            left: &mut left,
            intersects: false,
        }
        .print(schema, 0, Within::Nothing);
        names.left = left;
        printed
    }

    /// The type for a reference to `to` that stands in `from`. It is declared when it has a name and is new.
    fn refer(&mut self, from: &Target, within: Within, to: &Target, names: &mut Names) -> Type {
        if within < Within::Object && self.is_circular(from, within, to, names) {
            return Type::unknown();
        }
        // What was not followed to its end may be such a type.
        if names.left_to_compare == 0 || names.left == 0 {
            return Type::unknown();
        }
        if let Some(kind) = self.named.get(to) {
            return kind.clone();
        }
        let kind = self.name(to, names);
        self.named.insert(to.clone(), kind.clone());
        kind
    }

    /// Whether TypeScript would refuse a reference to `to` in `from`.
    fn is_circular(&mut self, from: &Target, within: Within, to: &Target, names: &mut Names) -> bool {
        let mut leads_back = |document: &mut Self, most| {
            let reached = document.led_to(to, names, most);
            (to == from || reached.contains(from)).then_some(reached)
        };
        // A type that is itself and nothing more.
        if within <= Within::Nothing && leads_back(self, Within::Nothing).is_some() {
            return true;
        }
        // An intersection looks into arrays at once, and does not wait as it does with objects.
        let reached = leads_back(self, Within::Array).unwrap_or_default();
        let round = reached.iter().chain([from, to]).cloned().collect::<Vec<_>>();
        !reached.is_empty() && round.iter().any(|target| self.draft(target, names).intersects)
    }

    /// The name of a definition, which is declared if it is new; or its type, where that needs no name.
    fn name(&mut self, target: &Target, names: &mut Names) -> Type {
        if self.find(target).is_none() {
            return Type::unknown();
        }
        let draft = self.draft(target, names);
        if draft.references.is_empty() && !draft.kind.text.contains(['{', '"']) {
            return draft.kind.clone();
        }
        let mut key = self.title(target).to_owned();
        let mut reached = self.led_to(target, names, Within::Object);
        reached.insert(0, target.clone());
        for definition in reached {
            let text = &self.draft(&definition, names).kind.text;
            // Half of a key would be the key of many.
            if !spend(&mut names.left_to_compare, COST + text.len()) {
                return Type::unknown();
            }
            let _ = write!(key, "\n{:?}: {text}", self.title(&definition));
        }
        if let Some(name) = names.shapes.get(&key) {
            return Type::whole(name.clone());
        }
        let name = names.take(self.title(target));
        names.shapes.insert(key, name.clone());
        self.queue.push_back((target.clone(), names.declared.len()));
        names.declared.push(Declared {
            name: name.clone(),
            description: String::new(),
            text: "unknown".to_owned(),
        });
        Type::whole(name)
    }

    /// The definitions that `start` leads to, in the order in which they are met: itself only if it leads
    /// back. Only references count that have no more than `most` around them.
    fn led_to(&mut self, start: &Target, names: &mut Names, most: Within) -> Vec<Target> {
        let mut order = Vec::new();
        let mut seen = HashSet::new();
        let mut next = VecDeque::from([start.clone()]);
        while let Some(target) = next.pop_front() {
            for (to, within) in &self.draft(&target, names).references {
                if !spend(&mut names.left_to_compare, COST) {
                    return order;
                }
                let goes = *within <= most && self.find(to).is_some();
                if goes && seen.insert(to.clone()) {
                    order.push(to.clone());
                    next.push_back(to.clone());
                }
            }
        }
        order
    }

    fn draft(&mut self, target: &Target, names: &mut Names) -> Rc<Draft> {
        if let Some(draft) = self.drafts.get(target) {
            return Rc::clone(draft);
        }
        let schema = self.find(target).unwrap_or(&Value::Null);
        let mut references = Vec::new();
        let mut printer = Printer {
            refer: &mut |reference, within| match parse(reference) {
                Some(to) => {
                    // No other type looks like this.
                    let text = format!("<{:?}>", self.title(&to));
                    references.push((to, within));
                    Type::whole(text)
                }
                None => Type::unknown(),
            },
            comments: false,
            left: &mut names.left_to_compare,
            intersects: false,
        };
        let kind = printer.print(schema, 0, Within::Nothing);
        let intersects = printer.intersects;
        let draft = Rc::new(Draft { kind, references, intersects });
        self.drafts.insert(target.clone(), Rc::clone(&draft));
        draft
    }
}

/// The definition that a reference is to: `#/$defs/Name`, or `#` for the whole schema.
fn parse(reference: &str) -> Option<Target> {
    if reference == "#" {
        return Some(None);
    }
    let name = reference.strip_prefix("#/$defs/")?;
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits =
            after.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    // What is within a definition has no name.
    let name = String::from_utf8(bytes).ok().filter(|name| !name.contains('/'))?;
    // In this order: `~01` is `~1`.
    Some(Some(name.replace("~1", "/").replace("~0", "~")))
}

#[cfg(test)]
mod tests;
