//! The thread that holds the clipboard. What lies there is served by who has put it there, and who wants it may have to wait for another
//! program that does not answer; so a thread of its own keeps it, and who asks waits for a while and no longer. Knows no commands.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arboard::{Clipboard, Error};
use plugin_api::{Result, anyhow, bail};

/// How many may wait. Each command runs once at a time, so there are never more than it has commands.
const MOST_WAITING: usize = 8;

type Job = Box<dyn FnOnce(&mut Option<Clipboard>) + Send>;

/// The thread, from its first use on.
#[derive(Default)]
pub struct Worker(Mutex<State>);

#[derive(Default)]
enum State {
    #[default]
    NotYet,
    Runs {
        jobs: SyncSender<Job>,
        /// Ends with the thread.
        end: Receiver<()>,
    },
    Stopped,
}

impl Worker {
    /// Has the thread do `work`, and waits for it; not longer than `patience`. What has not begun by then is not done at all.
    ///
    /// # Errors
    /// A sentence, where there is no clipboard, it does not answer, or `work` fails.
    pub fn run<R: Send + 'static>(
        &self,
        patience: Duration,
        work: impl FnOnce(&mut Clipboard) -> std::result::Result<R, Error> + Send + 'static,
    ) -> Result<R> {
        let (sender, answer) = channel();
        let settled = Arc::new(AtomicBool::new(false));
        let begins = Arc::clone(&settled);
        self.give(Box::new(move |clipboard| {
            if begins.swap(true, Ordering::AcqRel) {
                return;
            }
            // Who has given up meanwhile does not hear it.
            let _ = sender.send(with(clipboard, work));
        }))?;
        match answer.recv_timeout(patience) {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Disconnected) => Err(anyhow!("the clipboard failed; try again")),
            Err(RecvTimeoutError::Timeout) => {
                let waited = patience.as_secs();
                if settled.swap(true, Ordering::AcqRel) {
                    bail!(
                        "the clipboard did not answer within {waited} seconds: the program that has put something there is busy or hangs"
                    );
                }
                bail!(
                    "the clipboard is busy for longer than {waited} seconds with a call before this one; try again later"
                )
            }
        }
    }

    fn give(&self, job: Job) -> Result<()> {
        let mut state = self.lock();
        let mut job = job;
        if let State::Runs { jobs, .. } = &*state {
            match jobs.try_send(job) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Full(_)) => {
                    bail!("the clipboard is busy with {MOST_WAITING} other calls; try again later")
                }
                // It has panicked; another takes its place.
                Err(TrySendError::Disconnected(back)) => job = back,
            }
        }
        if matches!(*state, State::Stopped) {
            bail!("the clipboard is not used any more: the plugin is being stopped");
        }
        let (jobs, queue) = sync_channel::<Job>(MOST_WAITING);
        let (ends, end) = channel();
        std::thread::Builder::new().name("clipboard".to_owned()).spawn(move || {
            let _ends: std::sync::mpsc::Sender<()> = ends;
            let mut clipboard = None;
            queue.iter().for_each(|job| job(&mut clipboard));
        })?;
        // There is room: it is the first.
        let _ = jobs.try_send(job);
        *state = State::Runs { jobs, end };
        Ok(())
    }

    /// Lets the clipboard go, and waits for the end of the thread; not longer than `patience`, as it may hang with another program.
    pub fn stop(&self, patience: Duration) {
        let state = std::mem::replace(&mut *self.lock(), State::Stopped);
        if let State::Runs { jobs, end } = state {
            drop(jobs);
            // Either it has ended, or nobody can end it.
            let _ = end.recv_timeout(patience);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does `work` with the clipboard, which is opened first where it is not.
fn with<R>(
    clipboard: &mut Option<Clipboard>,
    work: impl FnOnce(&mut Clipboard) -> std::result::Result<R, Error>,
) -> Result<R> {
    let open = match clipboard {
        Some(open) => open,
        None => clipboard.insert(Clipboard::new().map_err(|error| unreachable(&error))?),
    };
    work(open).map_err(|error| {
        if matches!(error, Error::Unknown { .. }) {
            // The display may have gone; the next call looks for it anew.
            *clipboard = None;
        }
        anyhow!("the clipboard: {error}")
    })
}

fn unreachable(error: &Error) -> plugin_api::Error {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY") {
        return anyhow!(
            "there is no clipboard, because there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set; a plugin in a process of its own \
             gets them by `environment = [\"DISPLAY\", \"WAYLAND_DISPLAY\", \"XAUTHORITY\"]` under `[host.plugins.clipboard]`"
        );
    }
    anyhow!(
        "the clipboard cannot be reached: {error}; look at DISPLAY and WAYLAND_DISPLAY, and whether the plugin is in a sandbox, which keeps it \
         from the display"
    )
}
