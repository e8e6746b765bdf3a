//! What a plugin uses of the runtime, in its own process: what the host has is asked for over the wire, the rest is here.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use plugin_api::abi::{ReplyHandle, Status};

use super::wire::Wire;
use crate::caller::Caller;
use crate::events::{self, Ear, Events};
use crate::executor::MainQueue;
use crate::isolation::frames::told;
use crate::isolation::{Answer, FromChild, MOST_ASKED};
use crate::ledger::{Account, Outcome};
use crate::library::{Found, Services, SpawnedJob};
use crate::plugin::Plugin;
use crate::sink::{Partial, Reply, ReplySink, Taken, UnderWay};
use crate::status::Trouble;
use crate::words;

/// The services in a child.
pub struct FarServices {
    wire: Arc<Wire>,
    main_queue: MainQueue,
    asked: Mutex<HashMap<u64, ReplyHandle>>,
    next: AtomicU64,
    events: Events,
    /// Set once it has started.
    plugin: OnceLock<Arc<Plugin>>,
}

impl FarServices {
    pub fn new(wire: Arc<Wire>, main_queue: MainQueue) -> Self {
        let (asked, next) = (Mutex::default(), AtomicU64::new(1));
        Self { wire, main_queue, asked, next, events: Events::default(), plugin: OnceLock::new() }
    }

    /// The plugin has started.
    pub fn has_started(&self, plugin: Arc<Plugin>) {
        // There is one.
        let _ = self.plugin.set(plugin);
    }

    /// The plugin, once it has started.
    pub fn plugin(&self) -> Option<&Arc<Plugin>> {
        self.plugin.get()
    }

    pub fn main_queue(&self) -> &MainQueue {
        &self.main_queue
    }

    /// Something that the plugin asked for was answered.
    pub fn answered(&self, asked: u64, answer: &Answer) {
        let handle = self.asked().remove(&asked);
        if let Some(handle) = handle {
            let (status, bytes) = answer.crossing();
            handle.send(status, bytes);
        }
    }

    /// An event for one of its listeners.
    pub fn heard(&self, listener: u64, payload: &str) {
        self.events.tell_one(listener, payload);
    }

    fn asked(&self) -> MutexGuard<'_, HashMap<u64, ReplyHandle>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what is short.
    fn say(&self, frame: &FromChild) {
        if let Err(error) = self.wire.say(frame) {
            tracing::error!("{}", words::told_in_vain(&error.to_string()));
        }
    }
}

impl Services for FarServices {
    fn emit(&self, event: &str, payload: &str) -> Result<(), String> {
        events::check(event, payload)?;
        let frame = FromChild::Emit { event: event.to_owned(), payload: payload.to_owned() };
        self.wire.say(&frame).map_err(|error| error.to_string())
    }

    fn call(&self, _caller: Caller, message: &str, waits: bool, reply: ReplyHandle) {
        // Who is asked knows who asks, and does not believe what is said of it here.
        let asked = self.next.fetch_add(1, Ordering::Relaxed);
        {
            let mut waiting = self.asked();
            if waiting.len() >= MOST_ASKED {
                drop(waiting);
                return reply.send(Status::ERROR, words::asks_too_much(MOST_ASKED).as_bytes());
            }
            waiting.insert(asked, reply);
        }
        let waits_for = self.plugin().filter(|_| waits).map(|plugin| plugin.all_here());
        let full = waits_for.into_iter().flatten().flat_map(u32::to_le_bytes).collect();
        let on_main = self.main_queue.is_main_thread();
        let frame = FromChild::Ask { asked, message: message.to_owned(), waits, on_main, full };
        if let Err(error) = self.wire.say(&frame) {
            self.answered(asked, &Answer::Error(error.to_string()));
        }
    }

    fn run_on_main(&self, job: SpawnedJob) -> Result<(), SpawnedJob> {
        self.main_queue.submit(job).map_err(|(job, _refusal)| job)
    }

    fn is_main_thread(&self) -> bool {
        self.main_queue.is_main_thread()
    }

    fn listen(&self, ear: Ear) -> u64 {
        let event = ear.event().to_owned();
        let listener = self.events.listen(ear);
        self.say(&FromChild::Listen { listener, event });
        listener
    }

    fn unlisten(&self, listener: u64) {
        self.events.unlisten(listener);
        self.say(&FromChild::Unlisten { listener });
    }

    fn note_stuck(&self, call: u64, _account: &Account, is_stuck: bool) {
        self.say(&FromChild::Stuck { call, is_stuck });
    }

    fn tell_of_trouble(&self, _trouble: &Trouble) {
        // It is the host that sees trouble here.
    }

    fn find(&self, _message: &str) -> Option<Found> {
        // The routes are the host's.
        None
    }
}

/// Where the replies to the host's calls go.
pub struct FarSink {
    wire: Arc<Wire>,
    under_way: Mutex<HashMap<u64, Arc<dyn UnderWay>>>,
}

impl FarSink {
    pub fn new(wire: Arc<Wire>) -> Self {
        Self { wire, under_way: Mutex::default() }
    }

    /// The host says that nobody waits for a call any more, and hears at once that this is known here.
    pub fn cancel(&self, call: u64) {
        // It is short.
        let _ = self.wire.say(&FromChild::HeardCancel { call });
        if let Some(call) = self.call(call) {
            call.cancel();
        }
    }

    /// The call, while it is under way.
    pub fn call(&self, call: u64) -> Option<Arc<dyn UnderWay>> {
        self.under_way().get(&call).cloned()
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<u64, Arc<dyn UnderWay>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say(&self, call: u64, outcome: Outcome, answer: Answer) {
        if let Err(error) = self.wire.say(&FromChild::Reply { call, outcome, answer }) {
            let answer = Answer::Error(words::answer_too_long(&error.to_string()));
            // A sentence is never too long.
            let _ = self.wire.say(&FromChild::Reply { call, outcome: Outcome::Error, answer });
        }
    }
}

impl ReplySink for FarSink {
    fn deliver(&self, call: u64, reply: Reply) {
        self.settled(call, reply, Outcome::Ok);
    }

    fn settled(&self, call: u64, reply: Reply, outcome: Outcome) {
        let over = self.under_way().remove(&call);
        // It may be the last that knows the call.
        drop(over);
        self.say(call, outcome, reply.into());
    }

    fn returned(&self, call: u64) {
        let over = self.under_way().remove(&call);
        drop(over);
        // As above.
        let _ = self.wire.say(&FromChild::Returned { call });
    }

    fn partial(&self, call: u64, partial: Partial) -> Taken {
        let is_value = !matches!(partial, Partial::Progress(_));
        match self.wire.say(&told(call, partial)) {
            Err(_) => Taken::NoRoom,
            Ok(()) if is_value => Taken::Later,
            Ok(()) => Taken::Now,
        }
    }

    fn watched(&self, call: u64, under_way: &Arc<dyn UnderWay>) {
        self.under_way().insert(call, Arc::clone(under_way));
    }

    fn reads_alone(&self, _bytes: usize) -> bool {
        // The host reads it, as it does not believe this process.
        true
    }
}
