//! What the next start says of a host that died inside of a plugin.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;
use tests::{built, plugin_folder};

fn run(arguments: &[&str], plugins: &Path) -> Output {
    let mut command = Command::new(built().join("plugin-host"));
    command
        .args(arguments)
        .arg("--only")
        .arg("--plugins")
        .arg(plugins)
        .arg("--data")
        .arg(plugins.join("data"));
    // The tests want to see how the process itself ends.
    command.output().unwrap()
}

fn call(message: &serde_json::Value, plugins: &Path) -> Output {
    run(&["call", &message.to_string()], plugins)
}

fn log(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Whatever the host has learned of `misbehaving`, it runs in the host's process.
fn stays_in_process(plugins: &Path) {
    let data = plugins.join("data");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::write(data.join("config.toml"), "[host.plugins.misbehaving]\nisolation = 'in-process'").unwrap();
}

#[test]
fn the_next_start_names_plugin_command_and_cause_and_later_ones_do_not() {
    let folder = plugin_folder(&["misbehaving", "ordinary"]);
    stays_in_process(folder.path());
    for (cmd, cause) in [
        ("segfaults", "a wrong access to memory (SIGSEGV)"),
        ("aborts", "an abort"),
        ("exits", "a call of exit"),
        ("overflows", "a wrong access to memory (SIGSEGV)"),
    ] {
        let died = call(&json!({ "cmd": cmd, "depth": 0 }), folder.path());
        // A message that has too many arguments is refused before it runs.
        let died =
            if died.status.code() == Some(1) { call(&json!({ "cmd": cmd }), folder.path()) } else { died };
        assert_ne!(died.status.code(), Some(1), "{}", log(&died));
        let next = call(&json!({ "cmd": "echo", "value": 1 }), folder.path());
        assert_eq!(next.status.code(), Some(0), "{}", log(&next));
        let sentence = format!(
            "the last run died in plugin `misbehaving` while `{cmd}` ran, by {cause}; `plugin-host disable misbehaving` switches it off"
        );
        assert!(log(&next).contains(&sentence), "{cmd}: {}", log(&next));
        let later = call(&json!({ "cmd": "echo", "value": 1 }), folder.path());
        assert!(log(&later).is_empty(), "{}", log(&later));
    }
}

#[test]
fn a_thread_of_a_plugins_own_that_dies_is_told_with_its_name() {
    let folder = plugin_folder(&["misbehaving", "ordinary"]);
    let died = call(&json!({ "cmd": "ownThreadSegfaults" }), folder.path());
    assert_eq!(died.status.code(), None, "it dies by a signal");
    let next = call(&json!({ "cmd": "echo", "value": 1 }), folder.path());
    let sentence =
        "the last run died in a thread called `misbeha:ownThre`, by a wrong access to memory (SIGSEGV)";
    assert!(log(&next).contains(sentence), "{}", log(&next));
    assert!(
        log(&next)
            .contains("by its name plugin `misbehaving` has started it; `plugin-host disable misbehaving`")
    );
}

#[test]
fn a_plugin_that_kills_the_host_in_its_start_is_refused_until_it_is_tried_again() {
    let folder = plugin_folder(&["misbehaving", "ordinary"]);
    let cause = folder.path().join("data/misbehaving/abort-in-start");
    std::fs::create_dir_all(cause.parent().unwrap()).unwrap();
    std::fs::write(&cause, "").unwrap();
    let echo = json!({ "cmd": "echo", "value": 1 });
    assert_eq!(call(&echo, folder.path()).status.code(), None, "it dies by a signal");
    let next = call(&echo, folder.path());
    assert_eq!(next.status.code(), Some(0), "the others serve: {}", log(&next));
    assert!(log(&next).contains("the last run died in plugin `misbehaving` while it started, by an abort"));
    let list = run(&["list"], folder.path());
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    assert!(list.contains("ended the host while it started, by an abort"), "{list}");

    std::fs::remove_file(cause).unwrap();
    let still = call(&json!({ "cmd": "open" }), folder.path());
    assert_eq!(still.status.code(), Some(1), "nobody has asked to try it again");
    assert_eq!(run(&["retry", "misbehaving"], folder.path()).status.code(), Some(0));
    assert_eq!(call(&json!({ "cmd": "open" }), folder.path()).status.code(), Some(0));
}

#[test]
fn without_a_plugin_and_in_safe_mode_nothing_of_it_runs() {
    let folder = plugin_folder(&["misbehaving", "ordinary"]);
    let cause = folder.path().join("data/misbehaving/abort-in-start");
    std::fs::create_dir_all(cause.parent().unwrap()).unwrap();
    std::fs::write(&cause, "").unwrap();
    let message = json!({ "cmd": "echo", "value": 1 }).to_string();
    let without = run(&["call", &message, "--without", "misbehaving"], folder.path());
    assert_eq!(without.status.code(), Some(0), "{}", log(&without));
    assert!(log(&without).is_empty(), "{}", log(&without));
    let slip = run(&["call", &message, "--without", "misbehaving", "--without", "ordinry"], folder.path());
    assert_eq!(slip.status.code(), Some(0));
    assert!(log(&slip).contains("`--without ordinry` has no effect: no file in the plugin folders"));
    let safe = run(&["call", &message, "--safe-mode"], folder.path());
    assert_eq!(safe.status.code(), Some(1));
    assert!(
        log(&safe).contains("no plugin is loaded; 2 in the plugin folders were refused or left out"),
        "{}",
        log(&safe)
    );
    assert_eq!(run(&["disable", "misbehaving"], folder.path()).status.code(), Some(0));
    assert_eq!(run(&["call", &message], folder.path()).status.code(), Some(0));
}

#[test]
fn a_host_that_is_killed_from_outside_accuses_nobody() {
    let folder = plugin_folder(&["misbehaving", "ordinary"]);
    let mut command = Command::new(built().join("plugin-host"));
    let waits = folder.path().join("data/misbehaving/start-when-written");
    std::fs::create_dir_all(waits.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(&waits).status().unwrap().success());
    command.args(["call", r#"{"cmd":"open"}"#, "--only", "--plugins"]).arg(folder.path());
    let mut child = command.arg("--data").arg(folder.path().join("data")).spawn().unwrap();
    // It opens when the plugin reads from it: in its start.
    let pipe = std::fs::File::options().write(true).open(&waits).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    drop(pipe);
    std::fs::remove_file(waits).unwrap();
    let next = call(&json!({ "cmd": "open" }), folder.path());
    assert_eq!(next.status.code(), Some(0), "{}", log(&next));
    assert!(
        log(&next).contains("the last run was ended from outside, or by `_exit`, which leaves no trace; plugin `misbehaving` was at work then")
    );
}
