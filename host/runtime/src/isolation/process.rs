//! The child process itself: started, killed with all that it has started, and buried.

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};

use crate::environment::keep_little;
use crate::sandbox::Cell;

/// The variable by which a process knows that it is such a child.
pub const MARK: &str = "PLUGIN_HOST_ISOLATED";

/// A child process, until it is buried.
pub struct Process {
    child: Child,
    handle: Handle,
}

/// Kills the process. Cloning shares it.
#[derive(Clone)]
pub struct Handle(Arc<Mutex<Option<Pid>>>);

impl Process {
    /// Starts `program` as the process of the plugin called `name`, with few variables and those with the names in `environment`,
    /// and in a sandbox if there is one. The stream leads to it. Called on a thread that lives longer than the child: with the thread
    /// the system ends the child.
    ///
    /// # Errors
    /// When the system gives no process.
    pub fn start(
        program: &Path,
        name: &str,
        environment: &[String],
        sandbox: Option<(&Cell, &Path)>,
    ) -> io::Result<(Self, UnixStream)> {
        let (ours, theirs) = UnixStream::pair()?;
        let mut command = Command::new(program);
        keep_little(&mut command, environment);
        if let Some((cell, temporary)) = sandbox {
            cell.order(&mut command, temporary).map_err(io::Error::other)?;
        }
        // The arguments are for those who look at the list of processes.
        let child = command
            .args([OsStr::new("--isolated"), OsStr::new(name)])
            .env(MARK, "1")
            .stdin(OwnedFd::from(theirs))
            // What a terminal sends to the host is the host's to answer.
            .process_group(0)
            .spawn()?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        Ok((Self { child, handle: Handle(Arc::new(Mutex::new(pid))) }, ours))
    }

    /// The system's number of it.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// By which others can kill it.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Calls `hear` when it has ended, on a thread of its own.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn when_ended(&self, hear: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let handle = self.handle.clone();
        let pid = *handle.lock();
        thread::Builder::new().name("isolated".to_owned()).spawn(move || {
            if let Some(pid) = pid {
                // The child is left unburied, so that its number, and that of its group, stay its own.
                let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
                loop {
                    match waitid(WaitId::Pid(pid), options) {
                        Err(Errno::INTR) => {}
                        // Somebody has buried it: the number may be anybody's by now.
                        Err(_) => break *handle.lock() = None,
                        Ok(_) => break,
                    }
                }
            }
            hear();
        })?;
        Ok(())
    }

    /// Ends what it has started, and it, and tells how it ended.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn bury(mut self) -> io::Result<ExitStatus> {
        self.handle.kill();
        // From here on the number may become somebody else's.
        let mut pid = self.handle.lock();
        *pid = None;
        self.child.wait()
    }
}

impl Handle {
    fn lock(&self) -> MutexGuard<'_, Option<Pid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kills the process and all of its group.
    pub fn kill(&self) {
        if let Some(pid) = *self.lock() {
            // It may have ended by itself; and it may have left its group.
            let _ = kill_process_group(pid, Signal::KILL);
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}
