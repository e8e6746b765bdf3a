//! An isolated plugin, seen from the runtime: takes calls, remembers those that its process has, and answers each of them once,
//! whatever becomes of the process.
//!
//! Calls wait here while there is no process, and while one is being replaced. No lock is held while anything is answered.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use plugin_api::table::{Place, Schemas};

use super::connection::Connection;
use super::death::Death;
use super::denials::Denials;
use super::flights::{Due, Flight, Flights, Phase};
use super::frames::{Answer, Errand, ToChild};
use super::order::Order;
use crate::control::{Control, Elsewhere};
use crate::executor::Limits;
use crate::ledger::{Outcome, PluginAccount};
use crate::library::copy::PrivateCopies;
use crate::library::{PluginHost, Services};
use crate::message::Message;
use crate::reply::Replier;
use crate::sandbox::Confinement;
use crate::sink::Partial;
use crate::status::{Health, Lane, Sandboxed, Trouble, TroubleKind};
use crate::words;

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
    /// The variables that it is given besides the few that all have.
    pub environment: Vec<String>,
    /// What it may touch, and what hears of the rest, if it runs in a sandbox.
    pub sandbox: Option<(Confinement, Denials)>,
}

/// A plugin in a process of its own.
pub struct Isolated {
    pub(super) setup: Setup,
    state: Mutex<Flights>,
    next: AtomicU64,
    orders: Sender<Order>,
    /// Disconnected when there is no process any more, and none will be.
    ended: Receiver<()>,
    schemas: OnceLock<Schemas>,
    /// How far the sandbox goes. The first word counts: it was said before any code of the plugin ran.
    sandboxed: OnceLock<Sandboxed>,
}

