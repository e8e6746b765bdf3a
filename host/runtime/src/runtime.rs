//! `Runtime`: takes messages, sends them on their way, publishes what the keeper tells, stops plugins.

mod builder;
mod built_ins;
mod crashes;
mod monitor;
mod offline;
mod questions;
mod schemas;
mod services;
mod telling;
mod waiting;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use plugin_api::table::Place;

use crate::call::{AppCall, BuiltInCall};
use crate::caller::{Caller, Page};
use crate::executor::{Deadlines, MainQueue, MainThread, refuse};
use crate::folder::{Leaving, Order, Published};
use crate::group::Group;
use crate::ledger::Ledger;
use crate::library::Found;
use crate::library::breadcrumbs::Breadcrumbs;
use crate::library::copy::PrivateCopies;
use crate::message::Message;
use crate::permissions::Permissions;
use crate::plugin::retirement::{Retirement, Stop};
use crate::plugin::{Call, Plugin};
use crate::reply::Replier;
use crate::router::{App, BuiltIn, Route, Router};
use crate::status::{Change, Crash, Status};
use crate::words;
pub use builder::{Places, RuntimeBuilder};
use built_ins::EMIT;
use monitor::Monitor;
pub use offline::Offline;
pub use services::{Audience, PLUGINS_EVENT, TROUBLE_EVENT};
use waiting::Waiting;

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
    waiting: Mutex<Waiting>,
    /// The plugins that the routes lead to, for a stop that the keeper has no time for.
    serving: Mutex<Vec<Arc<Plugin>>>,
    /// Nothing before the plugins are loaded.
    status: Mutex<Option<Status>>,
    loading_ended: Condvar,
    stopping: AtomicBool,
    /// What came of stopping.
    outcome: Mutex<Option<Stopped>>,
    most_waiting_bytes: usize,
    built_ins: OnceLock<Vec<(String, BuiltIn)>>,
    groups: Vec<Group>,
    app: Option<Arc<App>>,
    permissions: Permissions,
    keeper: OnceLock<Sender<Order>>,
    monitor: OnceLock<Monitor>,
    /// The file in which a host that runs answers who asks from outside.
    answers: Option<PathBuf>,
    deadlines: Arc<Deadlines>,
    ledger: Ledger,
    copies: Arc<PrivateCopies>,
    crumbs: Breadcrumbs,
    /// What the runs before have died of.
    crashes: Vec<Crash>,
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
    /// Begins a runtime whose main-thread work is run by the owner of `main_thread`.
    pub fn builder(main_thread: Arc<dyn MainThread>, places: Places) -> RuntimeBuilder {
        RuntimeBuilder::new(main_thread, places)
    }

    /// Takes a message of somebody who may call everything. The reply goes through `replier`, now or later, on any thread. Never
    /// waits.
    pub fn submit(&self, text: String, replier: Replier) {
        self.inner.submit(text, Caller::Trusted, replier);
    }

    /// Takes a message of a page, which may call what it is permitted to.
    pub fn submit_from(&self, page: &Arc<Page>, text: String, replier: Replier) {
        self.inner.submit(text, Caller::Page(Arc::clone(page)), replier);
    }

    /// Whether a page may have something of the host's, as `events`, without having to call for it.
    pub fn permits(&self, page: &Arc<Page>, what: &str) -> bool {
        self.inner.permissions.permits(&Caller::Page(Arc::clone(page)), what)
    }

    /// Whether a permission is for the pages in windows of this name.
    pub fn has_permissions_for_window(&self, label: &str) -> bool {
        self.inner.permissions.are_for_window(label)
    }

    /// Reads the permissions in the configuration again: for a page that begins.
    pub fn refresh_permissions(&self) {
        self.inner.permissions.refresh();
    }

    /// Runs waiting main-thread work on the calling thread, which must be the main thread. Returns after a few
    /// milliseconds; what is left asks for another turn.
    pub fn run_main_thread_turn(&self) {
        self.inner.main_queue.run_turn();
    }

    /// What is loaded and what was refused. Waits until loading has ended; not for the main thread.
    pub fn wait_until_loaded(&self) -> Status {
        let mut status = lock(&self.inner.status);
        loop {
            if status.is_some() {
                break;
            }
            status = self.inner.loading_ended.wait(status).unwrap_or_else(PoisonError::into_inner);
        }
        drop(status);
        self.inner.status().unwrap_or_default()
    }

    /// What is loaded and what was refused, or nothing while loading goes on. Never waits.
    pub fn status(&self) -> Option<Status> {
        self.inner.status()
    }

    /// Stops the plugins, the last loaded first, and waits for their code to end, `patience` at most. Messages that
    /// wait or come later are answered with an error. Whoever stops a second time hears what came of the first. Not for the
    /// main thread.
    ///
    /// A plugin that takes its time keeps those that were loaded before it waiting for its share of the patience, and no
    /// longer: every plugin hears that it is to stop.
    pub fn stop(&self, patience: Duration) -> Stopped {
        // The first holds it while it stops.
        let mut outcome = lock(&self.inner.outcome);
        *outcome.get_or_insert_with(|| self.inner.stop(Instant::now() + patience))
    }
}

