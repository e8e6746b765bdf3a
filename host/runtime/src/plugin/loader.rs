//! From a candidate to a started plugin, in the lane that is meant for it.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use plugin_api::abi::{HostHandle, OwnedJob};
use plugin_api::manifest::Manifest;
use plugin_api::table::CommandEntry;

use super::calls::{Calls, Hurry, Ways};
use super::in_process::InProcess;
use super::lanes::Lanes;
use super::not_started::NotStarted;
use super::surroundings::Surroundings;
use super::{Body, Command, Plugin};
use crate::control::STUCK_AFTER;
use crate::executor::{ConcurrencyLimit, Deadlines, Label, Limits, WorkerGroup};
use crate::ledger::{Account, PluginAccount};
use crate::library::breadcrumbs::{Breadcrumbs, Known};
use crate::library::copy::ContentHash;
use crate::library::intake::Candidate;
use crate::library::module::{Module, Started};
use crate::library::phase::Phase;
use crate::library::{PluginHost, Services, SpawnedJob, opening};
use crate::settings::Settings;
use crate::words;

/// Opens and starts plugins.
pub struct Loader {
    surroundings: Arc<Surroundings>,
    /// How long a plugin may take to start before the others go on without it.
    start_limit: Duration,
    /// The images that were opened, by their place in memory, and what each held.
    images: Mutex<HashMap<usize, ContentHash>>,
    sequence: AtomicU64,
    /// Held by every thread in which a plugin starts.
    starting: Arc<()>,
}

/// What is the same in both lanes.
struct Common {
    name: Arc<str>,
    account: Arc<PluginAccount>,
    limits: Limits,
    settings: Settings,
}

impl Loader {
    /// A loader of plugins with these surroundings, each of which may take so long to start.
    pub fn new(surroundings: Surroundings, start_limit: Duration) -> Self {
        Self {
            surroundings: Arc::new(surroundings),
            start_limit,
            images: Mutex::default(),
            sequence: AtomicU64::new(0),
            starting: Arc::new(()),
        }
    }

    /// Who decides on lanes.
    pub fn lanes(&self) -> &Lanes {
        &self.surroundings.lanes
    }

    /// Opens and starts a candidate, in the lane that is meant for it.
    ///
    /// # Errors
    /// Why it does not serve.
    pub fn load(&self, candidate: Candidate, generation: u32) -> Result<Plugin, NotStarted> {
        let Candidate { manifest, copy } = &candidate;
        let settings = self.surroundings.configuration.settings(&manifest.name)?;
        if !cfg!(unix)
            && let Some(confinement) = settings.confinement()
        {
            let missing = [words::no_sandbox_on_this_system()];
            if confinement.demanded {
                return Err(words::sandbox_refused(&missing).into());
            }
            tracing::warn!(plugin = manifest.name, "{}", words::sandbox_with_gaps(&missing));
        }
        match self.surroundings.lanes.why_isolated(&manifest.name, copy.hash, &settings) {
            None => self.load_here(candidate, generation),
            Some(because) => self.load_apart(candidate, generation, because),
        }
    }

    /// Opens and starts a candidate in this process.
    ///
    /// # Errors
    /// Why it does not serve.
    pub fn load_here(&self, candidate: Candidate, generation: u32) -> Result<Plugin, NotStarted> {
        let Candidate { manifest, copy } = candidate;
        let common = self.common(&manifest)?;
        let Surroundings { crumbs, watch, services, deadlines, .. } = &*self.surroundings;
        let commands = manifest.commands.iter().flatten().map(|command| command.name.clone());
        let known = crumbs.know(&manifest.name, copy.hash, commands);
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
        let Common { name, limits, settings, .. } = &common;
        let host = self.surroundings.host_for(name, known.clone(), *limits);
        let workers = host.workers.clone();
        let started =
            self.start(opened.module, Arc::clone(&host), known.clone()).inspect_err(|_| host.end(None))?;
        let aside = WorkerGroup::new(name, Limits { threads: 1, ..*limits }, watch.clone());
        let ways = PluginWays {
            services: Arc::clone(services),
            aside: aside.clone(),
            known: known.clone(),
            label: Arc::clone(&host.label),
            workers: workers.clone(),
            deadlines: Arc::clone(deadlines),
        };
        let bound = |command: &CommandEntry| {
            let at_a_time = settings.concurrency_of(&command.name, command.concurrency)?;
            let at_a_time = usize::try_from(at_a_time).ok()?;
            Some(ConcurrencyLimit::new(at_a_time, limits.waiting, limits.waiting_bytes))
        };
        let bounds = manifest.commands.iter().flatten().map(bound).collect();
        let calls = Calls::of(Arc::clone(name), ways);
        let body = InProcess { started, workers, known, host, limits: bounds, aside };
        Ok(self.plugin(common, manifest, copy.hash, generation, calls, Body::InProcess(Arc::new(body))))
    }

