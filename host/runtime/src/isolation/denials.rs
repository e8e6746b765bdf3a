//! Tells the log what a sandbox has refused. The kernel tells nobody but the plugin; so what the host goes by are the errors that
//! come out of the plugin's commands. One that keeps them to itself leaves no line here.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Lines of one plugin at most.
const MOST: usize = 256;

/// What the two errors of the system say that come of a sandbox, as Rust and as C has it.
const SIGNS: [&str; 4] = ["Permission denied", "os error 13)", "Operation not permitted", "os error 1)"];

type Line = Box<dyn Fn(Option<&str>, &str) -> String + Send + Sync>;

/// See the module.
pub struct Denials {
    plugin: Arc<str>,
    /// Makes a line of the command, if it was one, and the error.
    line: Line,
    told: Mutex<HashSet<(Option<String>, usize)>>,
}

impl Denials {
    /// What hears of the denials of one plugin, and says them with `line`.
    pub fn new(
        plugin: Arc<str>,
        line: impl Fn(Option<&str>, &str) -> String + Send + Sync + 'static,
    ) -> Self {
        Self { plugin, line: Box::new(line), told: Mutex::default() }
    }

    /// A command has failed with this, or the start, if there is none. What was told once for a command is not told again.
    pub fn note(&self, cmd: Option<&str>, error: &str) {
        if self.is_news(cmd, error) {
            tracing::warn!(plugin = &*self.plugin, "{}", (self.line)(cmd, error));
        }
    }

    fn is_news(&self, cmd: Option<&str>, error: &str) -> bool {
        let Some(sign) = SIGNS.iter().position(|sign| error.contains(sign)) else { return false };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        // The text and its number are one kind.
        told.len() < MOST && told.insert((cmd.map(str::to_owned), sign / 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words;

    #[test]
    fn a_denial_is_told_once_for_each_command_and_kind_and_another_error_never() {
        let denials = Denials::new("p".into(), |_, _| words::stopping());
        assert!(denials.is_news(Some("a"), "/etc/passwd: Permission denied (os error 13)"));
        assert!(!denials.is_news(Some("a"), "other: os error 13)"));
        assert!(denials.is_news(Some("a"), "Operation not permitted (os error 1)"));
        assert!(denials.is_news(Some("b"), "Permission denied"));
        assert!(denials.is_news(None, "Permission denied"));
        for other in ["No such file or directory (os error 2)", "os error 11)", "no luck", ""] {
            assert!(!denials.is_news(Some("c"), other), "{other}");
        }
        for number in 0..1000 {
            denials.is_news(Some(&number.to_string()), "Permission denied");
        }
        assert!(!denials.is_news(Some("last"), "Permission denied"), "there is a bound");
    }
}
