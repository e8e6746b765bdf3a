//! The thread of an isolated plugin: starts its process, waits for the process's end, and starts another one, later each time,
//! until that has happened too often.

use std::io::{self, BufReader};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::connection::Connection;
use super::death::{CRUMBS, Death};
use super::flights::Due;
use super::frames::{self, Errand, FromChild, TEMPORARY, ToChild};
use super::incarnation::Incarnation;
use super::lane::Isolated;
use super::order::Order;
use super::process::{Handle, Process};
use crate::caller::Caller;
use crate::plugin::not_started::NotStarted;
use crate::sink::Partial;
use crate::words;

/// How long a process must have lived for its death not to count against the next one.
const LONG_LIFE: Duration = Duration::from_secs(60);

/// How long after the deaths in a row a new process is started. The first death is an accident; one more than these is a habit.
const BACK_OFF: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// How long a process whose plugin was replaced has to end by itself.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// How long a process may go on that says nothing any more: those that die fall silent a little before it is known that they are dead.
const SILENCE: Duration = Duration::from_secs(1);

/// See the module.
pub struct Supervisor {
    lane: Arc<Isolated>,
    orders: Receiver<Order>,
    sender: Sender<Order>,
    /// Hears once how the first start went.
    first: Option<Sender<Result<(), NotStarted>>>,
    /// Dropped at the end.
    _over: Sender<()>,
}

/// How the life of one process ended.
enum Ended {
    /// Somebody wanted it.
    Stopped,
    /// It did not come to serve.
    NotStarted(NotStarted),
    Died(Death),
}

/// What the process is at, and until when the host bears it.
#[derive(Clone, Copy)]
enum Stage {
    Starting(Instant),
    Serving,
    Silent(Instant),
    Stopping(Instant),
    /// It has been killed.
    Ending,
}

/// One process.
struct Life {
    handle: Handle,
    connection: Connection,
    stage: Stage,
    stopped: bool,
    refused: Option<String>,
    /// Why the host has killed it.
    killed: Option<String>,
    late: bool,
}

impl Life {
    fn kill(&mut self, cause: impl FnOnce() -> String) {
        self.killed.get_or_insert_with(cause);
        self.end();
    }

    fn end(&mut self) {
        self.stage = Stage::Ending;
        self.handle.kill();
    }
}

impl Supervisor {
    pub fn new(
        lane: Arc<Isolated>,
        sender: Sender<Order>,
        orders: Receiver<Order>,
        first: Sender<Result<(), NotStarted>>,
        over: Sender<()>,
    ) -> Self {
        Self { lane, orders, sender, first: Some(first), _over: over }
    }

