//! The application's own arguments: which it takes, as the configuration says under `[host.cli]`, and what was given, for `cliMatches`.
//!
//! Reads them once, before the window opens; clap does the reading. Refuses what the configuration does not know.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use clap::{Arg, ArgAction, ArgMatches, Command};
use plugin_api::schemars::JsonSchema;
use plugin_host_runtime::{ConfigurationFile, Group, Replier};
use serde::{Deserialize, Serialize};

use crate::words;

/// The table `host.cli`: as `tauri.cli` in the configuration of Tauri 0.x, with `-` between the words.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Wanted {
    pub description: Option<String>,
    pub long_description: Option<String>,
    pub before_help: Option<String>,
    pub after_help: Option<String>,
    pub args: Vec<WantedArgument>,
    pub subcommands: BTreeMap<String, Wanted>,
}

/// One argument.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WantedArgument {
    pub name: String,
    /// One letter, for `-v`.
    pub short: Option<char>,
    pub description: Option<String>,
    pub long_description: Option<String>,
    /// Whether a value follows; a switch otherwise.
    pub takes_value: bool,
    /// Whether it takes several values, or may stand there several times.
    pub multiple: bool,
    pub multiple_occurrences: bool,
    pub number_of_values: Option<usize>,
    pub min_values: Option<usize>,
    pub max_values: Option<usize>,
    pub possible_values: Vec<String>,
    pub required: bool,
    pub required_unless: Option<String>,
    pub required_unless_all: Vec<String>,
    pub required_unless_one: Vec<String>,
    pub conflicts_with: Option<String>,
    pub conflicts_with_all: Vec<String>,
    pub requires: Option<String>,
    pub requires_all: Vec<String>,
    /// If this argument has the first as its value, the second is required.
    pub requires_if: Option<(String, String)>,
    /// If the first argument has the second as its value, this one is required.
    pub required_if: Option<(String, String)>,
    /// Whether the value stands behind `=` and nowhere else.
    pub require_equals: bool,
    /// Its place among those without a name, from 1 on.
    pub index: Option<usize>,
    /// Whether subcommands know it as well.
    pub global: bool,
}

/// What was given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(crate = "plugin_api::schemars")]
pub struct Matches {
    pub args: BTreeMap<String, Match>,
    pub subcommand: Option<Box<SubcommandMatch>>,
}

/// What was given of one argument.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(crate = "plugin_api::schemars")]
pub struct Match {
    /// A text where it takes a value, a list where it takes several, null where there is none; whether it is there otherwise.
    pub value: Value,
    /// How often it was given.
    pub occurrences: u64,
}

/// See [`Match::value`].
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(crate = "plugin_api::schemars")]
#[serde(untagged)]
pub enum Value {
    Switch(bool),
    One(Option<String>),
    Several(Option<Vec<String>>),
}

/// The subcommand that was given.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(crate = "plugin_api::schemars")]
pub struct SubcommandMatch {
    pub name: String,
    pub matches: Matches,
}

/// The application's own arguments, as the configuration file reads them. `name` is what the user has typed before them.
///
/// # Errors
/// What clap says about them, help included, with the file in which there is more; or a sentence about the file.
pub fn of_application(
    file: &Path,
    name: &str,
    arguments: impl IntoIterator<Item = OsString>,
) -> anyhow::Result<Matches> {
    let wanted = ConfigurationFile::at(file.to_owned()).host("cli").map_err(anyhow::Error::msg)?;
    read(&wanted, name, arguments).map_err(|error| {
        let sentence = if error.is::<clap::Error>() {
            words::arguments::where_they_stand(file)
        } else {
            words::arguments::bad_arguments(file)
        };
        error.context(sentence)
    })
}

/// Reads arguments. `name` is what the user has typed before them.
///
/// # Errors
/// What clap says about them, help included; or a sentence about the configuration.
fn read(
    wanted: &Wanted,
    name: &str,
    arguments: impl IntoIterator<Item = OsString>,
) -> anyhow::Result<Matches> {
    check(wanted).map_err(anyhow::Error::msg)?;
    let command = command(name.to_owned(), wanted).no_binary_name(true).bin_name(name);
    // What clap asserts of a command, in debug builds by a panic, is the configuration's business and checked before.
    let matches = command.try_get_matches_from(arguments)?;
    Ok(matches_of(wanted, &matches))
}