    /// Starts a candidate in a process of its own.
    #[cfg(unix)]
    fn load_apart(
        &self,
        candidate: Candidate,
        generation: u32,
        because: String,
    ) -> Result<Plugin, NotStarted> {
        use crate::isolation::{self, Errand, IsolatedWays, Setup};

        /// How long a call of an isolated plugin may go on that nobody waits for any more, where the configuration says nothing.
        const PATIENCE: Duration = Duration::from_secs(10);

        let Candidate { manifest, copy } = candidate;
        let common = self.common(&manifest)?;
        let Some((program, copies)) = &self.surroundings.lanes.means else {
            return Err(words::no_process("this process is one already").into());
        };
        let hash = copy.hash;
        let Common { name, account, limits, settings } = &common;
        let (for_host, for_name, host_limits) = (Arc::clone(&self.surroundings), Arc::clone(name), *limits);
        let host = move || {
            // Its own code runs elsewhere, and leaves its breadcrumbs there.
            let known = Breadcrumbs::none().know(&for_name, ContentHash::of(b""), std::iter::empty());
            for_host.host_for(&for_name, known, host_limits)
        };
        let text = serde_json::to_string(&manifest).map_err(|error| words::no_process(&error.to_string()))?;
        let (surroundings, memory, limits) = (Arc::clone(&self.surroundings), settings.memory, *limits);
        let hear = |wanted| (surroundings.denials(name, &wanted), wanted);
        let sandbox = settings.confinement().map(hear).map(|(denials, wanted)| (wanted, denials));
        let is_sandboxed = sandbox.is_some();
        let environment = settings.environment.clone().unwrap_or_default();
        let called = Arc::clone(name);
        let errand = move || {
            // The file has what is of others as well.
            let told = is_sandboxed.then(|| surroundings.configuration.part_of(&called));
            Errand { told, ..surroundings.errand(&copy, &text, generation, limits, memory) }
        };
        let setup = Setup {
            program: program.clone(),
            name: Arc::clone(name),
            errand: Box::new(errand),
            commands: manifest
                .commands
                .iter()
                .flatten()
                .map(|command| command.name.as_str().into())
                .collect(),
            limits,
            host: Box::new(host),
            services: Arc::clone(&self.surroundings.services),
            copies: Arc::clone(copies),
            account: Arc::clone(account),
            start_limit: self.start_limit,
            patience: settings.patience.unwrap_or(PATIENCE),
            because,
            environment,
            sandbox,
        };
        let lane = isolation::start(setup)?;
        let calls = Calls::of(Arc::clone(name), IsolatedWays(Arc::clone(&self.surroundings.services)));
        Ok(self.plugin(common, manifest, hash, generation, calls, Body::Isolated(lane)))
    }

    #[cfg(not(unix))]
    fn load_apart(
        &self,
        _candidate: Candidate,
        _generation: u32,
        _because: String,
    ) -> Result<Plugin, NotStarted> {
        Err(words::no_process("there is no isolated lane on this system yet").into())
    }

    fn common(&self, manifest: &Manifest) -> Result<Common, String> {
        let settings = self.surroundings.configuration.settings(&manifest.name)?;
        let name: Arc<str> = manifest.name.as_str().into();
        let mut limits = self.surroundings.limits;
        let number = |number: NonZeroU32| usize::try_from(number.get()).unwrap_or(usize::MAX);
        if let Some(threads) = settings.threads {
            limits.threads = number(threads);
        }
        if let Some(waiting) = settings.waiting {
            limits.waiting = number(waiting);
        }
        Ok(Common { account: self.surroundings.ledger.plugin(&name), name, limits, settings })
    }

    fn plugin(
        &self,
        common: Common,
        manifest: Manifest,
        hash: ContentHash,
        generation: u32,
        calls: Calls,
        body: Body,
    ) -> Plugin {
        let Common { name, account, settings, .. } = common;
        let command = |command: &CommandEntry| Command {
            account: account.command(&command.name),
            label: Label::of_command(account.command(&command.name)),
            deadline: settings.deadline_of(&command.name, command.deadline_ms.map(Duration::from_millis)),
        };
        Plugin {
            commands: manifest.commands.iter().flatten().map(command).collect(),
            name,
            hash,
            generation,
            sequence: self.sequence.fetch_add(1, Ordering::Relaxed),
            manifest,
            calls: Arc::new(calls),
            account,
            body,
        }
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

    /// What the application's own handler may use of the host.
    pub fn host_for_app(&self) -> Arc<PluginHost> {
        let known = self.surroundings.crumbs.know("app", ContentHash::of(b""), std::iter::empty());
        self.surroundings.host_for(&"app".into(), known, self.surroundings.limits)
    }
}

/// What the calls of one plugin need.
struct PluginWays {
    services: Arc<dyn Services>,
    aside: WorkerGroup,
    known: Known,
    label: Arc<Label>,
    workers: WorkerGroup,
    deadlines: Arc<Deadlines>,
}

impl Ways for PluginWays {
    fn on_main_thread(&self) -> bool {
        self.services.is_main_thread()
    }

    fn run_aside(&self, job: OwnedJob) {
        // One that is refused is freed: the plugin ends, or does not come to an end with those before.
        drop(self.aside.submit(SpawnedJob::new(job, self.known.clone(), Arc::clone(&self.label))));
    }

    fn look_whether_stuck(&self, call: Weak<dyn Hurry>) {
        self.deadlines.look_whether_stuck(Instant::now() + STUCK_AFTER, call);
    }

    fn note_stuck(&self, call: u64, account: &Account, is_stuck: bool) {
        // Another thread may come in the place of the one that it holds.
        self.workers.note_stuck(is_stuck);
        self.services.note_stuck(call, account, is_stuck);
    }
}