    /// Begins on a thread of its own, which lives longer than any of the processes.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn begin(mut self) -> io::Result<()> {
        let name = format!("isolate {}", self.lane.setup.name);
        let supervise = move || {
            let supervised = catch_unwind(AssertUnwindSafe(|| self.supervise()));
            if supervised.is_err() {
                tracing::error!("{}", words::host_panicked());
            }
            // Whatever has happened, nobody waits for ever.
            self.lane.is_over();
        };
        thread::Builder::new().name(name).spawn(supervise).map(drop)
    }

    fn supervise(&mut self) {
        let mut deaths = 0;
        loop {
            let began = Instant::now();
            let ended = self.live();
            let death = match (ended, self.first.take()) {
                (Ended::Stopped, _) => return,
                (Ended::NotStarted(reason), Some(first)) => {
                    let _ = first.send(Err(reason));
                    return;
                }
                (Ended::Died(death), Some(first)) => {
                    let _ = first.send(Err(words::process_died_in_start(&death.cause).into()));
                    return;
                }
                (Ended::NotStarted(NotStarted { reason, .. }), None) => Death::by(words::bad_start(&reason)),
                (Ended::Died(death), None) => death,
            };
            if began.elapsed() > LONG_LIFE {
                deaths = 0;
            }
            let pause = BACK_OFF.get(deaths).copied();
            deaths += 1;
            let (name, place) = (&self.lane.setup.name, death.place.as_deref());
            let given_up = pause.is_none().then(|| words::given_up(name, deaths, place, &death.cause));
            self.lane.bereave(&death, given_up);
            if !self.wait(pause) {
                return;
            }
            if pause.is_none() {
                deaths = 0;
            }
            self.lane.setup.account.note_restart();
        }
    }

    /// Waits for so long, or until somebody asks for it. Whether the plugin is to be started again.
    fn wait(&self, pause: Option<Duration>) -> bool {
        let end = pause.map(|pause| Instant::now() + pause);
        loop {
            let order = match end {
                Some(end) => self.orders.recv_deadline(end),
                None => self.orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match order {
                Ok(Order::Stop(_)) | Err(RecvTimeoutError::Disconnected) => return false,
                Ok(Order::Again) | Err(RecvTimeoutError::Timeout) => return true,
                // Of the process that has died.
                Ok(_) => {}
            }
        }
    }

    /// One process, from its start to its end.
    fn live(&mut self) -> Ended {
        let not_started = |detail: &str| Ended::NotStarted(words::no_process(detail).into());
        let setup = &self.lane.setup;
        let room = match setup.copies.room() {
            Ok(room) => room,
            Err(reason) => return Ended::NotStarted(reason.into()),
        };
        let errand = Errand { room: room.path().into(), ..(setup.errand)() };
        let sandbox = setup.sandbox.as_ref();
        let cell = match sandbox.map(|(wanted, _)| errand.cell(&setup.name, wanted)).transpose() {
            Ok(cell) => cell,
            Err(reason) => return Ended::NotStarted(reason.into()),
        };
        let temporary = room.path().join(TEMPORARY);
        let sandbox = cell.as_ref().map(|cell| (cell, &*temporary));
        let started = Process::start(&setup.program, &setup.name, &setup.environment, sandbox);
        let (process, stream) = match started {
            Ok(started) => started,
            Err(error) => return not_started(&error.to_string()),
        };
        let memory = errand.memory;
        let (connection, reader) = match self.connect(&process, &stream, errand) {
            Ok(opened) => opened,
            Err(error) => {
                let _ = process.bury();
                return not_started(&error.to_string());
            }
        };
        self.lane.has_process(process.id());
        let mut life = Life {
            handle: process.handle(),
            connection,
            stage: Stage::Starting(Instant::now() + setup.start_limit),
            stopped: false,
            refused: None,
            killed: None,
            late: false,
        };
        self.follow(&mut life);
        let status = process.bury();
        // What it said before its end is heard; whoever may hold the other end says nothing more.
        let _ = stream.shutdown(Shutdown::Both);
        life.connection.end();
        let _ = reader.join();
        match life {
            Life { stopped: true, .. } => Ended::Stopped,
            Life { refused: Some(reason), .. } => {
                if let Some((_, denials)) = &self.lane.setup.sandbox {
                    denials.note(None, &reason);
                }
                Ended::NotStarted(reason.into())
            }
            Life { late: true, .. } => {
                let limit = self.lane.setup.start_limit;
                Ended::NotStarted(NotStarted { reason: words::start_late(limit), late: Some(limit) })
            }
            Life { killed, .. } => Ended::Died(Death::of(&status, &room.path().join(CRUMBS), killed, memory)),
        }
    }

    /// Follows a process until it has ended.
    fn follow(&mut self, life: &mut Life) {
        loop {
            let due = match life.stage {
                Stage::Starting(at) | Stage::Silent(at) | Stage::Stopping(at) => Some(at),
                Stage::Serving => self.lane.due().map(|(at, _)| at),
                Stage::Ending => None,
            };
            let order = match due {
                Some(at) => self.orders.recv_deadline(at),
                None => self.orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match order {
                Ok(Order::Exited) => return,
                Ok(order) => self.obey(order, life),
                Err(RecvTimeoutError::Timeout) => self.act(life),
                Err(RecvTimeoutError::Disconnected) => life.end(),
            }
        }
    }

    fn obey(&mut self, order: Order, life: &mut Life) {
        match (order, life.stage) {
            (Order::Started(schemas), Stage::Starting(_)) => {
                life.stage = Stage::Serving;
                self.lane.is_up(life.connection.clone(), &schemas);
                if let Some(first) = self.first.take() {
                    let _ = first.send(Ok(()));
                }
            }
            (Order::Refused(reason), Stage::Starting(_)) => life.refused = Some(reason),
            (Order::Kill(cause), _) => life.kill(|| cause),
            (Order::Silent, Stage::Serving) => life.stage = Stage::Silent(Instant::now() + SILENCE),
            (Order::Stop(_), Stage::Starting(_)) => {
                life.stopped = true;
                // It has nobody yet who would hear.
                life.end();
            }
            (Order::Stop(within), Stage::Serving | Stage::Silent(_)) => Self::stop(life, within, None),
            (Order::Stop(within), Stage::Stopping(until)) => Self::stop(life, within, Some(until)),
            (Order::Stop(_), Stage::Ending) => life.stopped = true,
            _ => {}
        }
    }

    /// Tells a process to come to its end. A second one may be in more of a hurry.
    fn stop(life: &mut Life, within: Option<Duration>, before: Option<Instant>) {
        life.stopped = true;
        life.connection.send(ToChild::Stop { within });
        let until = Instant::now() + within.unwrap_or(LAST_WORDS);
        life.stage = Stage::Stopping(before.map_or(until, |before| before.min(until)));
    }

    /// The time is over for what the process is at.
    fn act(&mut self, life: &mut Life) {
        match life.stage {
            Stage::Starting(_) => {
                life.late = true;
                life.end();
            }
            Stage::Silent(_) => life.kill(words::silent),
            Stage::Stopping(_) | Stage::Ending => life.end(),
            Stage::Serving => match self.lane.due() {
                Some((at, due)) if at <= Instant::now() => match due {
                    Due::Drain => self.lane.drain(),
                    Due::End => {
                        let stuck = self.lane.stuck_commands();
                        life.kill(|| words::did_not_return(&stuck, self.lane.setup.patience));
                    }
                    Due::Deaf => life.kill(words::does_not_read),
                },
                // Something has come to its end meanwhile.
                _ => {}
            },
        }
    }

    /// Begins to speak and to listen.
    fn connect(
        &self,
        process: &Process,
        stream: &UnixStream,
        errand: Errand,
    ) -> io::Result<(Connection, thread::JoinHandle<()>)> {
        let name = &self.lane.setup.name;
        let connection = Connection::begin(stream.try_clone()?, name)?;
        let (lane, sender) = (Arc::clone(&self.lane), self.sender.clone());
        let host = (lane.setup.host)();
        // What it may not do itself it must not have others do for it.
        let caller = match lane.setup.sandbox {
            Some(_) => Caller::Confined(Arc::clone(&host.name)),
            None => Caller::Trusted,
        };
        let incarnation = Incarnation::new(host, caller, connection.clone());
        let listening = stream.try_clone()?;
        let reader = thread::Builder::new().name(format!("from {name}")).spawn(move || {
            // However it ends, somebody has to know.
            let _silent = Silent(&lane);
            if let Err(cause) = read(listening, &lane, &incarnation) {
                lane.order(Order::Kill(cause));
            }
            drop(incarnation);
        })?;
        process.when_ended(move || drop(sender.send(Order::Exited)))?;
        connection.send(ToChild::Begin(Box::new(errand)));
        Ok((connection, reader))
    }
}

/// Tells in the end that nobody listens to the process any more.
struct Silent<'a>(&'a Isolated);

