//! A group of commands that the host itself has beside those of plugins, as those of its windows: called `group/name`, and described in the
//! same command table. Refuses arguments that do not fit; what a command does is its owner's business.

use plugin_api::schemars::generate::SchemaSettings;
use plugin_api::schemars::{JsonSchema, SchemaGenerator};
use plugin_api::table::{Argument, CommandEntry, CommandSchemas, Place};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;

use crate::caller::{Caller, Page};
use crate::reply::Replier;
use crate::router::BuiltIn;
use crate::words;

/// Commands of the host's own under one name. They run on the main thread and must not wait there.
///
/// ```
/// use plugin_api::schemars::{self, JsonSchema};
/// use plugin_host_runtime::Group;
/// use serde::Deserialize;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Ring {
///     times: u32,
/// }
///
/// let bell = Group::new("bell").command::<Ring, ()>("ring", "Rings the bell.", |_page, Ring { times }, replier| {
///     println!("{}", "ding ".repeat(times as usize));
///     replier.json(b"null".to_vec());
/// });
/// ```
pub struct Group {
    name: Arc<str>,
    commands: Vec<GroupCommand>,
}

/// One of them.
pub(crate) struct GroupCommand {
    pub entry: CommandEntry,
    pub schemas: CommandSchemas,
    pub function: BuiltIn,
    /// Whether its name alone calls it as well.
    pub has_short_name: bool,
}

impl Group {
    /// A group without commands. No plugin can have its name, if it is one that the host keeps for itself: `window` or `cli`.
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), commands: Vec::new() }
    }

    /// Adds a command that takes `A` from the message and answers with `R`. It is given the page that asks, if it is one, and the
    /// duty to answer. `doc` is a sentence, and after an empty line more of them.
    pub fn command<A, R>(
        mut self,
        name: &str,
        doc: &str,
        function: impl Fn(Option<&Arc<Page>>, A, Replier) + Send + Sync + 'static,
    ) -> Self
    where
        A: DeserializeOwned + JsonSchema,
        R: JsonSchema,
    {
        let (arguments, schemas) = described::<A, R>();
        let (first, more) = doc.split_once("\n\n").unwrap_or((doc, ""));
        let entry = CommandEntry {
            doc: first.to_owned(),
            more: more.to_owned(),
            arguments: Some(arguments),
            ..CommandEntry::named(name, Place::MainThread)
        };
        let function: BuiltIn = Arc::new(move |message, replier| {
            let page = match message.caller() {
                Caller::Page(page) => Some(page),
                Caller::Trusted | Caller::Confined(_) => None,
            };
            match serde_json::from_str(message.text()) {
                Ok(arguments) => function(page, arguments, replier),
                Err(error) => replier.error(words::bad_order(&error.to_string())),
            }
        });
        self.commands.push(GroupCommand { entry, schemas, function, has_short_name: false });
        self
    }

    /// Lets the command that was added last be called by its name alone, too, where no plugin has one of that name: as Tauri 0.x
    /// called it.
    pub fn also_short(mut self) -> Self {
        if let Some(command) = self.commands.last_mut() {
            command.has_short_name = true;
        }
        self
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its command table.
    pub fn table(&self) -> impl Iterator<Item = &CommandEntry> {
        self.commands.iter().map(|command| &command.entry)
    }

    pub(crate) fn commands(&self) -> &[GroupCommand] {
        &self.commands
    }
}

/// The arguments that an object of type `A` has, and their schemas beside that of `R`.
fn described<A: JsonSchema, R: JsonSchema>() -> (Vec<Argument>, CommandSchemas) {
    let mut generator = generator();
    let schema = generator.subschema_for::<A>().to_value();
    let needed = |name: &str| {
        let list = schema.get("required").and_then(Value::as_array);
        list.is_some_and(|list| list.iter().any(|needed| needed == name))
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    let (arguments, schemas) = properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| {
            let argument = Argument { name: name.clone(), kind: kind(schema), optional: !needed(name) };
            (argument, Some(schema.clone()))
        })
        .unzip();
    let result = Some(generator.subschema_for::<R>().to_value());
    (arguments, CommandSchemas { arguments: schemas, result, values: None, progress: None })
}

/// Each schema stands by itself, as those of plugins do.
fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true).into_generator()
}

/// A type for people.
fn kind(schema: &Value) -> String {
    match schema.get("type") {
        Some(Value::String(one)) => one.clone(),
        Some(Value::Array(some)) => some
            .iter()
            .filter_map(Value::as_str)
            .filter(|kind| *kind != "null")
            .collect::<Vec<_>>()
            .join(" or "),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use plugin_api::schemars;
    use serde::Deserialize;

    use super::*;
    use crate::message::Message;
    use crate::sink::Reply;

    #[derive(Deserialize, JsonSchema)]
    #[schemars(crate = "schemars")]
    struct Ring {
        times: u32,
        bell: Option<String>,
    }

    fn bells() -> Group {
        Group::new("bells").command::<Ring, u32>("ring", "Rings.\n\nIt is heard.", |page, ring, replier| {
            assert!(page.is_none());
            replier.json(format!("{}", ring.times + u32::from(ring.bell.is_some())).into_bytes());
        })
    }

    fn answer(message: &str) -> Reply {
        let (replier, reply) = Replier::channel();
        (bells().commands()[0].function)(&Message::parse(message.to_owned()).unwrap(), replier);
        reply.recv().unwrap()
    }

    #[test]
    fn a_command_gets_its_arguments_and_refuses_what_does_not_fit() {
        assert_eq!(answer(r#"{"cmd":"ring","times":2,"bell":"a","callback":"x"}"#), Reply::Value("3".into()));
        let Reply::Error(sentence) = answer(r#"{"cmd":"ring"}"#) else { panic!("it rang") };
        assert!(sentence.contains("missing field `times`"), "{sentence}");
    }

    #[test]
    fn the_command_table_tells_the_arguments_and_which_may_be_left_out() {
        let group = bells();
        let entry = group.table().next().unwrap();
        assert_eq!((&*entry.name, &*entry.doc, &*entry.more), ("ring", "Rings.", "It is heard."));
        let arguments = entry.arguments.as_ref().unwrap();
        let told: Vec<_> = arguments.iter().map(|one| (&*one.name, &*one.kind, one.optional)).collect();
        assert_eq!(told, [("bell", "string", true), ("times", "integer", false)]);
        assert_eq!(group.commands()[0].schemas.result.as_ref().unwrap()["type"], "integer");
    }
}
