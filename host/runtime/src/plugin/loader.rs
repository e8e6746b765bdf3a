//! From a candidate to a started plugin.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::Plugin;
use super::calls::{Calls, Ways};
use plugin_api::abi::{HostHandle, OwnedJob};
use plugin_api::table::CommandEntry;

use crate::configuration::ConfigurationFile;
use crate::executor::{ConcurrencyLimit, Limits, Watch, WorkerGroup};
use crate::library::breadcrumbs::{Breadcrumbs, Known};
use crate::library::copy::ContentHash;
use crate::library::intake::Candidate;
use crate::library::module::{Module, Started};
use crate::library::phase::Phase;
use crate::library::{PluginHost, Services, SpawnedJob, opening};
use crate::words;

/// What plugins use of the runtime.
pub struct Surroundings {
    /// Each plugin has its data folder in this one.
    pub data: PathBuf,
    /// And its cache folder in this one.
    pub cache: PathBuf,
    /// Their configuration.
    pub configuration: ConfigurationFile,
    /// What the runtime does for them.
    pub services: Arc<dyn Services>,
    /// The bounds of each plugin's workers.
    pub limits: Limits,
    /// Lets blocked workers grow.
    pub watch: Watch,
    /// Says where their code runs.
    pub crumbs: Breadcrumbs,
}

/// Opens and starts plugins.
pub struct Loader {
    surroundings: Surroundings,
    /// How long a plugin may take to start before the others go on without it.
    start_limit: Duration,
    /// The images that were opened, by their place in memory, and what each held.
    images: Mutex<HashMap<usize, ContentHash>>,
    sequence: AtomicU64,
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
    /// A loader of plugins with these surroundings, each of which may take so long to start.
    pub fn new(surroundings: Surroundings, start_limit: Duration) -> Self {
        Self {
            surroundings,
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
        let known = self.surroundings.crumbs.know(&manifest.name, copy.hash, commands);
        let opened = {
            let _crumb = known.put(Phase::Open, 0);
            opening::open(&copy.path)?
        };
        let mut images = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        let image = *images.entry(opened.image).or_insert(copy.hash);
        drop(images);
        if image != copy.hash {
            return Err(words::old_image().into());
        }
        let name: Arc<str> = manifest.name.as_str().into();
        let host = self.host_for(Arc::clone(&name), known.clone());
        let workers = host.workers.clone();
        let started =
            self.start(opened.module, Arc::clone(&host), known.clone()).inspect_err(|_| host.end(None))?;
        let Surroundings { limits, watch, services, .. } = &self.surroundings;
        let aside = WorkerGroup::new(&name, Limits { threads: 1, ..*limits }, watch.clone());
        let ways = PluginWays { services: Arc::clone(services), aside: aside.clone(), known: known.clone() };
        let calls = Arc::new(Calls::of(Arc::clone(&name), ways));
        let bound = |command: &CommandEntry| {
            let at_a_time = usize::try_from(command.concurrency?).ok()?;
            Some(ConcurrencyLimit::new(at_a_time, limits.waiting, limits.waiting_bytes))
        };
        let bounds = manifest.commands.iter().flatten().map(bound).collect();
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
            host,
            limits: bounds,
            aside,
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
        let Surroundings { data, cache, configuration, services, limits, watch, .. } = &self.surroundings;
        Arc::new(PluginHost {
            data_folder: data.join(&*name),
            cache_folder: cache.join(&*name),
            configuration: configuration.clone(),
            services: Arc::clone(services),
            workers: WorkerGroup::new(&name, *limits, watch.clone()),
            known,
            is_trial: false,
            listening: Mutex::default(),
            stop_by: Mutex::default(),
            name,
        })
    }

    /// What the application's own handler may use of the host.
    pub fn host_for_app(&self) -> Arc<PluginHost> {
        let known = self.surroundings.crumbs.know("app", ContentHash::of(b""), std::iter::empty());
        self.host_for("app".into(), known)
    }
}

/// What the calls of one plugin need.
struct PluginWays {
    services: Arc<dyn Services>,
    aside: WorkerGroup,
    known: Known,
}

impl Ways for PluginWays {
    fn on_main_thread(&self) -> bool {
        self.services.is_main_thread()
    }

    fn run_aside(&self, job: OwnedJob) {
        // One that is refused is freed: the plugin ends, or does not come to an end with those before.
        drop(self.aside.submit(SpawnedJob::new(job, self.known.clone())));
    }
}
