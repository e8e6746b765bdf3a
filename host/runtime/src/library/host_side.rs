//! What plugins may use of the host, and where their answers go.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use plugin_api::abi::{HostSide, Level, Listener, OwnedJob, ReplyHandle, ReplySide, Status};
use plugin_api::table::{Configuration, Place};

use super::breadcrumbs::Known;
use super::phase::Phase;
use crate::caller::Caller;
use crate::configuration::ConfigurationFile;
use crate::control::Control;
use crate::events::{self, Ear, MOST_LISTENERS};
use crate::executor::{Label, Refusal, Task, WorkerGroup};
use crate::ledger::Account;
use crate::reply::Replier;
use crate::status::Trouble;
use crate::words;

/// What the runtime does for all plugins.
pub trait Services: Send + Sync {
    /// Tells the page of an event.
    fn emit(&self, event: &str, payload: &str) -> Result<(), String>;
    /// Sends a message of `caller`, as a page would. `waits` says that the calling thread does nothing before the reply comes.
    fn call(&self, caller: Caller, message: &str, waits: bool, reply: ReplyHandle);
    /// Takes work for the main thread, or gives it back when the queue is full.
    fn run_on_main(&self, job: SpawnedJob) -> Result<(), SpawnedJob>;
    /// Whether this is the main thread.
    fn is_main_thread(&self) -> bool;
    /// Lets a plugin hear events. The listener's number.
    fn listen(&self, ear: Ear) -> u64;
    /// Takes a listener away.
    fn unlisten(&self, number: u64);
    /// The command that a message is for, if a plugin has it.
    fn find(&self, message: &str) -> Option<Found>;
    /// A call does not return although it is settled, or has returned after all.
    fn note_stuck(&self, call: u64, account: &Account, is_stuck: bool);
    /// Tells the log, the page and the plugins what goes wrong with a plugin.
    fn tell_of_trouble(&self, trouble: &Trouble);
}

/// A plugin's command.
pub struct Found {
    pub plugin: Arc<str>,
    /// Its place in the command table.
    pub index: u32,
    pub place: Place,
    /// As the message calls it.
    pub cmd: String,
}

/// No runtime: a trial, or a plugin alone.
pub struct NoServices;

impl Services for NoServices {
    fn emit(&self, _event: &str, _payload: &str) -> Result<(), String> {
        // Nobody listens.
        Ok(())
    }

    fn call(&self, _caller: Caller, _message: &str, _waits: bool, reply: ReplyHandle) {
        reply.send(Status::ERROR, words::no_calls_in_a_trial().as_bytes());
    }

    fn run_on_main(&self, job: SpawnedJob) -> Result<(), SpawnedJob> {
        Err(job)
    }

    fn is_main_thread(&self) -> bool {
        false
    }

    fn listen(&self, _ear: Ear) -> u64 {
        // Nothing happens.
        1
    }

    fn unlisten(&self, _number: u64) {}

    fn find(&self, _message: &str) -> Option<Found> {
        None
    }

    fn note_stuck(&self, _call: u64, _account: &Account, _is_stuck: bool) {}

    fn tell_of_trouble(&self, _trouble: &Trouble) {}
}

/// What one plugin may use of the host.
pub struct PluginHost {
    /// The plugin's name.
    pub name: Arc<str>,
    /// The plugin's data folder.
    pub data_folder: PathBuf,
    /// The plugin's cache folder.
    pub cache_folder: PathBuf,
    /// The application's folder.
    pub app_folder: PathBuf,
    /// The folder of what the application brings along.
    pub resource_folder: PathBuf,
    /// Where its configuration stands.
    pub configuration: ConfigurationFile,
    /// What the runtime does for it.
    pub services: Arc<dyn Services>,
    /// The plugin's workers.
    pub workers: WorkerGroup,
    /// By which it says that its code runs.
    pub known: Known,
    /// By which its work is known.
    pub label: Arc<Label>,
    /// Whether this is the child process that tries it.
    pub is_trial: bool,
    /// Its listeners.
    pub listening: Mutex<Listening>,
    /// Until when the host waits for its stop.
    pub stop_by: Mutex<Option<Instant>>,
}

