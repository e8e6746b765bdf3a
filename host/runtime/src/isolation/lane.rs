//! An isolated plugin, seen from the runtime: takes calls, remembers those that its process has, and answers each of them once,
//! whatever becomes of the process.
//!
//! Calls wait here while there is no process, and while one is being replaced. No lock is held while anything is answered.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use plugin_api::abi::OwnedJob;
use plugin_api::table::{Place, Schemas};

use super::connection::Connection;
use super::death::Death;
use super::frames::{Answer, Errand, ToChild};
use super::supervisor::{Order, Supervisor};
use crate::control::{Control, Elsewhere};
use crate::executor::Limits;
use crate::ledger::{Account, Outcome, PluginAccount};
use crate::library::copy::PrivateCopies;
use crate::library::{PluginHost, Services};
use crate::message::Message;
use crate::plugin::NotStarted;
use crate::plugin::calls::Ways;
use crate::reply::Replier;
use crate::sink::Partial;
use crate::status::{Health, Lane, Trouble, TroubleKind};
use crate::words;

/// How long a process whose plugin was replaced has to end by itself.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// What an isolated plugin is made of.
pub struct Setup {
    /// The executable that becomes its process.
    pub program: PathBuf,
    pub name: Arc<str>,
    /// What its process is told in the beginning, but for the room.
    pub errand: Box<dyn Fn() -> Errand + Send + Sync>,
    /// The names of its commands, by their index.
    pub commands: Vec<Arc<str>>,
    pub limits: Limits,
    /// What one process of it may use of the host.
    pub host: Box<dyn Fn() -> Arc<PluginHost> + Send + Sync>,
    pub services: Arc<dyn Services>,
    /// Beside the copies each process has its room.
    pub copies: Arc<PrivateCopies>,
    pub account: Arc<PluginAccount>,
    /// How long it may take to start.
    pub start_limit: Duration,
    /// How long a call may go on that nobody waits for any more.
    pub patience: Duration,
    /// Why it is isolated, for people.
    pub because: String,
}

/// A plugin in a process of its own.
pub struct Isolated {
    pub(super) setup: Setup,
    state: Mutex<State>,
    next: AtomicU64,
    orders: Sender<Order>,
    /// Disconnected when there is no process any more, and none will be.
    ended: Receiver<()>,
    schemas: OnceLock<Schemas>,
}

struct State {
    phase: Phase,
    /// What the process has.
    flights: HashMap<u64, Flight>,
    /// What waits for one, in the order in which it came.
    waiting: BTreeMap<u64, (ToChild, Flight)>,
    /// How many there are of both, by the place in which they run.
    on_their_way: [usize; 2],
    /// And their bytes.
    bytes: usize,
    /// Calls that do not return although nobody waits for them.
    stuck: HashSet<u64>,
    process: Option<u32>,
    last_death: Option<String>,
}

enum Phase {
    /// There is no process, or it has not started its plugin.
    Down,
    Up(Connection),
    /// It is about to be ended, and gets nothing more.
    Draining(Connection),
    /// It has died too often, which is this sentence.
    GivenUp(String),
    /// There is none any more.
    Over,
}

struct Flight {
    replier: Replier,
    index: u32,
    place: Place,
    bytes: usize,
}

impl Isolated {
    /// Starts the plugin in a process. Waits for that.
    ///
    /// # Errors
    /// Why it does not serve.
    pub fn start(setup: Setup) -> Result<Arc<Self>, NotStarted> {
        // Bounded by what happens to one process, and by who asks for it.
        let (orders, received) = crossbeam_channel::unbounded();
        let (over, ended) = crossbeam_channel::bounded(0);
        let lane = Arc::new(Self {
            setup,
            state: Mutex::new(State {
                phase: Phase::Down,
                flights: HashMap::new(),
                waiting: BTreeMap::new(),
                on_their_way: [0; 2],
                bytes: 0,
                stuck: HashSet::new(),
                process: None,
                last_death: None,
            }),
            next: AtomicU64::new(1),
            orders: orders.clone(),
            ended,
            schemas: OnceLock::new(),
        });
        let (sender, first) = crossbeam_channel::bounded(1);
        let supervisor = Supervisor::new(Arc::clone(&lane), orders, received, sender, over);
        supervisor.begin().map_err(|error| words::no_thread_to_start(&error.to_string()))?;
        match first.recv() {
            Ok(outcome) => outcome.map(|()| lane),
            Err(_) => Err(words::no_process("it was lost").into()),
        }
    }

