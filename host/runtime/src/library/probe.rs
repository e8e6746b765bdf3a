//! The trial, seen from the host: a child process opens the library and starts the plugin, with a time limit; its whole process
//! group ends with it, and what it printed is kept.
//!
//! The child is the same executable, told by its environment what to do: see [`trial`](super::trial).

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::answer::{NoManifest, Room};
use super::opening;
use super::phase::Phase;
use super::verdicts::Verdict;
use crate::configuration::ConfigurationFile;
use crate::environment::keep_little;
use crate::sandbox::Cell;
use crate::words;

/// The variable that names the library to try.
pub const LIBRARY: &str = "PLUGIN_HOST_PROBE_LIBRARY";
/// The variable that names the trial's folder.
pub const ROOM: &str = "PLUGIN_HOST_PROBE_FOLDER";

/// The exit code of a child that could not write its answer.
pub const NO_ROOM: i32 = 75;

/// The exit code of a child whose answer the library has closed.
pub const CLOSED: i32 = 76;

/// How long a library may take to open and a plugin to start. Twenty times what the slowest honest one was seen to need to open,
/// on a busy machine; and long enough for one that makes a large file in its start.
pub const LIMIT: Duration = Duration::from_secs(10);

/// How much of what a library prints is kept: the beginning, which says most.
const OUTPUT_KEPT: u64 = 16 * 1024;

/// How long to wait for the end of the output once the process group has been killed. Whoever left the group may hold
/// it open for ever.
const OUTPUT_PATIENCE: Duration = Duration::from_millis(200);

/// Who tries libraries.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The executable. It must come to [`trial::if_asked`](super::trial::if_asked) before it does anything else.
    pub program: PathBuf,
    /// How long a library may take.
    pub limit: Duration,
    /// Says which plugins are to run in a sandbox: their trials do so, too.
    pub configuration: ConfigurationFile,
    /// The folders in which the data and caches of all plugins are, and the application's.
    pub of_all: Vec<PathBuf>,
}

impl Probe {
    /// Tries the library at `copy`, whose file says that it is the plugin called `name`. Waits until the child has ended. `room` is
    /// an empty folder for this trial alone.
    pub fn try_out(&self, copy: &Path, name: &str, room: &Path) -> Verdict {
        let sandbox = match self.configuration.settings(name) {
            Ok(settings) => settings.confinement(),
            // It might have said that this needs a sandbox.
            Err(reason) => return Verdict::of_this_moment(reason),
        };
        let mut command = Command::new(&self.program);
        keep_little(&mut command, &[]);
        if let Some(sandbox) = &sandbox {
            let (library, folders) = (copy.into(), vec![room.into()]);
            let of_all = self.of_all.iter().map(Into::into);
            let of_all = of_all.chain([self.configuration.path().into()]).collect();
            let own = Room::new(room.to_owned());
            let confinement = sandbox.within(&own.app(), &own.resources());
            let cell = Cell { confinement, library, folders, of_all };
            if let Err(detail) = cell.order(&mut command, room) {
                return Verdict::of_this_moment(words::no_probe(&self.program, &detail));
            }
        }
        command.env(LIBRARY, copy).env(ROOM, room);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return Verdict::of_this_moment(words::no_probe(&self.program, &error.to_string())),
        };
        let (errors, output) = (collect(child.stderr.take()), collect(child.stdout.take()));
        let ended = wait(&mut child, self.limit);
        end_what_it_left(room);
        let mut said = String::new();
        for stream in [errors, output] {
            said.push_str(&stream.recv_timeout(OUTPUT_PATIENCE).unwrap_or_default());
        }
        if let Ended::By(status) = ended {
            if status.code() == Some(NO_ROOM) {
                return Verdict::of_this_moment(words::no_room_for_the_trial(room));
            }
            if is_from_outside(status) {
                return Verdict::of_this_moment(words::trial_was_ended(&words::ending(status)));
            }
        }
        let Some(told) = Room::new(room.to_owned()).read() else {
            return Verdict::of_this_moment(words::probe_garbled("there is none"));
        };
        let mut late = None;
        let outcome = match (ended, told.ended_in) {
            (Ended::By(status), None) if status.success() => told.outcome,
            (Ended::By(status), Some(phase)) if status.code() == Some(CLOSED) => {
                Err(NoManifest::Refused(words::closes_files(phase)))
            }
            // One that has come to the end and dies afterwards, in a destructor, dies in the host as well.
            (Ended::By(status), phase) => {
                let phase = phase.unwrap_or(Phase::Stop);
                Err(NoManifest::Refused(words::probe_died(phase, &words::ending(status))))
            }
            (Ended::Late, Some(phase @ (Phase::Open | Phase::Start))) => {
                late = Some(self.limit);
                Err(NoManifest::Refused(match phase {
                    Phase::Open => words::probe_late(self.limit),
                    _ => words::start_late(self.limit),
                }))
            }
            // It serves; the host has patience with one that hangs when it is stopped.
            (Ended::Late, _) => told.outcome,
            // A plugin of the host's may have told the system that nobody asks how children end.
            (Ended::Unknown(_), None) => told.outcome,
            (Ended::Unknown(error), _) => return Verdict::of_this_moment(words::trial_was_lost(&error)),
        };
        let outcome = outcome.map_err(|no_manifest| match no_manifest {
            NoManifest::Refused(reason) => reason,
            NoManifest::NoAnswer(detail) => words::probe_garbled(&detail),
        });
        // What the system refuses today it may allow tomorrow; and a machine that is busy today may not be then.
        // So may a sandbox, which may also be what it died of.
        let forbidden =
            outcome.as_ref().is_err_and(|reason| sandbox.is_some() || opening::may_change(reason));
        Verdict { outcome, output: said, fleeting: forbidden || late.is_some(), late }
    }
}

