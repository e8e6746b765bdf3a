//! What the commands of a plugin take and return, for `host/schemas`: the command table and the schemas side by side.

use plugin_api::table::{Argument, CommandEntry, CommandSchemas};
use serde::Serialize;
use serde_json::Value;

use crate::group::Group;
use crate::plugin::Plugin;

/// One plugin.
#[derive(Serialize)]
pub struct PluginSchemas {
    name: String,
    commands: Vec<Described>,
}

#[derive(Serialize)]
struct Described {
    name: String,
    doc: String,
    more: String,
    arguments: Option<Vec<DescribedArgument>>,
    result: Option<Value>,
    values: Option<Value>,
    /// Whether these are bytes, for who cannot read that in the schema.
    #[serde(rename = "valuesBytes")]
    values_bytes: bool,
    progress: Option<Value>,
    bytes: bool,
    internal: bool,
    /// Whether its name alone calls it, where no other has that.
    #[serde(rename = "hasShortName")]
    has_short_name: bool,
}

#[derive(Serialize)]
struct DescribedArgument {
    name: String,
    kind: String,
    optional: bool,
    schema: Option<Value>,
    bytes: bool,
}

/// Those of a group of the host's own.
pub fn of_group(group: &Group) -> PluginSchemas {
    let commands = group.commands().iter().map(|command| Described {
        has_short_name: command.has_short_name,
        ..describe(&command.entry, command.schemas.clone())
    });
    PluginSchemas { name: group.name().to_owned(), commands: commands.collect() }
}

/// Asks a plugin.
pub fn of(plugin: &Plugin) -> PluginSchemas {
    let mut by_command = plugin.schemas().commands.into_iter();
    let commands = plugin.commands().iter();
    let commands = commands.map(|entry| describe(entry, by_command.next().unwrap_or_default())).collect();
    PluginSchemas { name: plugin.name.to_string(), commands }
}

fn describe(entry: &CommandEntry, schemas: CommandSchemas) -> Described {
    let mut of_arguments = schemas.arguments.into_iter();
    let mut describe = |argument: &Argument| {
        let schema = of_arguments.next().flatten();
        DescribedArgument {
            name: argument.name.clone(),
            kind: argument.kind.clone(),
            optional: argument.optional,
            bytes: schema.as_ref().is_some_and(is_bytes),
            schema,
        }
    };
    let arguments = entry.arguments.as_ref();
    Described {
        name: entry.name.clone(),
        doc: entry.doc.clone(),
        more: entry.more.clone(),
        arguments: arguments.map(|arguments| arguments.iter().map(&mut describe).collect()),
        bytes: schemas.result.as_ref().is_some_and(is_bytes),
        result: schemas.result,
        values_bytes: schemas.values.as_ref().is_some_and(is_bytes),
        values: schemas.values,
        progress: schemas.progress,
        internal: entry.internal,
        has_short_name: true,
    }
}

/// Whether a schema is that of `plugin_api::Bytes`, or of an `Option` of it.
fn is_bytes(schema: &Value) -> bool {
    let own = |schema: &Value| schema["format"] == "bytes";
    own(schema) || schema["anyOf"].as_array().is_some_and(|ways| ways.iter().any(own))
}
