//! A host for a plugin's unit tests: one plugin, no window, no library.
//!
//! It comes with the feature `testing`, for the tests alone:
//!
//! ```toml
//! [dev-dependencies]
//! plugin-api = { version = "0.3", features = ["testing"] }
//! ```
//!
//! Commands run where their table says: on threads, or on the main thread, which is the test's. Work for the main thread runs
//! while the test waits for an answer, or when it says so.
//!
//! ```
//! use plugin_api::{Context, Result, command, export_plugin};
//! use serde_json::json;
//!
//! /// Greets by name, and says so in the log and to the page.
//! #[command]
//! fn greet(context: &Context, name: String) -> Result<String> {
//!     plugin_api::ensure!(!name.is_empty(), "whom?");
//!     context.info("greeting");
//!     context.emit("greeted", &name)?;
//!     Ok(format!("Hello, {name}!"))
//! }
//!
//! export_plugin! { commands: [greet] }
//!
//! # fn main() {
//! // In a test of the same crate:
//! let host = plugin_api::test_host!().unwrap();
//! assert_eq!(host.call(&json!({ "cmd": "greet", "name": "World" })), Ok(json!("Hello, World!")));
//! assert_eq!(host.call(&json!({ "cmd": "greet", "name": "" })), Err("whom?".to_owned()));
//! assert_eq!(host.events(), [("greeted".to_owned(), json!("World"))]);
//! assert_eq!(host.log()[0].1, "greeting");
//! # }
//! ```

mod side;
mod transcripts;

use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};

use self::side::{Answer, Answered, Shared, Started, Told, WatchedCall};
pub use self::transcripts::check_transcripts;
use crate::abi::{ByteSink, HostHandle, Instance, Level, ReplyHandle};
use crate::export::{Plugin, module};
use crate::manifest::Manifest;
use crate::table::CommandEntry;

/// When a command that does not answer is taken for one that never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts the plugin of this crate in a [`TestHost`](crate::testing::TestHost), or tells why it did not start. A configuration,
/// as JSON, may be given: what the plugin is to find in its table of the host's file.
#[macro_export]
#[allow(clippy::crate_in_macro_def, reason = "it means the plugin's crate, in which `export_plugin!` stands")]
macro_rules! test_host {
    () => {
        $crate::test_host!($crate::__private::no_configuration())
    };
    ($configuration:expr) => {
        $crate::testing::TestHost::start::<crate::__PluginHostExported>($configuration)
    };
}

/// A started plugin and what it has asked of its host. Stopped when it is dropped.
pub struct TestHost {
    shared: Arc<Shared>,
    // The thread that started it is its main thread.
    _stays_on_its_thread: PhantomData<*const ()>,
}

/// A call in flight.
pub struct Pending<'a> {
    host: &'a TestHost,
    id: u64,
    call: Arc<WatchedCall>,
}

