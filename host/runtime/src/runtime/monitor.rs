//! Tells how the plugins are while something happens: those pages that watch, and the log when a command holds the main thread up
//! and does not come to its end.
//!
//! One thread, which sleeps as long as nothing is called.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, select};
use plugin_api::abi::CallSide as _;

use super::Inner;
use super::services::RuntimeServices;
use crate::control::Control;
use crate::reply::Replier;
use crate::words;

/// Between two tellings: often enough for a person who looks, seldom enough for a page with other things to do.
const EVERY: Duration = Duration::from_millis(500);

/// Calls of `host/watch` at a time; more than a page has views.
const MOST_WATCHERS: usize = 64;

/// The monitor, seen by those who ask it.
pub struct Monitor {
    began: Sender<()>,
    watchers: Arc<Mutex<Watchers>>,
}

#[derive(Default)]
struct Watchers {
    calls: Vec<Watcher>,
    /// Whether the host closes.
    over: bool,
}

/// A call of `host/watch`: it goes on until its page cancels it.
struct Watcher {
    control: Arc<Control>,
    // Answers when it is dropped.
    replier: Replier,
}

impl Watchers {
    /// Takes out those that nobody waits for any more: they are freed without the lock.
    fn take_settled(&mut self) -> Vec<Watcher> {
        let (settled, open) = self.calls.drain(..).partition(|watcher| watcher.control.is_settled());
        self.calls = open;
        settled
    }
}

impl Monitor {
    /// Begins to look after a runtime, as long as that is there.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(inner: &Arc<Inner>, services: &Arc<RuntimeServices>) -> std::io::Result<Self> {
        let (wake, woken) = crossbeam_channel::bounded(1);
        let (began, watches) = crossbeam_channel::bounded(1);
        let watchers: Arc<Mutex<Watchers>> = Arc::default();
        let (inner, services, told) = (Arc::downgrade(inner), Arc::clone(services), Arc::clone(&watchers));
        let hear = inner.clone();
        let watch = Watch { inner, services, watchers: told, woken, watches, told_of: None };
        thread::Builder::new().name("monitor".to_owned()).spawn(move || watch.run())?;
        if let Some(inner) = hear.upgrade() {
            // One that is on its way is enough.
            inner.ledger.on_news(move || {
                let _ = wake.try_send(());
            });
        }
        Ok(Self { began, watchers })
    }

    /// Tells a page from now on, until it cancels the call.
    pub fn add(&self, replier: Replier) {
        // Who cannot cancel would watch for ever.
        let Some(control) = replier.has_control().cloned() else {
            return replier.error(words::watch_needs_follow());
        };
        let (settled, refused) = {
            let mut watchers = lock(&self.watchers);
            let settled = watchers.take_settled();
            let reason = match &*watchers {
                Watchers { over: true, .. } => Some(words::stopping()),
                Watchers { calls, .. } if calls.len() >= MOST_WATCHERS => {
                    Some(words::too_many_watchers(MOST_WATCHERS))
                }
                _ => None,
            };
            match reason {
                Some(reason) => (settled, Some((replier, reason))),
                None => {
                    watchers.calls.push(Watcher { control, replier });
                    (settled, None)
                }
            }
        };
        drop(settled);
        match refused {
            Some((replier, reason)) => replier.error(reason),
            // Who has just begun to watch does not wait.
            None => {
                let _ = self.began.try_send(());
            }
        }
    }

    /// Tells nobody any more: the host closes.
    pub fn end(&self) {
        let calls = {
            let mut watchers = lock(&self.watchers);
            watchers.over = true;
            std::mem::take(&mut watchers.calls)
        };
        calls.into_iter().for_each(|watcher| watcher.replier.error(words::stopping()));
    }
}

/// The thread.
struct Watch {
    inner: Weak<Inner>,
    services: Arc<RuntimeServices>,
    watchers: Arc<Mutex<Watchers>>,
    /// That there is something new.
    woken: Receiver<()>,
    /// That somebody has begun to watch.
    watches: Receiver<()>,
    /// Since when the work runs that was told of last.
    told_of: Option<Instant>,
}

impl Watch {
    fn run(mut self) {
        loop {
            select! {
                recv(self.woken) -> woken => if woken.is_err() { return },
                recv(self.watches) -> watches => if watches.is_err() { return },
            }
            // As long as something happens it is looked at every now and then, and not at each call.
            loop {
                let Some(inner) = self.inner.upgrade() else { return };
                // Asked for first: what comes after it is told the next time.
                let news = inner.ledger.take_news();
                tell(&inner, &self.watchers);
                let busy = self.look_at_main_thread(&inner);
                drop(inner);
                if !news && !busy {
                    break;
                }
                if self.watches.recv_timeout(EVERY) == Err(RecvTimeoutError::Disconnected) {
                    return;
                }
            }
        }
    }

    /// Whether anything is at work or waits on the main thread. What holds that up is told of once.
    fn look_at_main_thread(&mut self, inner: &Inner) -> bool {
        let Some((label, since)) = inner.main_queue.running() else { return inner.main_queue.has_work() };
        if since.elapsed() >= EVERY && self.told_of != Some(since) {
            self.told_of = Some(since);
            self.services.tell_of_blocking(&label, since.elapsed());
        }
        true
    }
}

fn tell(inner: &Inner, watchers: &Mutex<Watchers>) {
    let (settled, controls) = {
        let mut watchers = lock(watchers);
        let settled = watchers.take_settled();
        let controls: Vec<Arc<Control>> =
            watchers.calls.iter().map(|watcher| Arc::clone(&watcher.control)).collect();
        (settled, controls)
    };
    drop(settled);
    if controls.is_empty() {
        return;
    }
    if let Ok(text) = serde_json::to_string(&inner.statistics()) {
        for control in controls {
            // A page that is gone does not want to know.
            let _ = control.progress(&text);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
