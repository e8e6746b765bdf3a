//! The plugin `clipboard`: commands for the text in the clipboard. Pictures and files it leaves alone. The thread that holds the clipboard
//! is in the file beside this one.

mod worker;

use std::time::Duration;

use arboard::Error;
use plugin_api::{Context, Result, State, command, ensure, export_plugin};

use crate::worker::Worker;

/// How long a call waits for the program that has put something into the clipboard.
const PATIENCE: Duration = Duration::from_secs(3);

/// The longest text, in bytes. X11 takes 16 MB in one request.
const LONGEST: usize = 8 << 20;

/// How long a stop waits, where the host does not say.
const STOP: Duration = Duration::from_secs(1);

struct Plugin {
    worker: Worker,
    context: Context,
}

impl Plugin {
    fn stop(&self) {
        let patience = self.context.stop_time_left().map_or(STOP, |left| STOP.min(left / 2));
        self.worker.stop(patience);
    }
}

/// The text in the clipboard; null where there is none, as with a picture.
///
/// It may be anything that the user has copied anywhere, a password too: hence a page gets this command by its name alone. Rejects
/// where there is no display, where the program that has put something there does not answer within 3 seconds, and for more than 8 MB.
#[command(dangerous, concurrency = 1)]
fn read_text(plugin: State<'_, Plugin>) -> Result<Option<String>> {
    let text = plugin.worker.run(PATIENCE, |clipboard| match clipboard.get_text() {
        Ok(text) => Ok(Some(text)),
        Err(Error::ContentNotAvailable) => Ok(None),
        Err(error) => Err(error),
    })?;
    let length = text.as_ref().map_or(0, String::len);
    ensure!(
        length <= LONGEST,
        "the text in the clipboard has {length} bytes, and {LONGEST} are given at most"
    );
    Ok(text)
}

/// Puts a text into the clipboard, in place of what is there.
///
/// On Linux it is there for others as long as the host runs; a clipboard manager keeps it for longer. At most 8 MB.
#[command(concurrency = 1)]
fn write_text(plugin: State<'_, Plugin>, text: String) -> Result<()> {
    let length = text.len();
    ensure!(length <= LONGEST, "`text` has {length} bytes, and {LONGEST} are allowed; put it into a file");
    plugin.worker.run(PATIENCE, |clipboard| clipboard.set_text(text))
}

/// Empties the clipboard, whoever has put something there.
#[command(concurrency = 1)]
fn clear(plugin: State<'_, Plugin>) -> Result<()> {
    plugin.worker.run(PATIENCE, arboard::Clipboard::clear)
}

export_plugin! {
    commands: [read_text, write_text, clear],
    state: |context| Ok(Plugin { worker: Worker::default(), context: context.clone() }),
    stop: Plugin::stop,
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
