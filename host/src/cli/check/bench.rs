//! The plugin on the bench: in a runtime of its own, over a folder with nothing but the library, in a child process. This thread is
//! its main thread.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, select};
use plugin_api::table::Place;
use plugin_host_runtime::{Places, PluginStatus, Replier, Reply, Runtime, Status, Stopped};
use serde::Deserialize;
use serde_json::Value;

use super::super::headless;
use super::room::Room;
use super::task::Task;
use crate::words::check as words;

/// How long a command may take to answer; what a person takes for a program that hangs.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a plugin may take to stop, as when the window closes.
pub const STOP_PATIENCE: Duration = Duration::from_secs(3);

/// Whoever asks for a library to be examined wants it to run, wherever it lies.
const CONFIGURATION: &str = "[host.libraries]\nwritable-by-others = \"allow\"\n";

/// A runtime over a folder of plugins, and what says that its main thread has something to do.
fn runtime(room: &Room, folder: PathBuf) -> Result<(Runtime, Receiver<()>), String> {
    let text = |error: std::io::Error| error.to_string();
    let places = Places {
        data: room.path("data"),
        cache: room.path("cache"),
        app: room.path("app"),
        resources: room.path("resources"),
        configuration: room.path("config.toml"),
        state: room.path("state"),
        probe: std::env::current_exe().map_err(text)?,
    };
    std::fs::write(&places.configuration, CONFIGURATION).map_err(text)?;
    let (main_thread, turns) = headless::main_thread();
    let builder = Runtime::builder(main_thread, places);
    Ok((builder.plugin_folder(folder).start().map_err(text)?, turns))
}

/// Starts and stops a runtime without plugins: what a host changes in its process by itself has been changed then.
///
/// # Errors
/// What the system refuses.
pub fn start_without_plugins(room: &Room) -> Result<(), String> {
    let (runtime, _turns) = runtime(room, room.path("no-plugins"))?;
    runtime.wait_until_loaded();
    runtime.stop(STOP_PATIENCE);
    Ok(())
}

/// What `host/schemas` says of a plugin.
#[derive(Deserialize)]
struct Described {
    name: String,
    commands: Vec<Command>,
}

/// A command, as far as its arguments go.
#[derive(Clone, Deserialize)]
pub struct Command {
    /// Its name.
    pub name: String,
    /// What its author says of it.
    pub doc: String,
    /// Its arguments, where they are known.
    pub arguments: Option<Vec<Argument>>,
    /// Where it runs.
    #[serde(skip)]
    pub on_main: bool,
}

/// An argument.
#[derive(Clone, Deserialize)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its type in Rust.
    pub kind: String,
    /// Whether it may be left out.
    pub optional: bool,
    /// Its schema.
    pub schema: Option<Value>,
}

/// What a command has answered.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// With a value.
    Value,
    /// With an error of its author's, or a refusal of the arguments.
    Error(String),
    /// With something that is a fault whatever was asked: a sentence.
    Fault(String),
}

/// A plugin that serves.
pub struct Bench<'a> {
    room: &'a Room,
    runtime: Runtime,
    turns: Receiver<()>,
    /// The plugin.
    pub plugin: PluginStatus,
    /// Its commands that may be called.
    pub commands: Vec<Command>,
    longest_turn: Cell<Duration>,
}

impl<'a> Bench<'a> {
    /// Loads and starts the plugin, as the window's host would.
    ///
    /// # Errors
    /// Why it does not serve.
    pub fn start(task: &Task, room: &'a Room) -> Result<Self, String> {
        let text = |error: std::io::Error| error.to_string();
        room.note(&words::loading());
        let folder = room.path("plugins");
        fs::create_dir_all(&folder).map_err(text)?;
        let file = task.library.file_name().unwrap_or_default();
        bring(&task.library, &folder.join(file)).map_err(text)?;
        let (runtime, turns) = runtime(room, folder)?;
        let status = runtime.wait_until_loaded();
        let Some(plugin) = status.plugins.into_iter().next() else {
            let refused = status.refused.into_iter().map(|refused| refused.reason).next();
            let left_out = status.left_out.into_iter().map(|one| one.reason).next();
            return Err(refused.or(left_out).unwrap_or_else(words::no_plugin));
        };
        let mut bench = Self {
            room,
            runtime,
            turns,
            plugin,
            commands: Vec::new(),
            longest_turn: Cell::new(Duration::ZERO),
        };
        bench.commands = bench.described(&task.skip)?;
        Ok(bench)
    }

