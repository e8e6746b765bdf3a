//! Hears from the system when files in the plugin folders change, or what a link there leads to.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::library::discovery::Stamp;
use crate::links;
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

/// What is of interest among all that the system tells: links may lead to where a lot goes on.
#[derive(Default)]
struct Interest {
    /// The folders as they are called here, and without links in their names.
    folders: Vec<(PathBuf, PathBuf)>,
    /// Places outside of the folders, and the links for whose sake they are watched.
    links: HashMap<PathBuf, BTreeSet<PathBuf>>,
    /// Those of them that were removed or renamed: the system watches them no longer, or under another name. A folder that is
    /// made anew may even have the old one's number.
    lost: BTreeSet<PathBuf>,
}

/// Watches folders until it is dropped.
#[derive(Default)]
pub struct Watcher {
    system: Option<RecommendedWatcher>,
    interest: Arc<Mutex<Interest>>,
    /// Where each link leads.
    ways: BTreeMap<PathBuf, Vec<PathBuf>>,
    /// The folders that are watched for the sake of links, and which ones they were: another may have taken the name of one.
    along: BTreeMap<PathBuf, Option<(u64, u64)>>,
}

impl Watcher {
    /// Watches `folders` and calls `notice`, on a thread of its own. A folder that cannot be watched is read at the start
    /// alone; the log says so.
    pub fn start(folders: &[PathBuf], notice: impl Fn(Noticed) + Send + 'static) -> Self {
        let mut watcher = Self::default();
        let interest = Arc::clone(&watcher.interest);
        let handler = move |event: notify::Result<Event>| match event {
            Ok(event) => lock(&interest).of(event).into_iter().for_each(&notice),
            Err(error) => {
                tracing::debug!("watching the plugin folders: {error}");
                notice(Noticed::Anything);
            }
        };
        match notify::recommended_watcher(handler) {
            Ok(system) => watcher.system = Some(system),
            Err(error) => {
                tracing::warn!("{}", words::not_watched(Path::new("folders"), &error.to_string()));
            }
        }
        for folder in folders {
            lock(&watcher.interest).folders.push((folder.clone(), folder.clone()));
            if let (true, Err(error)) = (folder.is_dir(), watcher.renew(folder)) {
                tracing::warn!("{}", words::not_watched(folder, &error.to_string()));
            }
        }
        watcher
    }

    /// Watches a folder anew that was gone, or lies elsewhere now, under the same name.
    ///
    /// # Errors
    /// When the system does not watch it.
    pub fn renew(&mut self, folder: &Path) -> notify::Result<()> {
        let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        if let Some(one) = lock(&self.interest).folders.iter_mut().find(|one| one.0 == folder) {
            one.1.clone_from(&real);
        }
        let watched = match &mut self.system {
            Some(system) => {
                // What was watched under this name may lie elsewhere by now, or nowhere.
                let _ = system.unwatch(folder);
                // The system watches a folder once, whatever its names: to end it under one later would end it under all.
                if self.along.remove(&real).is_some() {
                    let _ = system.unwatch(&real);
                }
                system.watch(folder, RecursiveMode::NonRecursive)
            }
            None => Ok(()),
        };
        self.follow(folder);
        watched
    }

    /// Watches what `path` leads to, if there is a link, and no longer what it led to before.
    pub fn follow(&mut self, path: &Path) {
        /// What is found changes when it changes while one looks. Who changes it again and again is heard of later.
        const LOOKS: usize = 3;
        for _ in 0..LOOKS {
            let is_folder = lock(&self.interest).folders.iter().any(|(folder, _)| folder == path);
            let way = if is_folder { links::way_to_folder(path) } else { links::way(path) };
            let same = self.ways.get(path).map_or(&[][..], Vec::as_slice) == way;
            if way.is_empty() {
                if same {
                    return;
                }
                self.ways.remove(path);
            } else {
                self.ways.insert(path.to_owned(), way);
            }
            // The same names may be those of other folders by now.
            if !self.watch_along() && same {
                return;
            }
        }
    }

