//! What a plugin may call itself and its commands, and how many commands it may have.
//!
//! The names are of the plugin's making, so anything may be in them. Refused is what could not be routed, shown or kept
//! apart.

use std::collections::HashSet;

use plugin_api::manifest::{Manifest, RESERVED_NAMES};

use crate::words;

/// Commands of one plugin at most.
const MOST_COMMANDS: usize = 10_000;

/// Checks what a plugin says of itself.
///
/// # Errors
/// A sentence about the file, to follow its name.
pub fn check(manifest: &Manifest) -> Result<(), String> {
    if !manifest.unwinds {
        return Err(words::does_not_unwind());
    }
    if !is_plugin_name(&manifest.name) {
        return Err(words::bad_plugin_name(&manifest.name));
    }
    let commands = manifest.commands.as_deref().unwrap_or_default();
    if commands.len() > MOST_COMMANDS {
        return Err(words::too_many_commands(commands.len(), MOST_COMMANDS));
    }
    let mut seen = HashSet::new();
    for command in commands {
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

/// Whether a plugin may have this name.
fn is_plugin_name(name: &str) -> bool {
    let plain = |character: char| character.is_ascii_alphanumeric() || character == '-' || character == '_';
    (1..=64).contains(&name.len()) && name.chars().all(plain) && !RESERVED_NAMES.contains(&name)
}

#[cfg(test)]
mod tests {
    use plugin_api::table::{CommandEntry, Place};

    use super::*;

    fn described(name: &str, commands: &[&str]) -> Manifest {
        let entry = |name: &&str| CommandEntry::named(name, Place::Worker);
        Manifest {
            abi_number: 1,
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            description: String::new(),
            api_version: "0.1.0".to_owned(),
            rustc: String::new(),
            unwinds: true,
            commands: Some(commands.iter().map(entry).collect()),
        }
    }

    #[test]
    fn hostile_names_are_refused_with_a_sentence() {
        for name in ["", "host", "app", "window", "cli", "a/b", "..", "a b", "é", &"x".repeat(65)] {
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
        let mut manifest = described("p", &["a"]);
        manifest.unwinds = false;
        assert!(check(&manifest).unwrap_err().contains("panic = \"abort\""));
    }

    #[test]
    fn unusual_but_harmless_names_are_taken() {
        assert_eq!(check(&described("my_plugin-2", &["__proto__", "ü", "a b", "constructor"])), Ok(()));
    }
}
