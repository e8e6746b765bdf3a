//! The host's side of a unit test: keeps what the plugin says, runs what it asks for, and routes its calls.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread::{self, JoinHandle, ThreadId};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::PATIENCE;
use crate::abi::{
    CallSide, HostSide, Instance, Level, Listener, OwnedJob, PluginModuleRef, ReplyHandle, ReplySide, Status,
};
use crate::table::{CommandEntry, Configuration, Place};

/// What a command has answered with.
pub enum Answered {
    Json(Value),
    Bytes(Vec<u8>),
}

/// What a command has told before its answer.
#[derive(Clone)]
pub enum Told {
    Progress(Value),
    Value(Value),
    Bytes(Vec<u8>),
}

/// Work for a thread.
pub type Work = Box<dyn FnOnce() + Send>;
/// The answer to another plugin's command.
pub type Stub = Arc<dyn Fn(Value) -> Result<Value, String> + Send + Sync>;

/// What the test and the plugin's calls share.
pub struct Shared {
    pub name: String,
    pub folder: TempDir,
    pub configuration: Value,
    pub main_thread: ThreadId,
    pub plugin: OnceLock<Started>,
    pub state: Mutex<State>,
    pub changed: Condvar,
}

/// The plugin, started.
pub struct Started {
    pub module: PluginModuleRef,
    pub instance: Instance,
    pub commands: Vec<CommandEntry>,
}

/// What has happened, and what waits.
#[derive(Default)]
pub struct State {
    pub main: VecDeque<Work>,
    pub closing: bool,
    pub next: u64,
    pub answers: HashMap<u64, Result<Answered, String>>,
    pub calls: Vec<Weak<WatchedCall>>,
    pub log: Vec<(Level, String)>,
    pub events: Vec<(String, Value)>,
    pub listeners: Vec<(u64, String, Arc<Listener>)>,
    pub threads: Vec<JoinHandle<()>>,
    pub others: HashMap<String, Stub>,
}

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn made(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        // What the plugin does with one that is not there says enough.
        let _ = std::fs::create_dir_all(&folder);
        folder
    }

    /// Finds whose command it is.
    pub fn submit(self: &Arc<Self>, message: &str, reply: ReplyHandle) {
        let error = |reply: ReplyHandle, text: &str| reply.send(Status::ERROR, text.as_bytes());
        let read: Option<Value> = serde_json::from_str(message).ok();
        let Some(cmd) = read.as_ref().and_then(|message| message.get("cmd")).and_then(Value::as_str) else {
            return error(reply, "the message has no `cmd`; send { cmd: \"name\", … }");
        };
        let Some(plugin) = self.plugin.get() else {
            return error(reply, "the plugin has not started yet");
        };
        let stub = self.lock().others.get(cmd).cloned();
        if let Some(stub) = stub {
            return match stub(read.clone().unwrap_or_default()) {
                Ok(value) => reply.send(Status::OK, value.to_string().as_bytes()),
                Err(text) => error(reply, &text),
            };
        }
        let own = cmd.strip_prefix(&format!("{}/", self.name)).unwrap_or(cmd);
        let Some(index) = plugin.commands.iter().position(|command| command.name == own) else {
            return error(reply, &format!("unknown command `{cmd}`"));
        };
        let place = plugin.commands[index].place;
        let (module, instance, message) = (plugin.module, plugin.instance, message.to_owned());
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let work: Work = Box::new(move || (module.call())(instance, index, message.as_str().into(), reply));
        match place {
            Place::Worker => self.on_thread(work),
            Place::MainThread => drop(self.on_main(work)),
        }
    }

    /// Tells the plugin's listeners of an event, one after another, here and now.
    pub fn tell(&self, event: &str, payload: &str) {
        let listeners = self.lock().listeners.clone();
        for (_, _, listener) in listeners.iter().filter(|(_, own, _)| own == event) {
            listener.hear(payload);
        }
    }

    fn on_thread(&self, work: Work) {
        let handle = thread::spawn(work);
        self.lock().threads.push(handle);
    }

    /// Takes work for the main thread; nothing comes back but from a host that closes.
    fn on_main(&self, work: Work) -> Option<Work> {
        let mut state = self.lock();
        if state.closing {
            return Some(work);
        }
        state.main.push_back(work);
        drop(state);
        self.changed.notify_all();
        None
    }
}

impl HostSide for Shared {
    fn log(&self, level: Level, text: &str) {
        self.lock().log.push((level, text.to_owned()));
    }

    fn data_folder(&self) -> PathBuf {
        self.made("data")
    }

    fn cache_folder(&self) -> PathBuf {
        self.made("cache")
    }

    fn app_folder(&self) -> PathBuf {
        self.made("app")
    }

    fn resource_folder(&self) -> PathBuf {
        self.made("resources")
    }

    fn configuration(&self) -> Configuration {
        let file = Path::new("config.toml").display().to_string();
        Configuration { file, table: format!("plugins.{}", self.name), value: Ok(self.configuration.clone()) }
    }

    fn emit(&self, event: &str, payload: &str) -> Result<(), String> {
        let value = serde_json::from_str(payload).map_err(|error| error.to_string())?;
        self.lock().events.push((event.to_owned(), value));
        self.tell(event, payload);
        Ok(())
    }

    fn listen(&self, event: &str, listener: Listener) -> Result<u64, String> {
        let mut state = self.lock();
        state.next += 1;
        let number = state.next;
        state.listeners.push((number, event.to_owned(), Arc::new(listener)));
        Ok(number)
    }

