//! The processes that run: begun, followed to their end, ended before it. Each begins a group of its own, and what is left of the group
//! ends with it; nothing outlives the call that began it. Decides nothing about what may run.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::process::{ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plugin_api::{Result, anyhow, bail, ensure};
use process_wrap::std::{ChildWrapper, CommandWrap};

use crate::alarm::Alarm;
use crate::pipes::{Input, Stream, Written, follow};

/// The most processes at a time. Each holds a worker, and the plugin has 64 of them; some are needed to write to them and to end them.
pub const MOST: usize = 16;

/// All of them.
#[derive(Debug, Default)]
pub struct Processes(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    closed: bool,
    /// Begun or about to begin.
    places: usize,
    running: BTreeMap<u64, Arc<Process>>,
}

/// One of them, as others see it.
#[derive(Debug)]
pub struct Process {
    /// Never given twice.
    pub id: u64,
    /// The system's number for it.
    pub pid: u32,
    /// Nothing when the system has forgotten it: its number may be another's from then on.
    child: Mutex<Option<Box<dyn ChildWrapper>>>,
    input: Mutex<Option<Input>>,
    alarm: Alarm,
}

/// One of them, for the call that has begun it. Dropped, it is ended.
#[derive(Debug)]
pub struct Running<'a> {
    process: Arc<Process>,
    pipes: Option<(ChildStdout, ChildStderr)>,
    _place: Place<'a>,
}

/// Ends the process when it is dropped.
struct EndedAtLast<'a>(&'a Process);

impl Drop for EndedAtLast<'_> {
    fn drop(&mut self) {
        self.0.kill();
    }
}

/// One of the places that there are.
#[derive(Debug)]
struct Place<'a> {
    processes: &'a Processes,
    id: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that is kept under a lock here is half done at any time.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Processes {
    /// Begins a process; with `input`, it has a pipe to read from.
    ///
    /// # Errors
    /// A sentence, where it cannot be begun.
    pub fn begin(&self, mut command: Command, input: bool) -> Result<Running<'_>> {
        let place = self.place()?;
        let program = command.get_program().display().to_string();
        command.stdin(if input { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let alarm = Alarm::new()?;
        let mut child = grouped(command).spawn().map_err(|error| {
            let denied = error.kind() == std::io::ErrorKind::PermissionDenied;
            let sandbox = if denied { "; a plugin in a sandbox starts no programs" } else { "" };
            anyhow!("{program} cannot be started: {error}{sandbox}")
        })?;
        let pipes = child.stdout().take().zip(child.stderr().take());
        let stdin = child.stdin().take();
        let process = Arc::new(Process {
            id: place.id,
            pid: child.id(),
            child: Mutex::new(Some(child)),
            input: Mutex::default(),
            alarm,
        });
        // From here on, whatever goes wrong ends it.
        let running = Running { process: Arc::clone(&process), pipes, _place: place };
        *lock(&process.input) = stdin.map(Input::new).transpose()?;
        let mut table = lock(&self.0);
        ensure!(!table.closed, "{program} is not started any more: the plugin is being stopped");
        table.running.insert(process.id, process);
        Ok(running)
    }

    fn place(&self) -> Result<Place<'_>> {
        let mut table = lock(&self.0);
        ensure!(!table.closed, "no program is started any more: the plugin is being stopped");
        ensure!(
            table.places < MOST,
            "{MOST} programs run already, which is as many as may at a time; wait for one, or end it by `kill`"
        );
        table.places += 1;
        // Not counted: a copy of this plugin that takes its place would begin anew, and a page that still has a number of the one before
        // would write to another program by it, or end that. As many bits as a page reads exactly.
        let id = loop {
            let id = RandomState::new().hash_one(table.places) >> 11;
            if !table.running.contains_key(&id) {
                break id;
            }
        };
        Ok(Place { processes: self, id })
    }

    /// The process of this number, if it runs.
    pub fn get(&self, id: u64) -> Option<Arc<Process>> {
        lock(&self.0).running.get(&id).cloned()
    }

    /// Ends all, and lets none begin any more.
    pub fn close(&self) {
        let running = {
            let mut table = lock(&self.0);
            table.closed = true;
            table.running.values().cloned().collect::<Vec<_>>()
        };
        running.iter().for_each(|process| process.kill());
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut table = lock(&self.processes.0);
        table.places -= 1;
        table.running.remove(&self.id);
    }
}

impl Process {
    /// Ends the process and all of its group, at once.
    pub fn kill(&self) {
        if let Some(child) = &mut *lock(&self.child) {
            // What has ended of itself cannot be ended, which is as well.
            let _ = child.start_kill();
        }
        self.alarm.set();
    }

