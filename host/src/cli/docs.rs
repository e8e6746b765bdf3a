//! `plugin-host docs`: what the plugins in the folders say of themselves and their commands, as markdown. Runs no plugin code.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use anyhow::Result;
use plugin_api::table::{CommandEntry, Place};
use plugin_host_runtime::{PluginStatus, on_a_line};

use super::folders::Folders;
use super::{headless, shelf};
use crate::words;

/// Prints the documentation of all plugins, or of the one called `name`, which may be a group of the host's own.
pub fn run(folders: &Folders, name: Option<&str>) -> Result<i32> {
    let status = shelf::offline(folders)?.status(&folders.selection());
    let mut text = String::new();
    for plugin in status.plugins.iter().filter(|plugin| name.is_none_or(|name| plugin.name == name)) {
        describe(&mut text, plugin)?;
    }
    for group in headless::groups().iter().filter(|group| name == Some(group.name())) {
        writeln!(text, "# {}", group.name())?;
        group.table().try_for_each(|command| describe_command(&mut text, command))?;
    }
    if text.is_empty() {
        anyhow::bail!(match name {
            Some(name) => words::nobody_called(name),
            None => words::no_plugins(&folders.all()),
        });
    }
    let mut output = std::io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.flush())?;
    Ok(0)
}

fn describe(text: &mut String, plugin: &PluginStatus) -> std::fmt::Result {
    if !text.is_empty() {
        writeln!(text)?;
    }
    writeln!(text, "# {} {}", plugin.name, on_a_line(&plugin.version))?;
    if !plugin.description.is_empty() {
        writeln!(text, "\n{}", lines(&plugin.description))?;
    }
    if plugin.commands.is_empty() && !plugin.tried {
        writeln!(text, "\nIt tells its commands when it is opened for the first time.")?;
    }
    for command in &plugin.commands {
        describe_command(text, command)?;
    }
    Ok(())
}

fn describe_command(text: &mut String, command: &CommandEntry) -> std::fmt::Result {
    writeln!(text, "\n## `{}`", on_a_line(&command.name))?;
    for part in [&command.doc, &command.more] {
        if !part.is_empty() {
            writeln!(text, "\n{}", lines(part))?;
        }
    }
    match command.arguments.as_deref() {
        None | Some([]) => {}
        Some(arguments) => {
            writeln!(text, "\n| argument | type | |\n| --- | --- | --- |")?;
            for argument in arguments {
                let needed = if argument.optional { "may be left out" } else { "" };
                let (name, kind) = (on_a_line(&argument.name), on_a_line(&argument.kind));
                // A bar would begin another cell.
                writeln!(text, "| `{name}` | `{}` | {needed} |", kind.replace('|', "\\|"))?;
            }
        }
    }
    for sentence in sentences(command) {
        writeln!(text, "\n{sentence}")?;
    }
    Ok(())
}

/// What else is known of a command.
fn sentences(command: &CommandEntry) -> Vec<String> {
    let code = |text: &str| format!("`{}`", on_a_line(text));
    let mut sentences = Vec::new();
    if !matches!(&*command.returns, "" | "()" | "Result<()>") {
        sentences.push(format!("Returns {}.", code(&command.returns)));
    }
    if !command.sends.is_empty() {
        sentences.push(format!("Sends {} before it answers.", code(&command.sends)));
    }
    if !command.reports.is_empty() {
        sentences.push(format!("Reports its progress as {}.", code(&command.reports)));
    }
    if let Some(milliseconds) = command.deadline_ms {
        sentences.push(format!("Answers within {:?}, or not at all.", Duration::from_millis(milliseconds)));
    }
    match command.concurrency {
        Some(1) => sentences.push("One call at a time.".to_owned()),
        Some(count) => sentences.push(format!("At most {count} calls at a time.")),
        None => {}
    }
    if command.internal {
        sentences.push(words::internal().to_owned());
    } else if command.dangerous {
        sentences.push(words::dangerous().to_owned());
    }
    if command.place == Place::MainThread {
        sentences.push("Runs on the main thread.".to_owned());
    }
    sentences
}

/// A text of several lines, in which nothing else controls the terminal.
fn lines(text: &str) -> String {
    text.lines().map(on_a_line).collect::<Vec<_>>().join("\n")
}
