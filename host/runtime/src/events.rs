//! Who hears which event among the plugins. Each listener hears one event at a time, in their order, on workers of its plugin.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plugin_api::abi::Listener;
use serde::de::IgnoredAny;

use crate::executor::{Refusal, Task, WorkerGroup};
use crate::library::breadcrumbs::Known;
use crate::library::phase::Phase;
use crate::words;

/// Listeners of one plugin at most.
pub const MOST_LISTENERS: usize = 1024;
/// Events that wait for one listener at most; as many as calls that a page may make in one turn.
const MOST_WAITING: usize = 10_000;
/// And their bytes.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// How many events one turn of a worker takes, so that calls come in between.
const ONE_TURN: usize = 100;

/// All listeners.
#[derive(Default)]
pub struct Events(Mutex<State>);

#[derive(Default)]
struct State {
    last: u64,
    ears: HashMap<String, Vec<(u64, Arc<Ear>)>>,
}

/// A plugin's listener, with what waits for it.
pub struct Ear {
    event: String,
    plugin: Arc<str>,
    listener: Listener,
    workers: WorkerGroup,
    known: Known,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Arc<str>>,
    bytes: usize,
    /// Whether a worker has it, or will.
    busy: bool,
    /// Whether some were lost since it was empty.
    lossy: bool,
    over: bool,
}

/// Whether an event may have this name.
pub fn is_name(event: &str) -> bool {
    (1..=128).contains(&event.chars().count()) && !event.chars().any(char::is_control)
}

/// Whether a plugin or the page may tell of this event. The names that begin with `host/` are the host's.
///
/// # Errors
/// A sentence.
pub fn may_be_told(event: &str) -> Result<(), String> {
    if !is_name(event) || event.starts_with("host/") {
        return Err(words::bad_event_name(event));
    }
    Ok(())
}

/// The same for an event that goes to the page beside what others say: its payload is JSON.
///
/// # Errors
/// A sentence.
pub fn check(event: &str, payload: &str) -> Result<(), String> {
    may_be_told(event)?;
    serde_json::from_str::<IgnoredAny>(payload)
        .map(drop)
        .map_err(|error| words::event_not_json(event, &error.to_string()))
}

impl Events {
    /// Adds a listener. Its number.
    pub fn listen(&self, ear: Ear) -> u64 {
        let mut state = self.lock();
        state.last += 1;
        let number = state.last;
        state.ears.entry(ear.event.clone()).or_default().push((number, Arc::new(ear)));
        number
    }

    /// Takes a listener away. It hears nothing that begins after this.
    pub fn unlisten(&self, number: u64) {
        let mut found = None;
        let mut state = self.lock();
        state.ears.retain(|_, ears| {
            if let Some(place) = ears.iter().position(|(own, _)| *own == number) {
                found = Some(ears.remove(place).1);
            }
            !ears.is_empty()
        });
        drop(state);
        // Freed by the plugin's code, without the lock.
        if let Some(ear) = found {
            ear.end();
        }
    }

    /// Tells all who listen; `payload` is JSON text. Returns at once.
    pub fn tell(&self, event: &str, payload: &str) {
        let ears: Vec<_> = match self.lock().ears.get(event) {
            Some(ears) => ears.iter().map(|(_, ear)| Arc::clone(ear)).collect(),
            None => return,
        };
        let payload: Arc<str> = payload.into();
        for ear in ears {
            ear.push(Arc::clone(&payload));
        }
    }

    /// Tells the listener with this number.
    #[cfg(unix)]
    pub fn tell_one(&self, number: u64, payload: &str) {
        let state = self.lock();
        let ear =
            state.ears.values().flatten().find(|(own, _)| *own == number).map(|(_, ear)| Arc::clone(ear));
        drop(state);
        if let Some(ear) = ear {
            ear.push(payload.into());
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ear {
    /// The listener of a plugin, which hears on these workers.
    pub fn new(
        event: &str,
        plugin: Arc<str>,
        listener: Listener,
        workers: WorkerGroup,
        known: Known,
    ) -> Self {
        Self { event: event.to_owned(), plugin, listener, workers, known, queue: Mutex::default() }
    }

    /// The event's name.
    #[cfg(unix)]
    pub fn event(&self) -> &str {
        &self.event
    }

    fn push(self: Arc<Self>, payload: Arc<str>) {
        let mut queue = self.lock();
        if queue.over {
            return;
        }
        if queue.waiting.len() >= MOST_WAITING || queue.bytes + payload.len() > MOST_BYTES {
            if !std::mem::replace(&mut queue.lossy, true) {
                tracing::warn!("{}", words::events_lost(&self.plugin, &self.event, queue.waiting.len()));
            }
            return;
        }
        queue.bytes += payload.len();
        queue.waiting.push_back(payload);
        let idle = !std::mem::replace(&mut queue.busy, true);
        drop(queue);
        if idle {
            self.ask_for_worker();
        }
    }

    fn ask_for_worker(self: Arc<Self>) {
        let workers = self.workers.clone();
        if let Err((turn, refusal)) = workers.submit(Turn(self)) {
            Box::new(turn).refuse(refusal);
        }
    }

    fn pop(&self) -> Option<Arc<str>> {
        let mut queue = self.lock();
        let next = if queue.over { None } else { queue.waiting.pop_front() };
        match &next {
            Some(payload) => queue.bytes -= payload.len(),
            None => (queue.busy, queue.lossy) = (false, false),
        }
        next
    }

    fn end(&self) {
        let mut queue = self.lock();
        queue.over = true;
        queue.waiting.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A worker's turn for one listener.
struct Turn(Arc<Ear>);

impl Task for Turn {
    fn run(self: Box<Self>) {
        let ear = self.0;
        for _ in 0..ONE_TURN {
            let Some(payload) = ear.pop() else { return };
            let _crumb = ear.known.put(Phase::Promise, 0);
            ear.listener.hear(&payload);
        }
        ear.ask_for_worker();
    }

    fn refuse(self: Box<Self>, _refusal: Refusal) {
        // The plugin is being stopped, or overrun: what waits is lost with it.
        let mut queue = self.0.lock();
        queue.waiting.clear();
        (queue.bytes, queue.busy) = (0, false);
    }

    fn bytes(&self) -> usize {
        0
    }
}
