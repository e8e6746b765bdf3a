//! `plugin-host dev`: builds a plugin, opens the window on it, and builds it anew whenever its sources change.
//!
//! What was built is put into a folder of this run's own, which the host follows as it follows every plugin folder. So a
//! version that does not compile, or does not start, leaves the one before it in service.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use crossbeam_channel::{Receiver, Sender};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use serde::Deserialize;

use crate::words;

/// How long the sources must have been quiet before they are built: an editor writes several files at a time.
const QUIET: Duration = Duration::from_millis(100);

/// A plugin's sources, and where what is built of them goes.
pub struct Project {
    manifest: PathBuf,
    release: bool,
    folder: PathBuf,
}

/// What Cargo tells of something that it has built.
#[derive(Deserialize)]
struct Artifact {
    manifest_path: PathBuf,
    target: Target,
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

impl Project {
    /// The plugin in the folder `root`, whose library goes to `folder`.
    ///
    /// # Errors
    /// When there is no crate.
    pub fn new(root: &Path, release: bool, folder: PathBuf) -> Result<Self> {
        let manifest = fs::canonicalize(root.join("Cargo.toml"));
        Ok(Self { manifest: manifest.with_context(|| words::no_crate(root))?, release, folder })
    }

    /// Builds the plugin and puts its library into the folder, and says so, or that it does not build. What the compiler says
    /// goes where this program's own words go.
    ///
    /// # Errors
    /// When there is no Cargo, or the crate is no plugin.
    pub fn build(&self) -> Result<()> {
        let begin = Instant::now();
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args(["build", "--message-format=json-render-diagnostics", "--manifest-path"])
            .arg(&self.manifest);
        if self.release {
            cargo.arg("--release");
        }
        let mut child =
            cargo.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().with_context(words::no_cargo)?;
        let messages = BufReader::new(child.stdout.take().context(words::no_cargo())?).lines();
        let libraries: Vec<PathBuf> =
            messages.map_while(Result::ok).filter_map(|line| self.library(&line)).collect();
        if !child.wait()?.success() {
            say(&words::does_not_build(self.folder.read_dir()?.next().is_some()));
            return Ok(());
        }
        let Some(library) = libraries.last() else { bail!(words::no_cdylib(&self.manifest)) };
        self.put(library)?;
        say(&words::built(library, begin.elapsed()));
        Ok(())
    }

    /// The library, if a message of Cargo's tells of it.
    fn library(&self, message: &str) -> Option<PathBuf> {
        let artifact: Artifact = serde_json::from_str(message).ok()?;
        let ours = artifact.manifest_path == self.manifest
            && artifact.target.kind.iter().any(|kind| kind == "cdylib");
        let library =
            |file: &PathBuf| file.extension().is_some_and(|one| one == std::env::consts::DLL_EXTENSION);
        artifact.filenames.into_iter().find(library).filter(|_| ours)
    }

    /// In one step: the host never sees half of it.
    fn put(&self, library: &Path) -> Result<()> {
        let name = library.file_name().unwrap_or_default();
        let (part, whole) = (self.folder.join("part"), self.folder.join(name));
        fs::copy(library, &part).with_context(|| words::unwritable(&part))?;
        fs::rename(&part, &whole).with_context(|| words::unwritable(&whole))
    }

    /// Builds anew, on a thread of its own, whenever the sources change, as long as this program runs.
    ///
    /// # Errors
    /// When the sources cannot be watched, or the system gives no thread.
    pub fn follow(self) -> Result<()> {
        let (sender, changes) = crossbeam_channel::bounded(1);
        let mut sources = Sources::watch(&self.manifest, sender)?;
        thread::Builder::new().name("dev".to_owned()).spawn(move || {
            while changes.recv().is_ok() {
                wait_for_quiet(&changes);
                sources.look();
                if let Err(error) = self.build() {
                    say(&format!("{error:#}"));
                }
            }
        })?;
        Ok(())
    }
}

fn wait_for_quiet(changes: &Receiver<()>) {
    while changes.recv_timeout(QUIET).is_ok() {}
}

/// The folders of a crate's sources, watched.
struct Sources {
    root: PathBuf,
    watcher: RecommendedWatcher,
    watched: Vec<PathBuf>,
}

impl Sources {
    fn watch(manifest: &Path, changed: Sender<()>) -> Result<Self> {
        let root = manifest.parent().unwrap_or(manifest).to_owned();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let reads = |event: &Event| matches!(event.kind, EventKind::Access(_));
            let of_interest = |event: Event| !reads(&event) && event.paths.iter().any(|path| !is_aside(path));
            // What the system does not tell exactly may be anything.
            if event.map_or(true, of_interest) {
                // One that waits already is enough.
                let _ = changed.try_send(());
            }
        })?;
        let mut sources = Self { root, watcher, watched: Vec::new() };
        sources.watcher.watch(&sources.root, RecursiveMode::NonRecursive)?;
        sources.look();
        Ok(sources)
    }

    /// Watches the folders that are new. Not what Cargo builds, which changes with each build.
    fn look(&mut self) {
        self.watched.retain(|folder| folder.is_dir());
        let entries = fs::read_dir(&self.root).into_iter().flatten().flatten();
        for folder in entries.map(|entry| entry.path()).filter(|path| path.is_dir() && !is_aside(path)) {
            if !self.watched.contains(&folder)
                && self.watcher.watch(&folder, RecursiveMode::Recursive).is_ok()
            {
                self.watched.push(folder);
            }
        }
    }
}

/// Whether a path is none of a source: what Cargo has built, or an editor's own.
fn is_aside(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') || name.ends_with('~') || name == "target" || name == "Cargo.lock"
}

fn say(text: &str) {
    // Whoever closed our output does not want to read it.
    let _ = writeln!(std::io::stdout(), "{text}");
}
