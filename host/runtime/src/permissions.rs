//! Which commands a page may call, and a plugin in a sandbox: what the application gives and what the configuration lists under
//! `[[host.permissions]]`.
//!
//! Judged is the command that a message has been routed to, by the names that its plugin has for it, and not what the message says.

mod pattern;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use serde::{Deserialize, Deserializer, de};

use crate::caller::{Caller, Page, Subject};
use crate::configuration::ConfigurationFile;
use crate::library::discovery::Stamp;
use crate::origin::Origin;
use crate::words;
pub use pattern::Pattern;

/// What the window's own page may always have of the host: it tells and changes nothing. `events` is no command: who may not have it
/// hears none.
const HARMLESS: [&str; 6] = ["attempts", "events", "report", "schemas", "status", "watch"];

/// The longest name of a command, in characters: no plugin's is longer.
const LONGEST_NAME: usize = 128;

/// Denials that are told in the log, each once. After so many others only the callers hear.
const MOST_TOLD: usize = 256;

/// Who may call which commands: an entry of `[[host.permissions]]`.
///
/// ```
/// use plugin_host_runtime::Permission;
///
/// let permission = Permission::of_own_page(["store/*", "shell/open"])?;
/// assert!(Permission::of_own_page(["store"]).is_err());
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    commands: Vec<Pattern>,
    /// Pages of other origins than the window's own.
    #[serde(default, deserialize_with = "some")]
    origins: Vec<Origin>,
    /// Pages in windows of these names; in all without it.
    #[serde(default, deserialize_with = "some")]
    windows: Vec<String>,
    /// Plugins in a sandbox, in place of pages.
    #[serde(default, deserialize_with = "some")]
    plugins: Vec<String>,
}

/// A list with something in it: an empty one would mean the same as none, and whoever writes it means nobody.
fn some<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let list = Vec::deserialize(deserializer)?;
    if list.is_empty() { Err(de::Error::custom(words::permissions::empty_list())) } else { Ok(list) }
}

impl Permission {
    /// Lets the window's own page call `commands`, each written `plugin/command`, where `*` stands for any characters. The
    /// application's own commands are those of `app`.
    ///
    /// # Errors
    /// A sentence about a pattern.
    pub fn of_own_page<'a>(commands: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let commands = commands.into_iter().map(Pattern::parse).collect::<Result<_, _>>()?;
        Ok(Self { commands, origins: Vec::new(), windows: Vec::new(), plugins: Vec::new() })
    }

    fn is_for(&self, caller: &Caller) -> bool {
        match caller {
            Caller::Trusted => true,
            Caller::Confined(name) => self.plugins.iter().any(|plugin| **plugin == **name),
            Caller::Page(page) => self.is_for_page(page),
        }
    }

    fn is_for_page(&self, page: &Page) -> bool {
        let in_window = self.windows.is_empty() || self.windows.contains(&page.window);
        let from = match &*self.origins {
            [] => page.is_own && (self.plugins.is_empty() || !self.windows.is_empty()),
            origins => origins.contains(&page.origin),
        };
        in_window && from
    }
}

/// Who may call what.
pub struct Permissions {
    /// Pages may call everything, as while they are being developed.
    everything: bool,
    given: Vec<Permission>,
    file: ConfigurationFile,
    listed: RwLock<Arc<Listed>>,
    told: Mutex<HashSet<String>>,
}

/// What the configuration lists.
struct Listed {
    /// Which file that was.
    stamp: Option<Stamp>,
    permissions: Result<Vec<Permission>, String>,
}

impl Listed {
    fn read(file: &ConfigurationFile) -> Self {
        // The stamp comes first: what is written in between is read again.
        Self { stamp: Stamp::of(file.path()).ok(), permissions: file.host("permissions") }
    }
}

