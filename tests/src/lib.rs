//! What the tests share: where the built program and libraries are, and folders of plugins made from them.

pub mod desktop;
pub mod dialogs;
pub mod display;
pub mod echo;
pub mod files;
mod host;
#[cfg(target_os = "linux")]
pub mod notifications;
pub mod other_api;
pub mod other_compiler;
pub mod program;
pub mod server;
#[cfg(unix)]
pub mod signing;
#[cfg(target_os = "linux")]
pub mod unruly;
pub mod user;
pub mod versions;

use std::path::{Path, PathBuf};

#[cfg(unix)]
pub use host::places_with_script;
pub use host::{HANGS, Host, isolated, places};

/// The folder of what Cargo has built; `cargo build --workspace` comes before the tests.
///
/// # Panics
/// When the program does not run from Cargo's folders.
pub fn built() -> PathBuf {
    let program = std::env::current_exe().expect("a program knows its own path");
    let folder = program.parent().expect("a program lies in a folder");
    // Programs lie in target/PROFILE, tests and benchmarks in target/PROFILE/deps.
    let inner = folder.ends_with("deps").then(|| folder.parent()).flatten();
    inner.unwrap_or(folder).to_owned()
}

/// The root of the repository.
pub fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The library of a plugin crate.
pub fn library(name: &str) -> PathBuf {
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    built().join(format!("{prefix}{}{suffix}", name.replace('-', "_")))
}

/// The plugins that come with the host, by the names of their libraries.
pub const STANDARD: [&str; 10] =
    ["clipboard", "dialog", "fs", "http", "log", "notification", "path", "process", "store", "system"];

/// A plugin folder with these crates' libraries in it.
///
/// # Panics
/// When a library has not been built.
pub fn plugin_folder(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    for name in names {
        let library = library(name);
        let target = folder.path().join(library.file_name().expect("a library has a name"));
        std::fs::copy(&library, target).unwrap_or_else(|error| panic!("{}: {error}", library.display()));
    }
    folder
}

/// Whether a process still runs that the library `constructor` has started.
///
/// # Panics
/// When the system does not tell.
#[cfg(target_os = "linux")]
pub fn somebody_stayed() -> bool {
    let processes = std::fs::read_dir("/proc").expect("the system tells of processes").flatten();
    processes
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .any(|line| line == b"sleep\x0098765\0")
}
