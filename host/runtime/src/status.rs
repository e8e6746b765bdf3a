//! What is loaded, what was refused and why: plain data, for people and for `--json`.

use std::collections::HashMap;

use plugin_api::table::CommandEntry;
use serde::{Deserialize, Serialize};

use crate::ledger::CommandNumbers;

/// The state of the plugin folders' contents.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The plugins that serve, in the order of the folders and file names.
    pub plugins: Vec<PluginStatus>,
    /// The files that were refused.
    pub refused: Vec<Refused>,
    /// The plugins that do not serve because somebody wants it so, or because another file has the same name.
    pub left_out: Vec<LeftOut>,
    /// The commands that more than one plugin has.
    pub duplicates: Vec<Duplicate>,
    /// The generations that take no further calls and wait for their last one.
    pub retiring: Vec<Retiring>,
    /// Libraries that are no plugins, and nobody's mistake.
    pub strangers: Vec<String>,
    /// Where the run before this one died, if it did. More than one where that is not known: all that ran.
    pub crashes: Vec<Crash>,
    /// The hosts that run on these folders' state, asked from outside. Nothing in a host itself.
    pub hosts: Vec<RunningHost>,
}

impl Status {
    /// Tells which commands more than one plugin has. The first plugin keeps one.
    pub(crate) fn find_duplicates(&mut self) {
        let mut owners: HashMap<&str, &str> = HashMap::new();
        for plugin in &self.plugins {
            // One that is internal has its name alone only where nobody else has it.
            for command in plugin.commands.iter().filter(|command| !command.internal) {
                match owners.get(&*command.name) {
                    Some(first) => self.duplicates.push(Duplicate {
                        cmd: command.name.clone(),
                        kept_by: (*first).to_owned(),
                        also: plugin.name.clone(),
                    }),
                    None => drop(owners.insert(&command.name, &plugin.name)),
                }
            }
        }
    }
}

/// Where a host was when it died.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Crash {
    /// The plugin whose code ran.
    pub plugin: String,
    /// The command, where one ran.
    pub cmd: Option<String>,
    /// By what it died; nothing where that is not known, as when somebody kills it.
    pub cause: Option<String>,
    /// The same as a sentence, with what to do.
    pub sentence: String,
}

/// A plugin that serves.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PluginStatus {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it says it is for; may be empty.
    pub description: String,
    /// The file it was loaded from.
    pub file: String,
    /// The how manieth generation of its name serves: 1 for the first in this process. Nothing where no host runs.
    pub generation: Option<u32>,
    /// Whether it has been opened before, here or in a child process.
    pub tried: bool,
    /// Its command table.
    pub commands: Vec<CommandEntry>,
    /// Why the file that lies in its place now was not taken, so that the earlier one goes on serving.
    pub replacement_refused: Option<String>,
    /// Why it runs in a process of its own, if it does, or would where no host runs.
    pub isolated: Option<String>,
    /// How it is at this moment. Nothing where no host runs.
    pub live: Option<Live>,
    /// What its calls have come to, for each command that was called. Nothing where no host runs.
    pub numbers: Vec<CommandNumbers>,
}

/// A host that runs, as it answers from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunningHost {
    /// The system's number of its process.
    pub process: u32,
    /// The plugins that serve in it.
    pub plugins: Vec<PluginStatistics>,
    /// The files that it refuses, or the first thousand of them.
    #[serde(default)]
    pub refused: Vec<String>,
}

/// How a plugin is at one moment, and what its calls have come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PluginStatistics {
    /// Its name.
    pub name: String,
    /// The how manieth generation of its name serves.
    pub generation: u32,
    /// How it is.
    pub live: Live,
    /// The numbers of each command that was called, over all generations.
    pub commands: Vec<CommandNumbers>,
}