    fn unlisten(&self, number: u64) {
        let mut state = self.lock();
        let place = state.listeners.iter().position(|(own, _, _)| *own == number);
        let listener = place.map(|place| state.listeners.remove(place));
        drop(state);
        // Freed by the plugin's code, which may do anything.
        drop(listener);
    }

    fn stop_time_left(&self) -> Option<Duration> {
        self.lock().closing.then_some(PATIENCE)
    }

    fn call(self: &Arc<Self>, message: &str, waits: bool, reply: ReplyHandle) {
        let plugin = self.plugin.get();
        let read: Option<Value> = serde_json::from_str(message).ok();
        let cmd = read.as_ref().and_then(|message| message["cmd"].as_str());
        let entry = plugin.and_then(|plugin| plugin.commands.iter().find(|entry| Some(&*entry.name) == cmd));
        let on_main = entry.is_some_and(|entry| entry.place == Place::MainThread);
        if waits && on_main && self.is_main_thread() {
            let text =
                "it runs on the main thread, and so does the one who waits for it: it would never begin";
            return reply.send(Status::ERROR, text.as_bytes());
        }
        self.submit(message, reply);
    }

    fn spawn(&self, job: OwnedJob) -> Option<OwnedJob> {
        if self.lock().closing {
            return Some(job);
        }
        self.on_thread(Box::new(move || job.run()));
        None
    }

    fn run_on_main(&self, job: OwnedJob) -> Option<OwnedJob> {
        if self.lock().closing {
            return Some(job);
        }
        // One that comes while the host closes is freed with the rest.
        drop(self.on_main(Box::new(move || job.run())));
        None
    }

    fn is_trial(&self) -> bool {
        false
    }

    fn is_main_thread(&self) -> bool {
        thread::current().id() == self.main_thread
    }

    fn on_panic() {
        // The test sees it in the answer that does not come.
    }
}

/// Where the answer to one call goes.
pub struct Answer {
    shared: Arc<Shared>,
    id: u64,
    call: Arc<WatchedCall>,
    answered: bool,
}

/// A call of the test's, with what it has told before its answer.
#[derive(Default)]
pub struct WatchedCall {
    pub attached: Vec<Vec<u8>>,
    pub state: Mutex<CallState>,
}

/// What has become of a call.
#[derive(Default)]
pub struct CallState {
    pub cancelled: bool,
    pub told: Vec<Told>,
    hooks: Vec<OwnedJob>,
}

impl WatchedCall {
    pub fn lock(&self) -> MutexGuard<'_, CallState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the command that nobody waits any more.
    pub fn cancel(&self) {
        let hooks = {
            let mut state = self.lock();
            state.cancelled = true;
            std::mem::take(&mut state.hooks)
        };
        hooks.into_iter().for_each(OwnedJob::run);
    }

    fn take_value(&self, value: Told) -> Result<(), String> {
        let mut state = self.lock();
        if state.cancelled {
            return Err("cancelled: nobody waits for the answer any more".to_owned());
        }
        state.told.push(value);
        Ok(())
    }
}

impl CallSide for WatchedCall {
    fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    fn when_cancelled(&self, job: OwnedJob) {
        let mut state = self.lock();
        if state.cancelled {
            drop(state);
            job.run();
        } else {
            state.hooks.push(job);
        }
    }

    fn progress(&self, value: &str) -> Result<(), String> {
        let value = serde_json::from_str(value).map_err(|error| error.to_string())?;
        self.lock().told.push(Told::Progress(value));
        Ok(())
    }

    fn send_value(&self, value: &str) -> Result<(), String> {
        let value = serde_json::from_str(value).map_err(|error| error.to_string())?;
        self.take_value(Told::Value(value))
    }

    fn send_bytes(&self, bytes: &[u8]) -> Result<(), String> {
        self.take_value(Told::Bytes(bytes.to_owned()))
    }

    fn bytes(&self, index: u32) -> Option<&[u8]> {
        self.attached.get(usize::try_from(index).ok()?).map(Vec::as_slice)
    }

    fn on_panic() {
        // The test sees it in the answer that does not come.
    }
}

impl Answer {
    /// For the call with this number.
    pub fn new(shared: Arc<Shared>, id: u64, call: Arc<WatchedCall>) -> Self {
        Self { shared, id, call, answered: false }
    }

    fn set(&mut self, answer: Result<Answered, String>) {
        self.answered = true;
        self.shared.lock().answers.insert(self.id, answer);
        // What nobody has called is freed by the plugin's code.
        let hooks = std::mem::take(&mut self.call.lock().hooks);
        drop(hooks);
        self.shared.changed.notify_all();
    }
}

impl ReplySide for Answer {
    type Call = WatchedCall;

    fn call(&self) -> Arc<WatchedCall> {
        Arc::clone(&self.call)
    }

    fn send(mut self, status: Status, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let answer = match status {
            Status::BYTES => Ok(Answered::Bytes(bytes.to_owned())),
            Status::OK => serde_json::from_str(&text)
                .map(Answered::Json)
                .map_err(|error| format!("the command answered with something that is not JSON: {error}")),
            Status::PANIC => Err(format!("the command panicked: {text}")),
            _ => Err(text.into_owned()),
        };
        self.set(answer);
    }

    fn on_panic() {
        // The test sees it in the answer that does not come.
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if !self.answered {
            self.set(Err("the command gave no answer".to_owned()));
        }
    }
}
