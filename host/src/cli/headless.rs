//! Plugins without a window: starts a runtime whose main thread is this one.

use std::collections::HashMap;
use std::io::{ErrorKind, Write as _};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use crossbeam_channel::{Receiver, Sender, select};
use plugin_host_runtime::{MainThread, Replier, Reply, Runtime, Stopped, leave_at_once};

use serde::de::IgnoredAny;

use super::{Folders, check_folders};

/// How long plugins have to stop.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks the loop in [`call`] for a turn.
struct Turns(Sender<()>);

impl MainThread for Turns {
    fn wake(&self) {
        // One that waits already is enough.
        let _ = self.0.try_send(());
    }
}

/// Starts a runtime on the folders. Its main-thread work is due whenever the receiver has something.
fn start(folders: &Folders) -> Result<(Runtime, Receiver<()>)> {
    check_folders(folders)?;
    let (sender, turns) = crossbeam_channel::bounded(1);
    let builder = Runtime::builder(Arc::new(Turns(sender)), folders.places()?);
    let builder = builder.selection(folders.selection());
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
    let (replier, replies) = Replier::channel();
    runtime.submit(with_callbacks(message), replier);
    let reply = loop {
        select! {
            recv(replies) -> reply => break reply.context("the call was lost")?,
            recv(turns) -> _ => runtime.run_main_thread_turn(),
        }
    };
    let code = match reply {
        Reply::Value(json) => {
            let mut output = std::io::stdout().lock();
            match writeln!(output, "{json}").and_then(|()| output.flush()) {
                // Whoever reads has read enough.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
                written => written?,
            }
            0
        }
        Reply::Error(text) => {
            // The exit code tells it as well, should nobody read this.
            let _ = writeln!(std::io::stderr(), "{text}");
            1
        }
    };
    Ok(stop(&runtime, code))
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