/// How a plugin is at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Live {
    /// Where its code runs.
    pub lane: Lane,
    /// Its calls in flight, with what belongs to them: at least one for each.
    pub in_flight: usize,
    /// Its calls that wait for a thread, or for a process.
    pub queue_length: usize,
    /// Its calls that do not return although they are settled. More than none: the plugin is stuck.
    pub stuck: usize,
    /// How often its process was started again.
    pub restarts: u64,
}

/// Where the code of a plugin runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Lane {
    /// In the host's process.
    InProcess,
    /// In a process of its own.
    Isolated {
        /// Why, for people.
        because: String,
        /// How its process is.
        health: Health,
        /// The system's number of the process, if there is one.
        process: Option<u32>,
        /// How the process before it has died, if it has.
        last_death: Option<String>,
        /// How far its sandbox goes, if it was to have one and has come so far.
        #[serde(default)]
        sandbox: Option<Sandboxed>,
    },
}

/// How far a sandbox goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sandboxed {
    /// Files, network and other processes are kept from the plugin.
    Fully,
    /// Not all of that.
    Partly,
    /// None of it: the system has nothing to do that with.
    NotAvailable,
}

/// How the process of an isolated plugin is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// It is being started, or will be soon; calls wait.
    Starting,
    /// It serves.
    Serving,
    /// It is about to be replaced, because a call in it does not return; calls wait.
    Stuck,
    /// It has died too often, and is not started by itself any more.
    GivenUp,
    /// The plugin has ended.
    Stopped,
}

/// Something that goes wrong with a plugin and that the page may want to tell of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trouble {
    /// What.
    pub kind: TroubleKind,
    /// The plugin.
    pub plugin: String,
    /// The command, where it is one's.
    pub cmd: Option<String>,
    /// For how long, where that is what is wrong.
    pub milliseconds: Option<u64>,
    /// All of it in a sentence.
    pub sentence: String,
}

/// What goes wrong with a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TroubleKind {
    /// A command has held the main thread up, and the window with it.
    Slow,
    /// A command holds the main thread up at this moment.
    Blocks,
    /// A call does not return although it is settled.
    Stuck,
    /// One that did not has returned.
    Returned,
    /// The process of an isolated plugin has died, and is started again.
    Died,
    /// It has died too often, and is not started again.
    GivenUp,
}

/// A file, or a folder, that was not loaded.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// Its path.
    pub file: String,
    /// Who the file says it is, if that can be read.
    pub name: Option<String>,
    /// What is wrong with it and what to do, to follow its path.
    pub reason: String,
    /// What it printed while it was tried; mostly nothing.
    pub output: String,
    /// The commands that it would have, where it was ready to be started.
    #[serde(skip)]
    pub commands: Vec<String>,
}

/// A plugin that could serve and does not.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Why, to follow the file's path.
    pub reason: String,
    /// Whether it is switched off, and may be switched on again.
    pub disabled: bool,
}

/// A generation that waits for its last call.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Retiring {
    /// Its plugin's name.
    pub name: String,
    /// Which one.
    pub generation: u32,
    /// Its calls in flight, with what belongs to them: at least one for each.
    pub in_flight: usize,
}

/// A command that more than one plugin has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Duplicate {
    /// The name.
    pub cmd: String,
    /// The plugin that keeps it: the first one in the order of folders and file names.
    pub kept_by: String,
    /// The plugin whose command is reachable as `plugin-name/cmd` only.
    pub also: String,
}

/// Something that has happened in the plugin folders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What.
    pub kind: ChangeKind,
    /// The file.
    pub file: String,
    /// The plugin's name, if it is known.
    pub name: Option<String>,
    /// The generation that serves now, where one does.
    pub generation: Option<u32>,
    /// Why, where something was refused or left out.
    pub reason: Option<String>,
}

/// What has happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ChangeKind {
    /// A plugin serves that did not before.
    Added,
    /// A new generation serves in place of an old one.
    Replaced,
    /// A plugin does not serve any more, because its file is gone.
    Removed,
    /// A file was refused. Where a plugin served from it, that one goes on.
    Refused,
    /// A plugin does not serve, because somebody wants it so or another file has its name.
    LeftOut,
}
