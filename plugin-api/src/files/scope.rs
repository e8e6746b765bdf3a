//! The folders that a configuration lists and what the user has chosen: reads them, finds the one that a path is in, and refuses in
//! words that say what to change.

use std::collections::VecDeque;
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::place::shorten;
use super::root::{Kind, Root};
use super::{Access, BaseDirectory, Place};
use crate::{Context, Result, anyhow, bail, ensure};

/// How many choices of the user are remembered; of more the oldest are forgotten. Each was a dialogue.
const MOST_GRANTS: usize = 1024;

/// The longest path, in bytes. No system takes a longer one.
const LONGEST_PATH: usize = 32 * 1024;

/// The folders that may be used: those of the configuration, and what the user has chosen in this run. May be cloned; all clones are one.
#[derive(Clone)]
pub struct Scope(Arc<Shared>);

struct Shared {
    context: Context,
    /// The table of the configuration, for sentences: `plugins.fs`.
    table: String,
    listed: Vec<Root>,
    granted: Mutex<VecDeque<Arc<Root>>>,
}

impl Scope {
    /// Reads the lists `read` and `write` of the plugin's table in the configuration. Each place is written as an absolute path, or
    /// begins with the name of a folder: `$APP`, `$DOWNLOAD/reports`. Who may write may read as well.
    ///
    /// A folder that does not exist yet may be made later, and is made when something is to be written there. One that this system does
    /// not have, as `$TEMPLATE` often, is left out with a warning in the log, and one that may be written and holds the configuration is
    /// told there.
    ///
    /// # Errors
    /// When a place is not written like that, has `..` in it, or is no folder: the error names file and key.
    pub fn new(context: &Context, read: &[String], write: &[String]) -> Result<Self> {
        let (file, table) = context.place_of_configuration()?;
        let mut listed = Vec::new();
        for (key, places, access) in [("read", read, Access::Read), ("write", write, Access::Write)] {
            for (index, place) in places.iter().enumerate() {
                let key = format!("{file}: `{table}.{key}[{index}]`");
                match listed_folder(context, place).map_err(|reason| anyhow!("{key}: {reason}"))? {
                    Ok(folder) => {
                        if access == Access::Write && holds(&folder, Path::new(&file)) {
                            context.warn(&format!(
                                "{key} holds this configuration: who may write there can allow itself everything; list folders below it"
                            ));
                        }
                        listed.push(Root::new(folder, access, Kind::Listed));
                    }
                    Err(reason) => context.warn(&format!("{key} is left out: {reason}")),
                }
            }
        }
        Ok(Self(Arc::new(Shared { context: context.clone(), table, listed, granted: Mutex::default() })))
    }

    /// The whole path that a page means: within the folder `dir` where there is one, and else from the process's own folder on, as in
    /// Tauri 0.x. Nothing is opened, and nothing is allowed by that; an absolute `path` stays as it is.
    ///
    /// # Errors
    /// When this system has no such folder.
    pub fn resolve(&self, dir: Option<BaseDirectory>, path: &Path) -> Result<PathBuf> {
        let whole = match dir {
            Some(dir) => dir.folder(&self.0.context)?.join(path),
            None => path.to_owned(),
        };
        // It leaves `..` where it is: only who opens it knows where that leads.
        std::path::absolute(&whole).map_err(|error| anyhow!("`{}` is no path: {error}", shorten(path)))
    }

    /// Where `path` is, if it may be used so. It need not exist.
    ///
    /// Links are followed below its folder and not out of it, also not into another folder that may be used: write the path there.
    ///
    /// # Errors
    /// When it is in none of the folders, or not to be written there: the sentence names the line to add to the configuration. When its
    /// folder cannot be opened.
    pub fn at(&self, path: &Path, access: Access) -> Result<Place> {
        let length = path.as_os_str().len();
        ensure!(length <= LONGEST_PATH, "the path has {length} bytes, and at most {LONGEST_PATH} are taken");
        ensure!(
            !path.as_os_str().as_encoded_bytes().contains(&0),
            "`{}` is no path: there is a zero byte in it",
            shorten(path)
        );
        ensure!(path.is_absolute(), "`{}` is no whole path", shorten(path));
        let granted: Vec<Arc<Root>> = self.granted().iter().cloned().collect();
        let all: Vec<&Root> = self.0.listed.iter().chain(granted.iter().map(|root| &**root)).collect();
        let within: Vec<(&Root, PathBuf)> = all
            .iter()
            .filter_map(|root| {
                let rest = root.rest(path)?;
                (root.kind != Kind::File || rest.as_os_str().is_empty()).then_some((*root, rest))
            })
            .collect();
        let closest =
            within.iter().filter(|(root, _)| root.access >= access).max_by_key(|(root, _)| root.length());
        let Some((root, rest)) = closest else { return Err(self.refusal(path, access, !within.is_empty())) };
        let folder = root
            .open(&all, access == Access::Write)
            .map_err(|error| anyhow!("the folder `{}` cannot be opened: {error}", shorten(root.written())))?;
        let path_there = root.path(rest.clone());
        Ok(Place {
            folder,
            path: path_there,
            shown: path.to_owned(),
            real: root.real_folder(),
            alone: root.kind == Kind::File,
        })
    }

