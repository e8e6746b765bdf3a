//! The process of an isolated plugin, seen from inside: loads one plugin as the host would, runs what the host sends, and ends with the host.
//!
//! Its main thread is the plugin's main thread. Nothing of the page is known here, nor any other plugin.

mod far_services;
mod wire;

use std::fs::File;
use std::io::{self, BufReader};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use far_services::{FarServices, FarSink};
use wire::Wire;

use crate::attached::Attached;
use crate::configuration::ConfigurationFile;
use crate::executor::{Deadlines, Limits, MainQueue, MainThread, Unwatched, Watch};
use crate::isolation::{CRUMBS, Errand, Forward, FromChild, MARK, ToChild, frames};
use crate::ledger::{Ledger, Outcome};
use crate::library::breadcrumbs::Breadcrumbs;
use crate::library::copy::{ContentHash, Copy};
use crate::library::inherited;
use crate::library::intake::Candidate;
use crate::library::leaving::{die_with_parent, leave_at_once};
use crate::message::Message;
use crate::plugin::retirement::{Retirement, Stop};
use crate::plugin::{Call, Lanes, Loader, Surroundings};
use crate::reply::Replier;
use crate::sandbox;
use crate::sink::ReplySink;
use crate::words;

/// How long a plugin may take to start here. It is the host that loses patience.
const FOR_EVER: Duration = Duration::from_secs(24 * 60 * 60);

/// Is the process of an isolated plugin, if a host has started this one for that. Returns the exit code, or nothing for a
/// process that has not been asked.
pub fn if_asked() -> Option<i32> {
    std::env::var_os(MARK)?;
    // What a plugin starts inherits the variable, and not the socket.
    let stream = socket().ok()?;
    if let Some(code) = inherited::leave_behind() {
        return Some(code);
    }
    rustix::stdio::dup2_stdin(File::open("/dev/null").ok()?).ok()?;
    die_with_parent();
    Some(match serve(&stream) {
        Ok(()) => 0,
        Err(error) => {
            // Nobody hears it but who reads what the host prints.
            tracing::error!("{}", words::cannot_begin(&error.to_string()));
            1
        }
    })
}

/// The socket, which is where standard input is otherwise.
fn socket() -> io::Result<UnixStream> {
    let stream = UnixStream::from(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?);
    // Nothing else has an address, of whatever kind.
    stream.peer_addr()?;
    Ok(stream)
}

fn serve(stream: &UnixStream) -> io::Result<()> {
    let mut listening = BufReader::with_capacity(64 << 10, stream.try_clone()?);
    let Some(ToChild::Begin(errand)) = frames::read(&mut listening, &mut Vec::new())? else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    limit(errand.memory);
    let wire = Arc::new(Wire::to(stream.try_clone()?));
    let log = Arc::clone(&wire);
    let forward =
        Forward::new(errand.log, Box::new(move |level, text| drop(log.say(&FromChild::Log { level, text }))));
    // An application that embeds the host comes here before it has a log of its own.
    let _ = tracing::subscriber::set_global_default(forward);
    // Before anything of the plugin's is opened.
    match sandbox::finish() {
        Ok(Some(degree)) => wire.say(&FromChild::Confined { degree })?,
        Ok(None) => {}
        Err(reason) => {
            wire.say(&FromChild::Refused { reason })?;
            leave_at_once(1);
        }
    }
    let (wake, turns) = crossbeam_channel::bounded(1);
    let limits = limits(&errand);
    let main_queue = MainQueue::new(Arc::new(Turns(wake)), limits.waiting_bytes, Arc::new(Unwatched));
    let services = Arc::new(FarServices::new(Arc::clone(&wire), main_queue));
    let child =
        Child { services: Arc::clone(&services), sink: Arc::new(FarSink::new(Arc::clone(&wire))), wire };
    // By then the main thread is known.
    services.main_queue().run_turn();
    let loading = child.clone();
    thread::Builder::new().name("load".to_owned()).spawn(move || {
        let outcome = loading.load(&errand, limits);
        let frame = match outcome {
            Ok(schemas) => FromChild::Started { schemas },
            Err(reason) => FromChild::Refused { reason },
        };
        let ends = matches!(frame, FromChild::Refused { .. });
        if loading.wire.say(&frame).is_err() || ends {
            leave_at_once(1);
        }
    })?;
    thread::Builder::new().name("hear".to_owned()).spawn(move || {
        child.hear(&mut listening);
        // The host has ended, or is not in its senses.
        leave_at_once(1);
    })?;
    run_main_thread(&services, &turns);
    Ok(())
}

/// Runs what is for the main thread, until the process ends.
fn run_main_thread(services: &FarServices, turns: &Receiver<()>) {
    while turns.recv().is_ok() {
        services.main_queue().run_turn();
    }
}

/// Asks the main thread for a turn.
struct Turns(Sender<()>);

impl MainThread for Turns {
    fn wake(&self) {
        // One that waits already is enough.
        let _ = self.0.try_send(());
    }
}

fn limits(errand: &Errand) -> Limits {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let threads = number(errand.threads);
    Limits {
        threads,
        waiting: number(errand.waiting),
        waiting_bytes: number(errand.waiting_bytes),
        idle: errand.idle,
        // All that it may have, with those in the place of stuck ones, and a few for other work.
        all_threads: threads.saturating_mul(2).saturating_add(8),
    }
}