/// The group `cli`, which answers with what was given.
pub fn group(given: Matches) -> Group {
    #[derive(Deserialize, JsonSchema)]
    #[schemars(crate = "plugin_api::schemars")]
    struct Nothing {}
    Group::new("cli")
        .command::<Nothing, Matches>(
            "cliMatches",
            "The arguments that the application was started with.\n\nWhich it takes is said under `[host.cli]` in the configuration.",
            move |_page, Nothing {}, replier: Replier| match serde_json::to_vec(&given) {
                Ok(json) => replier.json(json),
                Err(error) => replier.error(error.to_string()),
            },
        )
        .also_short()
}

fn command(name: String, wanted: &Wanted) -> Command {
    let mut command = Command::new(name);
    if let Some(text) = &wanted.description {
        command = command.about(text.clone());
    }
    if let Some(text) = &wanted.long_description {
        command = command.long_about(text.clone());
    }
    if let Some(text) = &wanted.before_help {
        command = command.before_help(text.clone());
    }
    if let Some(text) = &wanted.after_help {
        command = command.after_help(text.clone());
    }
    command = wanted.args.iter().fold(command, |command, one| command.arg(argument(one)));
    for (name, wanted) in &wanted.subcommands {
        command = command.subcommand(self::command(name.clone(), wanted));
    }
    command
}

fn argument(wanted: &WantedArgument) -> Arg {
    let mut argument = Arg::new(wanted.name.clone()).required(wanted.required).global(wanted.global);
    if let Some(index) = wanted.index {
        argument = argument.index(index);
    } else {
        argument = argument.long(wanted.name.clone());
    }
    if let Some(short) = wanted.short {
        argument = argument.short(short);
    }
    if let Some(text) = &wanted.description {
        argument = argument.help(text.clone());
    }
    if let Some(text) = &wanted.long_description {
        argument = argument.long_help(text.clone());
    }
    argument = if !takes_value(wanted) {
        argument.action(ArgAction::Count)
    } else if is_multiple(wanted) {
        argument.action(ArgAction::Append).require_equals(wanted.require_equals)
    } else {
        argument.action(ArgAction::Set).require_equals(wanted.require_equals)
    };
    if takes_value(wanted) {
        if !wanted.possible_values.is_empty() {
            argument = argument.value_parser(wanted.possible_values.clone());
        }
        let (least, most) = (wanted.min_values, wanted.max_values);
        argument = match (wanted.number_of_values, least, most) {
            (Some(count), ..) => argument.num_args(count),
            (None, None, None) if wanted.multiple && !wanted.require_equals => argument.num_args(1..),
            (None, None, None) => argument,
            (None, least, None) => argument.num_args(least.unwrap_or(1)..),
            (None, least, Some(most)) => argument.num_args(least.unwrap_or(1)..=most),
        };
    }
    related(argument, wanted)
}

/// What an argument has to do with others.
fn related(mut argument: Arg, wanted: &WantedArgument) -> Arg {
    for other in wanted.conflicts_with.iter().chain(&wanted.conflicts_with_all) {
        argument = argument.conflicts_with(other.clone());
    }
    for other in wanted.requires.iter().chain(&wanted.requires_all) {
        argument = argument.requires(other.clone());
    }
    if let Some((value, other)) = &wanted.requires_if {
        argument = argument.requires_if(value.clone(), other.clone());
    }
    if let Some((other, value)) = &wanted.required_if {
        argument = argument.required_if_eq(other.clone(), value.clone());
    }
    if !wanted.required_unless_all.is_empty() {
        argument = argument.required_unless_present_all(wanted.required_unless_all.clone());
    }
    let any: Vec<String> =
        wanted.required_unless.iter().chain(&wanted.required_unless_one).cloned().collect();
    if !any.is_empty() {
        argument = argument.required_unless_present_any(any);
    }
    argument
}

fn takes_value(wanted: &WantedArgument) -> bool {
    wanted.takes_value || wanted.index.is_some()
}

fn is_multiple(wanted: &WantedArgument) -> bool {
    wanted.multiple || wanted.multiple_occurrences
}

