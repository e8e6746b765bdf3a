//! Tells how the plugins are while something happens: those pages that watch, and the log when a command holds the main thread up
//! and does not come to its end.
//!
//! One thread, which sleeps as long as nothing is called.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
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
    wake: Sender<()>,
    watchers: Arc<Mutex<Vec<Watcher>>>,
}

/// A call of `host/watch`: it goes on until its page cancels it.
struct Watcher {
    control: Arc<Control>,
    // Answers when it is dropped.
    _replier: Replier,
}

impl Monitor {
    /// Begins to look after a runtime, as long as that is there.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(inner: &Arc<Inner>, services: &Arc<RuntimeServices>) -> std::io::Result<Self> {
        let (wake, woken) = crossbeam_channel::bounded(1);
        let watchers: Arc<Mutex<Vec<Watcher>>> = Arc::default();
        let (looked_after, services, told) =
            (Arc::downgrade(inner), Arc::clone(services), Arc::clone(&watchers));
        thread::Builder::new()
            .name("monitor".to_owned())
            .spawn(move || watch(&looked_after, &services, &told, &woken))?;
        let news = wake.clone();
        // One that is on its way is enough.
        inner.ledger.on_news(move || {
            let _ = news.try_send(());
        });
        Ok(Self { wake, watchers })
    }

    /// Tells a page from now on, until it cancels the call.
    pub fn add(&self, replier: Replier) {
        let mut watchers = lock(&self.watchers);
        watchers.retain(|watcher| !watcher.control.is_settled());
        if watchers.len() >= MOST_WATCHERS {
            drop(watchers);
            return replier.error(words::too_many_watchers(MOST_WATCHERS));
        }
        watchers.push(Watcher { control: replier.control(), _replier: replier });
        drop(watchers);
        let _ = self.wake.try_send(());
    }

    /// Tells nobody any more: the host closes.
    pub fn end(&self) {
        let watchers = std::mem::take(&mut *lock(&self.watchers));
        for Watcher { _replier: replier, .. } in watchers {
            replier.error(words::stopping());
        }
    }
}

fn watch(
    inner: &Weak<Inner>,
    services: &RuntimeServices,
    watchers: &Mutex<Vec<Watcher>>,
    woken: &Receiver<()>,
) {
    // Since when the work runs that was told of last.
    let mut told_of = None;
    while woken.recv().is_ok() {
        loop {
            let Some(inner) = inner.upgrade() else { return };
            // Asked for first: what comes after it is told the next time.
            let news = inner.ledger.take_news();
            tell(&inner, watchers);
            let blocks = told_of_blocking(&inner, services, &mut told_of);
            drop(inner);
            if !news && !blocks {
                break;
            }
            match woken.recv_timeout(EVERY) {
                // Who has just begun to watch does not wait.
                Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

fn tell(inner: &Inner, watchers: &Mutex<Vec<Watcher>>) {
    let controls: Vec<Arc<Control>> = {
        let mut watchers = lock(watchers);
        watchers.retain(|watcher| !watcher.control.is_settled());
        watchers.iter().map(|watcher| Arc::clone(&watcher.control)).collect()
    };
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

/// Whether something runs on the main thread; if it holds that up, it is told of once.
fn told_of_blocking(inner: &Inner, services: &RuntimeServices, told_of: &mut Option<Instant>) -> bool {
    let Some((label, since)) = inner.main_queue.running() else { return false };
    if since.elapsed() >= EVERY && *told_of != Some(since) {
        *told_of = Some(since);
        services.tell_of_blocking(&label, since.elapsed());
    }
    true
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
