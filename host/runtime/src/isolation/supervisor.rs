//! The thread of an isolated plugin: starts its process, waits for the process's end, and starts another one, later each time,
//! until that has happened too often.

use std::io::{self, BufReader};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::connection::Connection;
use super::death::Death;
use super::frames::{self, Errand, FromChild, ToChild};
use super::incarnation::Incarnation;
use super::lane::Isolated;
use super::process::Process;
use crate::plugin::NotStarted;
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

/// How long the other calls have to come to their end in a process that is to be ended because of one that is stuck.
const DRAIN: Duration = Duration::from_secs(5);

/// What the supervisor hears.
pub enum Order {
    /// The process has ended.
    Exited,
    /// Its plugin has started; these are its schemas.
    Started(String),
    /// Its plugin does not start.
    Refused(String),
    /// It has broken the rules, in this way, and is to be ended.
    Kill(String),
    /// A call does not return.
    Stuck,
    /// All others have.
    Drained,
    /// Somebody wants it to be started although it has died too often.
    Again,
    /// It has until then to end by itself.
    Stop(Instant),
}

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

/// Why the host ends a process, and until when it waits with that.
enum Due {
    Never,
    Late(Instant),
    Stuck(Instant),
    Drained(Instant),
    Stopped(Instant),
}

impl Due {
    fn at(&self) -> Option<Instant> {
        match self {
            Self::Never => None,
            Self::Late(at) | Self::Stuck(at) | Self::Drained(at) | Self::Stopped(at) => Some(*at),
        }
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
    pub fn begin(self) -> io::Result<()> {
        let name = format!("isolate {}", self.lane.setup.name);
        thread::Builder::new().name(name).spawn(move || self.supervise()).map(drop)
    }

    fn supervise(mut self) {
        let mut deaths = 0;
        loop {
            let began = Instant::now();
            let ended = self.live();
            let death = match (ended, self.first.take()) {
                (Ended::Stopped, _) => break,
                (Ended::NotStarted(reason), Some(first)) => {
                    let _ = first.send(Err(reason));
                    break;
                }
                (Ended::Died(death), Some(first)) => {
                    let _ = first.send(Err(words::process_died_in_start(&death.cause).into()));
                    break;
                }
                (Ended::NotStarted(NotStarted { reason, .. }), None) => Death::by(words::bad_start(&reason)),
                (Ended::Died(death), None) => death,
            };
            if began.elapsed() > LONG_LIFE {
                deaths = 0;
            }
            let pause = BACK_OFF.get(deaths).copied();
            deaths += 1;
            let name = &self.lane.setup.name;
            let given_up =
                pause.is_none().then(|| words::given_up(name, deaths, death.place.as_deref(), &death.cause));
            self.lane.bereave(&death, given_up);
            if !self.wait(pause) {
                break;
            }
            if pause.is_none() {
                deaths = 0;
            }
            self.lane.setup.account.note_restart();
        }
        self.lane.is_over();
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
        let (process, stream) = match Process::start(&setup.program, &setup.name) {
            Ok(started) => started,
            Err(error) => return not_started(&error.to_string()),
        };
        let errand = Errand { room: room.path().into(), ..(setup.errand)() };
        let memory = errand.memory;
        let opened = self.connect(&process, &stream, errand);
        let (connection, reader) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                let _ = process.bury();
                return not_started(&error.to_string());
            }
        };
        self.lane.has_process(process.id());
        let handle = process.handle();
        let (mut stopped, mut refused, mut killed, mut late) = (false, None, None, None);
        let mut due = Due::Late(Instant::now() + setup.start_limit);
        loop {
            let order = match due.at() {
                Some(at) => self.orders.recv_deadline(at),
                None => self.orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match order {
                Ok(Order::Exited) => break,
                Ok(Order::Started(schemas)) if !stopped => {
                    due = Due::Never;
                    self.lane.is_up(connection.clone(), &schemas);
                    if let Some(first) = self.first.take() {
                        let _ = first.send(Ok(()));
                    }
                }
                Ok(Order::Refused(reason)) => refused = Some(reason),
                Ok(Order::Kill(cause)) => {
                    killed.get_or_insert(cause);
                    handle.kill();
                }
                Ok(Order::Stuck) if matches!(due, Due::Never) => {
                    due = Due::Stuck(Instant::now() + setup.patience)
                }
                Ok(Order::Drained) if matches!(due, Due::Drained(_)) => {
                    killed.get_or_insert_with(|| {
                        words::did_not_return(&self.lane.stuck_commands(), setup.patience)
                    });
                    handle.kill();
                }
                Ok(Order::Stop(at)) => {
                    // One that has not started has nobody who would hear.
                    due = Due::Stopped(if matches!(due, Due::Late(_)) { Instant::now() } else { at });
                    stopped = true;
                }
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => handle.kill(),
                Err(RecvTimeoutError::Timeout) => {
                    due = match due {
                        Due::Stuck(_) => match self.lane.drain() {
                            None => Due::Never,
                            Some(true) => Due::Drained(Instant::now() + DRAIN),
                            Some(false) => Due::Drained(Instant::now()),
                        },
                        Due::Drained(_) if self.lane.drain().is_none() => Due::Never,
                        Due::Drained(_) => {
                            let stuck = self.lane.stuck_commands();
                            killed.get_or_insert_with(|| words::did_not_return(&stuck, setup.patience));
                            handle.kill();
                            Due::Never
                        }
                        Due::Late(_) => {
                            late = Some(setup.start_limit);
                            handle.kill();
                            Due::Never
                        }
                        Due::Stopped(_) | Due::Never => {
                            handle.kill();
                            Due::Never
                        }
                    };
                }
            }
        }
        let status = process.bury();
        // What it said before its end is heard; whoever may hold the other end says nothing more.
        let _ = stream.shutdown(Shutdown::Both);
        drop(connection);
        let _ = reader.join();
        match (stopped, refused, late) {
            (true, ..) => Ended::Stopped,
            (_, Some(reason), _) => Ended::NotStarted(reason.into()),
            (_, _, Some(limit)) => {
                Ended::NotStarted(NotStarted { reason: words::start_late(limit), late: Some(limit) })
            }
            _ => Ended::Died(Death::of(&status, &room.path().join(super::child::CRUMBS), killed, memory)),
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
        let incarnation = Incarnation::new((lane.setup.host)(), connection.clone());
        let listening = stream.try_clone()?;
        let reader = thread::Builder::new().name(format!("from {name}")).spawn(move || {
            if let Err(error) = read(listening, &lane, &incarnation) {
                // What is closed has ended in the middle of a word.
                if error.kind() == io::ErrorKind::InvalidData {
                    lane.order(Order::Kill(words::garbled_frame(&error.to_string())));
                }
            }
            incarnation.end();
        })?;
        process.when_ended(move || drop(sender.send(Order::Exited)))?;
        connection.send(ToChild::Begin(Box::new(errand)));
        Ok((connection, reader))
    }
}

/// Hears what the process says, until it says nothing more.
fn read(stream: UnixStream, lane: &Arc<Isolated>, incarnation: &Incarnation) -> io::Result<()> {
    let mut stream = BufReader::with_capacity(64 << 10, stream);
    let mut buffer = Vec::new();
    while let Some(frame) = frames::read(&mut stream, &mut buffer)? {
        match frame {
            FromChild::Started { schemas } => lane.order(Order::Started(schemas)),
            FromChild::Refused { reason } => lane.order(Order::Refused(reason)),
            FromChild::Reply { call, outcome, answer } => lane.reply(call, outcome, answer),
            FromChild::Returned { call } => lane.returned(call),
            FromChild::Stuck { call, is_stuck } => lane.stuck(call, is_stuck),
            FromChild::Told { call, is_value, json } => lane.told(call, frames::partial(is_value, json)),
            other => {
                if let Err(cause) = incarnation.hear(other) {
                    lane.order(Order::Kill(cause));
                }
            }
        }
    }
    Ok(())
}
