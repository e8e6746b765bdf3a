//! A runtime without a window, with real libraries, for tests and benchmarks.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, select};
use plugin_host_runtime::{
    Change, MainThread, Places, Replier, Reply, Runtime, RuntimeBuilder, Status, Wishes,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::{built, plugin_folder};

/// When a host that tells nothing is taken for one that hangs.
pub const HANGS: Duration = Duration::from_secs(60);

struct Turns(Sender<()>);

impl MainThread for Turns {
    fn wake(&self) {
        let _ = self.0.try_send(());
    }
}

/// Where a runtime over this folder keeps what it remembers; the built program tries its libraries.
pub fn places(folder: &Path) -> Places {
    let program = format!("plugin-host{}", std::env::consts::EXE_SUFFIX);
    Places {
        data: folder.join("data"),
        cache: folder.join("cache"),
        app: folder.join("data/app"),
        resources: folder.join("resources"),
        configuration: folder.join("config.toml"),
        state: folder.join("state"),
        probe: built().join(program),
    }
}

/// The same, but that a script stands in place of the program that tries libraries and does something before.
///
/// # Panics
/// When the folder cannot be written.
#[cfg(unix)]
pub fn places_with_script(folder: &Path, before: &str) -> Places {
    use std::os::unix::fs::PermissionsExt as _;
    let places = places(folder);
    let script = folder.join("probe");
    let text = format!("#!/bin/sh\n{before}\nexec '{}'\n", places.probe.display());
    std::fs::write(&script, text).expect("a folder");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).expect("a file of one's own");
    Places { probe: script, ..places }
}

/// Whether this run of the tests has every plugin in a process of its own, unless the test says otherwise.
pub fn isolated() -> bool {
    std::env::var_os("PLUGIN_HOST_TEST_ISOLATED").is_some()
}

/// A runtime over a plugin folder; the test's thread is its main thread.
pub struct Host {
    /// The runtime.
    pub runtime: Runtime,
    /// The plugin folder; `data` in it holds the plugins' data.
    pub folder: TempDir,
    /// Has something when main-thread work is due.
    pub turns: Receiver<()>,
    changes: Receiver<Change>,
}

impl Host {
    /// A host with these crates' libraries.
    pub fn with(plugins: &[&str]) -> Self {
        Self::on(plugin_folder(plugins))
    }

    /// A host over this folder.
    ///
    /// # Panics
    /// When the system gives no thread.
    pub fn on(folder: TempDir) -> Self {
        Self::set_up(folder, |builder| builder)
    }

    /// A host over this folder, with what else the test wants of the runtime.
    ///
    /// # Panics
    /// When the system gives no thread.
    pub fn set_up(folder: TempDir, more: impl FnOnce(RuntimeBuilder) -> RuntimeBuilder) -> Self {
        let places = places(folder.path());
        Self::in_places(folder, places, more)
    }

    /// A host over this folder that keeps what it remembers in these places.
    ///
    /// # Panics
    /// When the system gives no thread.
    pub fn in_places(
        folder: TempDir,
        places: Places,
        more: impl FnOnce(RuntimeBuilder) -> RuntimeBuilder,
    ) -> Self {
        let (sender, turns) = crossbeam_channel::bounded(1);
        let builder = Runtime::builder(Arc::new(Turns(sender)), places);
        let (hear, changes) = crossbeam_channel::unbounded();
        let builder = builder.on_change(move |change| {
            // A test that is over does not listen any more.
            let _ = hear.send(change.clone());
        });
        let isolate = Wishes { all: isolated(), names: Vec::new() };
        let builder = builder.plugin_folder(folder.path()).isolate(isolate);
        let runtime = more(builder).start().expect("threads");
        Self { runtime, folder, turns, changes }
    }

    /// Submits a message; its reply will come through the channel.
    pub fn begin(&self, message: impl ToString) -> Receiver<Reply> {
        let (replier, reply) = Replier::channel();
        self.runtime.submit(message.to_string(), replier);
        reply
    }

    /// Waits for a reply, and runs main-thread work meanwhile.
    ///
    /// # Panics
    /// When no reply comes, or one that is no JSON.
    pub fn finish(&self, reply: &Receiver<Reply>) -> Result<Value, String> {
        loop {
            select! {
                recv(reply) -> reply => return json(reply.expect("a call has a reply")),
                recv(self.turns) -> _ => self.runtime.run_main_thread_turn(),
            }
        }
    }

    /// Calls a command.
    pub fn call(&self, message: impl ToString) -> Result<Value, String> {
        self.finish(&self.begin(message))
    }

    /// Calls a command of a worker, while the main thread does nothing.
    ///
    /// # Panics
    /// When no reply comes, or one that is no JSON.
    pub fn call_on_workers(&self, message: impl ToString) -> Result<Value, String> {
        json(self.begin(message).recv_timeout(HANGS).expect("a call has a reply"))
    }

    /// Calls a command that must answer with an error.
    ///
    /// # Panics
    /// When it does not.
    pub fn refused(&self, message: impl ToString) -> String {
        self.call(message).expect_err("an error")
    }

    /// Waits for the next change in the plugin folders.
    ///
    /// # Panics
    /// When none comes.
    pub fn change(&self) -> Change {
        self.changes.recv_timeout(HANGS).expect("a change in the plugin folder")
    }

    /// The changes that are told within a time.
    pub fn changes_within(&self, time: Duration) -> Vec<Change> {
        let end = Instant::now() + time;
        std::iter::from_fn(|| self.changes.recv_deadline(end).ok()).collect()
    }

    /// What is loaded, once it is.
    pub fn status(&self) -> Status {
        self.runtime.wait_until_loaded()
    }
}

fn json(reply: Reply) -> Result<Value, String> {
    match reply {
        Reply::Value(text) => Ok(serde_json::from_str(&text).expect("a reply is JSON")),
        Reply::Bytes(bytes) => panic!("{} bytes in the place of JSON", bytes.len()),
        Reply::Error(text) => Err(text),
    }
}