    fn described(&self, skip: &[String]) -> Result<Vec<Command>, String> {
        self.room.note(&words::asking_for_schemas());
        let reply = self.submit(r#"{"cmd":"host/schemas"}"#);
        let Some(Reply::Value(json)) = self.wait(&reply, PATIENCE) else { return Err(words::no_schemas()) };
        let all: Vec<Described> = serde_json::from_str(&json).map_err(|error| error.to_string())?;
        let own = all.into_iter().find(|described| described.name == self.plugin.name);
        let mut commands = own.map(|described| described.commands).unwrap_or_default();
        for command in &mut commands {
            let entry = self.plugin.commands.iter().find(|entry| entry.name == command.name);
            command.on_main = entry.is_some_and(|entry| entry.place == Place::MainThread);
        }
        commands.retain(|command| !skip.contains(&command.name));
        Ok(commands)
    }

    /// Sends a message; its one reply arrives at the receiver.
    pub fn submit(&self, message: &str) -> Receiver<Reply> {
        let (replier, reply) = Replier::channel();
        self.runtime.submit(message.to_owned(), replier);
        reply
    }

    /// Waits for a reply, and does the main thread's work meanwhile.
    pub fn wait(&self, reply: &Receiver<Reply>, patience: Duration) -> Option<Reply> {
        let until = crossbeam_channel::at(Instant::now() + patience);
        loop {
            select! {
                recv(reply) -> reply => return reply.ok(),
                recv(self.turns) -> _ => {
                    let began = Instant::now();
                    self.runtime.run_main_thread_turn();
                    self.longest_turn.set(self.longest_turn.get().max(began.elapsed()));
                }
                recv(until) -> _ => return None,
            }
        }
    }

    /// How long the main thread was busy at a time, at most, since this was asked last.
    pub fn take_longest_turn(&self) -> Duration {
        self.longest_turn.take()
    }

    /// Calls a command with arguments as JSON texts, and notes that.
    pub fn call(&self, command: &Command, arguments: &[(String, String)]) -> Answer {
        let message = self.message(command, arguments);
        self.room.note(&words::calling(&message));
        let reply = self.submit(&message);
        match self.wait(&reply, PATIENCE) {
            None => Answer::Fault(words::no_answer(PATIENCE, &message)),
            Some(Reply::Value(_) | Reply::Bytes(_)) => Answer::Value,
            Some(Reply::Error(text)) if is_fault(&text, &self.plugin.name) => {
                Answer::Fault(words::bad_answer(&text, &message))
            }
            Some(Reply::Error(text)) => Answer::Error(text),
        }
    }

    /// A message, with the names of functions that a page would give.
    pub fn message(&self, command: &Command, arguments: &[(String, String)]) -> String {
        let name = |text: &str| Value::from(text).to_string();
        let mut message = format!("{{\"cmd\":{}", name(&format!("{}/{}", self.plugin.name, command.name)));
        for (argument, value) in arguments {
            message.push_str(&format!(",{}:{value}", name(argument)));
        }
        message.push_str(",\"callback\":\"callback\",\"error\":\"error\"}");
        message
    }

    /// What is loaded now.
    pub fn status(&self) -> Status {
        self.runtime.wait_until_loaded()
    }

    /// Stops the plugin. Whether it came to its end in time.
    pub fn stop(&self) -> bool {
        self.room.note(&words::stopping());
        let clean = self.runtime.stop(STOP_PATIENCE) == Stopped::Cleanly;
        if !clean {
            self.room.note_left_running();
        }
        clean
    }
}

/// Puts a library into a folder: by a link, as it may be a file of gigabytes that is no library at all.
fn bring(library: &Path, place: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::symlink(library, place);
    #[cfg(not(unix))]
    fs::copy(library, place).map(drop)
}

/// Whether an error says that the plugin is at fault whatever it was asked.
fn is_fault(text: &str, plugin: &str) -> bool {
    let of = |what: &str| text.starts_with(&format!("plugin `{plugin}` {what}"));
    of("panicked in")
        || of("gave no answer")
        || of("answered")
        || text.starts_with("the command's result does not serialise")
}
