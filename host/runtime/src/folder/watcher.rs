//! Hears from the system when files in the plugin folders change.

use std::path::{Path, PathBuf};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::words;

/// What the system tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noticed {
    /// Something happened to this file; more may follow.
    Changed(PathBuf),
    /// Whoever wrote this file has closed it, or it was moved here whole, or it is gone.
    Whole(PathBuf),
    /// So much happened that the system does not tell what.
    Anything,
}

/// Watches folders until it is dropped.
pub struct Watcher {
    system: Option<RecommendedWatcher>,
}

impl Watcher {
    /// Watches a folder anew that was gone, under the same name. Whether that could be done.
    pub fn renew(&mut self, folder: &Path) -> bool {
        let Some(watcher) = &mut self.system else { return true };
        // What was watched under this name may lie elsewhere by now, or nowhere.
        let _ = watcher.unwatch(folder);
        watcher.watch(folder, RecursiveMode::NonRecursive).is_ok()
    }

    /// Watches `folders` and calls `notice`, on a thread of its own. A folder that cannot be watched is read at the start
    /// alone; the log says so.
    pub fn start(folders: &[PathBuf], notice: impl Fn(Noticed) + Send + 'static) -> Self {
        let handler = move |event: notify::Result<Event>| match event {
            Ok(event) => noticed(event).into_iter().for_each(&notice),
            Err(error) => {
                tracing::debug!("watching the plugin folders: {error}");
                notice(Noticed::Anything);
            }
        };
        let mut watcher = match notify::recommended_watcher(handler) {
            Ok(watcher) => watcher,
            Err(error) => {
                tracing::warn!("{}", words::not_watched(Path::new("folders"), &error.to_string()));
                return Self { system: None };
            }
        };
        for folder in folders.iter().filter(|folder| folder.is_dir()) {
            if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive) {
                tracing::warn!("{}", words::not_watched(folder, &error.to_string()));
            }
        }
        Self { system: Some(watcher) }
    }
}

fn noticed(event: Event) -> Vec<Noticed> {
    if event.need_rescan() {
        return vec![Noticed::Anything];
    }
    let whole = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Modify(ModifyKind::Name(RenameMode::To))
        | EventKind::Remove(_) => true,
        // Reading changes nothing; and it is what this host does itself.
        EventKind::Access(_) => return Vec::new(),
        _ => false,
    };
    let notice = |path| if whole { Noticed::Whole(path) } else { Noticed::Changed(path) };
    event.paths.into_iter().map(notice).collect()
}