    /// Allows what the user has chosen in a dialogue, until the plugin ends: all below a folder, or a file alone, which need not exist yet.
    /// The last 1024 choices count.
    ///
    /// # Errors
    /// When the path is not absolute, has `..` in it, or its folder does not exist.
    pub fn grant(&self, path: &Path, access: Access) -> Result<()> {
        ensure!(
            path.is_absolute() && !path.components().any(|part| part == Component::ParentDir),
            "`{}` cannot be granted: it is no absolute path without `..`",
            shorten(path)
        );
        let kind = if path.is_dir() { Kind::Folder } else { Kind::File };
        let folder = if kind == Kind::Folder { Some(path) } else { path.parent() };
        ensure!(
            folder.is_some_and(Path::is_dir),
            "`{}` cannot be granted: its folder does not exist",
            shorten(path)
        );
        let written: PathBuf = path.components().collect();
        let mut granted = self.granted();
        let before = granted.iter().position(|root| root.written() == written && root.kind == kind);
        let before = before.and_then(|index| granted.remove(index)).map(|root| root.access);
        let access = before.map_or(access, |before| before.max(access));
        if granted.len() >= MOST_GRANTS {
            granted.pop_front();
        }
        granted.push_back(Arc::new(Root::new(written, access, kind)));
        Ok(())
    }

    fn granted(&self) -> MutexGuard<'_, VecDeque<Arc<Root>>> {
        self.0.granted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refusal(&self, path: &Path, access: Access, readable: bool) -> crate::Error {
        let shown = shorten(path);
        let (done, key) = match access {
            Access::Read => ("read", "read"),
            Access::Write => ("written", "write"),
        };
        if path.components().any(|part| part == Component::ParentDir) && !readable {
            return anyhow!(
                "`{shown}` may not be {done}: it is in none of the folders that may be used, or leads out of one by `..`; \
                 write the path without `..`"
            );
        }
        let why = if readable {
            "its folder is for reading alone"
        } else {
            "it is in none of the folders that may be used"
        };
        let folder = shorten(path.parent().unwrap_or(path));
        // A JSON string is a TOML string, but for letters that are in no path that somebody lists.
        let folder = serde_json::to_string(&folder).unwrap_or_default();
        anyhow!(
            "`{shown}` may not be {done}: {why}; `{key} = [{folder}]` under `[{}]` in the configuration allows it",
            self.0.table
        )
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Scope").field("listed", &self.0.listed).finish_non_exhaustive()
    }
}

/// Whether a file is below a folder, or would be: it need not be there.
fn holds(folder: &Path, file: &Path) -> bool {
    let real = |path: &Path| path.ancestors().find_map(|above| above.canonicalize().ok());
    file.starts_with(folder)
        || (folder.exists() && file.is_absolute())
            && real(folder).zip(real(file)).is_some_and(|(folder, file)| file.starts_with(folder))
}

/// The folder that a configuration means, or why this system has none.
fn listed_folder(context: &Context, place: &str) -> Result<Result<PathBuf>> {
    let path = Path::new(place);
    ensure!(!place.contains('\0'), "there is a zero byte in it");
    if path.components().any(|part| part == Component::ParentDir) {
        bail!("`{place}` has `..` in it; write the path without");
    }
    let folder = if let Some(named) = place.strip_prefix('$') {
        let (name, rest) = named.split_once(['/', std::path::MAIN_SEPARATOR]).unwrap_or((named, ""));
        let Some(base) = BaseDirectory::written(name) else {
            let known = BaseDirectory::ALL.map(|base| format!("${}", base.name().to_ascii_uppercase()));
            bail!("`${name}` is no folder that has a name; these have: {}", known.join(" "));
        };
        match base.folder(context) {
            // Without a separator at its beginning, which would make it a path of its own.
            Ok(folder) => folder.join(rest.trim_start_matches(['/', std::path::MAIN_SEPARATOR])),
            Err(reason) => return Ok(Err(reason)),
        }
    } else {
        ensure!(
            path.is_absolute(),
            "`{place}` is neither an absolute path nor one that begins with a folder's name, as `$APP` or `$HOME/x`"
        );
        path.to_owned()
    };
    ensure!(!folder.exists() || folder.is_dir(), "`{}` is a file, and a folder is wanted", folder.display());
    Ok(Ok(folder.components().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_folder_holds_a_file_by_whatever_name_and_before_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = |path: &str| folder.path().join(path);
        std::fs::create_dir_all(path("home/config")).unwrap();
        std::os::unix::fs::symlink(path("home"), path("link")).unwrap();
        for (place, file, held) in [
            ("home", "home/config/config.toml", true),
            ("home/config", "home/config/config.toml", true),
            ("link", "home/config/config.toml", true),
            ("home", "link/config/config.toml", true),
            ("home", "home/missing/config.toml", true),
            ("home/app", "home/config/config.toml", false),
            ("home/conf", "home/config/config.toml", false),
            ("home/config", "home/other/config.toml", false),
        ] {
            assert_eq!(holds(&path(place), &path(file)), held, "{place} {file}");
        }
        assert!(!holds(folder.path(), Path::new("config.toml")), "nobody knows where that is");
    }
}
