//! Collects what a runtime is made of, and starts it.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex, OnceLock, RwLock, Weak};
use std::time::{Duration, UNIX_EPOCH};

use plugin_api::abi::ABI_NUMBER;

use super::monitor::Monitor;
use super::services::{EventHearer, RuntimeServices};
use super::{Inner, Runtime, built_ins, crashes};
use crate::configuration::ConfigurationFile;
use crate::executor::{Deadlines, Label, Limits, MainQueue, MainThread, MainWatch, Watch};
use crate::folder::{Choices, Keeper, Selection, Shelf};
use crate::ledger::Ledger;
use crate::library::Services;
use crate::library::breadcrumbs::Breadcrumbs;
use crate::library::copy::PrivateCopies;
use crate::library::intake::Intake;
use crate::library::probe::{LIMIT, Probe};
use crate::library::trust::Trust;
use crate::library::verdicts::Verdicts;
use crate::permissions::{Permission, Permissions};
use crate::plugin::{Crashed, Lanes, Loader, Surroundings, Wishes};
use crate::reply::Replier;
use crate::router::{App, AppHandler, BuiltIn};
use crate::status::Change;
use crate::words;

/// Where a runtime keeps what outlives it, and who tries libraries for it.
#[derive(Debug, Clone)]
pub struct Places {
    /// Each plugin gets its data folder in this one.
    pub data: PathBuf,
    /// And its cache folder in this one: what may be thrown away at any time.
    pub cache: PathBuf,
    /// The folder that all plugins share: what belongs to the application. No plugin is called `app`, so it may be in `data`.
    pub app: PathBuf,
    /// What the application brings along. Nothing is made or changed in it.
    pub resources: PathBuf,
    /// The configuration file, in TOML. Each plugin reads its own table, `plugins.NAME`. It need not be there.
    pub configuration: PathBuf,
    /// What the host remembers: what probes have found, and which plugins are switched off.
    pub state: PathBuf,
    /// The executable that tries libraries in a child process; it must call
    /// [`probe_if_asked`](crate::probe_if_asked) before it does anything else.
    pub probe: PathBuf,
}

/// Makes a [`Runtime`].
pub struct RuntimeBuilder {
    main_thread: Arc<dyn MainThread>,
    places: Places,
    folders: Vec<PathBuf>,
    selection: Selection,
    isolate: Wishes,
    everything_allowed: bool,
    permissions: Vec<Permission>,
    limits: Limits,
    load_limit: Duration,
    built_ins: Vec<(String, BuiltIn)>,
    app: Option<AppHandler>,
    on_change: Box<dyn Fn(&Change) + Send + Sync>,
    on_event: EventHearer,
}

impl RuntimeBuilder {
    pub(super) fn new(main_thread: Arc<dyn MainThread>, places: Places) -> Self {
        Self {
            main_thread,
            places,
            folders: Vec::new(),
            selection: Selection::All,
            isolate: Wishes::default(),
            everything_allowed: false,
            permissions: Vec::new(),
            limits: Limits::default(),
            load_limit: LIMIT,
            built_ins: Vec::new(),
            app: None,
            on_change: Box::new(|_| {}),
            on_event: Box::new(|_, _| {}),
        }
    }

