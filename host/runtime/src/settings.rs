//! What the host's configuration says of a plugin, for the host: the tables `host.plugins.NAME`, and `host.plugins."*"` for all
//! that say nothing themselves. A plugin's own table is another one, and none of the host's business.

mod units;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use serde::Deserialize;

/// Which lane the code of a plugin runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// In a process of its own.
    Process,
    /// In the host's process, even if it has crashed that.
    InProcess,
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
            commands,
        }
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
}
