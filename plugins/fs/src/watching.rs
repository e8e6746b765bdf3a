//! Hears what changes in a folder, and tells it gathered: much that happens at once is little to tell. Asks for nothing to be read.

mod gathered;

use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use notify::{Event, RecursiveMode, Watcher as _};
use plugin_api::files::Place;
use plugin_api::files::cap_std::fs::Dir;
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
}

/// Watches a file or a folder until it is ended or the folder is gone. `begun` is called when nothing is missed any more.
pub fn watch(
    place: &Place,
    recursive: bool,
    ending: &Ending,
    begun: impl FnOnce() -> Result<()>,
    mut tell: impl FnMut(Change) -> Result<()>,
) -> Result<()> {
    let seen = Seen::of(place)?;
    if recursive && seen.only.is_none() {
        let count = count_folders(&folder(place)?, MOST_FOLDERS);
        ensure!(
            count <= MOST_FOLDERS,
            "`{}` cannot be watched: more than {MOST_FOLDERS} folders are in it; watch some of them",
            place.shown().display()
        );
    }
    let heard = Arc::clone(&ending.0);
    let hear = {
        let (heard, watched) = (Arc::clone(&heard), seen.watched.clone());
        move |event: notify::Result<Event>| heard.hear(event, &watched)
    };
    let cannot = |error: notify::Error| anyhow!("`{}` cannot be watched: {error}", place.shown().display());
    let mut watcher = notify::recommended_watcher(hear).map_err(cannot)?;
    // A link that is on the way to a folder in it leads out, perhaps.
    let mode =
        if recursive && seen.only.is_none() { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
    watcher.configure(notify::Config::default().with_follow_symlinks(false)).map_err(cannot)?;
    watcher.watch(&seen.watched, mode).map_err(cannot)?;
    begun()?;
    loop {
        let (told, ended, failed) = heard.next();
        for change in seen.changes(told) {
            tell(change)?;
        }
        if let Some(failed) = failed {
            return Err(anyhow!("`{}` is not watched any more: {failed}", place.shown().display()));
        }
        if ended {
            return Ok(());
        }
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

/// What is watched, and how its paths are told.
struct Seen {
    /// The folder that the system watches.
    watched: PathBuf,
    /// The same, opened: what does not lie below it is not told.
    folder: Dir,
    /// How the page calls it.
    shown: PathBuf,
    /// The name of the file that alone is told of.
    only: Option<PathBuf>,
}

impl Seen {
    fn of(place: &Place) -> Result<Self> {
        let real = place.real_path()?;
        let is_folder = place.metadata()?.is_dir();
        if is_folder {
            return Ok(Self {
                watched: real,
                folder: folder(place)?,
                shown: place.shown().components().collect(),
                only: None,
            });
        }
        // Of its folder, since the file may be replaced by another one of its name.
        let (Some(parent), Some(name)) = (real.parent(), real.file_name()) else {
            return Err(anyhow!("`{}` cannot be watched: it has no folder", place.shown().display()));
        };
        let inner =
            place.folder().canonicalize(place.path()).map_err(|error| place.cannot("watched", &error))?;
        let inner = inner.parent().filter(|inner| !inner.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(Self {
            watched: parent.to_owned(),
            folder: place.folder().open_dir(inner).map_err(|error| place.cannot("watched", &error))?,
            shown: place.shown().to_owned(),
            only: Some(name.into()),
        })
    }

    /// The path as the page calls it; nothing where the page is not to hear of it.
    fn shown(&self, path: &Path) -> Option<String> {
        let below = path.strip_prefix(&self.watched).ok()?;
        if let Some(only) = &self.only {
            return (below == only).then(|| self.shown.to_string_lossy().into_owned());
        }
        // Where a link has taken the place of a folder, this is about something else.
        let around = below.parent().filter(|around| !around.as_os_str().is_empty());
        let leads_out = around.is_some_and(|around| {
            let opened = self.folder.open_dir(around);
            opened.is_err_and(|error| error.kind() != std::io::ErrorKind::NotFound)
        });
        let plain = below.components().all(|part| matches!(part, Component::Normal(_)));
        let shown = if below.as_os_str().is_empty() { self.shown.clone() } else { self.shown.join(below) };
        (plain && !leads_out).then(|| shown.to_string_lossy().into_owned())
    }

    /// What to tell the page: what happened to several in the same way together.
    fn changes(&self, told: Told) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::new();
        let Told { happened, too_much } = told;
        if too_much {
            return vec![Change {
                kind: Happened::Changed,
                paths: vec![self.shown.to_string_lossy().into_owned()],
            }];
        }
        for (kind, from, path) in happened {
            let (shown, from) = (self.shown(&path), from.and_then(|from| self.shown(&from)));
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
