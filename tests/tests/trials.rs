//! The trial of a library that the host does not know: when there is one, what it sees, and what comes of it.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use plugin_host_runtime::{MainThread, Offline, Places, Runtime, Selection, Status, Stopped, Which};
use serde_json::json;
use tests::files::replaced;
use tests::versions::{Starts, place, put, version};
use tests::{Host, built, library, places, places_with_script, plugin_folder};

struct NoMainThread;

impl MainThread for NoMainThread {
    fn wake(&self) {}
}

/// The library `constructor`, doing what the letter says, under a name that ends with a digit.
fn does(letter: u8, number: u8) -> Vec<u8> {
    let bytes = fs::read(library("constructor")).unwrap();
    let bytes = replaced(&bytes, b"constructor does: n", &[&b"constructor does: "[..], &[letter]].concat());
    renamed(bytes, b"constructor", &[&b"constructo"[..], &[number]].concat())
}

/// With every `from` written over.
fn renamed(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    let places: Vec<_> = (0..bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    places.into_iter().for_each(|at| bytes[at..at + to.len()].copy_from_slice(to));
    bytes
}

fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.{}", std::env::consts::DLL_EXTENSION))
}

fn start(plugins: &Path, places: &Places) -> Runtime {
    Runtime::builder(Arc::new(NoMainThread), places.clone()).plugin_folder(plugins).start().unwrap()
}

/// What a host says that is stopped again.
fn outcome(plugins: &Path, places: &Places) -> Status {
    let runtime = start(plugins, places);
    let status = runtime.wait_until_loaded();
    assert_eq!(runtime.stop(Duration::from_secs(30)), Stopped::Cleanly);
    status
}

#[test]
fn a_library_is_tried_once_and_again_only_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let trials = folder.path().join("trials");
    let places = places_with_script(folder.path(), &format!("echo trial >> '{}'", trials.display()));
    let plugins = folder.path().join("plugins");
    fs::create_dir(&plugins).unwrap();
    put(&place(&plugins), &version(1, Starts::Well));
    let count = || fs::read_to_string(&trials).map_or(0, |text| text.lines().count());
    let start = || (outcome(&plugins, &places).plugins.len(), count());
    assert_eq!(start(), (1, 1), "a new library");
    assert_eq!(start(), (1, 1), "a known one");
    put(&place(&plugins), &version(2, Starts::Well));
    assert_eq!(start(), (1, 2), "a changed one");
    put(&place(&plugins), &version(1, Starts::Well));
    assert_eq!(start(), (1, 2), "one that was known before");
}

#[test]
fn the_trial_has_folders_of_its_own_and_an_unusual_start_is_no_reason_to_refuse() {
    for (letter, what) in [
        (b'T', "writes to its data folder and to the application's"),
        (b'V', "takes a second"),
        (b'W', "prints ten megabytes"),
        (b'Q', "hangs when it is stopped"),
        (b'D', "leaves somebody behind"),
    ] {
        // Whoever hangs when it is stopped is killed for that, and has shown by then that it starts.
        let host =
            Host::set_up(tempfile::tempdir().unwrap(), |builder| builder.load_limit(Duration::from_secs(3)));
        host.status();
        put(&file(host.folder.path(), "plugin"), &does(letter, b'0'));
        let change = host.change();
        assert_eq!(change.reason, None, "{what}");
        assert_eq!(host.call(json!({ "cmd": "nothing" })), Ok(json!(null)), "{what}");
    }
    #[cfg(target_os = "linux")]
    assert!(!tests::somebody_stayed(), "what a trial has started ends with it, in whatever session");
}

