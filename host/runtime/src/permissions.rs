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
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    const OWN: &str = "plugin-host://localhost";

    fn page(origin: &str, window: &str) -> Caller {
        let origin = Origin::parse(origin).unwrap();
        let is_own = origin.to_string() == OWN;
        Caller::Page(Arc::new(Page { origin, window: window.to_owned(), is_own }))
    }

    fn subject(name: &str) -> Subject<'_> {
        let (plugin, command) = name.split_once('/').unwrap();
        let internal = command.starts_with("grant");
        Subject { plugin, command, dangerous: command.starts_with("wipe") || internal, internal }
    }

    /// The permissions of a configuration, and the folder it is in.
    fn listed(text: &str) -> (tempfile::TempDir, Permissions) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        fs::write(&file, text).unwrap();
        (folder, Permissions::new(false, Vec::new(), ConfigurationFile::at(file)))
    }

    /// What a sentence says to add.
    fn lines_of(denied: &str) -> String {
        let (_, lines) = denied.split_once("these lines to ").unwrap();
        lines.split('`').skip(1).step_by(2).map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn a_page_may_call_what_is_listed_for_its_origin_and_window_and_nothing_else() {
        let (_folder, permissions) = listed(
            "[[host.permissions]]\ncommands = ['store/get*', 'disk/wipe']\n\
             [[host.permissions]]\ncommands = ['system/*']\norigins = ['https://example.com']\n\
             [[host.permissions]]\ncommands = ['notes/*']\nwindows = ['second']\n\
             [[host.permissions]]\ncommands = ['store/set']\nplugins = ['reader']\n",
        );
        let confined = |name: &str| Caller::Confined(name.into());
        for (caller, name, may) in [
            (page(OWN, "main"), "store/getAll", true),
            (page(OWN, "main"), "store/set", false),
            (page(OWN, "main"), "disk/wipe", true),
            (page(OWN, "main"), "disk/wipeAll", false),
            (page(OWN, "main"), "system/load", false),
            (page(OWN, "main"), "notes/add", false),
            (page(OWN, "second"), "notes/add", true),
            (page("https://example.com", "main"), "system/load", true),
            (page("https://example.com", "main"), "system/wipe", false),
            (page("https://example.com:444", "main"), "system/load", false),
            (page("http://example.com", "main"), "system/load", false),
            (page("https://example.com", "main"), "store/getAll", false),
            (page("https://example.com", "second"), "notes/add", false),
            (page(OWN, "main"), "host/status", true),
            (page(OWN, "main"), "host/disable", false),
            (page(OWN, "main"), "host/emit", false),
            (page(OWN, "main"), "host/events", true),
            (page("https://example.com", "main"), "host/events", false),
            (page("https://example.com", "main"), "host/status", false),
            (confined("reader"), "store/set", true),
            (confined("reader"), "store/get", false),
            (confined("reader"), "reader/anything", true),
            (confined("writer"), "store/set", false),
            (Caller::Trusted, "disk/wipeAll", true),
        ] {
            assert_eq!(permissions.judge(&caller, subject(name)).is_ok(), may, "{caller:?} {name}");
        }
    }

    #[test]
    fn without_a_list_nothing_of_a_plugin_may_be_called_and_the_sentence_names_the_line_to_add() {
        let (folder, permissions) = listed("");
        let denied = permissions.judge(&page(OWN, "main"), subject("store/get")).unwrap_err();
        let file = folder.path().join("config.toml");
        assert!(denied.contains("`store/get`") && denied.contains(&*file.display().to_string()), "{denied}");
        // The very lines that it names are what is wanted, and they count at once.
        fs::write(&file, lines_of(&denied)).unwrap();
        assert_eq!(permissions.judge(&page(OWN, "main"), subject("store/get")), Ok(()), "{denied}");
        fs::write(&file, "").unwrap();
        permissions.refresh();
        assert!(permissions.judge(&page(OWN, "main"), subject("store/get")).is_err());
    }

    #[test]
    fn the_line_for_a_page_from_elsewhere_or_a_plugin_says_for_whom_it_is() {
        let (folder, permissions) = listed("");
        for caller in [page("https://example.com", "main"), Caller::Confined("reader".into())] {
            let denied = permissions.judge(&caller, subject("disk/wipe")).unwrap_err();
            fs::write(folder.path().join("config.toml"), lines_of(&denied)).unwrap();
            assert_eq!(permissions.judge(&caller, subject("disk/wipe")), Ok(()), "{denied}");
        }
    }

    #[test]
    fn it_is_known_which_windows_a_permission_is_for_even_when_it_was_added_just_now() {
        let (folder, permissions) =
            listed("[[host.permissions]]\ncommands = ['store/*']\nwindows = ['settings']\n");
        assert!(permissions.are_for_window("settings"));
        assert!(!permissions.are_for_window("main") && !permissions.are_for_window("setting"));
        fs::write(
            folder.path().join("config.toml"),
            "[[host.permissions]]\ncommands = ['a/b']\nwindows = ['x', 'y2']",
        )
        .unwrap();
        assert!(permissions.are_for_window("y2") && !permissions.are_for_window("settings"));
    }

    #[test]
    fn a_slip_in_the_list_allows_nothing_and_is_told_with_each_denial() {
        for (text, part) in [
            ("[[host.permissions]]\ncommands = ['store']", "plugin/command"),
            ("[[host.permissions]]\ncommands = ['store/*']\norigin = 'x'", "unknown field `origin`"),
            ("[[host.permissions]]\ncommands = ['store/*']\norigins = ['example.com']", "scheme://host"),
            ("[host.permissions]\ncommands = ['store/*']", "host.permissions"),
            ("[[host.permissions]]\ncommands = ['store/*']\norigins = []", "somebody in it"),
            ("[[host.permissions]]\ncommands = ['store/*']\nplugins = []", "somebody in it"),
            ("[[host.permission]]\ncommands = ['store/*']", "there is no such key"),
            ("[[host.permissions]\n", "is not TOML in line 1"),
        ] {
            let (_folder, permissions) = listed(text);
            let denied = permissions.judge(&page(OWN, "main"), subject("store/get")).unwrap_err();
            assert!(denied.contains(part), "{denied}");
        }
    }

    #[test]
    fn an_internal_command_is_for_no_page_whatever_is_listed_and_for_a_plugin_in_a_sandbox_where_its_name_is()
    {
        let (folder, permissions) = listed(
            "[[host.permissions]]\ncommands = ['fs/grant', 'fs/*', '*/*']\n\
             [[host.permissions]]\ncommands = ['fs/grant']\norigins = ['https://example.com']\n\
             [[host.permissions]]\ncommands = ['fs/*']\nplugins = ['dialog', 'other']\n\
             [[host.permissions]]\ncommands = ['fs/grant']\nplugins = ['dialog']\n",
        );
        let file = folder.path().join("config.toml");
        let everything = Permissions::new(true, Vec::new(), ConfigurationFile::at(file));
        for pages in [&permissions, &everything] {
            for caller in [page(OWN, "main"), page("https://example.com", "main")] {
                let denied = pages.judge(&caller, subject("fs/grant")).unwrap_err();
                assert!(
                    denied.contains("`fs/grant` is for other plugins") && !denied.contains("these lines"),
                    "{denied}"
                );
            }
        }
        assert_eq!(permissions.judge(&Caller::Trusted, subject("fs/grant")), Ok(()));
        assert_eq!(permissions.judge(&Caller::Confined("dialog".into()), subject("fs/grant")), Ok(()));
        assert!(permissions.judge(&Caller::Confined("other".into()), subject("fs/grant")).is_err());
        assert_eq!(permissions.judge(&Caller::Confined("fs".into()), subject("fs/grant")), Ok(()), "its own");
    }

    #[test]
    fn everything_is_for_pages_and_not_for_plugins_in_a_sandbox() {
        let file = ConfigurationFile::at("none.toml".into());
        let permissions = Permissions::new(true, Vec::new(), file.clone());
        assert!(permissions.judge(&page(OWN, "main"), subject("disk/wipeAll")).is_ok());
        assert!(permissions.judge(&Caller::Confined("a".into()), subject("disk/get")).is_err());
        let given = Permission::of_own_page(["app/*"]).unwrap();
        let permissions = Permissions::new(false, vec![given], file);
        assert!(permissions.judge(&page(OWN, "main"), subject("app/hello")).is_ok());
        assert!(permissions.judge(&page("https://example.com", "main"), subject("app/hello")).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn a_configuration_that_is_mended_from_outside_counts_for_the_next_page() {
        use std::os::unix::fs::PermissionsExt as _;
        let (folder, permissions) = listed("[[host.permissions]]\ncommands = ['store/*']\n");
        let mode = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
        mode(0o777);
        permissions.refresh();
        let denied = permissions.judge(&page(OWN, "main"), subject("store/get")).unwrap_err();
        assert!(denied.contains("can be changed by others"), "{denied}");
        mode(0o700);
        permissions.refresh();
        assert_eq!(permissions.judge(&page(OWN, "main"), subject("store/get")), Ok(()));
    }

    #[test]
    fn a_name_that_nobody_has_is_not_kept_however_long_it_is() {
        let (_folder, permissions) = listed("");
        let long = "x".repeat(1_000_000);
        let subject = Subject::harmless("app", &long);
        let denied = permissions.judge(&page(OWN, "main"), subject).unwrap_err();
        assert!(denied.len() < 1000 && permissions.told().is_empty(), "{denied}");
    }

    proptest::proptest! {
        #[test]
        fn the_lines_to_add_are_understood_and_are_what_is_wanted(plugin in "app|store|[a-z0-9_-]{1,9}", command in "\\PC{1,20}", guest: bool) {
            let is_plugins = plugin != "app";
            let has_no_stroke = !(is_plugins && command.contains('/'));
            proptest::prop_assume!(has_no_stroke && !command.contains('*'));
            let (folder, permissions) = listed("");
            let caller = page(if guest { "https://example.com" } else { OWN }, "main");
            let subject = Subject::harmless(&plugin, &command);
            let denied = words::permissions::denied(&caller, subject, Path::new("FILE"), None);
            // From behind the file's name on, as a command's name may have backticks in it.
            let (_, rest) = denied.split_once("these lines to FILE: ").unwrap();
            let lines = rest.replace("`[[host.permissions]]`, `", "[[host.permissions]]\n").replace("]`, `", "]\n");
            fs::write(folder.path().join("config.toml"), lines.strip_suffix('`').unwrap()).unwrap();
            permissions.refresh();
            proptest::prop_assert_eq!(permissions.judge(&caller, subject), Ok(()), "{}", lines);
        }
    }
}
