//! The calls of an isolated plugin: which its process has, which wait for one, and which of them do not return. No more than
//! bookkeeping: nothing is answered here.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use plugin_api::table::Place;

use super::connection::Connection;
use super::frames::ToChild;
use crate::reply::Replier;

/// How long the other calls have to come to their end in a process that is to be ended because of one that is stuck.
const DRAIN: Duration = Duration::from_secs(5);

/// How long a process has at least to hear what it is told: long against what a busy machine makes of a moment.
const HEARS: Duration = Duration::from_secs(5);

/// Where the plugin stands.
pub enum Phase {
    /// There is no process, or it has not started its plugin.
    Down,
    Up(Connection),
    /// It is about to be ended, at the latest then, and gets nothing more.
    Draining(Connection, Instant),
    /// It has died too often, which is this sentence.
    GivenUp(String),
    /// There is none any more.
    Over,
}

/// A call on its way.
pub struct Flight {
    pub replier: Replier,
    pub index: u32,
    pub place: Place,
    pub bytes: usize,
}

/// What is to be done with a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// A call in it is stuck for too long: it is to get nothing more.
    Drain,
    /// All others are done, or have had their time.
    End,
    /// It has not heard that a call was cancelled.
    Deaf,
}

/// All calls, and what is known of the process.
pub struct Flights {
    pub phase: Phase,
    /// What the process has.
    flights: HashMap<u64, Flight>,
    /// What waits for one, in the order in which it came.
    waiting: BTreeMap<u64, (ToChild, Flight)>,
    /// How many there are of both, by the place in which they run.
    on_their_way: [usize; 2],
    /// And their bytes.
    bytes: usize,
    /// Calls that do not return although nobody waits for them, and since when that is known.
    stuck: HashMap<u64, Instant>,
    /// Calls of which the process was told that nobody waits for them, and has not said that it has heard it.
    unheard: HashMap<u64, Instant>,
    pub process: Option<u32>,
    pub last_death: Option<String>,
}

impl Flights {
    pub fn new() -> Self {
        Self {
            phase: Phase::Down,
            flights: HashMap::new(),
            waiting: BTreeMap::new(),
            on_their_way: [0; 2],
            bytes: 0,
            stuck: HashMap::new(),
            unheard: HashMap::new(),
            process: None,
            last_death: None,
        }
    }

    /// How many calls are on their way to this place. What waits for the workers does not keep calls from the main thread, and the
    /// other way round.
    pub fn on_their_way_to(&self, place: Place) -> usize {
        self.on_their_way[place as usize]
    }

    /// The bytes of all.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many wait for a process.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The connection to the process, if that has started its plugin.
    pub fn connection(&self) -> Option<&Connection> {
        match &self.phase {
            Phase::Up(connection) | Phase::Draining(connection, _) => Some(connection),
            Phase::Down | Phase::GivenUp(_) | Phase::Over => None,
        }
    }

    /// A call that the process has.
    pub fn get(&self, call: u64) -> Option<&Flight> {
        self.flights.get(&call)
    }

    /// Sends a call there, or keeps it until there is a process.
    pub fn take(&mut self, call: u64, frame: ToChild, flight: Flight) {
        self.bytes += flight.bytes;
        self.on_their_way[flight.place as usize] += 1;
        self.send(call, frame, flight);
    }

    fn send(&mut self, call: u64, frame: ToChild, flight: Flight) {
        match &self.phase {
            Phase::Up(connection) => {
                connection.send(frame);
                self.flights.insert(call, flight);
            }
            _ => drop(self.waiting.insert(call, (frame, flight))),
        }
    }

    /// Nobody waits for a call any more: gives it back if it has not been sent, and tells the process otherwise.
    pub fn cancel(&mut self, call: u64) -> Option<Flight> {
        if let Some((_, flight)) = self.waiting.remove(&call) {
            self.forget(&flight);
            return Some(flight);
        }
        if self.flights.contains_key(&call)
            && let Some(connection) = self.connection()
        {
            connection.send(ToChild::Cancel { call });
            self.unheard.insert(call, Instant::now());
        }
        None
    }

    /// The process has heard that.
    pub fn heard(&mut self, call: u64) {
        self.unheard.remove(&call);
    }

    /// A call has come to its end in the process.
    pub fn land(&mut self, call: u64) -> Option<Flight> {
        let flight = self.flights.remove(&call)?;
        self.forget(&flight);
        self.unheard.remove(&call);
        if self.stuck.remove(&call).is_some() {
            self.resume_if_nothing_is_stuck();
        }
        Some(flight)
    }

    fn forget(&mut self, flight: &Flight) {
        self.bytes -= flight.bytes;
        self.on_their_way[flight.place as usize] -= 1;
    }

    /// A call does not return, or is near its end after all.
    pub fn note_stuck(&mut self, call: u64, is_stuck: bool) {
        if !self.flights.contains_key(&call) {
            return;
        }
        if is_stuck {
            self.stuck.entry(call).or_insert_with(Instant::now);
        } else {
            self.stuck.remove(&call);
            self.resume_if_nothing_is_stuck();
        }
    }

    /// The calls that do not return.
    pub fn stuck(&self) -> impl Iterator<Item = &Flight> {
        self.stuck.keys().filter_map(|call| self.flights.get(call))
    }

    /// A process is there: sends it what waits.
    pub fn resume(&mut self, connection: Connection) {
        self.phase = Phase::Up(connection);
        for (call, (frame, flight)) in std::mem::take(&mut self.waiting) {
            self.send(call, frame, flight);
        }
    }

    fn resume_if_nothing_is_stuck(&mut self) {
        if let Phase::Draining(connection, _) = &self.phase
            && self.stuck.is_empty()
        {
            self.resume(connection.clone());
        }
    }

    /// Sends the process nothing more, as it is to be ended.
    pub fn drain(&mut self) {
        if let Phase::Up(connection) = &self.phase
            && !self.stuck.is_empty()
        {
            self.phase = Phase::Draining(connection.clone(), Instant::now() + DRAIN);
        }
    }

    /// What is to be done next with the process, and when.
    pub fn due(&self, patience: Duration) -> Option<(Instant, Due)> {
        let oldest = |since: &HashMap<u64, Instant>| since.values().min().copied();
        let deaf = oldest(&self.unheard).map(|since| (since + patience.max(HEARS), Due::Deaf));
        let stuck = match &self.phase {
            Phase::Draining(..) if self.flights.len() == self.stuck.len() => Some((Instant::now(), Due::End)),
            Phase::Draining(_, at) => Some((*at, Due::End)),
            _ => oldest(&self.stuck).map(|since| (since + patience, Due::Drain)),
        };
        deaf.into_iter().chain(stuck).min_by_key(|(at, _)| *at)
    }

    /// There is no process any more: gives back what it had.
    pub fn take_flights(&mut self) -> Vec<Flight> {
        self.process = None;
        self.stuck.clear();
        self.unheard.clear();
        let flights: Vec<Flight> = std::mem::take(&mut self.flights).into_values().collect();
        flights.iter().for_each(|flight| self.forget(flight));
        flights
    }

    /// There will be no other: gives back what waits for one.
    pub fn take_waiting(&mut self) -> Vec<Flight> {
        let waiting = std::mem::take(&mut self.waiting);
        let waiting: Vec<Flight> = waiting.into_values().map(|(_, flight)| flight).collect();
        waiting.iter().for_each(|flight| self.forget(flight));
        waiting
    }
}
