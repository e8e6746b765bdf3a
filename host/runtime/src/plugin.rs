//! A loaded plugin: who it is, what it is made of, and the checks of what it says about itself.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plugin_api::table::Description;

use crate::executor::{Limits, Watch, WorkerGroup};
use crate::library::copy::PrivateCopies;
use crate::library::module::{Module, Started};
use crate::library::{PluginHost, handle_of, opening};
use crate::words;

/// Names that belong to the host itself.
pub const RESERVED_NAMES: [&str; 2] = ["host", "app"];

/// Commands of one plugin at most.
const MOST_COMMANDS: usize = 10_000;

/// A plugin that runs.
pub struct Plugin {
    /// Its name.
    pub name: Arc<str>,
    /// The file in the plugin folder.
    pub file: PathBuf,
    /// What it says of itself.
    pub description: Description,
    /// Its instance; shared by every call that runs.
    pub started: Arc<Started>,
    /// Its workers.
    pub workers: WorkerGroup,
}

/// What loading a plugin needs from the runtime.
pub struct Loader {
    pub copies: PrivateCopies,
    pub data_root: PathBuf,
    pub limits: Limits,
    pub watch: Watch,
}

impl Loader {
    /// Loads and starts the plugin in `file`. `taken` says who has a name already.
    ///
    /// # Errors
    /// A sentence about the file, to follow its name.
    pub fn load(&self, file: &Path, taken: impl Fn(&str) -> Option<PathBuf>) -> Result<Plugin, String> {
        let copy = self.copies.copy(file).map_err(|error| words::unreadable(&error.to_string()))?;
        let module = opening::open(&copy)?;
        let description = module.describe()?;
        check(&description)?;
        if let Some(by) = taken(&description.name) {
            return Err(words::plugin_name_taken(&description.name, &by));
        }
        self.start(module, description, file.to_owned())
    }

    fn start(&self, module: Module, description: Description, file: PathBuf) -> Result<Plugin, String> {
        let name: Arc<str> = description.name.as_str().into();
        let host = self.host_for(Arc::clone(&name));
        let workers = host.workers.clone();
        let started = Arc::new(module.start(handle_of(host))?);
        Ok(Plugin { name, file, description, started, workers })
    }

    /// What the plugin called `name` may use of the host.
    pub fn host_for(&self, name: Arc<str>) -> Arc<PluginHost> {
        let workers = WorkerGroup::new(&name, self.limits, self.watch.clone());
        let data_folder = self.data_root.join(&*name);
        Arc::new(PluginHost { name, data_folder, workers })
    }
}

/// Refuses what could not be routed, shown or kept apart. The names are of the plugin's making, so anything may be in them.
fn check(description: &Description) -> Result<(), String> {
    if !description.unwinds {
        return Err(words::does_not_unwind());
    }
    let name = &description.name;
    let plain = |character: char| character.is_ascii_alphanumeric() || character == '-' || character == '_';
    let fits = (1..=64).contains(&name.len()) && name.chars().all(plain);
    if !fits || RESERVED_NAMES.contains(&name.as_str()) {
        return Err(words::bad_plugin_name(name));
    }
    if description.commands.len() > MOST_COMMANDS {
        return Err(words::too_many_commands(description.commands.len(), MOST_COMMANDS));
    }
    let mut seen = HashSet::new();
    for command in &description.commands {
        let cmd = &command.name;
        let length = cmd.chars().count();
        if !(1..=128).contains(&length) || cmd.contains('/') || cmd.chars().any(char::is_control) {
            return Err(words::bad_command_name(cmd));
        }
        if !seen.insert(cmd) {
            return Err(words::command_listed_twice(cmd));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use plugin_api::table::{CommandEntry, Place};

    use super::*;

    fn described(name: &str, commands: &[&str]) -> Description {
        let entry = |name: &&str| CommandEntry {
            name: (*name).to_owned(),
            place: Place::Worker,
            doc: String::new(),
            arguments: None,
        };
        Description {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            description: String::new(),
            api_version: "0.1.0".to_owned(),
            unwinds: true,
            commands: commands.iter().map(entry).collect(),
        }
    }

    #[test]
    fn hostile_names_are_refused_with_a_sentence() {
        for name in ["", "host", "app", "a/b", "..", "a b", "é", &"x".repeat(65)] {
            assert!(check(&described(name, &[])).unwrap_err().contains("calls itself"), "{name}");
        }
        for cmd in ["", "a/b", "a\nb", &"x".repeat(129)] {
            assert!(check(&described("p", &[cmd])).unwrap_err().contains("has a command named"), "{cmd}");
        }
        assert!(check(&described("p", &["a", "b", "a"])).unwrap_err().contains("twice"));
        let many: Vec<String> = (0..=MOST_COMMANDS).map(|number| format!("c{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(check(&described("p", &many)).unwrap_err().contains("10001 commands"));
    }

    #[test]
    fn a_plugin_whose_panics_abort_is_refused_with_the_remedy() {
        let mut description = described("p", &["a"]);
        description.unwinds = false;
        assert!(check(&description).unwrap_err().contains("panic = \"abort\""));
    }

    #[test]
    fn unusual_but_harmless_names_are_taken() {
        assert_eq!(check(&described("my_plugin-2", &["__proto__", "ü", "a b", "constructor"])), Ok(()));
    }
}