impl Isolated {
    /// A plugin without a process. What is to happen to one goes to `orders`, and `ended` is disconnected when there will be none any
    /// more.
    pub(super) fn new(setup: Setup, orders: Sender<Order>, ended: Receiver<()>) -> Arc<Self> {
        let (state, next) = (Mutex::new(Flights::new()), AtomicU64::new(1));
        let (schemas, sandboxed) = (OnceLock::new(), OnceLock::new());
        Arc::new(Self { setup, state, next, orders, ended, schemas, sandboxed })
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
            let mut state = self.lock();
            match self.refusal(&state, place, bytes) {
                Some(refusal) => Some((replier, refusal)),
                None => {
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

    fn refusal(&self, state: &Flights, place: Place, bytes: usize) -> Option<(String, Outcome)> {
        let Limits { threads, waiting, waiting_bytes, .. } = self.setup.limits;
        let count = state.on_their_way_to(place);
        let full = count >= waiting.saturating_add(threads);
        match &state.phase {
            Phase::Over => Some((words::stopping(), Outcome::Lost)),
            Phase::GivenUp(sentence) => Some((sentence.clone(), Outcome::Lost)),
            _ if full || (state.bytes() + bytes > waiting_bytes && count > 0) => {
                Some((words::busy(&self.setup.name, count.saturating_sub(threads)), Outcome::Busy))
            }
            _ => None,
        }
    }

    fn cancel(&self, call: u64) {
        let unsent = self.lock().cancel(call);
        match unsent {
            Some(Flight { replier, .. }) => replier.unwanted(),
            // It has to be heard in time.
            None => self.order(Order::Look),
        }
    }

    fn taken(&self, call: u64, count: usize) {
        let state = self.lock();
        if let Some(connection) = state.connection()
            && state.get(call).is_some()
            && !connection.send_bounded(ToChild::Taken { call, count: count as u64 }, 0)
        {
            self.order(Order::Kill(words::does_not_read()));
        }
    }

    /// The process has heard that a call was cancelled.
    pub(super) fn heard(&self, call: u64) {
        self.lock().heard(call);
    }

    /// The process has answered a call.
    pub(super) fn reply(&self, call: u64, outcome: Outcome, answer: Answer) {
        let Some(Flight { replier, index, .. }) = self.landed(call) else { return };
        if let (Answer::Error(text), Some((_, denials))) = (&answer, &self.setup.sandbox) {
            denials.note(Some(self.cmd(index, &replier)), text);
        }
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
        if let Some(flight) = self.landed(call) {
            flight.replier.unwanted();
        }
    }

    fn landed(&self, call: u64) -> Option<Flight> {
        let mut state = self.lock();
        let flight = state.land(call)?;
        if matches!(state.phase, Phase::Draining(..)) {
            self.order(Order::Look);
        }
        Some(flight)
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
        self.lock().note_stuck(call, is_stuck);
        self.order(Order::Look);
    }

    fn control(&self, call: u64) -> Option<Arc<Control>> {
        self.lock().get(call)?.replier.has_control().cloned()
    }

    /// Its process is in its sandbox.
    pub(super) fn is_confined(&self, degree: Sandboxed) {
        self.sandboxed.get_or_init(|| degree);
    }

    /// There is a process. It gets nothing yet.
    pub(super) fn has_process(&self, process: u32) {
        self.lock().process = Some(process);
        self.setup.account.note_news();
    }

    /// Its plugin has started: what waits goes there.
    pub(super) fn is_up(&self, connection: Connection, schemas: &str) {
        // A replaced library is another plugin, so they do not change.
        self.schemas.get_or_init(|| serde_json::from_str(schemas).unwrap_or_default());
        let mut state = self.lock();
        if !matches!(state.phase, Phase::Over) {
            state.resume(connection);
        }
        drop(state);
        self.setup.account.note_news();
    }

    /// What is to be done next with the process, and when.
    pub(super) fn due(&self) -> Option<(Instant, Due)> {
        self.lock().due(self.setup.patience)
    }

    /// Sends the process nothing more, as it is to be ended.
    pub(super) fn drain(&self) {
        self.lock().drain();
        self.setup.account.note_news();
    }

    /// The commands that do not return.
    pub(super) fn stuck_commands(&self) -> Vec<String> {
        let state = self.lock();
        let cmd = |flight: &Flight| self.cmd(flight.index, &flight.replier).to_owned();
        let mut commands: Vec<String> = state.stuck().map(cmd).collect();
        commands.sort();
        commands.dedup();
        commands
    }

    fn cmd<'a>(&'a self, index: u32, replier: &'a Replier) -> &'a str {
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        self.setup.commands.get(index).map_or_else(|| replier.cmd(), Arc::as_ref)
    }

    /// The process has died: answers all that it had, and what waits as well if there will be no other.
    pub(super) fn bereave(&self, death: &Death, given_up: Option<String>) {
        let name = &self.setup.name;
        let is_given_up = given_up.is_some();
        let (flights, waiting) = {
            let mut state = self.lock();
            state.last_death = Some(death.sentence(name));
            let waiting = if is_given_up { state.take_waiting() } else { Vec::new() };
            if !matches!(state.phase, Phase::Over) {
                state.phase = given_up.clone().map_or(Phase::Down, Phase::GivenUp);
            }
            (state.take_flights(), waiting)
        };
        let (told, cmd) = (death.sentence(name), death.cmd.clone());
        let sentence =
            given_up.unwrap_or_else(|| words::death_and_restart(name, death.place.as_deref(), &death.cause));
        let kind = if is_given_up { TroubleKind::GivenUp } else { TroubleKind::Died };
        let plugin = name.to_string();
        let trouble = Trouble { kind, plugin, cmd, milliseconds: None, sentence: sentence.clone() };
        self.setup.services.tell_of_trouble(&trouble);
        for flight in flights {
            let blamed = death.cmd.as_deref();
            let cmd = self.cmd(flight.index, &flight.replier);
            let sentence = words::process_died(&told, cmd, blamed, is_given_up);
            flight.replier.fail(sentence, Outcome::Lost);
        }
        for flight in waiting {
            flight.replier.fail(sentence.clone(), Outcome::Lost);
        }
        self.setup.account.note_news();
    }

    /// Why it is isolated, for people.
    pub fn because(&self) -> &str {
        &self.setup.because
    }

    /// Whether it has died too often, and is not started by itself any more.
    pub fn is_given_up(&self) -> bool {
        matches!(self.lock().phase, Phase::GivenUp(_))
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
        // Ended a little before the one who waits loses patience, so that who waits sees it end.
        let within = until.map(|until| until.saturating_duration_since(Instant::now()) * 3 / 4);
        self.order(Order::Stop(within));
    }

    /// Waits until there is no process any more.
    pub fn release(&self) {
        // Nobody sends: it is disconnected in the end.
        let _ = self.ended.recv();
    }

    /// There is no process any more, and none will be: what is left is answered.
    pub(super) fn is_over(&self) {
        let left = {
            let mut state = self.lock();
            state.phase = Phase::Over;
            let mut left = state.take_flights();
            left.extend(state.take_waiting());
            left
        };
        left.into_iter().for_each(|flight| flight.replier.fail(words::stopping(), Outcome::Lost));
        self.setup.account.note_news();
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
        self.lock().waiting()
    }

    /// How it is at this moment.
    pub fn status(&self) -> Lane {
        let state = self.lock();
        let health = match state.phase {
            Phase::Down => Health::Starting,
            Phase::Up(_) => Health::Serving,
            Phase::Draining(..) => Health::Stuck,
            Phase::GivenUp(_) => Health::GivenUp,
            Phase::Over => Health::Stopped,
        };
        let (process, last_death) = (state.process, state.last_death.clone());
        let (because, sandbox) = (self.setup.because.clone(), self.sandboxed.get().copied());
        Lane::Isolated { because, health, process, last_death, sandbox }
    }

    fn lock(&self) -> MutexGuard<'_, Flights> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
