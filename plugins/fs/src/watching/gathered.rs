//! What has happened to which path, in few words: a file that was made and written to is one that was made. Knows nothing of who hears it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use notify::Event;
use notify::event::{EventKind, MetadataKind, ModifyKind, RenameMode};
use plugin_api::files::Draft;

use super::Happened;

/// How many paths are remembered until they are told; where there are more, it is told that much has changed.
const MOST_PATHS: usize = 1024;

/// What is to be told, in the order in which it began.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What has happened; the name from which a path was renamed; the path.
    pub happened: Vec<(Happened, Option<PathBuf>, PathBuf)>,
    /// More has happened than is told.
    pub too_much: bool,
}

/// What has happened to a path since it was told last.
#[derive(Debug, Clone)]
struct Since {
    /// Which came first.
    number: u64,
    kind: Happened,
    /// What it was called before, where it was renamed.
    from: Option<PathBuf>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Gathered {
    paths: HashMap<PathBuf, Since>,
    number: u64,
    too_much: bool,
    over: bool,
    /// The name that something was renamed from, the last, while it is not known to which; and what had happened to it.
    moving: Option<(Option<usize>, PathBuf, Option<Since>)>,
    /// The renaming that is known already when it is told once more, as a whole.
    moved: Option<usize>,
}

impl Gathered {
    /// Takes in what the system tells. Whether that was of interest. `watched` is the folder that is watched.
    pub fn hear(&mut self, event: Event, watched: &Path) -> bool {
        if event.need_rescan() {
            self.too_much = true;
            return true;
        }
        let tracker = event.attrs.tracker();
        let mut paths = event.paths.into_iter();
        let Some(path) = paths.next() else { return false };
        if path == watched {
            // The folder's own times change whenever something is made in it.
            let gone = matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)));
            if gone {
                self.over = true;
                self.note(Happened::Removed, path);
            }
            return gone;
        }
        match event.kind {
            EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
                let before = self.paths.get(&path).cloned();
                self.note(Happened::Removed, path.clone());
                self.moving = Some((tracker, path, before));
            }
            EventKind::Modify(ModifyKind::Name(RenameMode::To)) => {
                match self.moving.take() {
                    Some((from_tracker, from, before)) if from_tracker == tracker => {
                        self.rename(from, before, path)
                    }
                    _ => self.note(Happened::Created, path),
                }
                self.moved = tracker;
            }
            EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => {
                let Some(to) = paths.next() else { return false };
                if tracker.is_some() && self.moved == tracker {
                    return false;
                }
                let before = self.paths.get(&path).cloned();
                self.rename(path, before, to);
            }
            // Which of both, this system does not say.
            EventKind::Modify(ModifyKind::Name(_)) => {
                let kind =
                    if path.symlink_metadata().is_ok() { Happened::Created } else { Happened::Removed };
                self.note(kind, path);
            }
            EventKind::Create(_) => self.note(Happened::Created, path),
            EventKind::Remove(_) => self.note(Happened::Removed, path),
            // Reading is no change.
            EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(MetadataKind::AccessTime)) => {
                return false;
            }
            EventKind::Modify(_) | EventKind::Any | EventKind::Other => self.note(Happened::Changed, path),
        }
        true
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && !self.too_much
    }

    /// Whether what is watched is gone.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// What is to be told; from then on it is told.
    pub fn take(&mut self) -> Told {
        self.moving = None;
        let mut paths: Vec<_> = std::mem::take(&mut self.paths).into_iter().collect();
        paths.sort_by_key(|(_, since)| since.number);
        let happened = paths.into_iter().map(|(path, since)| (since.kind, since.from, path)).collect();
        Told { happened, too_much: std::mem::take(&mut self.too_much) }
    }

    fn note(&mut self, kind: Happened, path: PathBuf) {
        use Happened::{Changed, Created, Removed, Renamed};
        // What is being written is told when it is in its place.
        if Draft::is_name(&path) {
            return;
        }
        let Some(before) = self.paths.remove(&path) else { return self.put(path, kind, None) };
        let number = before.number;
        let (path, since) = match (before.kind, kind) {
            // It came and went.
            (Created, Removed) => return,
            (Created, _) => (path, Since { kind: Created, ..before }),
            (Removed, Created) => (path, Since { number, kind: Changed, from: None }),
            (Renamed, Removed) => match before.from {
                Some(from) => (from, Since { number, kind: Removed, from: None }),
                None => return,
            },
            (Renamed, _) => (path, before),
            (_, kind) => (path, Since { number, kind, from: None }),
        };
        self.paths.insert(path, since);
    }

    /// Notes that `from`, to which `before` had happened, is now called `to`.
    fn rename(&mut self, from: PathBuf, before: Option<Since>, to: PathBuf) {
        if Draft::is_name(&from) {
            return self.note(Happened::Changed, to);
        }
        self.paths.remove(&from);
        if let Some(Since { kind: Happened::Renamed, from: Some(first), .. }) = &before {
            self.paths.remove(first);
        }
        match before {
            Some(Since { kind: Happened::Created, .. }) => self.note(Happened::Created, to),
            Some(Since { kind: Happened::Renamed, from: Some(first), .. }) if first == to => {
                self.note(Happened::Changed, to)
            }
            Some(Since { kind: Happened::Renamed, from: Some(first), .. }) => {
                self.put(to, Happened::Renamed, Some(first))
            }
            _ => self.put(to, Happened::Renamed, Some(from)),
        }
    }

    fn put(&mut self, path: PathBuf, kind: Happened, from: Option<PathBuf>) {
        if self.paths.len() >= MOST_PATHS {
            self.paths.clear();
            self.too_much = true;
        }
        // What is not told one by one need not be remembered.
        if !self.too_much {
            self.number += 1;
            self.paths.insert(path, Since { number: self.number, kind, from });
        }
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{AccessKind, CreateKind, DataChange, RemoveKind};

    use super::*;
    use Happened::{Changed, Created, Removed, Renamed};

    const CREATE: EventKind = EventKind::Create(CreateKind::File);
    const WRITE: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));
    const REMOVE: EventKind = EventKind::Remove(RemoveKind::File);

    fn tell(gathered: &mut Gathered, kind: EventKind, paths: &[&str]) {
        let event =
            paths.iter().fold(Event::new(kind), |event, path| event.add_path(Path::new("/w").join(path)));
        gathered.hear(event, Path::new("/w"));
    }

    /// As inotify tells it.
    fn rename(gathered: &mut Gathered, from: &str, to: &str, tracker: usize) {
        for (mode, paths) in
            [(RenameMode::From, vec![from]), (RenameMode::To, vec![to]), (RenameMode::Both, vec![from, to])]
        {
            let kind = EventKind::Modify(ModifyKind::Name(mode));
            let event =
                paths.iter().fold(Event::new(kind), |event, path| event.add_path(Path::new("/w").join(path)));
            gathered.hear(event.set_tracker(tracker), Path::new("/w"));
        }
    }

    fn told(gathered: &mut Gathered) -> Vec<(Happened, String)> {
        let Told { happened, too_much } = gathered.take();
        assert!(!too_much);
        let name = |path: &Path| path.strip_prefix("/w").unwrap().to_str().unwrap().to_owned();
        let line = |(kind, from, path): (Happened, Option<PathBuf>, PathBuf)| {
            (kind, from.map(|from| name(&from) + ">").unwrap_or_default() + &name(&path))
        };
        happened.into_iter().map(line).collect()
    }

    #[test]
    fn what_happened_to_a_path_is_told_once_and_in_order() {
        let mut gathered = Gathered::default();
        tell(&mut gathered, WRITE, &["b"]);
        tell(&mut gathered, CREATE, &["a"]);
        tell(&mut gathered, WRITE, &["a"]);
        tell(&mut gathered, WRITE, &["b"]);
        tell(&mut gathered, REMOVE, &["c"]);
        tell(&mut gathered, CREATE, &["c"]);
        tell(&mut gathered, CREATE, &["short"]);
        tell(&mut gathered, REMOVE, &["short"]);
        let expected =
            [(Changed, "b"), (Created, "a"), (Changed, "c")].map(|(kind, name)| (kind, name.to_owned()));
        assert_eq!(told(&mut gathered), expected);
        assert!(gathered.is_empty());
    }

    #[test]
    fn a_renaming_is_one_change_with_both_names() {
        let mut gathered = Gathered::default();
        rename(&mut gathered, "a", "b", 1);
        rename(&mut gathered, "b", "c", 2);
        assert_eq!(told(&mut gathered), [(Renamed, "a>c".to_owned())]);
        tell(&mut gathered, CREATE, &["new"]);
        rename(&mut gathered, "new", "newer", 3);
        assert_eq!(told(&mut gathered), [(Created, "newer".to_owned())]);
        rename(&mut gathered, "x", "y", 4);
        tell(&mut gathered, REMOVE, &["y"]);
        assert_eq!(told(&mut gathered), [(Removed, "x".to_owned())]);
    }

    #[test]
    fn what_goes_elsewhere_is_gone_and_what_comes_from_elsewhere_is_new() {
        let mut gathered = Gathered::default();
        tell(&mut gathered, EventKind::Modify(ModifyKind::Name(RenameMode::From)), &["gone"]);
        tell(&mut gathered, WRITE, &["other"]);
        assert_eq!(told(&mut gathered), [(Removed, "gone".to_owned()), (Changed, "other".to_owned())]);
        tell(&mut gathered, EventKind::Modify(ModifyKind::Name(RenameMode::To)), &["come"]);
        assert_eq!(told(&mut gathered), [(Created, "come".to_owned())]);
    }

    #[test]
    fn a_draft_is_told_as_a_change_of_the_file_whose_place_it_takes() {
        let mut gathered = Gathered::default();
        tell(&mut gathered, CREATE, &[".0123456789abcdef.part"]);
        tell(&mut gathered, WRITE, &[".0123456789abcdef.part"]);
        assert!(gathered.is_empty());
        rename(&mut gathered, ".0123456789abcdef.part", "file", 1);
        assert_eq!(told(&mut gathered), [(Changed, "file".to_owned())]);
    }

    #[test]
    fn reading_is_no_change_and_neither_are_the_times_of_the_folder_itself() {
        let mut gathered = Gathered::default();
        tell(&mut gathered, EventKind::Access(AccessKind::Any), &["a"]);
        tell(&mut gathered, EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)), &[""]);
        assert!(gathered.is_empty() && !gathered.is_over());
        tell(&mut gathered, REMOVE, &[""]);
        assert!(gathered.is_over());
        assert_eq!(told(&mut gathered), [(Removed, String::new())]);
    }

    #[test]
    fn too_much_is_told_as_such_and_takes_no_more_memory() {
        let mut gathered = Gathered::default();
        for number in 0..10 * MOST_PATHS {
            tell(&mut gathered, CREATE, &[&number.to_string()]);
        }
        assert!(gathered.paths.len() <= MOST_PATHS);
        assert_eq!(gathered.take(), Told { happened: Vec::new(), too_much: true });
        tell(&mut gathered, CREATE, &["a"]);
        assert_eq!(told(&mut gathered), [(Created, "a".to_owned())]);
    }
}