#[test]
fn a_plugin_that_ignores_the_end_of_children_does_not_keep_others_from_being_tried() {
    let folder = tempfile::tempdir().unwrap();
    put(&file(folder.path(), "a"), &does(b'I', b'0'));
    let call = || {
        let mut command = Command::new(built().join("plugin-host"));
        command.args(["call", r#"{"cmd":"which","number":1}"#, "--only", "--plugins"]).arg(folder.path());
        let output = command.arg("--data").arg(folder.path().join("data")).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    assert_eq!(call().0, Some(1), "there is no such command yet");
    // By now the first one is known, and has done it when this one is tried.
    put(&place(folder.path()), &version(5, Starts::Well));
    let (code, answer) = call();
    assert_eq!(code, Some(0));
    assert!(answer.contains("\"version\":5"), "{answer}");
}

#[test]
fn a_trial_that_somebody_ends_says_nothing_of_the_library() {
    let folder = tempfile::tempdir().unwrap();
    let plugins = folder.path().join("plugins");
    fs::create_dir(&plugins).unwrap();
    put(&place(&plugins), &version(1, Starts::Well));
    for (before, reason) in [
        ("kill -TERM $$", "could not be tried: somebody ended the process that did so, by a request to end"),
        ("kill -KILL $$", "could not be tried: somebody ended the process that did so, by a kill"),
        ("rm -r \"$PLUGIN_HOST_PROBE_FOLDER\"", "could not be tried: "),
        ("exit 0", "could not be tried: the answer cannot be read: there is none"),
    ] {
        let status = outcome(&plugins, &places_with_script(folder.path(), before));
        assert!(status.refused[0].reason.starts_with(reason), "{before}: {status:?}");
    }
    let status = outcome(&plugins, &places_with_script(folder.path(), ""));
    assert_eq!((status.plugins.len(), status.refused.len()), (1, 0), "nothing was remembered");
}

#[test]
fn several_libraries_are_tried_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let (plugins, meeting) = (folder.path().join("plugins"), folder.path().join("meeting"));
    fs::create_dir(&plugins).unwrap();
    fs::create_dir(&meeting).unwrap();
    let places = places_with_script(folder.path(), &format!("export MEET_IN='{}'", meeting.display()));
    for number in b'0'..b'2' {
        put(&file(&plugins, &char::from(number).to_string()), &does(b'R', number));
    }
    // Each waits for the others; one after another each would be killed for taking too long.
    let status = outcome(&plugins, &places);
    assert_eq!((status.plugins.len(), status.refused.len()), (2, 0), "{status:?}");
    assert_eq!(fs::read_dir(meeting).unwrap().count(), 2);
}

#[test]
fn a_plugin_that_the_last_host_could_not_start_is_listed_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (plugins, places) = (folder.path().join("plugins"), places(folder.path()));
    fs::create_dir(&plugins).unwrap();
    put(&place(&plugins), &version(1, Starts::WithError));
    let offline = Offline::new(vec![plugins.clone()], places.clone());
    let listed = || {
        let Status { plugins, refused, .. } = offline.status(&Selection::All);
        (plugins.len(), refused.into_iter().map(|one| one.reason).collect::<String>())
    };
    assert_eq!(listed(), (1, String::new()), "nobody has tried");
    let reason = outcome(&plugins, &places).refused[0].reason.clone();
    assert_eq!(reason, "did not start: version 1 does not want to");
    let told = format!("{reason} (that was the last time; the next start tries it again)");
    assert_eq!(listed(), (0, told.clone()));
    // Another file with the same name serves in its place, as it does in a host.
    let other = file(&plugins, "zzz");
    put(&other, &version(3, Starts::Well));
    assert_eq!(listed(), (1, told));
    fs::remove_file(other).unwrap();
    put(&place(&plugins), &version(2, Starts::Well));
    assert_eq!(outcome(&plugins, &places).plugins.len(), 1);
    assert_eq!(listed(), (1, String::new()));
    put(&place(&plugins), &version(1, Starts::WithError));
    outcome(&plugins, &places);
    let again = offline.try_again(&Which::Called("changing".to_owned())).unwrap();
    assert_eq!(again, [(place(&plugins), None)], "its start is left to the next host");
    assert_eq!(listed(), (1, String::new()));
}

#[test]
fn a_start_that_panics_is_refused_with_what_it_says() {
    for (letter, reason) in [
        (b'E', "did not start: does not want to"),
        (b'P', "did not start: panicked: does not like to"),
        (b'N', "did not start: panicked: "),
        (b'B', "did not start: panicked: "),
    ] {
        let folder = plugin_folder(&["ordinary"]);
        put(&file(folder.path(), "plugin"), &does(letter, b'0'));
        let host = Host::on(folder);
        let refused = host.status().refused;
        assert!(refused[0].reason.starts_with(reason), "{refused:?}");
        assert_eq!(host.call(json!({ "cmd": "echo", "value": 1 })), Ok(json!(1)));
        assert_eq!(host.runtime.stop(Duration::from_secs(30)), Stopped::Cleanly);
    }
}

#[test]
fn a_plugin_that_hangs_in_the_host_alone_is_waited_for_twice_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let (plugins, places) = (folder.path().join("plugins"), places(folder.path()));
    fs::create_dir(&plugins).unwrap();
    put(&file(&plugins, "hangs"), &does(b'H', b'0'));
    let reason = || {
        let runtime = Runtime::builder(Arc::new(NoMainThread), places.clone()).plugin_folder(&plugins);
        let runtime = runtime.load_limit(Duration::from_secs(3)).start().unwrap();
        let status = runtime.wait_until_loaded();
        let stopped = runtime.stop(Duration::from_millis(100));
        (status.refused[0].reason.clone(), stopped)
    };
    for _ in 0..2 {
        let (reason, stopped) = reason();
        assert!(reason.starts_with("did not start within 3 seconds; "), "{reason}");
        assert_eq!(stopped, Stopped::StillRunning);
    }
    let (reason, stopped) = reason();
    assert!(reason.starts_with("did not start within 3 seconds, twice; "), "{reason}");
    assert_eq!(stopped, Stopped::Cleanly, "nothing of it was run");
}