    /// Adds a folder of plugin libraries. The folders' order is that of their precedence: of two plugins with one name the
    /// first one serves.
    pub fn plugin_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folders.push(folder.into());
        self
    }

    /// Sets which plugins are started at all.
    pub fn selection(mut self, selection: Selection) -> Self {
        self.selection = selection;
        self
    }

    /// Sets which plugins run in processes of their own, whatever the configuration says.
    pub fn isolate(mut self, wishes: Wishes) -> Self {
        self.isolate = wishes;
        self
    }

    /// Lets pages call more than what the configuration lists.
    pub fn permit(mut self, permission: Permission) -> Self {
        self.permissions.push(permission);
        self
    }

    /// Lets pages call every command, as while they are being developed. The log says so.
    pub fn allow_everything(mut self, allowed: bool) -> Self {
        self.everything_allowed = allowed;
        self
    }

    /// Sets the bounds of each plugin's workers; `waiting_bytes` bounds the main thread's queue and the messages that wait for
    /// the plugins to be loaded as well.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets how long an unknown library may take in the child process that tries it, and how long a plugin may take to start
    /// here before the others go on without it; 10 seconds otherwise.
    pub fn load_limit(mut self, limit: Duration) -> Self {
        self.load_limit = limit;
        self
    }

    /// Adds a command of the host itself, `host/name`, run on the main thread.
    pub fn built_in(
        mut self,
        name: &str,
        function: impl Fn(&str) -> Result<String, String> + Send + Sync + 'static,
    ) -> Self {
        let function: BuiltIn = Arc::new(move |message, replier: Replier| match function(message) {
            Ok(json) => replier.json(json.into_bytes()),
            Err(text) => replier.error(text),
        });
        self.built_ins.push((name.to_owned(), function));
        self
    }

    /// Gives every message whose `cmd` no plugin owns to `handler`, on the main thread.
    pub fn app_handler(mut self, handler: AppHandler) -> Self {
        self.app = Some(handler);
        self
    }

    /// Calls `hear` for each change in the plugin folders, once it is in force, on a thread of the runtime's.
    pub fn on_change(mut self, hear: impl Fn(&Change) + Send + Sync + 'static) -> Self {
        self.on_change = Box::new(hear);
        self
    }

    /// Calls `hear` with the name and the payload, as JSON text, of each event that a plugin has for the page, on the thread of the
    /// plugin's.
    pub fn on_event(mut self, hear: impl Fn(&str, &str) + Send + Sync + 'static) -> Self {
        self.on_event = Box::new(hear);
        self
    }

    /// Starts the runtime. Plugins are loaded on a thread of its own; messages that come meanwhile wait. Afterwards that
    /// thread follows what happens in the folders.
    ///
    /// # Errors
    /// When the system gives no thread or no folder for temporary files.
    pub fn start(mut self) -> std::io::Result<Runtime> {
        self.places = self.places.absolute();
        let running = self.places.state.join("running");
        let (crumbs, traces) = Breadcrumbs::begin(&running).unwrap_or_else(|error| {
            tracing::warn!("{}", words::no_breadcrumbs(&running, &error.to_string()));
            (Breadcrumbs::none(), Vec::new())
        });
        let services = Arc::new(RuntimeServices::new(self.on_event));
        let copies = Arc::new(PrivateCopies::new()?);
        let intake = self.places.intake(Arc::clone(&copies), self.load_limit);
        let crashed = Crashed::read(&self.places.state);
        let crashes = crashes::learn_from(&traces, &intake.verdicts, &crashed);
        let (ledger, deadlines) = (Ledger::default(), Arc::new(Deadlines::default()));
        let surroundings = Surroundings {
            data: self.places.data.clone(),
            cache: self.places.cache.clone(),
            app: self.places.app.clone(),
            resources: self.places.resources.clone(),
            configuration: ConfigurationFile::at(self.places.configuration.clone()),
            services: Arc::clone(&services) as Arc<dyn Services>,
            limits: self.limits,
            watch: Watch::start(self.limits.all_threads)?,
            crumbs: crumbs.clone(),
            ledger: ledger.clone(),
            deadlines: Arc::clone(&deadlines),
            lanes: Lanes::new(self.isolate, crashed, self.places.probe.clone(), Arc::clone(&copies)),
        };
        let loader = Arc::new(Loader::new(surroundings, self.load_limit));
        let app = self.app.map(|handler| {
            let host = loader.host_for_app();
            Arc::new(App { host, handler: Mutex::new(handler) })
        });
        let watch = Arc::new(Watched { services: Arc::clone(&services), ledger: ledger.clone() });
        let configuration = ConfigurationFile::at(self.places.configuration.clone());
        let permissions = Permissions::new(self.everything_allowed, self.permissions, configuration);
        let inner = Arc::new(Inner {
            permissions,
            main_queue: MainQueue::new(self.main_thread, self.limits.waiting_bytes, watch),
            router: RwLock::default(),
            waiting: Mutex::default(),
            serving: Mutex::default(),
            status: Mutex::default(),
            loading_ended: Condvar::new(),
            stopping: AtomicBool::new(false),
            outcome: Mutex::default(),
            most_waiting_bytes: self.limits.waiting_bytes,
            built_ins: OnceLock::new(),
            app,
            keeper: OnceLock::new(),
            monitor: OnceLock::new(),
            answers: crumbs.answers(),
            copies,
            crumbs,
            crashes,
            deadlines,
            ledger,
        });
        services.serve(&inner);
        // Set here and nowhere else.
        let _ = inner.monitor.set(Monitor::start(&inner, &services)?);
        let all_built_ins = built_ins::of(&inner, &services).into_iter().chain(self.built_ins).collect();
        // Set here and nowhere else.
        let _ = inner.built_ins.set(all_built_ins);
        let shelf = Shelf::new(intake, loader, Choices::read(&self.places.state), self.selection);
        let (published, hear) = (Arc::downgrade(&inner), self.on_change);
        let on_change = move |change: &Change| {
            services.tell_of_change(change);
            hear(change);
        };
        let asked = Weak::clone(&published);
        let publish = move |news| {
            if let Some(inner) = published.upgrade() {
                inner.publish(news, &on_change);
            }
        };
        let answer = move |number| {
            if let Some(inner) = asked.upgrade() {
                inner.answer(number);
            }
        };
        let keeper = Keeper::new(shelf, absolute(self.folders)?, publish, answer);
        let _ = inner.keeper.set(keeper.start()?);
        Ok(Runtime { inner })
    }
}