impl Inner {
    fn submit(&self, text: String, caller: Caller, replier: Replier) {
        if let Some((message, replier)) = self.read(text, caller, replier)
            && let Some((message, replier)) = self.dispatch(message, replier)
            && let Some((message, replier)) = self.keep_waiting(message, replier)
            // The plugins have been loaded meanwhile.
            && let Some((_, replier)) = self.dispatch(message, replier)
        {
            replier.error(words::stopping());
        }
    }

    /// For one who does nothing before the reply comes: what could never begin is an error.
    fn submit_and_wait(&self, text: String, caller: Caller, replier: Replier) {
        let Some((message, replier)) = self.read(text, caller, replier) else { return };
        let on_main = self.main_queue.is_main_thread() && self.runs_on_main(message.cmd());
        if on_main {
            return replier.error(words::waits_for_itself(message.cmd()));
        }
        if self.waits_for_its_own_place(message.cmd()) {
            return replier.error(words::waits_for_its_own_place(message.cmd()));
        }
        if let Some((_, replier)) = self.dispatch(message, replier) {
            // Among those that are being loaded is the one who waits.
            replier.error(words::still_loading());
        }
    }

    fn read(&self, text: String, caller: Caller, mut replier: Replier) -> Option<(Message, Replier)> {
        if self.stopping.load(Ordering::Acquire) {
            replier.error(words::stopping());
            return None;
        }
        match Message::parse(text) {
            Ok(message) => {
                replier.names(message.cmd());
                Some((message.from(caller), replier))
            }
            Err(reason) => {
                replier.error(reason);
                None
            }
        }
    }

    /// Where a message with this `cmd` goes, if anywhere.
    fn route(&self, cmd: &str) -> Option<Route> {
        let router = self.router.read().unwrap_or_else(PoisonError::into_inner);
        router.as_ref()?.find(cmd).ok()
    }

    /// The plugin's command with this name.
    fn find(&self, cmd: &str) -> Option<Found> {
        let Some(Route::Plugin { plugin, index, place, .. }) = self.route(cmd) else { return None };
        Some(Found { plugin: Arc::clone(&plugin.name), index, place, cmd: cmd.to_owned() })
    }

    /// Whether a command runs on the main thread.
    fn runs_on_main(&self, cmd: &str) -> bool {
        self.route(cmd).is_some_and(|route| match route {
            Route::Plugin { place, .. } => place == Place::MainThread,
            Route::BuiltIn { .. } | Route::App(_) => true,
        })
    }

    /// Whether all the calls of a command that may run at a time run on this thread.
    fn waits_for_its_own_place(&self, cmd: &str) -> bool {
        let route = self.route(cmd);
        route.is_some_and(
            |route| matches!(route, Route::Plugin { plugin, index, .. } if plugin.is_all_here(index)),
        )
    }

    fn stop(&self, deadline: Instant) -> Stopped {
        self.stopping.store(true, Ordering::Release);
        let waiting = std::mem::take(&mut *lock(&self.waiting));
        for (_, replier) in waiting.messages {
            replier.error(words::stopping());
        }
        self.main_queue.stop();
        if let Some(monitor) = self.monitor.get() {
            monitor.end();
        }
        // A keeper that tries or starts a library at this moment gets half of the time, and the plugins that serve the rest.
        let half = Instant::now() + deadline.saturating_duration_since(Instant::now()) / 2;
        let leaving = self.dismiss_keeper(half);
        let answered = leaving.is_some();
        let Leaving { mut plugins, retirements, somebody_starts } = leaving.unwrap_or_else(Leaving::nothing);
        if !answered {
            plugins = std::mem::take(&mut *lock(&self.serving));
            plugins.sort_by_key(|plugin| plugin.sequence);
        }
        lock(&self.serving).clear();
        // Nobody finds a plugin from now on.
        drop(self.router.write().unwrap_or_else(PoisonError::into_inner).take());
        retirements.iter().for_each(|retirement| retirement.hurry(deadline));
        let mut ending = retirements;
        let mut left = plugins.len();
        for plugin in plugins.into_iter().rev() {
            let now = Instant::now();
            let share = deadline.saturating_duration_since(now) / u32::try_from(left).unwrap_or(u32::MAX);
            left -= 1;
            let one = Retirement::begin(plugin, Stop::AtOnce(now + share), || {});
            if !one.wait(now + share) {
                ending.push(one);
            }
        }
        let mut clean = answered && !somebody_starts;
        for one in ending {
            clean &= one.wait(deadline);
        }
        if let Some(app) = &self.app {
            clean &= app.end(deadline);
        }
        self.copies.remove();
        // From here on it is the host that ends, whatever runs.
        self.crumbs.end();
        if clean { Stopped::Cleanly } else { Stopped::StillRunning }
    }