impl Drop for Silent<'_> {
    fn drop(&mut self) {
        self.0.order(Order::Silent);
    }
}

/// Hears what the process says, until it says nothing more, or something that it may not say.
fn read(stream: UnixStream, lane: &Isolated, incarnation: &Incarnation) -> Result<(), String> {
    let mut stream = BufReader::with_capacity(64 << 10, stream);
    let mut buffer = Vec::new();
    let mut started = false;
    loop {
        let frame = match frames::read(&mut stream, &mut buffer) {
            Ok(Some(frame)) => frame,
            Ok(None) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(words::garbled_frame(&error.to_string()));
            }
            // It has ended in the middle of a word.
            Err(_) => return Ok(()),
        };
        match frame {
            FromChild::Started { .. } | FromChild::Refused { .. }
                if std::mem::replace(&mut started, true) =>
            {
                return Err(words::garbled_frame("it has started twice"));
            }
            FromChild::Confined { degree } => lane.is_confined(degree),
            FromChild::Started { schemas } => lane.order(Order::Started(schemas)),
            FromChild::Refused { reason } => lane.order(Order::Refused(reason)),
            FromChild::Reply { call, outcome, answer } => lane.reply(call, outcome, answer),
            FromChild::Returned { call } => lane.returned(call),
            FromChild::HeardCancel { call } => lane.heard(call),
            FromChild::Stuck { call, is_stuck } => lane.stuck(call, is_stuck),
            FromChild::Told { call, is_value, json } => lane.told(call, frames::partial(is_value, json)),
            FromChild::ToldBytes { call, bytes } => lane.told(call, Partial::Bytes(bytes.into())),
            other => incarnation.hear(other)?,
        }
    }
}
