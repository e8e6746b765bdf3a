//! Where things are on this system: the folders of plugin libraries in the order of their precedence, and what the host
//! keeps for itself.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use directories::ProjectDirs;
use plugin_host_runtime::Places;

use crate::words;

/// The variable that names further plugin folders, separated as those of `PATH` are.
const PATH_VARIABLE: &str = "PLUGIN_HOST_PATH";

/// The configuration file's name.
const CONFIGURATION: &str = "config.toml";

/// The application's folder among the data folders of the plugins, of which none has this name.
const APP: &str = "app";

/// Where this host keeps what outlives it. `data` is where each plugin has its data folder, and the host its own; the user's
/// folders otherwise. `configuration` is the file that is read in place of the one there.
pub fn places(data: Option<PathBuf>, configuration: Option<PathBuf>) -> Result<Places> {
    let probe = std::env::current_exe().context(words::no_executable())?;
    // Without a page there is no other place for what comes with the program.
    let resources = probe.parent().map(Path::to_owned).unwrap_or_default();
    Ok(match data {
        Some(data) => Places {
            state: data.join(".host"),
            cache: data.join(".cache"),
            app: data.join(APP),
            resources,
            configuration: configuration.unwrap_or_else(|| data.join(CONFIGURATION)),
            data,
            probe,
        },
        None => {
            let folders = user_folders().context(words::no_data_folder())?;
            let data = folders.data_dir();
            Places {
                data: data.join("data"),
                state: data.join("state"),
                cache: folders.cache_dir().to_owned(),
                app: data.join("data").join(APP),
                resources,
                configuration: configuration.unwrap_or_else(|| folders.config_dir().join(CONFIGURATION)),
                probe,
            }
        }
    })
}

/// The folders of plugin libraries: the named ones, those of the environment, the user's own, and the one beside the
/// executable. The named ones must exist; of the others, those that do are taken. With `only`, the named ones alone.
pub fn plugin_folders(named: &[PathBuf], only: bool) -> Vec<PathBuf> {
    let mut folders = named.to_vec();
    if !only {
        let variable = std::env::var_os(PATH_VARIABLE).unwrap_or_default();
        let environment: Vec<PathBuf> = std::env::split_paths(&variable).collect();
        let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("plugins")));
        let others = environment.into_iter().chain(user_plugins()).chain(beside);
        folders.extend(others.filter(|folder| folder.is_dir()));
    }
    without_repetitions(folders)
}

/// The user's own plugin folder, where people put what they have downloaded.
pub fn user_plugins() -> Option<PathBuf> {
    Some(user_folders()?.data_dir().join("plugins"))
}

fn user_folders() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "plugin-host")
}

/// A folder that has two names in the list is read once, where it comes first.
fn without_repetitions(folders: Vec<PathBuf>) -> Vec<PathBuf> {
    let real = |folder: &Path| std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let mut seen = Vec::new();
    folders
        .into_iter()
        .filter(|folder| {
            let folder = real(folder);
            let new = !seen.contains(&folder);
            seen.push(folder);
            new
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_applications_folder_is_among_the_plugins_data_and_without_a_page_its_resources_are_the_executables()
     {
        let outer = tempfile::tempdir().unwrap();
        let found = places(Some(outer.path().to_owned()), None).unwrap();
        assert_eq!((found.app, found.data), (outer.path().join("app"), outer.path().to_owned()));
        assert_eq!(Some(&*found.resources), std::env::current_exe().unwrap().parent());
        let users = places(None, None).unwrap();
        assert_eq!(users.app, users.data.join("app"));
    }

    #[test]
    fn the_named_folders_come_first_and_each_folder_once() {
        let outer = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let folder = outer.path().join(name);
            std::fs::create_dir_all(&folder).unwrap();
            folder
        };
        let (a, b) = (folder("a"), folder("b"));
        let again = outer.path().join("b/../a");
        assert_eq!(plugin_folders(&[b.clone(), a.clone(), again, b.clone()], true), [b, a]);
        assert!(plugin_folders(&[], true).is_empty());
    }
}
