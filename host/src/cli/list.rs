//! `plugin-host list`: what is in the plugin folders. Runs no plugin code: what it tells stands in the files, was found
//! out by an earlier start, or is said by a host that runs.

use std::fmt::Write as _;
use std::io::Write as _;

use anyhow::Result;
use plugin_api::table::Place;
use plugin_host_runtime::{Lane, PluginStatistics, RunningHost, Status, on_a_line};

use super::folders::Folders;
use super::shelf;
use crate::words;

/// Where a longer signature pushes its own line out instead of all lines of its plugin.
const WIDEST_SIGNATURE: usize = 40;

/// Prints the list.
pub fn run(folders: &Folders, json: bool) -> Result<i32> {
    let offline = shelf::offline(folders)?;
    let mut status = offline.status(&folders.selection());
    status.hosts = offline.hosts();
    let text = if json { serde_json::to_string_pretty(&status)? + "\n" } else { text(&status, folders)? };
    let mut output = std::io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.flush())?;
    Ok(0)
}

fn text(status: &Status, folders: &Folders) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    if status.plugins.is_empty() {
        writeln!(text, "{}", words::no_plugins(&folders.all()))?;
    }
    for plugin in &status.plugins {
        let new = if plugin.tried { "" } else { "  (not tried yet)" };
        let (version, file) = (on_a_line(&plugin.version), on_a_line(&plugin.file));
        writeln!(text, "{} {version}  {file}{new}", plugin.name)?;
        if let Some(because) = &plugin.isolated {
            writeln!(text, "    runs in a process of its own, as {}", on_a_line(because))?;
        }
        if plugin.commands.is_empty() && !plugin.tried {
            writeln!(text, "    tells its commands when it is opened for the first time")?;
        }
        let width = plugin.commands.iter().map(|command| signature(command).chars().count()).max();
        let width = width.unwrap_or_default().min(WIDEST_SIGNATURE);
        for command in &plugin.commands {
            let place = match command.place {
                Place::Worker => "worker",
                Place::MainThread => "main thread",
            };
            let internal = if command.internal { " (for other plugins)" } else { "" };
            let doc = on_a_line(&command.doc);
            writeln!(text, "    {:<width$}  {place:<11}  {doc}{internal}", signature(command))?;
        }
    }
    for host in &status.hosts {
        running(&mut text, host)?;
    }
    for duplicate in &status.duplicates {
        let (cmd, kept_by, also) = (&duplicate.cmd, &duplicate.kept_by, &duplicate.also);
        writeln!(text, "twice: {cmd} belongs to {kept_by}; the other is {also}/{cmd}")?;
    }
    for left_out in &status.left_out {
        writeln!(text, "left out: {} {}", on_a_line(&left_out.file), on_a_line(&left_out.reason))?;
    }
    for refused in &status.refused {
        writeln!(text, "refused: {} {}", on_a_line(&refused.file), on_a_line(&refused.reason))?;
        for line in refused.output.lines() {
            writeln!(text, "    it said: {}", on_a_line(line))?;
        }
    }
    match &*status.strangers {
        [] => {}
        [one] => writeln!(text, "no plugin, and left alone: {}", on_a_line(one))?,
        many => writeln!(text, "no plugins, and left alone: {} libraries (--json tells which)", many.len())?,
    }
    Ok(text)
}

/// What a host that runs says of its plugins, a line for each.
fn running(text: &mut String, host: &RunningHost) -> std::fmt::Result {
    writeln!(text, "a host runs as process {}:", host.process)?;
    for PluginStatistics { name, generation, live, commands } in &host.plugins {
        let calls: u64 = commands.iter().map(|command| command.calls).sum();
        let failed: u64 = commands.iter().map(|command| command.errors + command.panics + command.lost).sum();
        write!(
            text,
            "    {name}  generation {generation}, {calls} calls, {failed} failed, {} in flight",
            live.in_flight
        )?;
        if live.stuck > 0 {
            write!(text, "; STUCK: {} calls do not return", live.stuck)?;
        }
        if let Lane::Isolated { because, health, process, last_death, sandbox } = &live.lane {
            let process = process.map(|process| format!(" {process}")).unwrap_or_default();
            let sandbox = sandbox.map(words::sandboxed).unwrap_or_default();
            write!(
                text,
                "; isolated in process{process}{sandbox}, as {}: {}",
                on_a_line(because),
                words::health(*health)
            )?;
            if live.restarts > 0 {
                write!(text, ", started again {} times", live.restarts)?;
            }
            if let Some(death) = last_death {
                write!(text, "; {}", on_a_line(death))?;
            }
        }
        writeln!(text)?;
    }
    Ok(())
}

fn signature(command: &plugin_api::table::CommandEntry) -> String {
    let Some(arguments) = &command.arguments else { return format!("{}(…)", command.name) };
    let arguments: Vec<String> = arguments
        .iter()
        .map(|argument| format!("{}{}", argument.name, if argument.optional { "?" } else { "" }))
        .collect();
    on_a_line(&format!("{}({})", command.name, arguments.join(", ")))
}