/// Whether more than one text may follow.
fn takes_many(wanted: &WantedArgument) -> bool {
    let counted = [wanted.number_of_values, wanted.min_values, wanted.max_values];
    is_multiple(wanted) || counted.into_iter().flatten().any(|count| count != 1)
}

/// What clap would panic about.
fn check(wanted: &Wanted) -> Result<(), String> {
    let mut names: Vec<&str> = Vec::new();
    let mut shorts = Vec::new();
    let mut places = Vec::new();
    for one in &wanted.args {
        let plain =
            |character: char| character.is_ascii_alphanumeric() || character == '-' || character == '_';
        if one.name.is_empty() || one.name.starts_with('-') || !one.name.chars().all(plain) {
            return Err(words::arguments::bad_name(&one.name));
        }
        if names.contains(&&*one.name) || ["help", "version"].contains(&&*one.name) {
            return Err(words::arguments::twice(&one.name));
        }
        names.push(&one.name);
        if let Some(short) = one.short {
            if shorts.contains(&short) || short == 'h' || !short.is_ascii_alphanumeric() {
                return Err(words::arguments::twice(&format!("-{short}")));
            }
            shorts.push(short);
        }
        if one.index.is_some() && one.short.is_some() {
            return Err(words::arguments::placed_and_named(&one.name));
        }
        places.extend(one.index.map(|place| (place, one)));
        if one.global && one.required {
            return Err(words::arguments::global_and_required(&one.name));
        }
        let counts = [one.number_of_values, one.min_values, one.max_values];
        let backwards = one.max_values.is_some_and(|most| most == 0 || one.min_values.unwrap_or(1) > most);
        // One text stands behind one `=`.
        let glued = one.require_equals && counts.iter().flatten().any(|count| *count != 1);
        if backwards
            || glued
            || (!takes_value(one) && counts.iter().any(Option::is_some))
            || one.number_of_values == Some(0)
        {
            return Err(words::arguments::bad_counts(&one.name));
        }
    }
    for one in &wanted.args {
        let others = [&one.required_unless, &one.conflicts_with, &one.requires].into_iter().flatten();
        let lists =
            [&one.required_unless_all, &one.required_unless_one, &one.conflicts_with_all, &one.requires_all];
        let pairs = one
            .requires_if
            .iter()
            .map(|(_, other)| other)
            .chain(one.required_if.iter().map(|(other, _)| other));
        for other in others.chain(lists.into_iter().flatten()).chain(pairs) {
            if !names.contains(&&**other) || *other == one.name {
                return Err(words::arguments::no_such_other(&one.name, other));
            }
        }
    }
    places.sort_by_key(|(place, _)| *place);
    let in_order = places.iter().map(|(place, _)| *place).eq(1..=places.len());
    // Nobody could tell which of them a text is for.
    let unclear = places.windows(2).any(|two| {
        let [(_, first), (_, second)] = two else { return false };
        takes_many(first) || (second.required && !first.required)
    });
    if !in_order || unclear {
        return Err(words::arguments::bad_places());
    }
    wanted.subcommands.values().try_for_each(check)
}

fn matches_of(wanted: &Wanted, found: &ArgMatches) -> Matches {
    let args = wanted.args.iter().map(|one| (one.name.clone(), match_of(one, found))).collect();
    let subcommand = found.subcommand().and_then(|(name, found)| {
        let matches = matches_of(wanted.subcommands.get(name)?, found);
        Some(Box::new(SubcommandMatch { name: name.to_owned(), matches }))
    });
    Matches { args, subcommand }
}

fn match_of(wanted: &WantedArgument, found: &ArgMatches) -> Match {
    let name = &*wanted.name;
    if !takes_value(wanted) {
        let occurrences = u64::from(found.get_count(name));
        return Match { value: Value::Switch(occurrences > 0), occurrences };
    }
    let occurrences = found.get_occurrences::<String>(name).map_or(0, |all| all.count() as u64);
    let values: Option<Vec<String>> = found.get_many::<String>(name).map(|all| all.cloned().collect());
    let value = match values {
        values if is_multiple(wanted) => Value::Several(values),
        values => Value::One(values.and_then(|values| values.into_iter().next())),
    };
    Match { value, occurrences }
}

#[cfg(test)]
mod tests;
