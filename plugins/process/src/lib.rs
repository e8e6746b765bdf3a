//! The plugin `process`: commands that start the programs which the configuration lists, and no others. The work is in the files beside
//! this one. No shell is started, so nothing in an argument makes another argument or another program of it.

mod alarm;
mod environment;
mod find;
mod pipes;
mod running;
mod settings;
mod text;

use std::process::{Command, ExitStatus};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plugin_api::schemars::{self, JsonSchema};
use plugin_api::{
    Bytes, Cancellation, Channel, Context, Result, State, anyhow, bail, command, ensure, export_plugin,
};
use serde::{Deserialize, Serialize};

use crate::alarm::Alarm;
use crate::pipes::Stream;
use crate::running::{Processes, Running};
use crate::settings::{Folders, Programs};
use crate::text::Decoder;

/// The most that `execute` keeps of what a program writes, in bytes: it becomes one text, which the page holds as a whole.
const MOST_KEPT: usize = 8 << 20;

/// What may run, and what runs.
struct Plugin {
    programs: Programs,
    processes: Processes,
}

/// What a program has to tell while it runs.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum Output {
    /// It has begun; always the first.
    Begun {
        /// Its number, for `writeInput` and `kill`.
        process: u64,
        /// The system's number for it.
        pid: u32,
    },
    /// Some of what it has written to its standard output.
    Stdout {
        /// Text, or base64 where the encoding is `bytes`.
        stdout: String,
    },
    /// Some of what it has written to its standard error.
    Stderr {
        /// Text, or base64 where the encoding is `bytes`.
        stderr: String,
    },
}

/// How a program ended.
#[derive(Debug, Serialize, JsonSchema)]
struct End {
    /// Its exit code; null where a signal has ended it.
    code: Option<i32>,
    /// The number of the signal that has ended it, as 9 after `kill`; null where it ended by itself.
    signal: Option<i32>,
}

/// How what a program writes is passed on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Encoding {
    /// As text: UTF-8, and U+FFFD in the place of what is none.
    #[default]
    Text,
    /// As base64, to the byte.
    Bytes,
}

impl Plugin {
    fn open(context: &Context) -> Result<Self> {
        let home = std::env::home_dir();
        let app = context.app_folder()?;
        let folders = Folders { own: context.data_folder(), app: &app, home: home.as_deref() };
        let programs = Programs::of(context.configuration()?, &folders)?;
        Ok(Self { programs, processes: Processes::default() })
    }

    fn stop(&self) {
        self.processes.close();
    }

    /// Begins a listed program; the end of `cancellation` is its end.
    fn begin(
        &self,
        name: &str,
        args: &[String],
        input: bool,
        cancellation: &Cancellation,
    ) -> Result<Running<'_>> {
        let program = self.programs.find(name, args)?;
        let folder = &program.folder;
        ensure!(
            folder.is_dir(),
            "`{name}` is to run in {}, and there is no such folder; see `folder` under `[plugins.process.programs]`",
            folder.display()
        );
        ensure!(
            !args.iter().any(|arg| arg.contains('\0')),
            "an argument of `{name}` has a zero byte, which none can have"
        );
        let mut command = Command::new(find::find(&program.command, std::env::var_os("PATH").as_deref())?);
        // It calls itself by that in what it writes, and some are told by it what to do.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::arg0(&mut command, &program.command);
        command.args(args).current_dir(folder).env_clear();
        command.envs(environment::given(&program.environment, std::env::vars_os()));
        let running = self.processes.begin(command, input)?;
        let process = Arc::clone(running.process());
        cancellation.when_cancelled(move || process.kill());
        Ok(running)
    }
}