/// The listeners of one plugin.
#[derive(Default)]
pub struct Listening {
    numbers: Vec<u64>,
    /// Whether it is to hear nothing any more.
    over: bool,
}

impl HostSide for PluginHost {
    fn log(&self, level: Level, text: &str) {
        let plugin = &*self.name;
        match level {
            Level::DEBUG => tracing::debug!(plugin, "{text}"),
            Level::INFO => tracing::info!(plugin, "{text}"),
            Level::WARN => tracing::warn!(plugin, "{text}"),
            _ => tracing::error!(plugin, "{text}"),
        }
    }

    fn data_folder(&self) -> PathBuf {
        self.made(&self.data_folder)
    }

    fn cache_folder(&self) -> PathBuf {
        self.made(&self.cache_folder)
    }

    fn app_folder(&self) -> PathBuf {
        self.made(&self.app_folder)
    }

    fn resource_folder(&self) -> PathBuf {
        self.resource_folder.clone()
    }

    fn configuration(&self) -> Configuration {
        self.configuration.of(&self.name)
    }

    fn emit(&self, event: &str, payload: &str) -> Result<(), String> {
        self.services.emit(event, payload)
    }

    fn call(self: &Arc<Self>, message: &str, waits: bool, reply: ReplyHandle) {
        // One in a sandbox is in a process of its own, which asks by another way.
        self.services.call(Caller::Trusted, message, waits, reply);
    }

    fn run_on_main(&self, job: OwnedJob) -> Option<OwnedJob> {
        let job = SpawnedJob::new(job, self.known.clone(), Arc::clone(&self.label));
        self.services.run_on_main(job).err().map(|refused| refused.job)
    }

    fn is_main_thread(&self) -> bool {
        self.services.is_main_thread()
    }

    fn spawn(&self, job: OwnedJob) -> Option<OwnedJob> {
        let task = SpawnedJob::new(job, self.known.clone(), Arc::clone(&self.label));
        self.workers.submit(task).err().map(|(task, _refusal)| task.job)
    }

    fn is_trial(&self) -> bool {
        self.is_trial
    }

    fn listen(&self, event: &str, listener: Listener) -> Result<u64, String> {
        if !events::is_name(event) {
            return Err(words::bad_event_to_hear(event));
        }
        let refused = |listening: &Listening, heard: usize| match listening {
            Listening { over: true, .. } => Some(words::stopping()),
            Listening { numbers, .. } if numbers.len() + heard > MOST_LISTENERS => {
                Some(words::too_many_listeners(MOST_LISTENERS))
            }
            _ => None,
        };
        if let Some(reason) = refused(&lock(&self.listening), 1) {
            return Err(reason);
        }
        let name = Arc::clone(&self.name);
        let ear = Ear::new(event, name, listener, self.workers.clone(), self.known.clone());
        // Without the lock: where nothing happens the listener is freed here, by the plugin's code.
        let number = self.services.listen(ear);
        let reason = {
            let mut listening = lock(&self.listening);
            listening.numbers.push(number);
            refused(&listening, 0).inspect(|_| listening.numbers.retain(|own| *own != number))
        };
        match reason {
            None => Ok(number),
            // Meanwhile it is to hear nothing any more.
            Some(reason) => {
                self.services.unlisten(number);
                Err(reason)
            }
        }
    }

    fn unlisten(&self, number: u64) {
        let mut listening = lock(&self.listening);
        let Some(place) = listening.numbers.iter().position(|own| *own == number) else { return };
        listening.numbers.swap_remove(place);
        drop(listening);
        self.services.unlisten(number);
    }

    fn stop_time_left(&self) -> Option<Duration> {
        let until = *lock(&self.stop_by);
        until.map(|until| until.saturating_duration_since(Instant::now()))
    }

