//! What the host's configuration says of a plugin, for the host: the tables `host.plugins.NAME`, and `host.plugins."*"` for all
//! that say nothing themselves. A plugin's own table is another one, and none of the host's business.

mod places;
mod units;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::sandbox::Confinement;
use crate::words;

/// Which lane the code of a plugin runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// In a process of its own.
    Process,
    /// In the host's process, even if it has crashed that.
    InProcess,
}

/// Whether a plugin is to be kept from files and network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sandbox {
    /// It is refused where the system cannot do that.
    Required,
    /// As far as the system can.
    IfPossible,
    None,
}

/// The settings of one plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub isolation: Option<Isolation>,
    /// Bytes that an isolated plugin may use.
    #[serde(default, deserialize_with = "units::some_bytes")]
    pub memory: Option<u64>,
    /// Threads at most, and at least one.
    pub threads: Option<NonZeroU32>,
    /// Calls that wait at most.
    pub waiting: Option<NonZeroU32>,
    /// How long calls may take whose command says nothing itself.
    #[serde(default, deserialize_with = "units::some_time")]
    pub deadline: Option<Duration>,
    /// How long a call of an isolated plugin may go on that nobody waits for any more, before its process is replaced.
    #[serde(default, deserialize_with = "units::some_time")]
    pub patience: Option<Duration>,
    /// A plugin in a sandbox has a process of its own.
    pub sandbox: Option<Sandbox>,
    /// What one in a sandbox may read besides its own folders.
    #[serde(default, deserialize_with = "places::some")]
    pub read: Option<Vec<PathBuf>>,
    /// What it may read and write.
    #[serde(default, deserialize_with = "places::some")]
    pub write: Option<Vec<PathBuf>>,
    /// Whether one in a sandbox may speak to other machines, and to what listens on this one.
    pub network: Option<bool>,
    /// The variables that an isolated plugin is given besides the few that all have.
    #[serde(default, deserialize_with = "places::some_variables")]
    pub environment: Option<Vec<String>>,
    #[serde(default)]
    pub commands: BTreeMap<String, CommandSettings>,
}

/// The settings of one command.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandSettings {
    #[serde(default, deserialize_with = "units::some_time")]
    pub deadline: Option<Duration>,
    /// Calls that run at a time at most.
    pub concurrency: Option<NonZeroU32>,
}

impl Settings {
    /// Takes over from `others` what is not said here.
    pub fn or(self, others: Self) -> Self {
        let mut commands = others.commands;
        commands.extend(self.commands);
        Self {
            isolation: self.isolation.or(others.isolation),
            memory: self.memory.or(others.memory),
            threads: self.threads.or(others.threads),
            waiting: self.waiting.or(others.waiting),
            deadline: self.deadline.or(others.deadline),
            patience: self.patience.or(others.patience),
            sandbox: self.sandbox.or(others.sandbox),
            read: self.read.or(others.read),
            write: self.write.or(others.write),
            network: self.network.or(others.network),
            environment: self.environment.or(others.environment),
            commands,
        }
    }

    /// Whether it makes sense as a whole.
    ///
    /// # Errors
    /// A sentence about the two keys that contradict each other.
    pub fn check(&self, name: &str) -> Result<(), String> {
        let in_process = self.isolation == Some(Isolation::InProcess);
        if in_process && self.is_sandboxed() { Err(words::sandbox_in_process(name)) } else { Ok(()) }
    }

    /// Whether the plugin is to run in a sandbox.
    pub fn is_sandboxed(&self) -> bool {
        matches!(self.sandbox, Some(Sandbox::Required | Sandbox::IfPossible))
    }

    /// What the sandbox is to allow, if the plugin is to run in one.
    pub fn confinement(&self) -> Option<Confinement> {
        let texts = |paths: &Option<Vec<PathBuf>>| paths.iter().flatten().map(Into::into).collect();
        self.is_sandboxed().then(|| Confinement {
            demanded: self.sandbox == Some(Sandbox::Required),
            network: self.network.unwrap_or(false),
            read: texts(&self.read),
            write: texts(&self.write),
        })
    }

    /// How long a call of a command may take whose author says `own`.
    pub fn deadline_of(&self, cmd: &str, own: Option<Duration>) -> Option<Duration> {
        self.commands.get(cmd).and_then(|command| command.deadline).or(own).or(self.deadline)
    }

