//! Hears what changes in a folder, and tells it gathered: much that happens at once is little to tell. Asks for nothing to be read.

mod gathered;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use plugin_api::files::Place;
use plugin_api::schemars::{self, JsonSchema};
use plugin_api::{Result, anyhow, ensure};
use serde::Serialize;

use self::gathered::{Gathered, Told};
use crate::listing::{count_folders, folder};

/// How many watches there may be at a time. Each takes a thread of the plugin's, which has 64.
const MOST_WATCHES: usize = 16;

/// How many folders one of them watches: the system has a limit for all programs of a user together, often 65,536.
const MOST_FOLDERS: usize = 8192;

/// How long nothing must happen before it is told what has.
const QUIET: Duration = Duration::from_millis(50);

/// When it is told even though something happens all the while.
const LATEST: Duration = Duration::from_millis(500);

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Happened {
    /// These are new.
    Created,
    /// These have another content, or other times or permissions.
    Changed,
    /// These are gone.
    Removed,
    /// The first is now called as the second.
    Renamed,
}

/// Something that has changed.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// What has happened.
    pub kind: Happened,
    /// Whole paths; of a renamed file, the old one and the new one.
    pub paths: Vec<String>,
}

/// How many watches there are.
#[derive(Default)]
pub struct Watches(Arc<Mutex<usize>>);

/// One of them.
pub struct Watch(Arc<Mutex<usize>>);

impl Watches {
    /// Takes a place for one more, until it is dropped.
    pub fn one_more(&self) -> Result<Watch> {
        let mut count = lock(&self.0);
        ensure!(
            *count < MOST_WATCHES,
            "{MOST_WATCHES} watches are under way, which are all that may be; cancel one, or watch a folder with `recursive`"
        );
        *count += 1;
        Ok(Watch(Arc::clone(&self.0)))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        *lock(&self.0) -= 1;
    }
}

/// What the system's thread hands to the one that tells.
#[derive(Default)]
struct Heard {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    gathered: Gathered,
    /// When something was heard last.
    last: Option<Instant>,
    /// Nobody wants to hear more, or there is nothing more to hear.
    ended: bool,
    failed: Option<String>,
}

/// Ends a watch from elsewhere.
#[derive(Clone, Default)]
pub struct Ending(Arc<Heard>);

impl Ending {
    /// Ends it.
    pub fn end(&self) {
        lock(&self.0.state).ended = true;
        self.0.changed.notify_all();
    }

    fn is_ended(&self) -> bool {
        lock(&self.0.state).ended
    }
}