    /// Sends a call to the process, now or when there is one.
    pub fn submit(self: &Arc<Self>, index: u32, place: Place, message: &Message, replier: Replier) {
        if replier.is_idle() {
            return replier.unwanted();
        }
        let call = self.next.fetch_add(1, Ordering::Relaxed);
        let control = replier.control();
        control.runs_elsewhere(Arc::new(FarCall { lane: Arc::downgrade(self), call }));
        let frame = frame(call, index, message, &replier);
        let bytes = message.text().len() + replier.carried_bytes();
        let refused = {
            let Limits { threads, waiting, waiting_bytes, .. } = self.setup.limits;
            let mut state = self.lock();
            // What waits for the workers does not keep calls from the main thread, and the other way round.
            let count = state.on_their_way[place as usize];
            let name = &self.setup.name;
            let refusal = match &state.phase {
                Phase::Over => Some((words::stopping(), Outcome::Lost)),
                Phase::GivenUp(sentence) => Some((sentence.clone(), Outcome::Lost)),
                _ if count >= waiting.saturating_add(threads) => {
                    Some((words::busy(name, count.saturating_sub(threads)), Outcome::Busy))
                }
                _ if state.bytes + bytes > waiting_bytes && count > 0 => {
                    Some((words::busy(name, count), Outcome::Busy))
                }
                _ => None,
            };
            match refusal {
                Some(refusal) => Some((replier, refusal)),
                None => {
                    state.bytes += bytes;
                    state.on_their_way[place as usize] += 1;
                    state.take(call, frame, Flight { replier, index, place, bytes });
                    None
                }
            }
        };
        if let Some((replier, (sentence, outcome))) = refused {
            return replier.fail(sentence, outcome);
        }
        // Cancelled before it was known here.
        if control.is_settled() {
            self.cancel(call);
        }
    }

    fn cancel(&self, call: u64) {
        let dropped = {
            let mut state = self.lock();
            let flight = state.waiting.remove(&call).map(|(_, flight)| flight);
            match (flight, &state.phase) {
                (Some(flight), _) => {
                    state.forget(&flight);
                    Some(flight)
                }
                (None, Phase::Up(connection) | Phase::Draining(connection))
                    if state.flights.contains_key(&call) =>
                {
                    connection.send(ToChild::Cancel { call });
                    None
                }
                _ => None,
            }
        };
        if let Some(Flight { replier, .. }) = dropped {
            replier.unwanted();
        }
    }

    fn taken(&self, call: u64, count: usize) {
        let state = self.lock();
        if let Phase::Up(connection) | Phase::Draining(connection) = &state.phase
            && state.flights.contains_key(&call)
        {
            connection.send(ToChild::Taken { call, count: count as u64 });
        }
    }

    /// The process has answered a call.
    pub(super) fn reply(&self, call: u64, outcome: Outcome, answer: Answer) {
        let Some(replier) = self.landed(call) else { return };
        match answer {
            Answer::Value(json) => replier.json(json),
            Answer::Bytes(bytes) => replier.bytes(bytes),
            Answer::Error(text) => {
                let outcome = if outcome == Outcome::Ok { Outcome::Error } else { outcome };
                replier.fail(text, outcome);
            }
        }
    }

    /// A cancelled call has come to its end.
    pub(super) fn returned(&self, call: u64) {
        if let Some(replier) = self.landed(call) {
            replier.unwanted();
        }
    }

    fn landed(&self, call: u64) -> Option<Replier> {
        let mut state = self.lock();
        let flight = state.flights.remove(&call)?;
        state.forget(&flight);
        if state.stuck.remove(&call) {
            state.resume_if_nothing_is_stuck();
        }
        if matches!(state.phase, Phase::Draining(_)) && state.flights.len() == state.stuck.len() {
            self.order(Order::Drained);
        }
        Some(flight.replier)
    }

    /// What a call tells before its reply.
    pub(super) fn told(&self, call: u64, partial: Partial) {
        if let Some(control) = self.control(call) {
            control.pass_on(partial);
        }
    }