impl TestHost {
    /// Starts a plugin; what [`test_host!`](crate::test_host) stands for.
    ///
    /// # Errors
    /// What the plugin's start says.
    ///
    /// # Panics
    /// When there is no folder for temporary files, or the plugin does not describe itself.
    #[doc(hidden)]
    pub fn start<P: Plugin>(configuration: Value) -> Result<Self, String> {
        let module = module::<P>();
        let text = ByteSink::collect(|sink| (module.describe())(sink));
        let manifest: Manifest = serde_json::from_slice(&text).unwrap_or_else(|_| {
            panic!("the plugin does not describe itself: {}", String::from_utf8_lossy(&text))
        });
        let shared = Arc::new(Shared {
            name: manifest.name,
            folder: tempfile::tempdir().expect("a folder for temporary files"),
            configuration,
            main_thread: thread::current().id(),
            plugin: OnceLock::new(),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let mut instance = Instance(std::ptr::null_mut());
        let mut started = false;
        let host = HostHandle::of(Arc::clone(&shared));
        let refusal = ByteSink::collect(|refusal| started = (module.start())(host, &mut instance, refusal));
        if !started {
            return Err(String::from_utf8_lossy(&refusal).into_owned());
        }
        let commands = manifest.commands.unwrap_or_default();
        // Set here and nowhere else.
        let _ = shared.plugin.set(Started { module, instance, commands });
        Ok(Self { shared, _stays_on_its_thread: PhantomData })
    }

    /// Calls a command and waits for what a page would get: the value, or the error's text. Meanwhile work for the main thread
    /// runs here.
    ///
    /// # Errors
    /// What the promise would be rejected with.
    ///
    /// # Panics
    /// When no answer comes within a minute, the command answers with bytes, or `message` cannot be written as JSON.
    pub fn call(&self, message: &(impl Serialize + ?Sized)) -> Result<Value, String> {
        self.begin(message).wait()
    }

    /// The same for a command that returns [`Bytes`](crate::Bytes), and with bytes for one that takes some: each argument of these
    /// names gets the bytes beside it.
    ///
    /// ```
    /// use plugin_api::{Bytes, command, export_plugin};
    /// use serde_json::json;
    ///
    /// /// Turns every bit over.
    /// #[command]
    /// fn invert(data: Bytes) -> Bytes {
    ///     data.iter().map(|byte| !byte).collect::<Vec<u8>>().into()
    /// }
    ///
    /// export_plugin! { commands: [invert] }
    ///
    /// # fn main() {
    /// let host = plugin_api::test_host!().unwrap();
    /// assert_eq!(host.call_with_bytes(&json!({ "cmd": "invert" }), &[("data", &[0, 255])]), Ok(vec![255, 0]));
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the promise would be rejected with.
    ///
    /// # Panics
    /// When no answer comes within a minute, the command does not answer with bytes, or `message` is no object.
    pub fn call_with_bytes(
        &self,
        message: &(impl Serialize + ?Sized),
        bytes: &[(&str, &[u8])],
    ) -> Result<Vec<u8>, String> {
        let mut message = serde_json::to_value(message).expect("a message is JSON");
        for (index, (name, _)) in bytes.iter().enumerate() {
            message[*name] = json!({ "$bytes": index });
        }
        let attached = bytes.iter().map(|(_, bytes)| bytes.to_vec()).collect();
        match self.begin_with(&message, attached).answered()? {
            Answered::Bytes(bytes) => Ok(bytes),
            Answered::Json(value) => panic!("the command does not answer with bytes, but with {value}"),
        }
    }

    /// Tells the plugin of an event, as a page does by `emit`. Its listeners hear it here and now.
    ///
    /// # Panics
    /// When `payload` cannot be written as JSON.
    pub fn emit(&self, event: &str, payload: &(impl Serialize + ?Sized)) {
        self.shared.tell(event, &serde_json::to_string(payload).expect("a payload is JSON"));
    }

    /// Calls a command and does not wait for its answer.
    ///
    /// # Panics
    /// When `message` cannot be written as JSON.
    pub fn begin(&self, message: &(impl Serialize + ?Sized)) -> Pending<'_> {
        self.begin_with(message, Vec::new())
    }

    fn begin_with(&self, message: &(impl Serialize + ?Sized), attached: Vec<Vec<u8>>) -> Pending<'_> {
        let message = serde_json::to_string(message).expect("a message is JSON");
        let mut state = self.shared.lock();
        state.next += 1;
        let id = state.next;
        drop(state);
        let call = Arc::new(WatchedCall { attached, ..WatchedCall::default() });
        {
            let mut state = self.shared.lock();
            state.calls.retain(|call| call.strong_count() > 0);
            state.calls.push(Arc::downgrade(&call));
        }
        let answer = Answer::new(Arc::clone(&self.shared), id, Arc::clone(&call));
        self.shared.submit(&message, ReplyHandle::of(answer));
        Pending { host: self, id, call }
    }

    /// Has `answer` answer a command that belongs to another plugin, when this one calls it: what
    /// [`Context::call`](crate::Context::call) gets. `cmd` is as the plugin writes it, `"fs/grant"` or `"grant"`.
    pub fn answer_for(
        &self,
        cmd: &str,
        answer: impl Fn(Value) -> Result<Value, String> + Send + Sync + 'static,
    ) {
        self.shared.lock().others.insert(cmd.to_owned(), Arc::new(answer));
    }

    /// Runs the work that waits for the main thread. Returns how much it was.
    pub fn run_main_thread(&self) -> usize {
        let mut count = 0;
        loop {
            let Some(work) = self.shared.lock().main.pop_front() else { return count };
            work();
            count += 1;
        }
    }

    /// What the plugin has written to the log.
    pub fn log(&self) -> Vec<(Level, String)> {
        self.shared.lock().log.clone()
    }

    /// The events that the plugin has told the page of, and their payloads.
    pub fn events(&self) -> Vec<(String, Value)> {
        self.shared.lock().events.clone()
    }