    fn on_panic() {
        tracing::error!("{}", words::host_panicked());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl PluginHost {
    /// The plugin is stopped, or does not start: it hears nothing any more. Somebody may wait for its stop until then.
    pub fn end(&self, until: Option<Instant>) {
        *lock(&self.stop_by) = until;
        let numbers = {
            let mut listening = lock(&self.listening);
            listening.over = true;
            std::mem::take(&mut listening.numbers)
        };
        numbers.into_iter().for_each(|number| self.services.unlisten(number));
    }

    /// Made when it is asked for: most plugins keep nothing.
    fn made(&self, folder: &Path) -> PathBuf {
        if let Err(error) = std::fs::create_dir_all(folder) {
            tracing::warn!(plugin = &*self.name, "{}", words::no_data_folder(folder, &error));
        }
        folder.to_owned()
    }
}

impl ReplySide for Replier {
    type Call = Control;

    fn call(&self) -> Arc<Control> {
        let control = self.control();
        // It is the plugin that asks, so it has the call.
        control.begin();
        control
    }

    fn send(self, status: Status, bytes: &[u8]) {
        match status {
            Status::OK => self.json(bytes.to_vec()),
            Status::BYTES => self.bytes(bytes.to_vec()),
            Status::PANIC => self.panicked(&String::from_utf8_lossy(bytes)),
            _ => self.error(String::from_utf8_lossy(bytes).into_owned()),
        }
    }

    fn on_panic() {
        tracing::error!("{}", words::host_panicked());
    }
}

/// A plugin's own work in the queue of its workers, or of the main thread.
pub struct SpawnedJob {
    job: OwnedJob,
    known: Known,
    label: Arc<Label>,
}

impl SpawnedJob {
    /// Work of the plugin that is `known` and labelled so.
    pub fn new(job: OwnedJob, known: Known, label: Arc<Label>) -> Self {
        Self { job, known, label }
    }
}

impl Task for SpawnedJob {
    fn run(self: Box<Self>) {
        let Self { job, known, label: _ } = *self;
        let _crumb = known.put(Phase::Promise, 0);
        job.run();
    }

    fn refuse(self: Box<Self>, _refusal: Refusal) {}

    fn bytes(&self) -> usize {
        self.job.bytes()
    }

    fn label(&self) -> Option<Arc<Label>> {
        Some(Arc::clone(&self.label))
    }
}

#[cfg(test)]
mod tests {
    use plugin_api::{Context, abi::HostHandle};

    use super::*;
    use crate::executor::{Limits, Watch};
    use crate::library::breadcrumbs::Breadcrumbs;
    use crate::library::copy::ContentHash;

    #[test]
    fn a_listener_that_is_freed_at_once_and_holds_another_one_does_not_wait_for_itself() {
        let name: Arc<str> = "a".into();
        let folder = tempfile::tempdir().unwrap();
        let host = Arc::new(PluginHost {
            workers: WorkerGroup::new("a", Limits::default(), Watch::start(8).unwrap()),
            known: Breadcrumbs::none().know(&name, ContentHash::of(b""), std::iter::empty()),
            label: Label::of_plugin(&name),
            name,
            data_folder: folder.path().join("data"),
            cache_folder: folder.path().join("cache"),
            app_folder: folder.path().join("app"),
            resource_folder: folder.path().to_owned(),
            configuration: ConfigurationFile::at(folder.path().join("config.toml")),
            services: Arc::new(NoServices),
            is_trial: true,
            listening: Mutex::default(),
            stop_by: Mutex::default(),
        });
        let (done, ended) = crossbeam_channel::bounded(1);
        std::thread::spawn(move || {
            let context = Context::new(HostHandle::of(host));
            let first = context.listen("x", |_: u32| {}).unwrap();
            let second = context.listen("y", move |_: u32| {
                let _ = &first;
            });
            let _ = done.send(second.is_ok());
        });
        assert_eq!(ended.recv_timeout(Duration::from_secs(60)), Ok(true));
    }
}
