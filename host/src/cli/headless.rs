//! Plugins without a window: starts a runtime whose main thread is this one.

use std::collections::HashMap;
use std::io::{ErrorKind, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use crossbeam_channel::{Receiver, Sender, select};
use plugin_host_runtime::{
    Group, MainThread, Partial, Replier, Reply, ReplySink, Runtime, Stopped, Taken, leave_at_once,
};
use serde::de::IgnoredAny;

use super::folders::{Folders, check_folders};
use crate::{arguments, windows, words};

/// How long plugins have to stop.
const PATIENCE: Duration = Duration::from_secs(3);

/// The exit code of a program that ctrl-C has ended, as shells have it.
const INTERRUPTED: i32 = 130;

/// Asks whoever has the receiver for a turn.
struct Turns(Sender<()>);

impl MainThread for Turns {
    fn wake(&self) {
        // One that waits already is enough.
        let _ = self.0.try_send(());
    }
}

/// A main thread without an event loop: its work is due whenever the receiver has something.
pub fn main_thread() -> (Arc<dyn MainThread>, Receiver<()>) {
    let (sender, turns) = crossbeam_channel::bounded(1);
    (Arc::new(Turns(sender)), turns)
}

/// The groups that the host itself has; their commands belong to the table wherever it is read.
pub fn groups() -> [Group; 2] {
    let windows = windows::group(|order| order.replier.error(words::windows::no_windows_here()));
    [windows, arguments::group(arguments::Matches::default())]
}

/// Starts a runtime on the folders. Its main-thread work is due whenever the receiver has something.
fn start(folders: &Folders) -> Result<(Runtime, Receiver<()>)> {
    check_folders(folders)?;
    let (main_thread, turns) = main_thread();
    let builder = Runtime::builder(main_thread, folders.places()?);
    let builder = groups().into_iter().fold(builder, |builder, group| builder.group(group));
    let builder = builder.selection(folders.selection()).isolate(folders.isolated());
    let builder = folders.all().into_iter().fold(builder, |builder, folder| builder.plugin_folder(folder));
    Ok((builder.start()?, turns))
}

/// Stops the plugins. Ends the process at once with `code` where one does not stop.
fn stop(runtime: &Runtime, code: i32) -> i32 {
    if runtime.stop(PATIENCE) == Stopped::StillRunning {
        leave_at_once(code);
    }
    code
}

/// Calls one command, prints the reply, and tells by the exit code whether it was an error.
pub fn call(folders: &Folders, message: String) -> Result<i32> {
    let (runtime, turns) = start(folders)?;
    let Some((reply, after_bytes)) = reply(&runtime, &turns, with_callbacks(message))? else {
        return Ok(stop(&runtime, INTERRUPTED));
    };
    let code = match reply {
        // Whoever takes the bytes takes nothing else for one of them.
        Reply::Value(json) if after_bytes => {
            let _ = writeln!(std::io::stderr(), "{json}");
            0
        }
        Reply::Value(json) => print(format!("{json}\n").as_bytes()).map(|()| 0)?,
        Reply::Bytes(bytes) => print(&bytes).map(|()| 0)?,
        Reply::Error(text) => {
            // The exit code tells it as well, should nobody read this.
            let _ = writeln!(std::io::stderr(), "{text}");
            1
        }
    };
    Ok(stop(&runtime, code))
}

/// Asks the plugins in the folders one thing, does something with the answer, and stops them again, which may end the process.
///
/// # Errors
/// What the command answers, and what comes of `then`.
pub fn ask(folders: &Folders, message: &str, then: impl FnOnce(&str) -> Result<i32>) -> Result<i32> {
    let (runtime, turns) = start(folders)?;
    runtime.wait_until_loaded();
    let outcome = reply(&runtime, &turns, message.to_owned()).and_then(|reply| match reply {
        Some((Reply::Value(json), _)) => then(&json),
        Some((Reply::Bytes(_), _)) => anyhow::bail!(words::unexpected_bytes()),
        Some((Reply::Error(text), _)) => anyhow::bail!(text),
        None => Ok(INTERRUPTED),
    });
    match outcome {
        Ok(code) => Ok(stop(&runtime, code)),
        Err(error) => {
            if runtime.stop(PATIENCE) == Stopped::StillRunning {
                // No destructor may run under the plugin's threads, so there is no way back to who would say it.
                let _ = writeln!(std::io::stderr(), "plugin-host: {error:#}");
                leave_at_once(2);
            }
            Err(error)
        }
    }
}

/// Sends a message and waits for its reply. What the command tells before is printed; whether that was bytes. Nothing comes of it after a
/// signal: the call is cancelled, so that what it has begun, such as files and programs, is ended by its plugin.
fn reply(runtime: &Runtime, turns: &Receiver<()>, message: String) -> Result<Option<(Reply, bool)>> {
    let (sender, replies) = crossbeam_channel::bounded(1);
    let caller = Arc::new(Caller { sender, bytes: AtomicBool::new(false) });
    let replier = Replier::new(Arc::clone(&caller) as _, 0);
    let under_way = replier.follow();
    let (interrupt, interrupted) = crossbeam_channel::bounded(1);
    // Where somebody else hears signals already, that one decides.
    let _ = ctrlc::set_handler(move || {
        // One signal is enough.
        let _ = interrupt.try_send(());
    });
    runtime.submit(message, replier);
    loop {
        select! {
            recv(replies) -> reply => {
                let reply = reply.context("the call was lost")?;
                return Ok(Some((reply, caller.bytes.load(Ordering::Acquire))));
            }
            recv(turns) -> _ => runtime.run_main_thread_turn(),
            recv(interrupted) -> _ => {
                under_way.cancel();
                return Ok(None);
            }
        }
    }
}

/// Gives the reply to [`reply`], and prints what comes before it: values where the result goes, a line for each, and progress
/// where it disturbs nobody.
struct Caller {
    sender: Sender<Reply>,
    /// Whether there were values of bytes.
    bytes: AtomicBool,
}

impl ReplySink for Caller {
    fn deliver(&self, _call: u64, reply: Reply) {
        // There is room for the one reply.
        let _ = self.sender.try_send(reply);
    }

    fn partial(&self, _call: u64, partial: Partial) -> Taken {
        // Who cannot write does not stop the command; its result tells the reader that something is amiss.
        match partial {
            Partial::Value(json) => drop(print(format!("{json}\n").as_bytes())),
            Partial::Bytes(bytes) => {
                self.bytes.store(true, Ordering::Release);
                drop(print(&bytes));
            }
            Partial::Progress(json) => drop(writeln!(std::io::stderr(), "{json}")),
        }
        Taken::Now
    }
}

fn print(bytes: &[u8]) -> Result<()> {
    let mut output = std::io::stdout().lock();
    match output.write_all(bytes).and_then(|()| output.flush()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// A promise's message names two functions of the page, and the commands of a handler expect the names. Here there is no
/// page; a message that names none gets names.
fn with_callbacks(message: String) -> String {
    let keys: Option<HashMap<String, IgnoredAny>> = serde_json::from_str(&message).ok();
    let Some(keys) = keys.filter(|keys| !keys.is_empty()) else { return message };
    let Some(body) = message.trim_end().strip_suffix('}') else { return message };
    let names = ["callback", "error"].into_iter().filter(|name| !keys.contains_key(*name));
    let names: String = names.map(|name| format!(",\"{name}\":\"{name}\"")).collect();
    format!("{body}{names}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_gets_the_names_that_a_page_would_have_given_it() {
        let with = |message: &str| with_callbacks(message.to_owned());
        assert_eq!(with(r#"{"cmd":"a"} "#), r#"{"cmd":"a","callback":"callback","error":"error"}"#);
        assert_eq!(with(r#"{"cmd":"a","error":1}"#), r#"{"cmd":"a","error":1,"callback":"callback"}"#);
        for message in ["{}", "[]", "nonsense", "", r#"{"cmd":"a"}}"#] {
            assert_eq!(with(message), message);
        }
    }
}