    /// The plugin's data folder, which goes with this host.
    pub fn data_folder(&self) -> PathBuf {
        self.shared.made("data")
    }

    /// The application's folder, which goes with this host.
    pub fn app_folder(&self) -> PathBuf {
        self.shared.made("app")
    }

    /// The folder of what the application brings along. It is empty, and goes with this host; a test puts there what it wants found.
    pub fn resource_folder(&self) -> PathBuf {
        self.shared.made("resources")
    }

    /// The command table.
    pub fn commands(&self) -> &[CommandEntry] {
        self.shared.plugin.get().map_or(&[], |plugin| &plugin.commands)
    }

    /// Stops the plugin, waits for its threads, and frees its state; what dropping does as well.
    pub fn stop(self) {}
}

impl Drop for TestHost {
    fn drop(&mut self) {
        let Some(Started { module, instance, .. }) = self.shared.plugin.get() else { return };
        let waiting = {
            let mut state = self.shared.lock();
            state.closing = true;
            std::mem::take(&mut state.main)
        };
        drop(waiting);
        // As a host that closes does.
        let calls = std::mem::take(&mut self.shared.lock().calls);
        calls.iter().filter_map(Weak::upgrade).for_each(|call| call.cancel());
        (module.stop())(*instance);
        loop {
            let threads = std::mem::take(&mut self.shared.lock().threads);
            if threads.is_empty() {
                break;
            }
            for thread in threads {
                // A panic in it was told as an answer.
                let _ = thread.join();
            }
        }
        (module.release())(*instance);
    }
}

impl Pending<'_> {
    /// Whether the answer is there.
    pub fn is_answered(&self) -> bool {
        self.host.shared.lock().answers.contains_key(&self.id)
    }

    /// Tells the command that nobody waits any more, as a page does. What the command returns then is the answer here.
    pub fn cancel(&self) {
        self.call.cancel();
    }

    /// What the command has told of its progress so far.
    pub fn progress(&self) -> Vec<Value> {
        self.told(|told| match told {
            Told::Progress(value) => Some(value.clone()),
            _ => None,
        })
    }

    /// What the command has sent over its channel so far.
    pub fn values(&self) -> Vec<Value> {
        self.told(|told| match told {
            Told::Value(value) => Some(value.clone()),
            _ => None,
        })
    }

    /// What the command has sent so far over a channel of [`Bytes`](crate::Bytes).
    pub fn values_of_bytes(&self) -> Vec<Vec<u8>> {
        self.told(|told| match told {
            Told::Bytes(bytes) => Some(bytes.clone()),
            _ => None,
        })
    }

    fn told<T>(&self, one: impl FnMut(&Told) -> Option<T>) -> Vec<T> {
        self.call.lock().told.iter().filter_map(one).collect()
    }

    /// Waits for the answer. Meanwhile work for the main thread runs here.
    ///
    /// # Errors
    /// What the promise would be rejected with.
    ///
    /// # Panics
    /// When no answer comes within a minute, or the command answers with bytes.
    pub fn wait(&self) -> Result<Value, String> {
        match self.answered()? {
            Answered::Json(value) => Ok(value),
            Answered::Bytes(_) => panic!("the command answers with bytes; `call_with_bytes` takes them"),
        }
    }

    fn answered(&self) -> Result<Answered, String> {
        let end = Instant::now() + PATIENCE;
        let shared = &self.host.shared;
        let mut state = shared.lock();
        loop {
            if let Some(answer) = state.answers.remove(&self.id) {
                return answer;
            }
            if let Some(work) = state.main.pop_front() {
                drop(state);
                work();
                state = shared.lock();
                continue;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "the command did not answer within {} seconds", PATIENCE.as_secs());
            state = shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// No configuration: an empty table.
#[doc(hidden)]
pub fn no_configuration() -> Value {
    json!({})
}

/// A context of a host without a plugin, for the tests of this crate; its folders go with the first.
#[cfg(all(test, feature = "files"))]
pub(crate) fn bare_context() -> (impl Sized, crate::Context) {
    let shared = Arc::new(Shared {
        name: "bare".to_owned(),
        folder: tempfile::tempdir().expect("a folder for temporary files"),
        configuration: json!({}),
        main_thread: thread::current().id(),
        plugin: OnceLock::new(),
        state: Mutex::default(),
        changed: Condvar::new(),
    });
    let context = crate::Context::new(HostHandle::of(Arc::clone(&shared)));
    (shared, context)
}