/// Ends the processes that the library has started and that have left the group: they know the trial's folder by their
/// environment.
#[cfg(target_os = "linux")]
fn end_what_it_left(room: &Path) {
    use std::os::unix::ffi::OsStrExt as _;
    let mark = [ROOM.as_bytes(), b"=", room.as_os_str().as_bytes()].concat();
    let Ok(processes) = std::fs::read_dir("/proc") else { return };
    for process in processes.flatten() {
        let number = process.file_name().to_str().and_then(|name| name.parse().ok());
        let Some(pid) = number.and_then(rustix::process::Pid::from_raw) else { continue };
        // Those of others cannot be read.
        let environment = std::fs::read(process.path().join("environ")).unwrap_or_default();
        if environment.split(|byte| *byte == 0).any(|line| line == mark) {
            // It may have ended by itself.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn end_what_it_left(_room: &Path) {}

/// How a child ended.
enum Ended {
    By(ExitStatus),
    Late,
    Unknown(String),
}

#[cfg(unix)]
fn wait(child: &mut Child, limit: Duration) -> Ended {
    use rustix::io::Errno;
    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
    let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
        return Ended::Unknown("the system gave it no number".to_owned());
    };
    let (sender, ended) = crossbeam_channel::bounded(1);
    let waiter = thread::Builder::new().name("probe".to_owned()).spawn(move || {
        // The child is left unreaped, so that its number, and that of its group, stay its own.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while waitid(WaitId::Pid(pid), options).is_err_and(|error| error == Errno::INTR) {}
        let _ = sender.send(());
    });
    if let Err(error) = waiter {
        let _ = kill_process_group(pid, Signal::KILL);
        let _ = child.wait();
        return Ended::Unknown(error.to_string());
    }
    let in_time = ended.recv_timeout(limit) != Err(RecvTimeoutError::Timeout);
    // Whatever it started ends with it. The group may be empty.
    let _ = kill_process_group(pid, Signal::KILL);
    match child.wait() {
        Ok(status) if in_time => Ended::By(status),
        Ok(_) => Ended::Late,
        Err(error) => Ended::Unknown(error.to_string()),
    }
}

#[cfg(not(unix))]
fn wait(child: &mut Child, limit: Duration) -> Ended {
    /// Between two looks.
    const LOOK_EVERY: Duration = Duration::from_millis(5);
    let end = std::time::Instant::now() + limit;
    let never = crossbeam_channel::never::<()>();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ended::By(status),
            Ok(None) if std::time::Instant::now() < end => drop(never.recv_timeout(LOOK_EVERY)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Ended::Late;
            }
            Err(error) => return Ended::Unknown(error.to_string()),
        }
    }
}

/// Reads all of a stream on a thread of its own, so that nobody blocks who prints a lot, and keeps the beginning.
fn collect(stream: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = crossbeam_channel::bounded(1);
    let Some(mut stream) = stream else { return receiver };
    // Without the thread nothing is kept.
    let _ = thread::Builder::new().name("probe output".to_owned()).spawn(move || {
        let mut kept = Vec::new();
        // What was read before an error is better than nothing.
        let _ = stream.by_ref().take(OUTPUT_KEPT).read_to_end(&mut kept);
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
        let _ = sender.send(String::from_utf8_lossy(&kept).into_owned());
    });
    receiver
}

/// Whether somebody has ended a process, as the system does when memory runs out: that says nothing of the library.
fn is_from_outside(status: ExitStatus) -> bool {
    #[cfg(unix)]
    {
        const FROM_OUTSIDE: [i32; 4] = [libc::SIGKILL, libc::SIGTERM, libc::SIGINT, libc::SIGHUP];
        let signal = std::os::unix::process::ExitStatusExt::signal(&status);
        signal.is_some_and(|signal| FROM_OUTSIDE.contains(&signal))
    }
    #[cfg(not(unix))]
    {
        let _ = status;
        false
    }
}