    /// A cancelled call does not return, or has come near its end after all.
    pub(super) fn stuck(&self, call: u64, is_stuck: bool) {
        let Some(control) = self.control(call) else { return };
        control.is_stuck_elsewhere(is_stuck);
        let mut state = self.lock();
        if !state.flights.contains_key(&call) {
            return;
        }
        if is_stuck {
            state.stuck.insert(call);
            self.order(Order::Stuck);
        } else {
            state.stuck.remove(&call);
            state.resume_if_nothing_is_stuck();
        }
    }

    fn control(&self, call: u64) -> Option<Arc<Control>> {
        self.lock().flights.get(&call)?.replier.has_control().cloned()
    }

    /// There is a process. It gets nothing yet.
    pub(super) fn has_process(&self, process: u32) {
        self.lock().process = Some(process);
    }

    /// Its plugin has started: what waits goes there.
    pub(super) fn is_up(&self, connection: Connection, schemas: &str) {
        // A replaced library is another plugin, so they do not change.
        let _ = self.schemas.set(serde_json::from_str(schemas).unwrap_or_default());
        let mut state = self.lock();
        if !matches!(state.phase, Phase::Over) {
            state.resume(connection);
        }
    }

    /// Gives the process nothing more, as it is to be ended, unless nothing is stuck any more. Whether it has anything left that is
    /// not stuck.
    pub(super) fn drain(&self) -> Option<bool> {
        let mut state = self.lock();
        if state.stuck.is_empty() {
            return None;
        }
        if let Phase::Up(connection) = &state.phase {
            state.phase = Phase::Draining(connection.clone());
        }
        Some(state.flights.len() > state.stuck.len())
    }

    /// The commands that do not return.
    pub(super) fn stuck_commands(&self) -> Vec<String> {
        let state = self.lock();
        let stuck = state.stuck.iter().filter_map(|call| state.flights.get(call));
        let mut commands: Vec<String> = stuck.map(|flight| self.cmd(flight).to_owned()).collect();
        commands.sort();
        commands.dedup();
        commands
    }

    fn cmd<'a>(&'a self, flight: &'a Flight) -> &'a str {
        let index = usize::try_from(flight.index).unwrap_or(usize::MAX);
        self.setup.commands.get(index).map_or_else(|| flight.replier.cmd(), |cmd| cmd)
    }

    /// The process has died: answers all that it had, and what waits as well if there will be no other.
    pub(super) fn bereave(&self, death: &Death, given_up: Option<String>) {
        let name = &self.setup.name;
        let is_given_up = given_up.is_some();
        let (flights, waiting) = {
            let mut state = self.lock();
            let flights = std::mem::take(&mut state.flights);
            state.stuck.clear();
            state.process = None;
            state.last_death = Some(death.sentence(name));
            let waiting = if is_given_up { std::mem::take(&mut state.waiting) } else { BTreeMap::new() };
            for flight in flights.values().chain(waiting.values().map(|(_, flight)| flight)) {
                state.forget(flight);
            }
            if !matches!(state.phase, Phase::Over) {
                state.phase = given_up.clone().map_or(Phase::Down, Phase::GivenUp);
            }
            (flights, waiting)
        };
        let (told, cmd) = (death.sentence(name), death.cmd.clone());
        let sentence =
            given_up.unwrap_or_else(|| words::death_and_restart(name, death.place.as_deref(), &death.cause));
        let kind = if is_given_up { TroubleKind::GivenUp } else { TroubleKind::Died };
        self.setup.services.tell_of_trouble(&Trouble {
            kind,
            plugin: name.to_string(),
            cmd,
            milliseconds: None,
            sentence: sentence.clone(),
        });
        for flight in flights.into_values() {
            let blamed = death.cmd.as_deref();
            let sentence = words::process_died(&told, self.cmd(&flight), blamed, is_given_up);
            flight.replier.fail(sentence, Outcome::Lost);
        }
        for (_, flight) in waiting.into_values() {
            flight.replier.fail(sentence.clone(), Outcome::Lost);
        }
    }

    /// Starts a plugin again that was given up. Whether it was.
    pub fn start_again(&self) -> bool {
        let mut state = self.lock();
        let was = matches!(state.phase, Phase::GivenUp(_));
        if was {
            state.phase = Phase::Down;
            self.order(Order::Again);
        }
        was
    }

