//! What stands in `commands = […]` of a permission: `plugin/command`, where `*` in either part stands for any characters.

use serde::{Deserialize, Deserializer, de};
use wildmatch::WildMatchPattern;

use crate::words;

/// `*` for any characters; no name has the other character, so none stands for one.
type Part = WildMatchPattern<'*', '\0'>;

/// A pattern of commands.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    plugin: Part,
    command: Part,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A sentence that says how it is written.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once('/') {
            // Only an application's own commands may have a stroke in their names.
            Some((plugin, command))
                if !plugin.is_empty()
                    && !command.is_empty()
                    && (plugin == "app" || !command.contains('/')) =>
            {
                Ok(Self { text: text.to_owned(), plugin: Part::new(plugin), command: Part::new(command) })
            }
            _ => Err(words::permissions::bad_pattern(text)),
        }
    }

    /// Whether it is for this command. One that is dangerous must be called by its name.
    pub fn is_for(&self, plugin: &str, command: &str, dangerous: bool) -> bool {
        if dangerous {
            return self.text.split_once('/') == Some((plugin, command));
        }
        self.plugin.matches(plugin) && self.command.matches(command)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_for_the_commands_it_is_like_and_for_no_others() {
        for (pattern, plugin, command, is_for) in [
            ("store/get", "store", "get", true),
            ("store/get", "store", "getAll", false),
            ("store/get", "storey", "get", false),
            ("store/*", "store", "get", true),
            ("store/*", "storey", "get", false),
            ("store/get*", "store", "getAll", true),
            ("store/*All", "store", "getAll", true),
            ("*/get", "store", "get", true),
            ("*/*", "store", "get", true),
            ("store/ge?", "store", "get", false),
            ("store/ge?", "store", "ge?", true),
            ("Store/get", "store", "get", false),
            ("store/", "store", "", false),
            ("app/a/b", "app", "a/b", true),
            ("app/a/*", "app", "a/b", true),
        ] {
            let found = Pattern::parse(pattern).is_ok_and(|pattern| pattern.is_for(plugin, command, false));
            assert_eq!(found, is_for, "{pattern} {plugin} {command}");
        }
    }

    #[test]
    fn a_dangerous_command_is_meant_only_by_its_own_name() {
        for (pattern, is_for) in
            [("shell/run", true), ("shell/*", false), ("*/run", false), ("*/*", false), ("shell/ru*", false)]
        {
            assert_eq!(Pattern::parse(pattern).unwrap().is_for("shell", "run", true), is_for, "{pattern}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_how_it_is_written() {
        for bad in ["", "store", "/get", "store/", "a/b/c", "*"] {
            assert!(Pattern::parse(bad).unwrap_err().contains("plugin/command"), "{bad}");
        }
    }
}
