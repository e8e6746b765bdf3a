//! In which lane a plugin runs, and why.
//!
//! Who starts the host goes first, then who configures it, and then what was learned: a library that has crashed a host once runs
//! in a process of its own until it changes, or until somebody has it tried again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::kept;
use crate::library::copy::{ContentHash, PrivateCopies};
use crate::settings::{Isolation, Settings};
use crate::words;

/// Libraries that are remembered at most.
const MOST_REMEMBERED: usize = 1000;

/// Which plugins somebody wants to be isolated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// All of them.
    pub all: bool,
    /// The ones with these names.
    pub names: Vec<String>,
}

/// Decides on lanes.
pub struct Lanes {
    wishes: Wishes,
    crashed: Crashed,
    /// What a process of its own needs: the executable, and where it has its room. Nothing, where there are no such processes.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there are no isolated plugins here"))]
    pub means: Option<(PathBuf, Arc<PrivateCopies>)>,
}

impl Lanes {
    /// Lanes for a host whose isolated plugins run `program`.
    pub fn new(wishes: Wishes, crashed: Crashed, program: PathBuf, copies: Arc<PrivateCopies>) -> Self {
        Self { wishes, crashed, means: Some((program, copies)) }
    }

    /// One lane, in a process that is the other one.
    pub fn none() -> Self {
        Self::remembered(Crashed::default())
    }

    /// What is known of lanes where nothing is started.
    pub fn remembered(crashed: Crashed) -> Self {
        Self { wishes: Wishes::default(), crashed, means: None }
    }

    /// Why the plugin is to run in a process of its own; nothing, where it is not.
    pub fn why_isolated(&self, name: &str, hash: ContentHash, settings: &Settings) -> Option<String> {
        if self.wishes.all || self.wishes.names.iter().any(|wanted| wanted == name) {
            return Some(words::isolated_by_command_line());
        }
        match settings.isolation {
            Some(Isolation::InProcess) => None,
            // Where there are no processes there is no sandbox, which is said elsewhere.
            _ if cfg!(unix) && settings.is_sandboxed() => Some(words::isolated_for_sandbox()),
            Some(Isolation::Process) => Some(words::isolated_by_configuration()),
            None => self.crashed.sentence(hash),
        }
    }

    /// Forgets that a library has crashed a host. Whether it was known for that.
    pub fn forgive(&self, hash: ContentHash) -> bool {
        self.crashed.forget(hash)
    }

    /// The names of those who are to be isolated, for who wants to know whether they are there.
    pub fn wanted(&self) -> &[String] {
        &self.wishes.names
    }
}

/// The libraries that have crashed a host, and how. Cloning shares it.
#[derive(Clone, Default)]
pub struct Crashed(Arc<Mutex<Memory>>);

#[derive(Default)]
struct Memory {
    file: PathBuf,
    by_hash: BTreeMap<String, String>,
}

impl Crashed {
    /// What is remembered in `folder`.
    pub fn read(folder: &Path) -> Self {
        let file = folder.join("crashed.json");
        // What cannot be read is learned again.
        let by_hash = kept::read(&file).unwrap_or_default();
        Self(Arc::new(Mutex::new(Memory { file, by_hash })))
    }

    /// Remembers that a library has crashed a host, at least in this run. Whether it is kept for those to come.
    pub fn remember(&self, hash: ContentHash, sentence: &str) -> bool {
        let mut memory = self.lock();
        if memory.by_hash.len() >= MOST_REMEMBERED {
            memory.by_hash.pop_first();
        }
        memory.by_hash.insert(hash.to_string(), sentence.to_owned());
        memory.keep()
    }

    fn sentence(&self, hash: ContentHash) -> Option<String> {
        self.lock().by_hash.get(&hash.to_string()).cloned()
    }

    /// Forgets it. Whether it was known for that.
    pub fn forget(&self, hash: ContentHash) -> bool {
        let mut memory = self.lock();
        let known = memory.by_hash.remove(&hash.to_string()).is_some();
        if known {
            memory.keep();
        }
        known
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn keep(&self) -> bool {
        let written = kept::write(&self.file, &self.by_hash);
        if let Err(error) = &written {
            tracing::error!("{}", words::crash_not_kept(&self.file, &error.to_string()));
        }
        written.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_goes_before_the_configuration_and_that_before_what_was_learned() {
        let folder = tempfile::tempdir().unwrap();
        let crashed = Crashed::read(folder.path());
        let hash = ContentHash::of(b"library");
        crashed.remember(hash, "it has crashed");
        let copies = Arc::new(PrivateCopies::new().unwrap());
        let lanes = |names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            let wishes = Wishes { all: false, names };
            Lanes::new(wishes, Crashed::read(folder.path()), PathBuf::new(), Arc::clone(&copies))
        };
        let settings = |isolation| Settings { isolation, ..Settings::default() };
        let why = |lanes: &Lanes, isolation| lanes.why_isolated("p", hash, &settings(isolation));
        let nobody = lanes(&[]);
        assert_eq!(why(&nobody, None).as_deref(), Some("it has crashed"));
        assert_eq!(why(&nobody, Some(Isolation::InProcess)), None);
        assert!(why(&nobody, Some(Isolation::Process)).unwrap().contains("configuration"));
        let sandbox = Some(crate::settings::Sandbox::IfPossible);
        let sandboxed = Settings { sandbox, ..Settings::default() };
        assert_eq!(
            nobody.why_isolated("p", hash, &sandboxed).is_some_and(|why| why.contains("sandbox")),
            cfg!(unix)
        );
        assert!(why(&lanes(&["p"]), Some(Isolation::InProcess)).unwrap().contains("--isolate"));
        assert!(nobody.forgive(hash) && !nobody.forgive(hash));
        assert_eq!(why(&lanes(&[]), None), None);
    }
}