impl Permissions {
    /// What `file` lists besides what the application has `given`.
    pub fn new(everything: bool, given: Vec<Permission>, file: ConfigurationFile) -> Self {
        let listed = Listed::read(&file);
        if everything {
            tracing::warn!("{}", words::permissions::everything_allowed(file.path()));
        } else if let Err(reason) = &listed.permissions {
            tracing::warn!("{}", words::permissions::nothing_listed_as(reason));
        }
        Self { everything, given, file, listed: RwLock::new(Arc::new(listed)), told: Mutex::default() }
    }

    /// The configuration.
    pub fn file(&self) -> &ConfigurationFile {
        &self.file
    }

    /// Reads the configuration again, if it has changed. Whether it was read.
    fn refresh_if_changed(&self) -> bool {
        let changed = self.listed().stamp != Stamp::of(self.file.path()).ok();
        if changed {
            self.refresh();
        }
        changed
    }

    /// Reads the configuration again: what is wrong with it may be mended somewhere else.
    pub fn refresh(&self) {
        let read = Arc::new(Listed::read(&self.file));
        let known = self.listed();
        match &read.permissions {
            // Told before.
            Err(reason) if known.permissions.as_ref().err() == Some(reason) => {}
            Err(reason) => tracing::warn!("{}", words::permissions::nothing_listed_as(reason)),
            Ok(_) => {}
        }
        *self.listed.write().unwrap_or_else(PoisonError::into_inner) = read;
        self.told().clear();
    }

    /// Whether `caller` may have something of the host's.
    pub fn permits(&self, caller: &Caller, command: &str) -> bool {
        self.allows(caller, Subject::harmless("host", command))
    }

    /// Whether a permission is for windows of this name. What somebody has added meanwhile counts.
    pub fn are_for_window(&self, label: &str) -> bool {
        self.refresh_if_changed();
        let listed = self.listed();
        let all = self.given.iter().chain(listed.permissions.iter().flatten());
        all.into_iter().any(|permission| permission.windows.iter().any(|window| window == label))
    }

    /// Whether `caller` may call a command.
    ///
    /// # Errors
    /// A sentence that names the command and the line to add, if there is one that would help.
    pub fn judge(&self, caller: &Caller, subject: Subject<'_>) -> Result<(), String> {
        if subject.internal && matches!(caller, Caller::Page(_)) {
            let denied = words::permissions::for_plugins_alone(subject);
            self.tell_once(&denied);
            return Err(denied);
        }
        // What somebody has added meanwhile counts at once.
        if self.allows(caller, subject) || (self.refresh_if_changed() && self.allows(caller, subject)) {
            return Ok(());
        }
        if subject.command.chars().nth(LONGEST_NAME).is_some() {
            // An application's: no plugin has one, and nobody would list it.
            return Err(words::unknown_command(subject.command, &[], true, 0));
        }
        let listed = self.listed();
        let slip = listed.permissions.as_ref().err().map(|reason| &**reason);
        let denied = words::permissions::denied(caller, subject, self.file.path(), slip);
        self.tell_once(&denied);
        Err(denied)
    }

    fn allows(&self, caller: &Caller, subject: Subject<'_>) -> bool {
        let free = match caller {
            Caller::Trusted => true,
            Caller::Confined(name) => **name == *subject.plugin,
            Caller::Page(page) => {
                self.everything
                    || (page.is_own && subject.plugin == "host" && HARMLESS.contains(&subject.command))
            }
        };
        let Subject { plugin, command, dangerous, internal: _ } = subject;
        let lists = |permission: &Permission| {
            permission.is_for(caller)
                && permission.commands.iter().any(|pattern| pattern.is_for(plugin, command, dangerous))
        };
        free || self.given.iter().any(lists)
            || self.listed().permissions.as_ref().is_ok_and(|listed| listed.iter().any(lists))
    }

    fn tell_once(&self, sentence: &str) {
        let mut told = self.told();
        if told.len() < MOST_TOLD && told.insert(sentence.to_owned()) {
            drop(told);
            tracing::warn!("{sentence}");
        }
    }

    fn listed(&self) -> Arc<Listed> {
        Arc::clone(&self.listed.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn told(&self) -> MutexGuard<'_, HashSet<String>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