    /// Tells the plugin that no further call comes. Somebody may wait for its end until then.
    pub fn stop(&self, until: Option<Instant>) {
        let now = Instant::now();
        // Ended a little before the one who waits loses patience, so that who waits sees it end.
        let within = until.map(|until| until.saturating_duration_since(now) * 3 / 4);
        if let Phase::Up(connection) | Phase::Draining(connection) = &self.lock().phase {
            connection.send(ToChild::Stop { within });
        }
        self.order(Order::Stop(now + within.unwrap_or(LAST_WORDS)));
    }

    /// Waits until there is no process any more.
    pub fn release(&self) {
        // Nobody sends: it is disconnected in the end.
        let _ = self.ended.recv();
    }

    /// There is no process any more, and none will be: what is left is answered.
    pub(super) fn is_over(&self) {
        let (flights, waiting) = {
            let mut state = self.lock();
            state.phase = Phase::Over;
            state.process = None;
            (state.bytes, state.on_their_way) = (0, [0; 2]);
            (std::mem::take(&mut state.flights), std::mem::take(&mut state.waiting))
        };
        let waiting = waiting.into_values().map(|(_, flight)| flight);
        flights
            .into_values()
            .chain(waiting)
            .for_each(|flight| flight.replier.fail(words::stopping(), Outcome::Lost));
    }

    pub(super) fn order(&self, order: Order) {
        // One that has ended wants nothing more.
        let _ = self.orders.send(order);
    }

    /// The schemas of its commands, as the process has told them.
    pub fn schemas(&self) -> Schemas {
        self.schemas.get().cloned().unwrap_or_default()
    }

    /// How many calls wait for a process.
    pub fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    /// How it is at this moment.
    pub fn status(&self) -> Lane {
        let state = self.lock();
        let health = match state.phase {
            Phase::Down => Health::Starting,
            Phase::Up(_) => Health::Serving,
            Phase::Draining(_) => Health::Stuck,
            Phase::GivenUp(_) => Health::GivenUp,
            Phase::Over => Health::Stopped,
        };
        let (process, last_death) = (state.process, state.last_death.clone());
        Lane::Isolated { because: self.setup.because.clone(), health, process, last_death }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A call is not on its way any more.
    fn forget(&mut self, flight: &Flight) {
        self.bytes -= flight.bytes;
        self.on_their_way[flight.place as usize] -= 1;
    }

    /// Sends a call there, or keeps it until somebody takes it.
    fn take(&mut self, call: u64, frame: ToChild, flight: Flight) {
        match &self.phase {
            Phase::Up(connection) => {
                connection.send(frame);
                self.flights.insert(call, flight);
            }
            _ => drop(self.waiting.insert(call, (frame, flight))),
        }
    }

    fn resume(&mut self, connection: Connection) {
        self.phase = Phase::Up(connection);
        for (call, (frame, flight)) in std::mem::take(&mut self.waiting) {
            self.take(call, frame, flight);
        }
    }

    fn resume_if_nothing_is_stuck(&mut self) {
        if let Phase::Draining(connection) = &self.phase
            && self.stuck.is_empty()
        {
            self.resume(connection.clone());
        }
    }
}

fn frame(call: u64, index: u32, message: &Message, replier: &Replier) -> ToChild {
    let (mut body, mut parts) = (Vec::new(), Vec::new());
    for part in replier.attached().into_iter().flat_map(crate::attached::Attached::parts) {
        body.extend_from_slice(part);
        parts.push(part.len() as u64);
    }
    ToChild::Call { call, index, message: message.text().to_owned(), body, parts }
}

/// A call in the process of its plugin.
struct FarCall {
    lane: Weak<Isolated>,
    call: u64,
}

impl Elsewhere for FarCall {
    fn cancelled(&self) {
        if let Some(lane) = self.lane.upgrade() {
            lane.cancel(self.call);
        }
    }

    fn taken(&self, count: usize) {
        if let Some(lane) = self.lane.upgrade() {
            lane.taken(self.call, count);
        }
    }
}

/// What the calls of an isolated plugin need, of which its process has its own.
pub struct IsolatedWays(pub Arc<dyn Services>);

impl Ways for IsolatedWays {
    fn on_main_thread(&self) -> bool {
        self.0.is_main_thread()
    }

    fn run_aside(&self, job: OwnedJob) {
        job.run();
    }

    fn look_whether_stuck(&self, _call: Weak<Control>) {
        // Its process does so.
    }

    fn note_stuck(&self, call: u64, account: &Account, is_stuck: bool) {
        self.0.note_stuck(call, account, is_stuck);
    }
}