/// Watches a file or a folder until it is ended or the folder is gone. `begun` is called when nothing is missed any more; `is_within` looks whether the
/// first path, of a folder as the page calls it, may be read and leads to the second, if anywhere.
pub fn watch(
    place: Place,
    recursive: bool,
    ending: &Ending,
    is_within: &dyn Fn(&Path, &Path) -> bool,
    begun: impl FnOnce() -> Result<()>,
    mut tell: impl FnMut(Change) -> Result<()>,
) -> Result<()> {
    let seen = Seen::of(&place)?;
    if recursive && seen.only.is_none() {
        let count = count_folders(&folder(&place)?, MOST_FOLDERS);
        ensure!(
            count <= MOST_FOLDERS,
            "`{}` cannot be watched: more than {MOST_FOLDERS} folders are in it; watch some of them",
            place.shown().display()
        );
    }
    let heard = Arc::clone(&ending.0);
    let (working, ended) = channel::<Infallible>();
    let hear = {
        let (heard, watched) = (Arc::clone(&heard), seen.watched.clone());
        move |event: notify::Result<Event>| {
            // It goes with this function, at the end of the thread that calls it.
            let _working = &working;
            heard.hear(event, &watched);
        }
    };
    drop(place);
    let shown = seen.shown.display();
    let cannot = |mut error: notify::Error| {
        // Its sentence would tell the path once more, in another spelling.
        error.paths.clear();
        anyhow!("`{shown}` cannot be watched: {error}")
    };
    // A link to a folder may lead out, and once around the whole disk.
    let config = notify::Config::default().with_follow_symlinks(false);
    // Dropped after the watcher.
    let _ended = Ended(ended);
    let mut watcher = RecommendedWatcher::new(hear, config).map_err(cannot)?;
    let mode =
        if recursive && seen.only.is_none() { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
    watcher.watch(&seen.watched, mode).map_err(cannot)?;
    begun()?;
    loop {
        let (told, ended, failed) = heard.next();
        for change in seen.changes(told, is_within) {
            match tell(change) {
                // Nobody listens any more.
                Err(_) if ending.is_ended() => return Ok(()),
                told => told?,
            }
        }
        if let Some(failed) = failed {
            return Err(anyhow!("`{shown}` is not watched any more: {failed}"));
        }
        if ended {
            return Ok(());
        }
    }
}

/// Waits for the end of the watcher's thread, which must not outlive the plugin; the watcher itself does not wait for it.
struct Ended(Receiver<Infallible>);

impl Drop for Ended {
    fn drop(&mut self) {
        /// It has nothing left to do but to see that it ends.
        const PATIENCE: Duration = Duration::from_secs(1);
        let _ = self.0.recv_timeout(PATIENCE);
    }
}

impl Heard {
    fn hear(&self, event: notify::Result<Event>, watched: &Path) {
        let mut state = lock(&self.state);
        match event {
            Ok(event) => {
                if !state.gathered.hear(event, watched) {
                    return;
                }
                state.last = Some(Instant::now());
                state.ended |= state.gathered.is_over();
            }
            Err(error) => {
                state.failed = Some(error.to_string());
            }
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Waits until there is something to tell, and then until it is quiet.
    fn next(&self) -> (Told, bool, Option<String>) {
        let mut state = lock(&self.state);
        while !state.ended && state.failed.is_none() && state.gathered.is_empty() {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let first = Instant::now();
        while !state.ended && state.failed.is_none() {
            let quiet_at = state.last.map_or(first, |last| last + QUIET).min(first + LATEST);
            let Some(left) = quiet_at.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
            else {
                break;
            };
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        (state.gathered.take(), state.ended, state.failed.take())
    }
}

/// What is watched, and how its paths are told. Nothing of it is kept open: the system does not tell of the end of what is.
struct Seen {
    /// The folder that the system watches.
    watched: PathBuf,
    /// How the page calls what is watched.
    shown: PathBuf,
    /// The name of the file that alone is told of.
    only: Option<PathBuf>,
}

impl Seen {
    fn of(place: &Place) -> Result<Self> {
        let real = place.real_path()?;
        let shown = place.shown().components().collect();
        if place.metadata()?.is_dir() {
            return Ok(Self { watched: real, shown, only: None });
        }
        // Of its folder, since the file may be replaced by another one of its name.
        let (Some(parent), Some(name)) = (real.parent(), real.file_name()) else {
            return Err(anyhow!("`{}` cannot be watched: it has no folder", place.shown().display()));
        };
        Ok(Self { watched: parent.to_owned(), shown, only: Some(name.into()) })
    }

    /// The path as the page calls it; nothing where the page is not to hear of it.
    fn shown(&self, path: &Path, is_within: &dyn Fn(&Path, &Path) -> bool) -> Option<String> {
        let below = path.strip_prefix(&self.watched).ok()?;
        let told = |path: &Path| Some(path.to_string_lossy().into_owned());
        if let Some(only) = &self.only {
            return if below == only || below.as_os_str().is_empty() { told(&self.shown) } else { None };
        }
        match below.parent() {
            // The folder itself, and what is in it.
            None => told(&self.shown),
            Some(around) if around.as_os_str().is_empty() => told(&self.shown.join(below)),
            // Where a link has taken the place of a folder in it, this may be about something else.
            Some(around) if is_within(&self.shown.join(around), &self.watched.join(around)) => {
                told(&self.shown.join(below))
            }
            Some(_) => None,
        }
    }

    /// What to tell the page: what happened to several in the same way together.
    fn changes(&self, told: Told, is_within: &dyn Fn(&Path, &Path) -> bool) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::new();
        let Told { happened, too_much } = told;
        if too_much {
            return vec![Change {
                kind: Happened::Changed,
                paths: vec![self.shown.to_string_lossy().into_owned()],
            }];
        }
        for (kind, from, path) in happened {
            let (shown, from) =
                (self.shown(&path, is_within), from.and_then(|from| self.shown(&from, is_within)));
            let (kind, paths) = match (kind, from, shown) {
                (Happened::Renamed, Some(from), Some(to)) => (Happened::Renamed, vec![from, to]),
                // Only one of the two names is of those that the page hears of.
                (Happened::Renamed, None, Some(to)) => (Happened::Created, vec![to]),
                (Happened::Renamed, Some(from), None) => (Happened::Removed, vec![from]),
                (kind, _, Some(path)) => (kind, vec![path]),
                (_, _, None) => continue,
            };
            match changes.last_mut() {
                Some(last) if last.kind == kind && kind != Happened::Renamed => last.paths.extend(paths),
                _ => changes.push(Change { kind, paths }),
            }
        }
        changes
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
