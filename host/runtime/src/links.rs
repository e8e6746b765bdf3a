//! Where a link leads: what else, besides the link, decides about the file that is found by its name.

use std::collections::VecDeque;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Links on one way at most, as on Linux.
const MOST_LINKS: usize = 40;

/// A way that was walked.
struct Walked {
    /// The links that were met.
    links: Vec<PathBuf>,
    /// Every place that was met, in order.
    passed: Vec<PathBuf>,
    /// Where it ended.
    end: PathBuf,
}

/// The places whose change may change what is found at `path`: the link there, each further link on the way, the end of it, and
/// the folders in which these lie, but for those in which `path` lies itself. They have no link in their own folders' names. Where
/// something is missing on the way, that is the end. Nothing, if there is no link at `path`.
pub fn way(path: &Path) -> Vec<PathBuf> {
    let (Some(name), Some(Ok(folder))) = (path.file_name(), path.parent().map(fs::canonicalize)) else {
        return Vec::new();
    };
    let Walked { links, end, .. } = walk(folder.clone(), [PathBuf::from(name)].into());
    if links.is_empty() {
        return Vec::new();
    }
    with_folders(links, end, |above| !folder.starts_with(above))
}

/// The same for a folder and from the root on, so that every folder above it counts, whether there is a link or not.
pub fn way_to_folder(path: &Path) -> Vec<PathBuf> {
    let Walked { links, end, .. } = walk_from_the_root(path);
    with_folders(links, end, |above| above.file_name().is_some())
}

/// Every place that is passed from the root to what is found at `path`, which is absolute: each folder, each link, and the end of
/// it. Who may change one of them decides what is found. In the order in which they are met.
pub fn passed(path: &Path) -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = Vec::new();
    for place in walk_from_the_root(path).passed {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

fn walk_from_the_root(path: &Path) -> Walked {
    let mut root = PathBuf::new();
    let mut rest = VecDeque::new();
    for component in path.components() {
        match component {
            Component::Prefix(_) | Component::RootDir => root.push(component),
            _ => rest.push_back(PathBuf::from(component.as_os_str())),
        }
    }
    let mut walked = walk(root.clone(), rest);
    walked.passed.insert(0, root);
    walked
}

/// Goes on from a folder without links in its name.
fn walk(mut at: PathBuf, mut rest: VecDeque<PathBuf>) -> Walked {
    let (mut links, mut passed) = (Vec::new(), Vec::new());
    while let Some(step) = rest.pop_front() {
        match step.components().next() {
            Some(Component::ParentDir) => {
                at.pop();
                continue;
            }
            Some(Component::CurDir) => continue,
            _ => at.push(&step),
        }
        passed.push(at.clone());
        match fs::symlink_metadata(&at) {
            Ok(metadata) if metadata.is_symlink() && links.len() < MOST_LINKS => {
                links.push(at.clone());
                let Ok(target) = fs::read_link(&at) else { break };
                // An absolute one replaces all of it when it is pushed.
                at.pop();
                let steps = target.components().map(|component| PathBuf::from(component.as_os_str()));
                steps.rev().for_each(|step| rest.push_front(step));
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    Walked { links, passed, end: at }
}

/// All of it in order, with the folders above each place for which `counts` says so.
fn with_folders(links: Vec<PathBuf>, end: PathBuf, counts: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut places = links;
    places.push(end);
    let above = |place: &PathBuf| -> Vec<PathBuf> {
        place.ancestors().skip(1).take_while(|one| counts(one)).map(PathBuf::from).collect()
    };
    let folders: Vec<PathBuf> = places.iter().flat_map(above).collect();
    places.extend(folders);
    places.sort();
    places.dedup();
    places
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn every_link_on_the_way_counts_and_so_does_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        let path = |name: &str| root.join(name);
        fs::create_dir_all(path("releases/1")).unwrap();
        fs::create_dir(path("plugins")).unwrap();
        fs::write(path("releases/1/file"), "").unwrap();
        symlink("releases/1", path("current")).unwrap();
        symlink("../current/./file", path("plugins/relative")).unwrap();
        symlink(path("plugins/relative"), path("plugins/absolute")).unwrap();
        let names = |way: Vec<PathBuf>| -> Vec<String> {
            way.iter().map(|one| one.strip_prefix(&root).unwrap().display().to_string()).collect()
        };
        assert_eq!(
            names(way(&path("plugins/absolute"))),
            ["current", "plugins/absolute", "plugins/relative", "releases", "releases/1", "releases/1/file"]
        );
        fs::remove_dir_all(path("releases")).unwrap();
        assert_eq!(names(way(&path("plugins/relative"))), ["current", "plugins/relative", "releases"]);
        assert_eq!(names(way(&path("current"))), ["current", "releases"]);
        let above = way_to_folder(&path("current"));
        assert!(above.contains(&path("current")) && above.contains(&root), "{above:?}");
        assert_eq!(way_to_folder(Path::new("/")), [Path::new("/")]);
        assert!(way(&path("plugins")).is_empty() && way(&path("nothing")).is_empty());
    }

    #[test]
    fn a_folder_that_is_left_again_on_the_way_is_passed_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        fs::create_dir_all(root.join("aside/deeper")).unwrap();
        fs::write(root.join("file"), "").unwrap();
        symlink("aside/deeper/../../file", root.join("link")).unwrap();
        let below = |place: &PathBuf| place.strip_prefix(&root).ok().map(|one| one.display().to_string());
        let names: Vec<String> = passed(&root.join("link")).iter().filter_map(below).collect();
        assert_eq!(names, ["", "link", "aside", "aside/deeper", "file"]);
        assert_eq!(passed(&root)[0], Path::new("/"));
    }

    #[test]
    fn a_circle_has_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("circle");
        symlink(&file, &file).unwrap();
        assert_eq!(way(&file), [fs::canonicalize(folder.path()).unwrap().join("circle")]);
    }
}