    /// Watches the folders along all ways. Whether that changed anything.
    fn watch_along(&mut self) -> bool {
        let mut places: HashMap<PathBuf, BTreeSet<PathBuf>> = HashMap::new();
        let mut along = BTreeSet::new();
        let mut interest = lock(&self.interest);
        for (link, way) in &self.ways {
            for place in way {
                let (Some(folder), Some(name)) = (place.parent(), place.file_name()) else { continue };
                // A folder that is watched already has one name by which the system tells of it.
                let known = interest.folders.iter().find(|(_, real)| real == folder);
                let folder = known.map_or(folder, |(called, _)| called);
                for place in [folder.join(name), folder.to_owned()] {
                    places.entry(place).or_default().insert(link.clone());
                }
                if known.is_none() {
                    along.insert(folder.to_owned());
                }
            }
        }
        interest.links = places;
        let lost = std::mem::take(&mut interest.lost);
        drop(interest);
        let Some(system) = &mut self.system else { return false };
        let mut changed = false;
        self.along.retain(|folder, identity| {
            let same = !lost.contains(folder) && identity_of(folder) == *identity;
            let stays = along.contains(folder) && same;
            if !stays {
                changed = true;
                // It may be gone.
                let _ = system.unwatch(folder);
            }
            stays
        });
        for folder in along {
            if self.along.contains_key(&folder) {
                continue;
            }
            let identity = identity_of(&folder);
            match system.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    changed = true;
                    self.along.insert(folder, identity);
                }
                // Where there is no such folder, those above it are watched.
                Err(error) => tracing::debug!("{}", words::not_watched(&folder, &error.to_string())),
            }
        }
        changed
    }
}

fn identity_of(folder: &Path) -> Option<(u64, u64)> {
    Stamp::of(folder).ok().and_then(|stamp| stamp.identity())
}

impl Interest {
    /// A path as it is called here: some systems tell it without the links in its folder's name.
    fn as_called(&self, path: &Path) -> PathBuf {
        let called = |(called, real): &(PathBuf, PathBuf)| Some(called.join(path.strip_prefix(real).ok()?));
        match self.folders.iter().find_map(called) {
            // The folder itself, without a slash at its end.
            Some(called) => called.components().collect(),
            None => path.to_owned(),
        }
    }

    fn of(&mut self, event: Event) -> Vec<Noticed> {
        if event.need_rescan() {
            return vec![Noticed::Anything];
        }
        let (whole, gone) = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write))
            | EventKind::Modify(ModifyKind::Name(RenameMode::To)) => (true, false),
            EventKind::Remove(_) => (true, true),
            // Reading changes nothing; and it is what this host does itself.
            EventKind::Access(_) => return Vec::new(),
            _ => (false, false),
        };
        let notice = |path, whole| if whole { Noticed::Whole(path) } else { Noticed::Changed(path) };
        let mut noticed = Vec::new();
        for path in event.paths {
            let called = self.as_called(&path);
            let moved = matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)));
            // A place below a plugin folder may be known by either name.
            let other = if called == path { None } else { Some(&path) };
            for name in [Some(&called), other].into_iter().flatten() {
                let Some(links) = self.links.get(name) else { continue };
                if moved {
                    self.lost.insert(name.clone());
                }
                // What a link leads to is often removed only to be made anew.
                noticed.extend(links.iter().map(|link| notice(link.clone(), whole && !gone)));
            }
            if self.folders.iter().any(|(folder, _)| called == *folder || called.parent() == Some(folder)) {
                noticed.push(notice(called, whole));
            }
        }
        noticed
    }
}

fn lock(interest: &Mutex<Interest>) -> MutexGuard<'_, Interest> {
    interest.lock().unwrap_or_else(PoisonError::into_inner)
}
