//! From a candidate to a started plugin.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::Plugin;
use super::calls::Calls;
use plugin_api::abi::HostHandle;

use crate::executor::{Limits, Watch, WorkerGroup};
use crate::library::breadcrumbs::{Breadcrumbs, Known};
use crate::library::copy::ContentHash;
use crate::library::intake::Candidate;
use crate::library::module::{Module, Started};
use crate::library::phase::Phase;
use crate::library::{PluginHost, opening};
use crate::words;

/// What starting a plugin needs from the runtime.
pub struct Loader {
    data_root: PathBuf,
    limits: Limits,
    watch: Watch,
    /// The images that were opened, by their place in memory, and what each held.
    images: Mutex<HashMap<usize, ContentHash>>,
    sequence: AtomicU64,
    crumbs: Breadcrumbs,
    /// How long a plugin may take to start before the others go on without it.
    start_limit: Duration,
    /// Held by every thread in which a plugin starts.
    starting: Arc<()>,
}

/// Why a candidate does not serve.
pub struct NotStarted {
    /// A sentence about the file, to follow its name.
    pub reason: String,
    /// How long it was waited for, if it hangs in its start.
    pub late: Option<Duration>,
}

impl From<String> for NotStarted {
    fn from(reason: String) -> Self {
        Self { reason, late: None }
    }
}

impl Loader {
    /// A loader whose plugins have their data folders in `data_root`, and which says in `crumbs` when their code runs.
    pub fn new(
        data_root: PathBuf,
        limits: Limits,
        watch: Watch,
        crumbs: Breadcrumbs,
        start_limit: Duration,
    ) -> Self {
        Self {
            data_root,
            limits,
            watch,
            crumbs,
            start_limit,
            images: Mutex::default(),
            sequence: AtomicU64::new(0),
            starting: Arc::new(()),
        }
    }

    /// Opens and starts a candidate.
    ///
    /// # Errors
    /// Why it does not serve.
    pub fn load(&self, candidate: Candidate, generation: u32) -> Result<Plugin, NotStarted> {
        let Candidate { manifest, copy } = candidate;
        let commands = manifest.commands.iter().flatten().map(|command| command.name.clone());
        let known = self.crumbs.know(&manifest.name, copy.hash, commands);
        let opened = {
            let _crumb = known.put(Phase::Open, 0);
            opening::open(&copy.path)?
        };
        let image =
            self.images.lock().unwrap_or_else(PoisonError::into_inner).insert(opened.image, copy.hash);
        if image.is_some_and(|image| image != copy.hash) {
            return Err(words::old_image().into());
        }
        let name: Arc<str> = manifest.name.as_str().into();
        let host = self.host_for(Arc::clone(&name), known.clone());
        let workers = host.workers.clone();
        let started = self.start(opened.module, host, known.clone())?;
        let calls = Arc::new(Calls::of(Arc::clone(&name)));
        Ok(Plugin {
            name,
            hash: copy.hash,
            generation,
            sequence: self.sequence.fetch_add(1, Ordering::Relaxed),
            manifest,
            started,
            workers,
            calls,
            known,
        })
    }

    /// Starts a plugin on a thread of its own: one that hangs in its start must not keep the others out. One that comes
    /// to its end too late is stopped there.
    fn start(&self, module: Module, host: Arc<PluginHost>, known: Known) -> Result<Started, NotStarted> {
        let (sender, receiver) = crossbeam_channel::bounded(1);
        let running = Arc::clone(&self.starting);
        let thread = thread::Builder::new().name(format!("start {}", host.name)).spawn(move || {
            let workers = host.workers.clone();
            let _crumb = known.put(Phase::Start, 0);
            let outcome = module.start(HostHandle::of(host));
            if let Err(crossbeam_channel::SendError(Ok(late))) = sender.send(outcome) {
                workers.stop();
                drop(late);
            }
            drop(running);
        });
        thread.map_err(|error| words::no_thread_to_start(&error.to_string()))?;
        match receiver.recv_timeout(self.start_limit) {
            Ok(outcome) => outcome.map_err(NotStarted::from),
            Err(_) => {
                let reason = words::start_late(self.start_limit);
                Err(NotStarted { reason, late: Some(self.start_limit) })
            }
        }
    }

    /// Whether a plugin hangs in its start.
    pub fn somebody_starts(&self) -> bool {
        Arc::strong_count(&self.starting) > 1
    }

    /// What the plugin called `name` may use of the host.
    fn host_for(&self, name: Arc<str>, known: Known) -> Arc<PluginHost> {
        let workers = WorkerGroup::new(&name, self.limits, self.watch.clone());
        let data_folder = self.data_root.join(&*name);
        Arc::new(PluginHost { name, data_folder, workers, known, is_trial: false })
    }

    /// What the application's own handler may use of the host.
    pub fn host_for_app(&self) -> Arc<PluginHost> {
        let known = self.crumbs.know("app", ContentHash::of(b""), std::iter::empty());
        self.host_for("app".into(), known)
    }
}
