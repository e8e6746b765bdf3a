//! The declaration file of `plugin-host.js` for exactly these plugins.
//!
//! It is the file that the host ships with, which lets a page call anything, and behind it the commands there
//! are: then it lets a page call those. What plugins say of themselves is escaped, so that it is never more
//! than a type, a string or a comment.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value;

use super::typescript::{Names, braces, comment, indented, or_null, property, quoted, remark, type_of};

/// What pages import, with no command known.
const DECLARATIONS: &str = include_str!("../../../js/plugin-host.d.ts");

/// A plugin, as far as types go.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PluginTypes {
    /// What it is called.
    pub name: String,
    /// Its commands.
    #[serde(default)]
    pub commands: Vec<CommandTypes>,
}

/// A command, as far as types go.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandTypes {
    /// Its name within the plugin.
    pub name: String,
    /// What it does, in a sentence.
    #[serde(default)]
    pub doc: String,
    /// What else its author says.
    #[serde(default)]
    pub more: String,
    /// Its arguments, where they are known.
    #[serde(default)]
    pub arguments: Option<Vec<ArgumentTypes>>,
    /// The schema of what it resolves with.
    #[serde(default)]
    pub result: Option<Value>,
    /// The schema of the values it sends before; it sends none where there is no schema.
    #[serde(default)]
    pub values: Option<Value>,
    /// Whether these are `ArrayBuffer`s.
    #[serde(default)]
    pub values_bytes: bool,
    /// The schema of what it reports of its progress.
    #[serde(default)]
    pub progress: Option<Value>,
    /// Whether it resolves with an `ArrayBuffer`.
    #[serde(default)]
    pub bytes: bool,
    /// Whether it is for other plugins, and no page may call it.
    #[serde(default)]
    pub internal: bool,
    /// Whether its name alone calls it.
    #[serde(default = "yes")]
    pub has_short_name: bool,
}

fn yes() -> bool {
    true
}

/// How much is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The whole file, to lie beside `plugin-host.js`.
    Whole,
    /// The commands alone, to lie beside such a file.
    Commands,
}

/// An argument, as far as types go.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArgumentTypes {
    /// What the message calls it.
    pub name: String,
    /// Its type in Rust, for people.
    #[serde(default)]
    pub kind: String,
    /// Whether it may be left out.
    #[serde(default)]
    pub optional: bool,
    /// Its schema.
    #[serde(default)]
    pub schema: Option<Value>,
    /// Whether it takes bytes.
    #[serde(default)]
    pub bytes: bool,
}

/// The declarations, without what is for plugins alone. Where two plugins have the same command, the first one has its short name,
/// as in the host.
pub fn write(plugins: &[PluginTypes], extent: Extent) -> String {
    // A named type must not take the place of one that the file uses itself.
    let mut names = Names::without(words(DECLARATIONS).chain(["ArrayBuffer", "ArrayBufferView"]));
    let mut members = String::new();
    // Where a command's name looks like another plugin's command, the host takes it for that.
    let whole_name =
        |plugin: &PluginTypes, command: &CommandTypes| format!("{}/{}", plugin.name, command.name);
    let mut taken: HashSet<String> = plugins
        .iter()
        .flat_map(|plugin| plugin.commands.iter().map(move |command| whole_name(plugin, command)))
        .collect();
    let mut written = HashSet::new();
    for plugin in plugins {
        for command in &plugin.commands {
            let (short, whole) = (&command.name, whole_name(plugin, command));
            // One for plugins alone leaves its short name to the others, as in the host.
            if command.internal || !written.insert(whole.clone()) {
                continue;
            }
            let (text, short_text, whole_text) =
                (command_type(command, &mut names), quoted(short), quoted(&whole));
            let doc = comment(&format!("{}\n\n{}", command.doc.trim(), command.more.trim()));
            let member = if command.has_short_name && taken.insert(short.clone()) {
                format!("{doc}{short_text}: {text}\n{whole_text}: PluginHostCommands[{short_text}]")
            } else {
                format!("{doc}{whole_text}: {text}")
            };
            members.push_str(&indented(&format!("\n{member}")));
        }
    }

    let list: Vec<String> = plugins.iter().map(|plugin| remark(&plugin.name)).collect();
    let list = if list.is_empty() { "none".to_owned() } else { list.join(", ") };
    let (of_module, body) = match extent {
        Extent::Whole => ("of plugin-host.js and ", DECLARATIONS),
        Extent::Commands => ("", "export {}\n"),
    };
    let mut text = format!(
        "// Made by plugin-host types: the types {of_module}of these plugins' commands: {list}.\n\
         // What is changed here is gone when it is made again.\n\n{body}",
    );
    if !members.is_empty() {
        let members = indented(&format!("interface PluginHostCommands {{{members}\n}}"));
        text.push_str(&format!("\ndeclare global {{\n  {members}\n}}\n"));
    }
    let declarations = names.declarations();
    if !declarations.is_empty() {
        text.push_str(&format!("\n{declarations}\n"));
    }
    text
}