/// What the main thread is at, for who looks after it.
struct Watched {
    services: Arc<RuntimeServices>,
    ledger: Ledger,
}

impl MainWatch for Watched {
    fn begins(&self) {
        // Not all work is in the books, and any may hold the window up.
        self.ledger.note_news();
    }

    fn slow(&self, label: &Label, took: Duration) {
        self.services.tell_of_slow(label, took);
    }
}

/// The system tells of changes by absolute paths.
fn absolute(folders: Vec<PathBuf>) -> std::io::Result<Vec<PathBuf>> {
    folders.into_iter().map(std::path::absolute).collect()
}

impl Places {
    /// The same places by names that do not depend on the present folder: the system tells of changes by such names.
    pub(super) fn absolute(self) -> Self {
        let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        Self {
            data: absolute(self.data),
            cache: absolute(self.cache),
            app: absolute(self.app),
            resources: absolute(self.resources),
            configuration: absolute(self.configuration),
            state: absolute(self.state),
            probe: self.probe,
        }
    }

    pub(super) fn verdicts(&self) -> Verdicts {
        Verdicts::new(self.state.join("verdicts"), self.identity())
    }

    pub(super) fn trust(&self) -> Trust {
        Trust::new(ConfigurationFile::at(self.configuration.clone()))
    }

    pub(super) fn intake(&self, copies: Arc<PrivateCopies>, limit: Duration) -> Intake {
        let configuration = ConfigurationFile::at(self.configuration.clone());
        let of_all = vec![self.data.clone(), self.cache.clone(), self.app.clone()];
        let probe = Probe { program: self.probe.clone(), limit, configuration, of_all };
        Intake::new(copies, self.verdicts(), self.trust(), probe)
    }

    /// What must be the same for a verdict to be believed: this version, this boundary, and the executable that tries.
    fn identity(&self) -> String {
        let metadata = std::fs::metadata(&self.probe).ok();
        let modified = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
        let modified =
            modified.and_then(|modified| modified.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        let bytes = metadata.map(|metadata| metadata.len()).unwrap_or_default();
        format!("{} {ABI_NUMBER} {bytes} {}", env!("CARGO_PKG_VERSION"), modified.as_nanos())
    }
}