/// What is allowed to this process, and that it goes first when the system has no memory left.
fn limit(memory: Option<u64>) {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        if let Some(memory) = memory {
            // What is written to and its own: heap and stacks. The address space is another matter; most of it is never used.
            let limit = Rlimit { current: Some(memory), maximum: Some(memory) };
            if let Err(error) = setrlimit(Resource::Data, limit) {
                tracing::warn!("{}", words::memory_not_limited(&error.to_string()));
            }
        }
        // Where that is not allowed, the system decides as it would.
        let _ = std::fs::write("/proc/self/oom_score_adj", "500");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = memory;
}

#[derive(Clone)]
struct Child {
    services: Arc<FarServices>,
    sink: Arc<FarSink>,
    wire: Arc<Wire>,
}

impl Child {
    /// Loads the plugin. Its schemas.
    fn load(&self, errand: &Errand, limits: Limits) -> Result<String, String> {
        let garbled = |error: serde_json::Error| words::probe_garbled(&error.to_string());
        let manifest = serde_json::from_str(&errand.manifest).map_err(garbled)?;
        let hash = ContentHash::from_text(&errand.hash).unwrap_or_else(|| ContentHash::of(b""));
        let crumbs = Breadcrumbs::begin(&Path::new(&errand.room).join(CRUMBS)).map(|(crumbs, _)| crumbs);
        let watch = Watch::start(limits.all_threads)
            .map_err(|error| words::no_thread_to_start(&error.to_string()))?;
        let surroundings = Surroundings {
            data: errand.data.clone().into(),
            cache: errand.cache.clone().into(),
            app: errand.app.clone().into(),
            resources: errand.resources.clone().into(),
            configuration: match &errand.told {
                None => ConfigurationFile::at(errand.configuration.clone().into()),
                Some(told) => ConfigurationFile::told(errand.configuration.clone().into(), told.clone()),
            },
            services: Arc::clone(&self.services) as _,
            limits,
            watch,
            // Without them nobody will know in which command it has died.
            crumbs: crumbs.unwrap_or_else(|_| Breadcrumbs::none()),
            ledger: Ledger::default(),
            deadlines: Arc::new(Deadlines::default()),
            lanes: Lanes::none(),
        };
        let loader = Loader::new(surroundings, FOR_EVER);
        let copy = Copy { path: errand.library.clone().into(), hash };
        let loaded = loader.load_here(Candidate { manifest, copy }, errand.generation);
        let plugin = Arc::new(loaded.map_err(|not_started| not_started.reason)?);
        let schemas = serde_json::to_string(&plugin.schemas()).map_err(garbled)?;
        self.services.has_started(plugin);
        Ok(schemas)
    }

    /// Does what the host says, until it says nothing more.
    fn hear(&self, stream: &mut BufReader<UnixStream>) {
        let mut buffer = Vec::new();
        while let Ok(Some(frame)) = frames::read(stream, &mut buffer) {
            match frame {
                ToChild::Begin(_) => {}
                ToChild::Call { call, index, message, body, parts } => {
                    self.call(call, index, message, body, &parts)
                }
                ToChild::Cancel { call } => self.sink.cancel(call),
                ToChild::Taken { call, count } => {
                    if let Some(call) = self.sink.call(call) {
                        call.acknowledge(usize::try_from(count).unwrap_or(usize::MAX));
                    }
                }
                ToChild::Answer { asked, answer } => self.services.answered(asked, &answer),
                ToChild::Heard { listener, payload } => self.services.heard(listener, &payload),
                ToChild::Stop { within } => self.stop(within),
            }
        }
    }

    fn call(&self, call: u64, index: u32, message: String, body: Vec<u8>, parts: &[u64]) {
        let mut replier = Replier::new(Arc::clone(&self.sink) as Arc<dyn ReplySink>, call);
        if !parts.is_empty() {
            let lengths = parts.iter().map(|length| usize::try_from(*length).unwrap_or(usize::MAX));
            // The lengths are those of the parts that were put together.
            if let Some(attached) = Attached::cut(body, 0, lengths) {
                replier = replier.carrying(attached);
            }
        }
        let Some(plugin) = self.services.plugin() else {
            return replier.fail(words::stopping(), Outcome::Lost);
        };
        let entry = usize::try_from(index).ok().and_then(|index| plugin.commands().get(index));
        let (Some(entry), Some(lease)) = (entry, plugin.calls.begin()) else {
            return replier.fail(words::stopping(), Outcome::Lost);
        };
        replier.names(&entry.name);
        // The host may cancel any of them.
        drop(replier.follow());
        let message = match Message::parse(message) {
            Ok(message) => message,
            Err(reason) => return replier.error(reason),
        };
        let call = Call { index, place: entry.place, message, replier, lease };
        // It is the host that looks at the clock.
        plugin.submit(call, self.services.main_queue(), None);
    }

    fn stop(&self, within: Option<Duration>) {
        let Some(plugin) = self.services.plugin() else { leave_at_once(0) };
        let stop = match within {
            Some(within) => Stop::AtOnce(Instant::now() + within),
            None => Stop::AfterTheLastCall,
        };
        // The end comes on the thread of the retirement.
        let _ = Retirement::begin(Arc::clone(plugin), stop, || leave_at_once(0));
    }
}