/// Runs a program to its end, and resolves with what it has written to its standard output, as text.
///
/// `command` and `args` must be in the configuration, under `[plugins.process.programs]`. It has no input. Where its exit code is not 0 the
/// promise rejects with what it has written to its standard error, or with a sentence that tells code or signal, where that is nothing.
/// Bytes that are no UTF-8 become U+FFFD. More than 8 MB of output is an error; `spawn` has no such limit.
#[command(dangerous)]
fn execute(
    plugin: State<'_, Plugin>,
    cancellation: Cancellation,
    command: &str,
    args: Option<Vec<String>>,
) -> Result<String> {
    let running = plugin.begin(command, &args.unwrap_or_default(), false, &cancellation)?;
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let status = running.follow(&[], false, |stream, bytes| {
        let kept = if stream == Stream::Stdout { &mut stdout } else { &mut stderr };
        ensure!(
            kept.len() + bytes.len() <= MOST_KEPT,
            "`{command}` writes more than {} MB, and was ended; `spawn` hands output on while it comes, however much it is",
            MOST_KEPT >> 20
        );
        kept.extend_from_slice(bytes);
        Ok(())
    })?;
    cancellation.check()?;
    if status.success() {
        return Ok(String::from_utf8_lossy(&stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&stderr);
    ensure!(complaint.trim().is_empty(), "{complaint}");
    let end = End::of(status);
    match (end.code, end.signal) {
        (Some(code), _) => {
            bail!("`{command}` ended with the exit code {code}, and wrote nothing to its standard error")
        }
        (None, Some(signal)) => {
            bail!("`{command}` was ended by signal {signal}, and wrote nothing to its standard error")
        }
        (None, None) => bail!("`{command}` ended, and the system does not tell how"),
    }
}

/// Runs a program, and sends what it writes while it runs; resolves with `{ code, signal }` when it has ended and its pipes are closed.
///
/// `command` and `args` must be in the configuration. The first value is `{ process, pid }`, those that follow `{ stdout }` or `{ stderr }`
/// with a piece of output each: text without broken characters, or base64 with `encoding: 'bytes'`. A page that takes them slowly
/// makes the program wait. `input` is what it reads; with `stdin: true` its input stays open for `writeInput`. Cancelling the call, or
/// leaving the page, ends the program and all that it has started.
#[command(dangerous)]
#[expect(clippy::too_many_arguments, reason = "they are the page's names, and what the host gives")]
fn spawn(
    plugin: State<'_, Plugin>,
    cancellation: Cancellation,
    output: Channel<Output>,
    command: &str,
    args: Option<Vec<String>>,
    input: Option<String>,
    stdin: Option<bool>,
    encoding: Option<Encoding>,
) -> Result<End> {
    let (args, input, open) =
        (args.unwrap_or_default(), input.unwrap_or_default(), stdin.unwrap_or_default());
    let bytes_wanted = encoding.unwrap_or_default() == Encoding::Bytes;
    let running = plugin.begin(command, &args, open || !input.is_empty(), &cancellation)?;
    let process = running.process();
    output.send(&Output::Begun { process: process.id, pid: process.pid })?;
    let send = |stream: Stream, text: String| match stream {
        // The beginning of a character, whose end is to come.
        _ if text.is_empty() => Ok(()),
        Stream::Stdout => output.send(&Output::Stdout { stdout: text }),
        Stream::Stderr => output.send(&Output::Stderr { stderr: text }),
    };
    let (mut stdout, mut stderr) = (Decoder::default(), Decoder::default());
    let status = running.follow(input.as_bytes(), open, |stream, bytes| {
        let decoder = if stream == Stream::Stdout { &mut stdout } else { &mut stderr };
        send(stream, if bytes_wanted { STANDARD.encode(bytes) } else { decoder.take(bytes) })
    })?;
    cancellation.check()?;
    send(Stream::Stdout, stdout.end().to_owned())?;
    send(Stream::Stderr, stderr.end().to_owned())?;
    Ok(End::of(status))
}

/// Writes to the input of a program that was begun by `spawn` with `stdin: true`; resolves when the program's pipe has taken it.
///
/// Give `text`, or `bytes` as an `ArrayBuffer`; with `close: true` the input ends after that, or at once where there is neither. Wait for one
/// before the next: two at a time may come in either order.
#[command(dangerous, concurrency = 8)]
fn write_input(
    plugin: State<'_, Plugin>,
    cancellation: Cancellation,
    process: u64,
    text: Option<String>,
    bytes: Option<Bytes>,
    close: Option<bool>,
) -> Result<()> {
    let close = close.unwrap_or_default();
    let given = match (text, bytes) {
        (Some(_), Some(_)) => bail!("give `text` or `bytes`, and not both"),
        (None, None) if !close => {
            bail!("there is nothing to write; give `text` or `bytes`, or `close: true`")
        }
        (Some(text), None) => text.into_bytes(),
        (None, bytes) => bytes.unwrap_or_default().into_vec(),
    };
    let running = plugin.processes.get(process);
    let running = running.ok_or_else(|| anyhow!("there is no process {process}, or it has ended"))?;
    let cancelled = Arc::new(Alarm::new()?);
    let alarm = Arc::clone(&cancelled);
    cancellation.when_cancelled(move || alarm.set());
    running.write(&given, close, &cancelled)
}

/// Ends a program that was begun by `spawn`, and all that it has started, at once; tells whether it still ran.
/// The promise of its `spawn` resolves with `signal: 9`.
#[command(dangerous)]
fn kill(plugin: State<'_, Plugin>, process: u64) -> bool {
    let running = plugin.processes.get(process);
    running.map(|process| process.kill()).is_some()
}

impl End {
    fn of(status: ExitStatus) -> Self {
        #[cfg(unix)]
        let signal = std::os::unix::process::ExitStatusExt::signal(&status);
        #[cfg(not(unix))]
        let signal = None;
        Self { code: status.code(), signal }
    }
}

export_plugin! {
    commands: [execute, spawn, write_input, kill],
    state: Plugin::open,
    stop: Plugin::stop,
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
