//! What a plugin shares with its host and should leave as it was: folder, locale, environment, signals, files, threads, memory.

use std::collections::BTreeMap;
use std::fs;

use plugin_host_runtime::locale;

/// The state of this process, part by part.
#[derive(Debug, PartialEq, Eq)]
pub struct Surroundings(BTreeMap<&'static str, String>);

impl Surroundings {
    /// As it is now.
    pub fn now() -> Self {
        let mut parts = BTreeMap::new();
        let folder = std::env::current_dir().map(|folder| folder.display().to_string());
        parts.insert("the working folder", folder.unwrap_or_else(|error| error.to_string()));
        parts.insert("the locale", locale().unwrap_or_default());
        let mut variables: Vec<_> = std::env::vars_os().collect();
        variables.sort();
        parts.insert("the environment", format!("{variables:?}"));
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = |key: &str| {
            status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().trim().to_owned()
        };
        parts.insert("the file mode mask", line("Umask:"));
        parts.insert("the signals that are ignored", line("SigIgn:"));
        parts.insert("the signals that have a handler", line("SigCgt:"));
        parts.insert("the signals that are blocked", line("SigBlk:"));
        #[cfg(unix)]
        {
            use rustix::fs::fstat;
            use rustix::stdio::{stderr, stdin, stdout};
            let file = |file| {
                fstat(file)
                    .map_or_else(|error| error.to_string(), |it| format!("{} {}", it.st_dev, it.st_ino))
            };
            parts.insert("the standard files", [stdin(), stdout(), stderr()].map(file).join(", "));
        }
        Self(parts)
    }

    /// The parts that are not as they were `before`.
    pub fn changed_since(&self, before: &Self) -> Vec<&'static str> {
        self.0.iter().filter(|(part, now)| before.0.get(*part) != Some(now)).map(|(part, _)| *part).collect()
    }
}

/// The names of the threads of this process, by their number; nothing where the system does not tell.
pub fn threads() -> BTreeMap<String, String> {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let named = tasks.filter_map(|task| {
        let name = fs::read_to_string(task.path().join("comm")).ok()?;
        Some((task.file_name().to_string_lossy().into_owned(), name.trim().to_owned()))
    });
    named.collect()
}

/// How much memory this process has, in bytes, and how many open files; nothing where the system does not tell.
pub fn memory_and_files() -> Option<(usize, usize)> {
    /// Linux on every machine that this host runs on tells in units of this, or of a multiple.
    const PAGE: usize = 4096;
    let statm = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = statm.split(' ').nth(1)?.parse().ok()?;
    Some((pages * PAGE, fs::read_dir("/proc/self/fd").ok()?.count()))
}
