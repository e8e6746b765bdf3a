//! From nothing to a plugin that is checked and answers a page: what `plugin-host new` makes.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tests::program::host;
use tests::{built, repository};

/// What a new plugin is built into; it stays for the next time.
fn target() -> PathBuf {
    built().join("scaffold")
}

#[test]
fn a_new_plugin_is_formatted_linted_tested_and_checked_and_answers_its_page_in_a_window() {
    let program = built().join("plugin-host");
    let mut script = Command::new(repository().join("scripts/walk-through.sh"));
    script.arg(program).env("CARGO_TARGET_DIR", target()).env("CARGO_NET_OFFLINE", "true");
    let output = script.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    println!("{said}");

    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    std::fs::write(&config, "[plugins.walk-through]\ngreeting = 'Moin'\n").unwrap();
    let call = r#"{"cmd":"walkThroughGreet","name":"you"}"#;
    let plugins = target().join("debug");
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
