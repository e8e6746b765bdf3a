//! The program as a process of its own: run to its end, or watched while it runs.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use crossbeam_channel::Receiver;
use tempfile::TempDir;

use crate::{built, isolated, plugin_folder, repository};

/// When a program that says nothing is taken for one that hangs. Many times what the slowest needs.
const HANGS: Duration = Duration::from_secs(180);

/// A started program, whose output is read while it runs.
pub struct Program {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
    log: Receiver<String>,
}

impl Program {
    /// Starts it.
    ///
    /// # Panics
    /// When it has not been built.
    pub fn start(command: &mut Command) -> Self {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program was built");
        let (sender, lines) = crossbeam_channel::unbounded();
        let output = BufReader::new(child.stdout.take().expect("its output is piped"));
        thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let (sender, log) = crossbeam_channel::bounded(1);
        let mut errors = child.stderr.take().expect("its log is piped");
        thread::spawn(move || {
            let mut bytes = Vec::new();
            // What was read before an error is better than nothing.
            let _ = errors.read_to_end(&mut bytes);
            let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
        });
        Self { child, lines, said: Vec::new(), log }
    }

    /// Reads on until a line of the output has `text` in it.
    ///
    /// # Panics
    /// When the program ends before, or hangs.
    pub fn wait_for(&mut self, text: &str) {
        loop {
            let line = self.lines.recv_timeout(HANGS).unwrap_or_else(|error| {
                panic!("the program did not say {text} ({error}), only {:?}", self.said)
            });
            self.said.push(line);
            if self.said.last().is_some_and(|line| line.contains(text)) {
                return;
            }
        }
    }

    /// The lines of its output that were waited for.
    pub fn said(&self) -> &[String] {
        &self.said
    }

    /// Sends a signal, such as `INT`, which ctrl-C sends.
    ///
    /// # Panics
    /// When the system has no `kill`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.id().to_string()]).status();
        assert!(sent.expect("kill is there").success());
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it hangs.
    pub fn end(mut self) -> Ended {
        // The log ends with the process.
        let log = self.log.recv_timeout(HANGS).expect("the program hangs");
        self.said.extend(self.lines.iter());
        let status = self.child.wait().expect("a process has an end");
        Ended { status, output: std::mem::take(&mut self.said).join("\n"), log }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // For a test that failed before the end; otherwise there is nothing left to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that has ended.
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// What it printed.
    pub output: String,
    /// What it logged.
    pub log: String,
}

impl Ended {
    /// Holds it to its exit code and to what it must have said.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn check(&self, code: i32, output: &str, log: &str) -> &Self {
        let all = format!("{}\n{}", self.output, self.log);
        assert_eq!(self.status.code(), Some(code), "{all}");
        assert!(self.output.contains(output), "{all}");
        assert!(self.log.contains(log), "{all}");
        self
    }
}

/// Runs `plugin-host` to its end.
pub fn host(arguments: &[&str], plugins: Option<&Path>) -> Ended {
    let mut command = Command::new(built().join("plugin-host"));
    command.args(arguments);
    if isolated() && arguments.first() == Some(&"run") {
        command.args(["--isolate", "*"]);
    }
    let data = tempfile::tempdir().expect("a folder for temporary files");
    if let Some(plugins) = plugins {
        command.arg("--only").arg("--plugins").arg(plugins).arg("--data").arg(data.path());
    }
    Program::start(&mut command).end()
}

/// Runs a page that reports, in a real window, and holds it to its report. `frontend` is an address, or a folder of the
/// repository.
#[track_caller]
pub fn page(frontend: &str, plugins: &[&str]) -> Ended {
    let frontend = if frontend.starts_with("http") { frontend.into() } else { repository().join(frontend) };
    let plugins = plugin_folder(plugins);
    let ended = host(
        &["run", "--report", "--allow-all", "--frontend", &frontend.to_string_lossy()],
        Some(plugins.path()),
    );
    ended.check(0, "report: ok", "");
    ended
}

/// A window that stays open.
pub struct OpenWindow {
    /// Its program.
    pub program: Program,
    /// The folder of the plugins' data.
    pub data: TempDir,
    /// The plugin folder.
    pub plugins: TempDir,
}

impl OpenWindow {
    /// Opens it with a page of the repository that reports, and waits for its report.
    ///
    /// # Panics
    /// When the page does not report that all is well.
    pub fn with(page: &str, plugins: &[&str]) -> Self {
        Self::prepared(page, plugins, |_| {})
    }

    /// The same, whose program is started with more.
    ///
    /// # Panics
    /// When the page does not report that all is well.
    pub fn prepared(page: &str, plugins: &[&str], more: impl FnOnce(&mut Command)) -> Self {
        let data = tempfile::tempdir().expect("a folder for temporary files");
        let plugins = plugin_folder(plugins);
        let mut command = Command::new(built().join("plugin-host"));
        command.args(["run", "--report=stay", "--allow-all", "--frontend"]).arg(repository().join(page));
        command.arg("--only").arg("--plugins").arg(plugins.path()).arg("--data").arg(data.path());
        more(&mut command);
        let mut program = Program::start(command.env("PLUGIN_HOST_LOG", "info"));
        program.wait_for("report: ok");
        Self { program, data, plugins }
    }
}