    /// Writes to its input, waiting until it is in the pipe or `cancelled` is set; then closes it, if asked to.
    ///
    /// # Errors
    /// A sentence, where it has no input any more.
    pub fn write(&self, bytes: &[u8], close: bool, cancelled: &Alarm) -> Result<()> {
        let id = self.id;
        let mut input = lock(&self.input);
        let Some(open) = &mut *input else {
            bail!("the input of process {id} is closed; `spawn` with `stdin: true` leaves it open");
        };
        let written = open.write(bytes, &[&self.alarm, cancelled])?;
        if close || written == Written::Closed {
            *input = None;
        }
        match written {
            Written::Whole => Ok(()),
            Written::Closed => Err(anyhow!("process {id} has closed its input and reads no more")),
            Written::Interrupted => {
                Err(anyhow!("process {id} has not read all of it: it was ended, or the call cancelled"))
            }
        }
    }
}

impl Running<'_> {
    /// The process, for others.
    pub fn process(&self) -> &Arc<Process> {
        &self.process
    }

    /// Gives it `input`, closes that unless it is to stay `open`, gives `take` what it writes, and waits until it has ended and its pipes
    /// are closed.
    ///
    /// # Errors
    /// What `take` says; it is ended then.
    pub fn follow(
        mut self,
        input: &[u8],
        open: bool,
        take: impl FnMut(Stream, &[u8]) -> Result<()>,
    ) -> Result<ExitStatus> {
        let process = Arc::clone(&self.process);
        let pipes = self.pipes.take();
        std::thread::scope(|scope| {
            // Whatever happens here, nobody goes on waiting for the process.
            let _ended = EndedAtLast(&process);
            if input.is_empty() {
                if !open {
                    *lock(&process.input) = None;
                }
            } else {
                // By a thread of its own: it may write before it has read everything.
                scope.spawn(|| {
                    let mut pipe = lock(&process.input);
                    // One that does not want to read all of it is not wrong, as in a shell.
                    let _ = pipe.as_mut().map(|pipe| pipe.write(input, &[&process.alarm]));
                    if !open {
                        *pipe = None;
                    }
                });
            }
            let followed =
                pipes.map_or(Ok(()), |(stdout, stderr)| follow(stdout, stderr, &process.alarm, take));
            if followed.is_err() {
                process.kill();
            }
            let ended = self.end();
            followed?;
            ended
        })
    }

    /// Waits for the process, and ends what is left of its group.
    fn end(&mut self) -> Result<ExitStatus> {
        wait_for_leader(&self.process);
        self.process.kill();
        let mut child = lock(&self.process.child);
        let mut child = child.take().ok_or_else(|| anyhow!("the process has been waited for already"))?;
        Ok(child.wait()?)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let begun = lock(&self.process.child).is_some();
        if begun {
            self.process.kill();
            // It may be stuck in the system; then there is nobody to tell.
            let _ = self.end();
        }
    }
}

/// Returns when the process has ended. The system still keeps its number, so that of the group is nobody else's.
#[cfg(unix)]
fn wait_for_leader(process: &Process) {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

    let Some(pid) = i32::try_from(process.pid).ok().and_then(Pid::from_raw) else { return };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while waitid(WaitId::Pid(pid), options).is_err_and(|error| error == rustix::io::Errno::INTR) {}
}

#[cfg(not(unix))]
fn wait_for_leader(process: &Process) {
    use std::sync::Condvar;
    use std::time::Duration;

    // Waiting would take the lock from who wants to end it, and nothing tells of the end.
    let (nobody, never) = (Mutex::new(()), Condvar::new());
    loop {
        let ended = lock(&process.child).as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)));
        if ended {
            return;
        }
        drop(never.wait_timeout(lock(&nobody), Duration::from_millis(20)));
    }
}

#[cfg(unix)]
fn grouped(command: Command) -> CommandWrap {
    let mut wrapped = CommandWrap::from(command);
    wrapped.wrap(process_wrap::std::ProcessGroup::leader());
    wrapped
}

#[cfg(windows)]
fn grouped(command: Command) -> CommandWrap {
    // No window of a console for a program that has none.
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    let mut flags = process_wrap::std::CreationFlags(Default::default());
    flags.0.0 = CREATE_NO_WINDOW;
    let mut wrapped = CommandWrap::from(command);
    wrapped.wrap(flags).wrap(process_wrap::std::JobObject);
    wrapped
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
