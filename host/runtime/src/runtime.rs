//! `Runtime` and its builder: wires the parts, takes messages, stops plugins.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::thread;
use std::time::{Duration, Instant};

use plugin_api::table::Place;

use crate::call::{AppCall, BuiltInCall, PluginCall, refuse};
use crate::executor::{Limits, MainQueue, MainThread, Watch, WorkerGroup};
use crate::library::copy::PrivateCopies;
use crate::library::discovery;
use crate::message::Message;
use crate::plugin::{Loader, Plugin};
use crate::reply::Replier;
use crate::router::{App, AppHandler, BuiltIn, Route, Router};
use crate::status::{PluginStatus, Refused, Status};
use crate::words;

/// Messages that wait for the plugins to be loaded, at most; as for a plugin's workers.
const MOST_WAITING_FOR_LOADING: usize = 65_536;

/// Makes a [`Runtime`].
pub struct RuntimeBuilder {
    main_thread: Arc<dyn MainThread>,
    folders: Vec<PathBuf>,
    data_root: PathBuf,
    limits: Limits,
    built_ins: Vec<(String, BuiltIn)>,
    app: Option<AppHandler>,
}

impl RuntimeBuilder {
    /// Adds a folder of plugin libraries. Folders are read in the order they are added.
    pub fn plugin_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folders.push(folder.into());
        self
    }

    /// Sets the bounds of each plugin's workers.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Adds a command of the host itself, `host/name`, run on the main thread.
    pub fn built_in(
        mut self,
        name: &str,
        function: impl Fn(&str) -> Result<String, String> + Send + Sync + 'static,
    ) -> Self {
        self.built_ins.push((name.to_owned(), Arc::new(function)));
        self
    }

    /// Gives every message whose `cmd` no plugin owns to `handler`, on the main thread.
    pub fn app_handler(mut self, handler: AppHandler) -> Self {
        self.app = Some(handler);
        self
    }

    /// Starts the runtime. Plugins are loaded on a thread of their own; messages that come meanwhile wait.
    ///
    /// # Errors
    /// When the system gives no thread or no folder for temporary files.
    pub fn start(self) -> std::io::Result<Runtime> {
        let inner = Arc::new(Inner {
            main_queue: MainQueue::new(self.main_thread),
            router: RwLock::default(),
            waiting: Mutex::default(),
            loaded: Mutex::default(),
            loading_ended: Condvar::new(),
            stopping: AtomicBool::new(false),
            loader: Loader {
                copies: PrivateCopies::new()?,
                data_root: self.data_root,
                limits: self.limits,
                watch: Watch::start()?,
            },
        });
        let runtime = Runtime { inner: Arc::clone(&inner) };
        let (folders, mut router) = (self.folders, Router::default());
        let weak = Arc::downgrade(&inner);
        router.add_built_in("status", Arc::new(move |_| status_json(&weak)));
        for (name, function) in self.built_ins {
            router.add_built_in(&name, function);
        }
        thread::Builder::new().name("plugin loader".to_owned()).spawn(move || {
            if let Some(handler) = self.app {
                let host = inner.loader.host_for("app".into());
                router.set_app(Arc::new(App { host, handler: Mutex::new(handler) }));
            }
            inner.load(&folders, router);
        })?;
        Ok(runtime)
    }
}

/// Loads plugins, routes messages to their commands, runs them. Cloning shares it.
#[derive(Clone)]
pub struct Runtime {
    inner: Arc<Inner>,
}

struct Inner {
    main_queue: MainQueue,
    /// Nothing before the plugins are loaded and after they have been stopped.
    router: RwLock<Option<Router>>,
    /// Messages from before the router was there.
    waiting: Mutex<Vec<(Message, Replier)>>,
    loaded: Mutex<Option<Loaded>>,
    loading_ended: Condvar,
    stopping: AtomicBool,
    loader: Loader,
}

#[derive(Default)]
struct Loaded {
    plugins: Vec<Arc<Plugin>>,
    app: Option<Arc<App>>,
    status: Status,
}

/// How stopping went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// No plugin's code runs any more.
    Cleanly,
    /// Some still runs; end the process with [`leave_at_once`](crate::leave_at_once).
    StillRunning,
}

impl Runtime {
    /// Begins a runtime whose main-thread work is run by the owner of `main_thread`. Each plugin gets its data folder in
    /// `data_root`.
    pub fn builder(main_thread: Arc<dyn MainThread>, data_root: impl Into<PathBuf>) -> RuntimeBuilder {
        RuntimeBuilder {
            main_thread,
            folders: Vec::new(),
            data_root: data_root.into(),
            limits: Limits::default(),
            built_ins: Vec::new(),
            app: None,
        }
    }

