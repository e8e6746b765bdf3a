//! `plugin-host new`: a plugin to begin with, which builds, tests and lints clean.
//!
//! The files stand in `scaffold/`, with names in double braces. Nothing that is there already is written over.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::words;

/// The files of a plugin: where they go, and what they hold.
const FILES: [(&str, &str); 7] = [
    ("Cargo.toml", include_str!("scaffold/Cargo.toml.in")),
    ("src/lib.rs", include_str!("scaffold/src/lib.rs.in")),
    ("page/index.html", include_str!("scaffold/page/index.html.in")),
    ("page/index.js", include_str!("scaffold/page/index.js.in")),
    (".github/workflows/ci.yml", include_str!("scaffold/workflow/ci.yml.in")),
    ("README.md", include_str!("scaffold/README.md.in")),
    (".gitignore", include_str!("scaffold/gitignore.in")),
];

/// Names that Cargo or the language do not allow for a crate, or that belong to the host.
const TAKEN: [&str; 14] = [
    "host",
    "app",
    "test",
    "core",
    "std",
    "alloc",
    "proc-macro",
    "proc_macro",
    "self",
    "super",
    "crate",
    "plugin-api",
    "plugin_api",
    "serde",
];

/// Makes a folder of this name with a plugin in it, and says what to do next.
pub fn new(name: &str, parent: Option<PathBuf>, plugin_api: Option<PathBuf>) -> Result<i32> {
    check_name(name)?;
    let folder = parent.unwrap_or_default().join(name);
    if folder.symlink_metadata().is_ok() {
        bail!(words::is_there_already(&folder));
    }
    let dependency = dependency(plugin_api)?;
    for (file, text) in FILES {
        let path = folder.join(file);
        let unwritable = || words::unwritable(&path);
        fs::create_dir_all(path.parent().unwrap_or(&folder)).with_context(unwritable)?;
        fs::write(&path, filled(text, name, &dependency)).with_context(unwritable)?;
    }
    format(&folder.join("src/lib.rs"));
    writeln!(std::io::stdout(), "{}", words::made(&folder))?;
    Ok(0)
}

/// How long the lines are depends on the name. Where the formatter is missing, the author's editor will do.
fn format(file: &Path) {
    let formatter = std::process::Command::new("rustfmt").args(["--edition", "2024"]).arg(file).status();
    if !formatter.is_ok_and(|status| status.success()) {
        tracing::debug!("{} was not formatted", file.display());
    }
}

fn check_name(name: &str) -> Result<()> {
    let mut characters = name.chars();
    let begins = characters.next().is_some_and(|first| first.is_ascii_lowercase());
    let goes_on =
        characters.all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || "-_".contains(one));
    let keyword = TAKEN.contains(&name) || is_of_the_language(name);
    if !(begins && goes_on && name.len() <= 64) || keyword || name.ends_with(['-', '_']) {
        bail!(words::bad_new_name(name));
    }
    Ok(())
}

/// Words that no crate can be called by.
fn is_of_the_language(name: &str) -> bool {
    const WORDS: [&str; 40] = [
        "as", "async", "await", "break", "const", "continue", "dyn", "else", "enum", "extern", "false", "fn",
        "for", "gen", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref",
        "return", "static", "struct", "trait", "true", "type", "unsafe", "use", "where", "while", "yield",
        "try", "macro", "final", "do",
    ];
    WORDS.contains(&name)
}

/// Where the plugin gets plugin-api from: the folder that was named, the one of the repository that this program was built
/// in, or the registry.
fn dependency(named: Option<PathBuf>) -> Result<String> {
    if let Some(folder) = &named
        && !folder.join("Cargo.toml").is_file()
    {
        bail!(words::no_plugin_api(folder));
    }
    let program = std::env::current_exe().context(words::no_executable())?;
    let beside = || {
        let folders = program.ancestors().map(|folder| folder.join("plugin-api"));
        folders.into_iter().find(|folder| folder.join("src/export.rs").is_file())
    };
    Ok(match named.or_else(beside) {
        Some(folder) => {
            let folder = fs::canonicalize(&folder).unwrap_or(folder);
            format!("path = {}", quoted(&folder))
        }
        None => format!("version = \"{}\"", env!("CARGO_PKG_VERSION")),
    })
}

/// A path as a string of TOML, which knows the same escapes as JSON.
fn quoted(path: &Path) -> String {
    serde_json::Value::from(path.to_string_lossy()).to_string()
}

fn filled(text: &str, name: &str, dependency: &str) -> String {
    let snake = name.replace('-', "_");
    text.replace("{{plugin-api}}", &format!("{{ {dependency} }}"))
        .replace("{{plugin-api-testing}}", &format!("{{ {dependency}, features = [\"testing\"] }}"))
        .replace("{{camel}}", &camel(&snake))
        .replace("{{snake}}", &snake)
        .replace("{{name}}", name)
}

/// As `#[command]` makes a `cmd` of a function's name.
fn camel(snake: &str) -> String {
    let mut parts = snake.split('_').filter(|part| !part.is_empty());
    let mut camel = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (first, rest) = part.split_at(1);
        camel.push_str(&first.to_uppercase());
        camel.push_str(rest);
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_plugin_or_crate_may_have_are_refused() {
        for name in
            ["", "1st", "Weather", "a b", "é", "../up", "host", "fn", "test", "end-", "a/b", &"x".repeat(65)]
        {
            assert!(check_name(name).is_err(), "{name}");
        }
        for name in ["weather", "my-plugin2", "my_plugin"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn no_place_is_left_unfilled() {
        for (file, text) in FILES {
            let filled = filled(text, "my-plugin", "version = \"1\"");
            let left = filled.replace("${{ matrix.os }}", "");
            assert!(!left.contains("{{"), "{file}: {left}");
        }
        assert_eq!(camel("my_plugin2_x"), "myPlugin2X");
    }
}
