//! What the processes with plugin code are given by the host and what not, and what is told where a sandbox refuses something.
#![cfg(target_os = "linux")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use plugin_host_runtime::Wishes;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{Host, built, places_with_script, plugin_folder};

/// A plugin folder, a folder of data with a configuration, a folder that is the user's, and more variables.
struct Program(TempDir, TempDir, Vec<(&'static str, OsString)>);

impl Program {
    fn with(plugins: &[&str], configuration: &str) -> Self {
        let (folder, home) = (plugin_folder(plugins), tempfile::tempdir().unwrap());
        fs::create_dir(folder.path().join("data")).unwrap();
        fs::write(folder.path().join("data/config.toml"), configuration).unwrap();
        Self(folder, home, Vec::new())
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("sh");
        // Who starts the host may have left a file open for it.
        command.args(["-c", "exec 7</etc/hostname; exec \"$0\" \"$@\""]).arg(built().join("plugin-host"));
        command.args(arguments).arg("--only").arg("--plugins").arg(self.0.path());
        command.arg("--data").arg(self.0.path().join("data"));
        command.env("HOME", self.1.path()).env("CONFINED_SECRET", "secret").env("CONFINED_LISTED", "listed");
        // What a process says to itself counts only there.
        command.env("PLUGIN_HOST_SANDBOX_FILES", "\"Closed\"").env("PLUGIN_HOST_BEGUN", "1");
        command.envs(self.2.iter().map(|(name, value)| (name, value)));
        command.env("PLUGIN_HOST_LOG", "warn").output().unwrap()
    }

    fn call(&self, message: &Value) -> Output {
        self.run(&["call", &message.to_string()])
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_process_of_a_plugin_has_few_variables_those_that_are_listed_and_no_file_of_the_hosts() {
    for settings in ["isolation = 'process'", "sandbox = 'if-possible'"] {
        let program = Program::with(
            &["confined"],
            &format!("[host.plugins.confined]\n{settings}\nenvironment = ['CONFINED_LISTED', 'NOT_THERE']"),
        );
        let output = program.call(&json!({ "cmd": "environment" }));
        let variables: BTreeMap<String, String> = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(variables.get("CONFINED_LISTED").map(String::as_str), Some("listed"));
        assert_eq!(variables.get("HOME").map(Path::new), Some(program.1.path()));
        for (name, value) in &variables {
            assert!(!value.contains("secret") && !name.starts_with("CARGO"), "{name}");
        }
        let own = variables.keys().filter(|name| name.starts_with("PLUGIN_HOST_"));
        let wanted: &[_] = if settings.starts_with("sandbox") {
            &["PLUGIN_HOST_ISOLATED", "PLUGIN_HOST_SANDBOX", "PLUGIN_HOST_SANDBOX_FILES"]
        } else {
            // The host has kept the open file from it, so that it need not begin again without.
            &["PLUGIN_HOST_ISOLATED"]
        };
        assert_eq!(own.collect::<Vec<_>>(), wanted);
        let output = program.call(&json!({ "cmd": "descriptors" }));
        let files: BTreeMap<String, String> = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(files["0"], "/dev/null");
        let more: Vec<_> =
            files.iter().filter(|(number, _)| !["0", "1", "2"].contains(&&***number)).collect();
        let sockets: BTreeSet<_> = more
            .iter()
            .filter(|(_, target)| target.starts_with("socket:"))
            .map(|(_, target)| target)
            .collect();
        assert_eq!(sockets.len(), 1, "{files:?}");
        for (_, target) in more {
            let own =
                target.starts_with("socket:") || target.ends_with(".crumbs") || target.ends_with(".names");
            assert!(own, "{files:?}");
        }
    }
}

#[test]
fn a_file_that_the_process_is_given_all_the_same_is_left_behind() {
    let folder = plugin_folder(&["confined"]);
    fs::write(folder.path().join("config.toml"), "[host.plugins.confined]\nisolation = 'process'").unwrap();
    // An application that embeds the host may have files open that its children get.
    let places = places_with_script(folder.path(), "exec 7</etc/hostname");
    let host = Host::in_places(folder, places, |builder| builder.isolate(Wishes::default()));
    let files = host.call(json!({ "cmd": "descriptors" })).unwrap();
    assert!(!files.to_string().contains("hostname"), "{files}");
    let variables = host.call(json!({ "cmd": "environment" })).unwrap();
    assert!(variables.get("PLUGIN_HOST_BEGUN").is_some(), "{variables}");
}

#[test]
fn a_trial_of_a_plugin_in_a_sandbox_is_in_one_and_has_few_variables() {
    for settings in ["isolation = 'process'", "sandbox = 'required'"] {
        let program = Program::with(&["confined"], &format!("[host.plugins.confined]\n{settings}"));
        fs::write(program.1.path().join("confined-may-try"), "").unwrap();
        let output = program.call(&json!({ "cmd": "process" }));
        let confined = settings.starts_with("sandbox");
        let missing = text(&output.stderr).contains("a sandbox that this system does not have: the kernel");
        assert!(output.status.success() || missing, "{output:?}");
        assert_eq!(program.1.path().join("confined-has-tried").exists(), !confined);
    }
}

#[test]
fn variables_for_libraries_and_certificates_open_these_and_nothing_else_of_the_users() {
    let settings = "[host.plugins.confined]\nsandbox = 'if-possible'\nnetwork = true";
    let mut program = Program::with(&["confined"], settings);
    let home = program.1.path().to_owned();
    fs::create_dir(home.join("certificates")).unwrap();
    for file in ["secret", "libown.so.1", "certificates/one"] {
        fs::write(home.join(file), "text").unwrap();
    }
    std::os::unix::fs::symlink(home.join("secret"), home.join("liblink.so")).unwrap();
    let libraries = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let libraries = std::env::join_paths([home.clone()].into_iter().chain(std::env::split_paths(&libraries)));
    program.2.push(("LD_LIBRARY_PATH", libraries.unwrap()));
    let read = |program: &Program, file: &str| {
        let output = program.call(&json!({ "cmd": "read", "path": home.join(file) }));
        (output.status.success(), text(&output.stderr))
    };
    assert!(read(&program, "libown.so.1").0);
    let (was_read, log) = read(&program, "secret");
    if log.contains("less of a sandbox than there could be: the kernel") {
        return;
    }
    assert!(!was_read, "{log}");
    assert!(!read(&program, "liblink.so").0);
    program.2.push(("SSL_CERT_DIR", home.join("certificates").into()));
    assert!(read(&program, "certificates/one").0);
    program.2.push(("SSL_CERT_DIR", home.clone().into()));
    let (was_read, log) = read(&program, "secret");
    assert!(!was_read && log.contains("SSL_CERT_DIR names ") && log.contains("more lies than"), "{log}");
}

#[test]
fn a_denial_is_a_line_in_the_log_that_says_what_is_allowed_and_how_to_allow_more() {
    let program = Program::with(
        &["confined"],
        "[host.plugins.confined]\nsandbox = 'if-possible'\nread = ['/usr/share', '/not/there']",
    );
    let output = program.call(&json!({ "cmd": "read", "path": "/etc/passwd" }));
    let log = text(&output.stderr);
    assert!(log.contains("lists /not/there, which cannot be opened (No such file"), "{log}");
    if log.contains("less of a sandbox than there could be: the kernel") {
        return;
    }
    assert_eq!(output.status.code(), Some(1), "{log}");
    for part in [
        "refused something to plugin `confined`",
        "`read` failed with \"Permission denied (os error 13)\"",
        "data/confined",
        "reading below /usr/share, /not/there, and no network",
        "`read`, `write` and `network` in [host.plugins.confined] of ",
        "config.toml allow more",
    ] {
        assert!(log.contains(part), "{part}: {log}");
    }
    assert_eq!(log.matches("refused something").count(), 1, "{log}");
    let list = text(&program.run(&["list"]).stdout);
    assert!(
        list.contains("runs in a process of its own, as the configuration wants it in a sandbox"),
        "{list}"
    );
}

#[test]
fn a_start_that_fails_in_a_sandbox_is_refused_with_the_plugins_word_and_told_in_the_log() {
    let program = Program::with(
        &["confined"],
        "[plugins.confined]\nread_in_start = '/etc/passwd'\nrefuse = true\n[host.plugins.confined]\nsandbox = 'required'",
    );
    let output = program.call(&json!({ "cmd": "process" }));
    let log = text(&output.stderr);
    assert!(!output.status.success());
    if !log.contains("does not have: the kernel") {
        assert!(log.contains("its start failed with"), "{log}");
        assert!(log.contains("cannot start: Permission denied (os error 13)"), "{log}");
    }
}