    /// Takes a message of the page. The reply goes through `replier`, now or later, on any thread. Never waits.
    pub fn submit(&self, text: String, mut replier: Replier) {
        let inner = &self.inner;
        if inner.stopping.load(Ordering::Acquire) {
            return replier.error(words::stopping());
        }
        let message = match Message::parse(text) {
            Ok(message) => message,
            Err(reason) => return replier.error(reason),
        };
        replier.names(message.cmd());
        let Some((message, replier)) = inner.dispatch(message, replier) else { return };
        let mut waiting = lock(&inner.waiting);
        // The loader sets the router before it takes this lock, so nothing is left behind.
        let Some((message, replier)) = inner.dispatch(message, replier) else { return };
        if inner.stopping.load(Ordering::Acquire) {
            replier.error(words::stopping());
        } else if waiting.len() < MOST_WAITING_FOR_LOADING {
            waiting.push((message, replier));
        } else {
            replier.error(words::loading_busy());
        }
    }

    /// Runs waiting main-thread work on the calling thread, which must be the main thread. Returns after a few
    /// milliseconds; what is left asks for another turn.
    pub fn run_main_thread_turn(&self) {
        self.inner.main_queue.run_turn();
    }

    /// What is loaded and what was refused. Waits until loading has ended; not for the main thread.
    pub fn wait_until_loaded(&self) -> Status {
        let mut loaded = lock(&self.inner.loaded);
        loop {
            if let Some(loaded) = &*loaded {
                return loaded.status.clone();
            }
            loaded = self.inner.loading_ended.wait(loaded).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What is loaded and what was refused, or nothing while loading goes on. Never waits.
    pub fn status(&self) -> Option<Status> {
        lock(&self.inner.loaded).as_ref().map(|loaded| loaded.status.clone())
    }

    /// Stops the plugins, the last loaded first, and waits for their code to end, `patience` at most. Messages that
    /// wait or come later are answered with an error. Not for the main thread.
    pub fn stop(&self, patience: Duration) -> Stopped {
        let inner = &self.inner;
        let deadline = Instant::now() + patience;
        inner.stopping.store(true, Ordering::Release);
        for (_, replier) in std::mem::take(&mut *lock(&inner.waiting)) {
            replier.error(words::stopping());
        }
        inner.main_queue.stop();
        let Some(Loaded { plugins, app, .. }) = inner.take_loaded(deadline) else {
            // A plugin's start goes on in the loader's thread.
            return Stopped::StillRunning;
        };
        // The routes hold the plugins; without them the last call to end frees its plugin.
        drop(inner.router.write().unwrap_or_else(PoisonError::into_inner).take());
        let mut clean = true;
        for plugin in plugins.into_iter().rev() {
            clean &= finish(&plugin.workers, &plugin.name, deadline, {
                let started = Arc::clone(&plugin.started);
                move || started.stop()
            });
            // Dropping the plugin frees its state, in which it may hang, too.
            let workers = plugin.workers.clone();
            let name = Arc::clone(&plugin.name);
            clean &= finish(&workers, &name, deadline, move || drop(plugin));
        }
        if let Some(app) = app {
            clean &= finish(&app.host.workers, &app.host.name, deadline, || {});
        }
        inner.loader.copies.remove();
        if clean { Stopped::Cleanly } else { Stopped::StillRunning }
    }
}

/// Ends the workers and runs `last` on a thread of its own, because a plugin may hang in it. Whether both ended in time.
fn finish(
    workers: &WorkerGroup,
    name: &str,
    deadline: Instant,
    last: impl FnOnce() + Send + 'static,
) -> bool {
    let (done, ended) = crossbeam_channel::bounded(1);
    let group = workers.clone();
    let thread = thread::Builder::new().name(format!("stop {name}")).spawn(move || {
        // What waits is freed by the plugin's code, so this belongs here as well.
        group.stop();
        last();
        // The one who waits may have lost patience.
        let _ = done.send(());
    });
    thread.is_ok() && ended.recv_deadline(deadline).is_ok() && workers.wait(deadline)
}

impl Inner {
    fn load(&self, folders: &[PathBuf], mut router: Router) {
        let mut loaded = Loaded::default();
        for folder in folders {
            match discovery::libraries(folder) {
                Ok(files) => {
                    files.into_iter().for_each(|file| self.load_file(file, &mut router, &mut loaded))
                }
                Err(reason) => refused(&mut loaded.status, folder.clone(), reason),
            }
        }
        // First the router, then those that waited for it: what comes in between finds the router.
        loaded.app = router.app();
        *self.router.write().unwrap_or_else(PoisonError::into_inner) = Some(router);
        *lock(&self.loaded) = Some(loaded);
        self.loading_ended.notify_all();
        let waiting = std::mem::take(&mut *lock(&self.waiting));
        for (message, replier) in waiting {
            if let Some((_, replier)) = self.dispatch(message, replier) {
                replier.error(words::stopping());
            }
        }
    }

    /// Takes what there is to stop, once loading has ended. Nothing, if it has not by `deadline`.
    fn take_loaded(&self, deadline: Instant) -> Option<Loaded> {
        let mut loaded = lock(&self.loaded);
        loop {
            if let Some(loaded) = &mut *loaded {
                return Some(Loaded {
                    plugins: std::mem::take(&mut loaded.plugins),
                    app: loaded.app.take(),
                    status: Status::default(),
                });
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            loaded = self.loading_ended.wait_timeout(loaded, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn load_file(&self, file: discovery::Found, router: &mut Router, loaded: &mut Loaded) {
        if self.stopping.load(Ordering::Acquire) {
            return;
        }
        let (file, outcome) = match file {
            Ok(file) => {
                let taken = |name: &str| {
                    let plugin = loaded.plugins.iter().find(|plugin| &*plugin.name == name);
                    plugin.map(|plugin| plugin.file.clone())
                };
                let outcome = self.loader.load(&file, taken);
                (file, outcome)
            }
            Err((file, reason)) => (file, Err(reason)),
        };
        let plugin = match outcome {
            Ok(plugin) => Arc::new(plugin),
            Err(reason) => return refused(&mut loaded.status, file, reason),
        };
        tracing::info!(
            plugin = &*plugin.name,
            version = plugin.description.version,
            "loaded {}",
            file.display()
        );
        for duplicate in router.add_plugin(&plugin) {
            tracing::warn!("{}", words::duplicate(&duplicate.cmd, &duplicate.kept_by, &duplicate.also));
            loaded.status.duplicates.push(duplicate);
        }
        loaded.status.plugins.push(PluginStatus {
            name: plugin.name.to_string(),
            version: plugin.description.version.clone(),
            description: plugin.description.description.clone(),
            file: file.display().to_string(),
            commands: plugin.description.commands.clone(),
        });
        loaded.plugins.push(plugin);
    }

    /// Sends a call on its way, or gives it back where there are no routes.
    fn dispatch(&self, mut message: Message, mut replier: Replier) -> Option<(Message, Replier)> {
        let route = {
            let router = self.router.read().unwrap_or_else(PoisonError::into_inner);
            let Some(router) = &*router else { return Some((message, replier)) };
            router.find(message.cmd())
        };
        let route = match route {
            Ok(route) => route,
            Err(reason) => {
                replier.error(reason);
                return None;
            }
        };
        match route {
            Route::Plugin { plugin, index, place, own_name } => {
                if let Some(own_name) = own_name {
                    message.rename(&own_name);
                }
                replier.belongs_to(Arc::clone(&plugin.name));
                let call = PluginCall { started: Arc::clone(&plugin.started), index, message, replier };
                match place {
                    Place::Worker => refuse(plugin.workers.submit(call)),
                    Place::MainThread => refuse(self.main_queue.submit(call)),
                }
            }
            Route::BuiltIn(function) => {
                refuse(self.main_queue.submit(BuiltInCall { function, message, replier }))
            }
            Route::App(app) => {
                replier.belongs_to("app".into());
                refuse(self.main_queue.submit(AppCall { app, message, replier }));
            }
        }
        None
    }
}

/// `host/status`: what a page may know of the plugins.
fn status_json(inner: &Weak<Inner>) -> Result<String, String> {
    let inner = inner.upgrade().ok_or_else(words::stopping)?;
    let loaded = lock(&inner.loaded);
    let status = loaded.as_ref().map(|loaded| &loaded.status);
    serde_json::to_string(&status).map_err(|error| error.to_string())
}

fn refused(status: &mut Status, file: PathBuf, reason: String) {
    tracing::warn!("{} {reason}", file.display());
    status.refused.push(Refused { file: file.display().to_string(), reason });
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