/// The words of the text that are not in its comments.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_comment = |line: &str| ["/*", "*", "//"].iter().any(|start| line.trim_start().starts_with(start));
    text.lines()
        .filter(move |line| !is_comment(line))
        .flat_map(|line| {
            line.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
        })
        .filter(|word| !word.is_empty())
}

/// What is known of a command.
fn command_type(command: &CommandTypes, names: &mut Names) -> String {
    let mut schema = |schema: &Option<Value>, otherwise: &str| match schema {
        Some(schema) => type_of(schema, names),
        None => otherwise.to_owned(),
    };
    let arguments = match &command.arguments {
        None => "{ [argument: string]: unknown }".to_owned(),
        Some(arguments) => {
            // The message has each name once, and `cmd` is the command's.
            let mut seen = HashSet::from(["cmd"]);
            let arguments: Vec<String> = arguments
                .iter()
                .filter(|argument| seen.insert(&argument.name))
                .map(|argument| {
                    let kind = if argument.bytes {
                        "ArrayBuffer | ArrayBufferView | number[]".to_owned()
                    } else {
                        schema(&argument.schema, "unknown")
                    };
                    let kind = if argument.optional { or_null(&kind) } else { kind };
                    let mark = if argument.optional { "?" } else { "" };
                    let known = argument.bytes || argument.schema.is_some() || argument.kind.is_empty();
                    let note =
                        if known { String::new() } else { format!(" /* {} */", remark(&argument.kind)) };
                    format!("{}{mark}: {kind}{note}", property(&argument.name))
                })
                .collect();
            braces(&arguments)
        }
    };
    let result = if command.bytes { "ArrayBuffer".to_owned() } else { schema(&command.result, "unknown") };
    let mut parts = vec![format!("arguments: {arguments}"), format!("result: {result}")];
    let values =
        if command.values_bytes { "ArrayBuffer".to_owned() } else { schema(&command.values, "never") };
    parts.push(format!("values: {values}"));
    if command.progress.is_some() {
        parts.push(format!("progress: {}", schema(&command.progress, "unknown")));
    }
    format!("{{{}\n}}", indented(&format!("\n{}", parts.join("\n"))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is written for these plugins behind the file that the host ships with.
    fn written(plugins: Value) -> String {
        let plugins: Vec<PluginTypes> = serde_json::from_value(plugins).unwrap();
        let text = write(&plugins, Extent::Whole);
        let (header, rest) = text.split_once(DECLARATIONS).unwrap();
        assert!(header.lines().all(|line| line.is_empty() || line.starts_with("// ")), "{header}");
        rest.to_owned()
    }

    #[test]
    fn the_commands_alone_are_a_file_to_lie_beside_the_whole_one() {
        let commands = json!([{ "name": "size", "hasShortName": false }, { "name": "setTitle" }]);
        let plugins: Vec<PluginTypes> =
            serde_json::from_value(json!([{ "name": "window", "commands": commands }])).unwrap();
        let text = write(&plugins, Extent::Commands);
        assert!(text.contains("\nexport {}\n") && !text.contains("export function"), "{text}");
        assert!(text.contains("\"window/size\": {") && !text.contains("\"size\""), "{text}");
        assert!(text.contains("\"setTitle\": {"), "{text}");
    }

    #[test]
    fn without_plugins_it_is_the_file_that_the_host_ships_with() {
        assert_eq!(written(json!([])), "");
        assert!(write(&[], Extent::Whole).starts_with("// Made by plugin-host types: "));
    }

    #[test]
    fn a_command_has_its_documentation_and_its_types() {
        let payload = json!({
            "title": "Payload",
            "description": "What it is given.",
            "type": "object",
            "properties": { "state": { "type": "string" } },
            "required": ["state"],
        });
        let text = written(json!([{ "name": "hello", "commands": [{
            "name": "doSomething",
            "doc": "Does something.",
            "more": "More of it.",
            "arguments": [
                { "name": "count", "kind": "u64", "schema": { "type": "integer" } },
                { "name": "payload", "kind": "Option<Payload>", "optional": true, "schema": payload },
            ],
            "result": payload,
            "values": { "type": "string" },
            "progress": { "type": "number" },
        }] }]));
        let expected = r#"
declare global {
  interface PluginHostCommands {
    /**
     * Does something.
     *
     * More of it.
     */
    "doSomething": {
      arguments: { count: number; payload?: Payload | null }
      result: Payload
      values: string
      progress: number
    }
    "hello/doSomething": PluginHostCommands["doSomething"]
  }
}

/** What it is given. */
export type Payload = { state: string }
"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn what_is_not_known_is_unknown_and_bytes_are_bytes() {
        let text = written(json!([{ "name": "some", "commands": [
            { "name": "anything" },
            {
                "name": "bytes",
                "arguments": [
                    { "name": "data", "kind": "Bytes", "bytes": true },
                    { "name": "kind", "kind": "Kind", "optional": true },
                    { "name": "kind", "kind": "Twice" },
                    { "name": "cmd", "kind": "String" },
                ],
                "bytes": true,
            },
            { "name": "stream", "values": { "type": "array" }, "valuesBytes": true },
            { "name": "nothing", "arguments": [] },
        ] }]));
        for part in [
            "    \"anything\": {\n      arguments: { [argument: string]: unknown }\n      result: unknown\n",
            "{ data: ArrayBuffer | ArrayBufferView | number[]; kind?: unknown /* Kind */ }",
            "result: ArrayBuffer\n",
            "values: ArrayBuffer\n",
            "\"nothing\": {\n      arguments: {}\n",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }

    #[test]
    fn what_is_for_plugins_alone_has_no_type_and_leaves_its_short_name_to_another() {
        let text = written(json!([
            { "name": "first", "commands": [{ "name": "grant", "internal": true }, { "name": "read" }] },
            { "name": "second", "commands": [{ "name": "grant" }] },
        ]));
        assert!(text.contains("\"first/read\"") && !text.contains("first/grant"), "{text}");
        assert!(text.contains("\"grant\": {"), "{text}");
        assert!(text.contains("\"second/grant\": PluginHostCommands[\"grant\"]"), "{text}");
    }

    #[test]
    fn the_first_plugin_that_has_a_command_has_its_short_name() {
        let text = written(json!([
            { "name": "first", "commands": [{ "name": "go", "result": { "type": "string" } }] },
            { "name": "second", "commands": [{ "name": "go", "result": { "type": "number" } }] },
            { "name": "third", "commands": [{ "name": "second/go" }] },
        ]));
        assert!(text.contains("\"first/go\": PluginHostCommands[\"go\"]\n"), "{text}");
        assert!(
            text.contains(
                "\"go\": {\n      arguments: { [argument: string]: unknown }\n      result: string"
            )
        );
        assert!(text.contains(
            "\"second/go\": {\n      arguments: { [argument: string]: unknown }\n      result: number"
        ));
        assert_eq!(text.matches("\"go\": {").count(), 1, "{text}");
        assert_eq!(text.matches("\"second/go\": {").count(), 1, "{text}");
        assert_eq!(text.matches("\"third/second/go\": {").count(), 1, "{text}");
    }

    #[test]
    fn a_type_does_not_take_the_place_of_one_that_the_file_uses() {
        for name in ["Promise", "ArrayBuffer", "Event", "CommandPart", "PluginHostCommands", "Window"] {
            let result = json!({ "title": name, "properties": { "a": true } });
            let text = written(json!([{ "name": "some", "commands": [{ "name": "go", "result": result }] }]));
            assert!(text.contains(&format!("result: {name}2\n")), "{text}");
        }
    }

    #[test]
    fn what_a_plugin_says_does_not_leave_its_place() {
        let hostile = "\"}*/\n\u{2028}// @ts-ignore";
        let text = written(json!([{ "name": hostile, "commands": [{
            "name": hostile,
            "doc": hostile,
            "arguments": [{ "name": hostile, "kind": hostile }],
            "result": { "title": hostile, "description": hostile, "enum": [hostile] },
        }] }]));
        assert!(!text.contains('\u{2028}'), "{text}");
        let name = r#""\"}*/\n\u2028// @ts-ignore""#;
        let note = r#"/* "}*\/\n // @ ts-ignore */"#;
        for part in [
            format!("    {name}: {{\n      arguments: {{ {name}: unknown {note} }}\n      result: Type_"),
            "/**\n * \"}*\\/\n *  // @ ts-ignore\n */\nexport type Type_".to_owned(),
            format!(" = {name}\n"),
        ] {
            assert!(text.contains(&part), "{part} is not in {text}");
        }
    }
}
