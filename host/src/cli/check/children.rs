//! A check in a process of its own: begun, given its time, and understood, however it ends.

use std::fs::File;
use std::io::Read as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use plugin_host_runtime::{keep_little, on_a_line};

use super::room::Room;
use super::task::{FOLDER, Found, TASK, Task};
use crate::words::check as words;

/// Between two looks whether a child has ended.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// How much of what a plugin prints is kept, in bytes.
const OUTPUT_KEPT: u64 = 4096;

/// A check that has been made.
pub struct Examined {
    /// What it found.
    pub found: Found,
    /// How long it took.
    pub took: Duration,
    /// What the plugin printed meanwhile; its beginning.
    pub output: String,
}

/// Makes a check in a child process.
pub fn examine(task: &Task) -> Result<Examined> {
    let folder = tempfile::tempdir()?;
    let output = folder.path().join("output");
    let printed = File::create(&output)?;
    let mut command = Command::new(std::env::current_exe()?);
    // What is checked may be anybody's.
    keep_little(&mut command, &[]);
    command.env(TASK, serde_json::to_string(task)?).env(FOLDER, folder.path());
    command.stdin(Stdio::null()).stdout(printed.try_clone()?).stderr(printed);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let began = Instant::now();
    let mut child = command.spawn().context(words::no_child())?;
    let ended = wait(&mut child, began + task.patience)?;
    end_what_it_left(&child);
    let room = Room::at(folder.path().to_owned());
    let found = match (ended, room.found()) {
        (Some(status), Some(found)) if status.success() => found,
        (Some(_), Some(found)) if found.is_failure() => found,
        // It had said that all is well; what comes after that is the end of the process.
        (Some(status), Some(_)) => Found::Failed(words::died_in_the_end(&cause(status))),
        (Some(status), None) => Found::Failed(words::died(&cause(status), &room.place())),
        (None, _) => Found::Failed(words::late(task.patience, &room.place())),
    };
    let mut printed = Vec::new();
    // The beginning says most.
    let _ = File::open(output).and_then(|file| file.take(OUTPUT_KEPT).read_to_end(&mut printed));
    let kept = String::from_utf8_lossy(&printed).into_owned();
    Ok(Examined {
        found,
        took: began.elapsed(),
        output: kept.lines().map(on_a_line).collect::<Vec<_>>().join("\n"),
    })
}

/// Waits for the end. Nothing, when it does not come by then.
fn wait(child: &mut Child, until: Instant) -> Result<Option<ExitStatus>> {
    let (_keep, never) = crossbeam_channel::bounded::<()>(0);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= until {
            // It may have ended in between.
            let _ = child.kill();
            let _ = child.wait();
            return Ok(None);
        }
        let _ = never.recv_timeout(LOOK_EVERY);
    }
}

/// The processes that a plugin has started go with the check.
fn end_what_it_left(child: &Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            // Mostly nobody is left.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
    #[cfg(not(unix))]
    let _ = child;
}

fn cause(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return words::signal(signal);
    }
    match status.code() {
        Some(code) => words::exit_code(code),
        None => status.to_string(),
    }
}