    /// Puts what the keeper tells into force, in one step, and then tells others.
    fn publish(&self, news: Published, on_change: &dyn Fn(&Change)) {
        let Published { plugins, gone, mut status, changes } = news;
        let mut router = Router::default();
        for (name, function) in self.built_ins.get().into_iter().flatten() {
            router.add_built_in("host", name, Arc::clone(function));
        }
        for group in &self.groups {
            for command in group.commands() {
                router.add_built_in(group.name(), &command.entry.name, Arc::clone(&command.function));
            }
        }
        if let Some(app) = &self.app {
            router.set_app(Arc::clone(app));
        }
        gone.iter().for_each(|gone| router.add_gone(gone));
        status.refused.iter().for_each(|refused| router.add_refused(refused));
        plugins.iter().for_each(|plugin| router.add_plugin(plugin));
        router.add_short_name("host", EMIT);
        for group in &self.groups {
            let short = group.commands().iter().filter(|command| command.has_short_name);
            short.for_each(|command| router.add_short_name(group.name(), &command.entry.name));
        }
        status.find_duplicates();
        status.crashes.clone_from(&self.crashes);
        router.set_kept_out(status.refused.len() + status.left_out.len());
        self.warn_of_new(&status);
        {
            let mut current = self.router.write().unwrap_or_else(PoisonError::into_inner);
            // What comes while the host closes is not put into force: it would never be stopped.
            if !self.stopping.load(Ordering::Acquire) {
                *current = Some(router);
                *lock(&self.serving) = plugins;
            }
        }
        *lock(&self.status) = Some(status);
        self.loading_ended.notify_all();
        let waiting = std::mem::take(&mut *lock(&self.waiting));
        for (message, replier) in waiting.messages {
            if let Some((_, replier)) = self.dispatch(message, replier) {
                replier.error(words::stopping());
            }
        }
        changes.iter().for_each(on_change);
    }

    /// A duplicate is told once, not at each change.
    fn warn_of_new(&self, status: &Status) {
        let before = lock(&self.status);
        if before.is_none() {
            self.warn_of_tables_of_nobody(status);
        }
        let known = before.as_ref().map(|status| &*status.duplicates).unwrap_or_default();
        for duplicate in status.duplicates.iter().filter(|duplicate| !known.contains(duplicate)) {
            tracing::warn!("{}", words::duplicate(&duplicate.cmd, &duplicate.kept_by, &duplicate.also));
        }
    }

    /// Sends an order to the keeper. One that has ended drops it, and its replier answers.
    fn order(&self, order: Order) {
        if let Some(keeper) = self.keeper.get() {
            let _ = keeper.send(order);
        }
    }

    /// Ends the keeper and takes what there is to stop. Nothing, if it does not answer by `deadline`.
    fn dismiss_keeper(&self, deadline: Instant) -> Option<Leaving> {
        let (sender, answer) = crossbeam_channel::bounded(1);
        match self.keeper.get()?.send(Order::Stop(sender)) {
            Ok(()) => match answer.recv_deadline(deadline) {
                Ok(leaving) => Some(leaving),
                Err(crossbeam_channel::RecvTimeoutError::Timeout) => None,
                Err(crossbeam_channel::RecvTimeoutError::Disconnected) => Some(Leaving::nothing()),
            },
            // Stopped before.
            Err(_) => Some(Leaving::nothing()),
        }
    }

    /// Sends a call on its way, or gives it back where there are no routes.
    fn dispatch(&self, mut message: Message, mut replier: Replier) -> Option<(Message, Replier)> {
        loop {
            let route = {
                let router = self.router.read().unwrap_or_else(PoisonError::into_inner);
                let Some(router) = &*router else { return Some((message, replier)) };
                router.find(message.cmd())
            };
            let route = route.and_then(|route| route.judge(&self.permissions, &message).map(|()| route));
            match route {
                Ok(Route::Plugin { plugin, index, place, own_name }) => {
                    // A generation that takes no further calls has left the routes before: look again.
                    let Some(lease) = plugin.calls.begin() else { continue };
                    if let Some(own_name) = own_name {
                        message.rename(&own_name);
                    }
                    let call = Call { index, place, message, replier, lease };
                    plugin.submit(call, &self.main_queue, Some(&self.deadlines));
                }
                Ok(Route::BuiltIn { function, .. }) => {
                    refuse(self.main_queue.submit(BuiltInCall { function, message, replier }))
                }
                Ok(Route::App(app)) => {
                    replier.belongs_to_app();
                    refuse(self.main_queue.submit(AppCall { app, message, replier }));
                }
                Err(reason) => replier.error(reason),
            }
            return None;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
