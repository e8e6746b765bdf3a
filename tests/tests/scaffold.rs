//! From nothing to a plugin that is checked and answers a page: what `plugin-host new` makes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tests::built;
use tests::program::host;

/// Runs Cargo in a folder; what it builds goes to a place that stays for the next time.
fn cargo(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(folder).env("CARGO_TARGET_DIR", target());
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success(),
        "cargo {arguments:?}: {said}{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

fn target() -> PathBuf {
    built().join("scaffold")
}

#[test]
fn a_new_plugin_is_formatted_tested_and_linted_and_answers_its_page_in_a_window() {
    let folder = tempfile::tempdir().unwrap();
    let parent = folder.path().to_str().unwrap();
    host(&["new", "walk-through", "--in", parent], None).check(0, "cargo build --release", "");
    let plugin = folder.path().join("walk-through");
    cargo(&plugin, &["fmt", "--check"]);
    cargo(&plugin, &["test", "--offline"]);
    cargo(&plugin, &["clippy", "--offline", "--all-targets", "--", "-D", "warnings"]);
    cargo(&plugin, &["build", "--offline"]);

    let plugins = target().join("debug");
    let page = plugin.join("page");
    let run = host(&["run", "--report", "--frontend", page.to_str().unwrap()], Some(&plugins));
    run.check(0, "report: Hello, World! (1 so far)", "");
    let config = folder.path().join("config.toml");
    std::fs::write(&config, "[plugins.walk-through]\ngreeting = 'Moin'\n").unwrap();
    let call = r#"{"cmd":"walkThroughGreet","name":"you"}"#;
    let call = host(&["call", "--config", config.to_str().unwrap(), call], Some(&plugins));
    call.check(0, r#"{"text":"Moin, you!","count":1}"#, "");
}

#[test]
fn what_cannot_be_made_is_a_sentence_and_nothing_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let parent = folder.path().to_str().unwrap();
    std::fs::create_dir(folder.path().join("taken")).unwrap();
    host(&["new", "taken", "--in", parent], None).check(2, "", "is there already");
    host(&["new", "Taken!", "--in", parent], None).check(2, "", "is no name for a new plugin");
    host(&["new", "x", "--in", parent, "--plugin-api", parent], None).check(2, "", "has no plugin-api");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
