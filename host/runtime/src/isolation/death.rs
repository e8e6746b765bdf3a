//! Why a child process has ended, as far as it can be found out: from the system, and from the breadcrumbs that it has left.

use std::path::Path;
use std::process::ExitStatus;

use crate::library::breadcrumbs::{self, Cause, Trace};
use crate::library::phase::Phase;
use crate::words;

/// The folder in a process's room where it says what runs in it.
pub const CRUMBS: &str = "crumbs";

/// How a child ended that was not to end.
#[derive(Debug, Clone)]
pub struct Death {
    /// What killed it, to follow "by".
    pub cause: String,
    /// What ran in it when it died, to follow "while", if that is known.
    pub place: Option<String>,
    /// The command, where it was one.
    pub cmd: Option<String>,
}

impl Death {
    /// A death in which nothing ran.
    pub fn by(cause: String) -> Self {
        Self { cause, place: None, cmd: None }
    }

    /// The death of a child that has left its breadcrumbs in `room`; the host has killed it if there is a reason for that.
    pub fn of(
        status: &std::io::Result<ExitStatus>,
        room: &Path,
        reason: Option<String>,
        memory: Option<u64>,
    ) -> Self {
        if let Some(reason) = reason {
            return Self::by(reason);
        }
        // What it has left is removed as well; it may have put a link there that leads to somebody else's.
        let is_own = std::fs::symlink_metadata(room).is_ok_and(|metadata| metadata.is_dir());
        let traces = if is_own { breadcrumbs::traces_in(room) } else { Vec::new() };
        // Of several that ran it may have been any, where none has left a mark.
        let one = if let [one] = &traces[..] { Some(one) } else { None };
        let called_exit = one.is_some_and(|trace| trace.cause == Cause::Exit);
        let mut cause = match status {
            Ok(status) => match status.code() {
                Some(code) if called_exit => words::exit_call_with(code),
                _ => words::ending(*status),
            },
            Err(error) => words::unknown_ending(&error.to_string()),
        };
        // An allocation that fails may end in anything, and leaves no trace of its own.
        if let Some(memory) = memory {
            cause = words::within_memory(&cause, memory);
        }
        // A thread that the plugin has started itself is nobody's command.
        let one = one.filter(|trace| trace.phase != Phase::OwnThread);
        let cmd = one.filter(|trace| trace.phase == Phase::Call).map(|trace: &Trace| trace.detail.clone());
        Self { cause, place: one.map(|trace| words::place(trace.phase, cmd.as_deref())), cmd }
    }

    /// All of it in a sentence about the plugin.
    pub fn sentence(&self, plugin: &str) -> String {
        words::death(plugin, self.place.as_deref(), &self.cause)
    }
}