    /// How many calls of a command may run at a time whose author says `own`: the author knows what the command bears, so only
    /// fewer.
    pub fn concurrency_of(&self, cmd: &str, own: Option<u32>) -> Option<u32> {
        let wanted = self.commands.get(cmd).and_then(|command| command.concurrency).map(NonZeroU32::get);
        own.into_iter().chain(wanted).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn the_configuration_goes_before_the_author_but_for_a_bound_that_is_lower() {
        let settings = settings(
            "deadline = '5s'\n[commands.a]\ndeadline = '1 min'\nconcurrency = 3\n[commands.b]\nconcurrency = 9\n",
        );
        let second = Duration::from_secs(1);
        assert_eq!(settings.deadline_of("a", Some(second)), Some(60 * second));
        assert_eq!(settings.deadline_of("b", Some(second)), Some(second));
        assert_eq!(settings.deadline_of("c", None), Some(5 * second));
        assert_eq!(settings.concurrency_of("a", None), Some(3));
        assert_eq!(settings.concurrency_of("b", Some(2)), Some(2));
        assert_eq!(settings.concurrency_of("c", None), None);
    }

    #[test]
    fn what_is_said_of_all_counts_where_a_plugin_says_nothing() {
        let all = settings("isolation = 'process'\nmemory = '1 GB'\n[commands.a]\nconcurrency = 1");
        let own = settings("isolation = 'in-process'\nthreads = 2\n[commands.b]\nconcurrency = 2").or(all);
        assert_eq!((own.isolation, own.memory), (Some(Isolation::InProcess), Some(1_000_000_000)));
        assert_eq!((own.threads, own.commands.len()), (NonZeroU32::new(2), 2));
    }

    #[test]
    fn a_sandbox_allows_what_is_listed_and_one_list_takes_the_place_of_the_other() {
        let all = settings("sandbox = 'required'\nread = ['/a']\nwrite = ['/b']\nnetwork = true");
        let own = settings("sandbox = 'if-possible'\nread = ['/c', '/d']").or(all.clone());
        let wanted = Confinement {
            demanded: false,
            network: true,
            read: vec!["/c".into(), "/d".into()],
            write: vec!["/b".into()],
        };
        assert_eq!(own.confinement(), Some(wanted));
        assert!(all.confinement().unwrap().demanded);
        assert_eq!(settings("sandbox = 'none'").or(all.clone()).confinement(), None);
        assert_eq!(settings("read = ['/c']").confinement(), None, "the lists alone make no sandbox");
        assert!(!settings("sandbox = 'required'").confinement().unwrap().network);
        let contradiction = settings("isolation = 'in-process'").or(all).check("p").unwrap_err();
        assert!(contradiction.contains("`isolation` and `sandbox`"), "{contradiction}");
        assert_eq!(settings("isolation = 'in-process'\nsandbox = 'none'").check("p"), Ok(()));
        assert_eq!(settings("isolation = 'process'\nsandbox = 'required'").check("p"), Ok(()));
    }

    #[test]
    fn the_folders_of_the_application_have_names_of_their_own() {
        let found =
            settings("sandbox = 'required'\nread = ['$RESOURCE/a']\nwrite = ['$APP', '$APP/b', '/$APP']");
        let folder = tempfile::tempdir().unwrap();
        let (app, resources) = (folder.path().join("app"), folder.path().join("resources"));
        let real = found.confinement().unwrap().within(&app, &resources);
        assert_eq!(real.read, [resources.join("a")]);
        assert_eq!(real.write, [app.clone(), app.join("b"), "/$APP".into()]);
        assert!(
            app.is_dir() && !resources.exists(),
            "what is given is there by then, and what is brought along is not made"
        );
        for text in ["read = ['$APP/../x']", "read = ['$APPLE']", "read = ['$HOME/x']", "write = ['x/$APP']"]
        {
            let error = toml::from_str::<Settings>(text).unwrap_err().to_string();
            assert!(error.contains("is no place") && error.contains("$APP or $RESOURCE"), "{error}");
        }
    }

    #[test]
    fn places_are_absolute_or_below_the_home_folder_and_variables_have_names() {
        let home = std::env::home_dir().unwrap();
        let found = settings("sandbox = 'required'\nread = ['~', '~/a b', '/']").read;
        assert_eq!(found, Some(vec![home.clone(), home.join("a b"), "/".into()]));
        for (text, part) in [
            ("read = ['a/b']", "`a/b` is no place"),
            ("write = ['~other/a']", "`~other/a` is no place"),
            ("write = ['']", "`` is no place"),
            ("read = [\"/a\\u0000\"]", "is no place"),
            ("environment = ['A=1']", "`A=1` is no name of a variable"),
            ("environment = ['']", "`` is no name of a variable"),
            (
                "environment = ['A', 'Plugin_Host_SANDBOX_FILES']",
                "`Plugin_Host_SANDBOX_FILES` is one of the host's own",
            ),
            ("sandbox = 'yes'", "unknown variant `yes`"),
        ] {
            let error = toml::from_str::<Settings>(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
