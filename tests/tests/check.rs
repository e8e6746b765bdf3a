//! What `plugin-host check` finds, in good libraries and in bad ones.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tests::files::{Expected, Files, faulty};
use tests::program::{Ended, host};
use tests::{STANDARD, library};

fn check(library: &Path, arguments: &[&str]) -> Ended {
    let mut all = vec!["check", library.to_str().unwrap(), "--seed", "7"];
    all.extend(arguments);
    host(&all, None)
}

#[test]
fn the_plugins_that_come_with_the_host_pass_at_the_highest_level() {
    for plugin in STANDARD.into_iter().chain(["hello-functions", "hello-handler"]) {
        let ended = check(&library(plugin), &["--level", "3"]);
        assert_eq!(ended.status.code(), Some(0), "{plugin}: {}", ended.output);
    }
}

#[test]
fn a_library_without_a_fault_passes_and_each_fault_is_found_by_the_check_for_it() {
    let good = faulty(b'n');
    check(&good.path().join("libfaulty.so"), &["--level", "3"]).check(0, "passed", "");
    for (letter, name, sentence) in [
        (b'z', "starts-again", "starts only once"),
        (b'k', "stops", "does not stop within 3 s"),
        (b'h', "stops-in-flight", "does not stop within 3 s while calls run"),
        (b'v', "answers", "gives no answer within 5 s to {\"cmd\":\"faulty/work\""),
        (b'i', "answers", "panicked in `faulty/work`: does not like to"),
        (b'b', "answers", "ends the process by signal 6, while it was called with {\"cmd\":\"faulty/work\""),
        (
            b'x',
            "answers",
            "ends the process with exit code 0, while it was called with {\"cmd\":\"faulty/work\"",
        ),
        (b'a', "wrong-arguments", "cannot stand that number"),
        (b'w', "main-thread", "`workOnMain` keeps the window still for 3"),
        (b't', "threads", "leaves threads behind when it has stopped: `left behind`"),
        (b'c', "surroundings", "changes the working folder of"),
        (b'e', "surroundings", "changes the environment of"),
        (b'l', "surroundings", "changes the locale of"),
        (b's', "surroundings", "changes the signals that have a handler of"),
        (b'u', "surroundings", "changes the file mode mask of"),
        (b'r', "random-arguments", "cannot stand that letter"),
        (b'g', "huge-arguments", "cannot stand so much"),
        (b'p', "deep-arguments", "ends the process by signal"),
        (b'm', "memory", "bytes of each call"),
        (b'f', "memory", "files open after 1000 calls"),
    ] {
        let folder = faulty(letter);
        let ended = check(&folder.path().join("libfaulty.so"), &["--only", name]);
        assert_eq!(ended.status.code(), Some(1), "{}: {}", char::from(letter), ended.output);
        let line = ended.output.lines().find(|line| line.contains("failed")).unwrap_or_default();
        assert!(line.contains(name) && line.contains(sentence), "{}: {}", char::from(letter), ended.output);
    }
}

#[test]
fn the_same_seed_finds_the_same_message_again() {
    let folder = faulty(b'r');
    let found = || {
        let ended = check(&folder.path().join("libfaulty.so"), &["--only", "random-arguments"]);
        ended.output.lines().find(|line| line.contains("cannot stand")).map(str::to_owned)
    };
    let first = found();
    assert!(first.is_some() && first == found(), "{first:?}");
}

#[test]
fn a_file_that_no_host_takes_fails_with_the_hosts_own_sentence() {
    let mut seen = std::collections::BTreeMap::new();
    let files = Files::make();
    for (file, expected) in &files.expected {
        let Expected::Refused(reason) = expected else { continue };
        // Two of a kind are enough, but for those that do something.
        let kind = file.file_stem().unwrap().to_string_lossy().split('-').next().unwrap().to_owned();
        let count = seen.entry(kind.clone()).or_insert(0);
        *count += 1;
        // What a link leads to is checked, and not the link.
        let acts = ["constructor", "start", "stop"].contains(&kind.as_str());
        if (*count > 2 && !acts) || !file.is_file() || file.is_symlink() || reason.contains("same file") {
            continue;
        }
        let ended = check(file, &["--level", "1"]);
        assert_eq!(ended.status.code(), Some(1), "{}: {}", file.display(), ended.output);
        assert!(ended.output.contains(*reason), "{}: {}", file.display(), ended.output);
    }
    assert!(seen.len() > 20, "{seen:?}");
}

#[test]
fn what_was_found_is_json_and_junit_as_well() {
    let folder = faulty(b'i');
    let junit = folder.path().join("report.xml");
    let file = folder.path().join("libfaulty.so");
    let ended = check(&file, &["--json", "--junit", junit.to_str().unwrap()]);
    assert_eq!(ended.status.code(), Some(1), "{}", ended.output);
    let report: Value = serde_json::from_str(&ended.output).unwrap();
    assert_eq!((&report["passed"], &report["level"], &report["seed"]), (&false.into(), &2.into(), &7.into()));
    let of = |name: &str| {
        report["checks"].as_array().unwrap().iter().find(|entry| entry["check"] == name).unwrap()
    };
    assert_eq!((&of("loads")["outcome"], &of("answers")["outcome"]), (&"passed".into(), &"failed".into()));
    let junit = fs::read_to_string(junit).unwrap();
    assert!(junit.contains("<testcase name=\"answers\"") && junit.contains("failures=\""), "{junit}");
}

#[test]
fn what_cannot_be_checked_is_a_sentence() {
    check(Path::new("no/such/file.so"), &[]).check(2, "", "no/such/file.so is no file");
    check(&library("store"), &["--only", "nonsense"]).check(2, "", "there is no check `nonsense`");
    host(&["check", "--list"], None).check(0, "surroundings", "");
    host(&["check"], None).check(2, "", "LIBRARY");
    check(&library("stranger"), &[]).check(1, "no plugin, and a host leaves it alone", "");
}

#[test]
fn each_command_that_does_what_plugins_should_not_do_is_named() {
    let library = library("misbehaving");
    let commands = [
        ("panics", "panicked in `misbehaving/panics`"),
        ("panicsMain", "panicked in `misbehaving/panicsMain`"),
        ("panicsInDrop", "panicked in `misbehaving/panicsInDrop`"),
        ("doesNotSerialise", "does not serialise"),
        // So many brackets that the memory ends before.
        ("notJson", "by signal 6, while it was called with {\"cmd\":\"misbehaving/notJson\""),
        ("wait", "gives no answer within 5 s to {\"cmd\":\"misbehaving/wait\""),
        ("segfaults", "by signal 11, while it was called with {\"cmd\":\"misbehaving/segfaults\""),
        (
            "ownThreadSegfaults",
            "by signal 11, while it was called with {\"cmd\":\"misbehaving/ownThreadSegfaults\"",
        ),
        ("aborts", "by signal 6, while it was called with {\"cmd\":\"misbehaving/aborts\""),
        ("exits", "with exit code 0, while it was called with {\"cmd\":\"misbehaving/exits\""),
        ("overflows", "by signal 6, while it was called with {\"cmd\":\"misbehaving/overflows\""),
    ];
    let others = ["waitOnMain", "somebodyWaits", "open"];
    for (name, sentence) in commands {
        let mut arguments = vec!["--only", "answers"];
        for other in commands.iter().map(|(other, _)| *other).chain(others).filter(|other| *other != name) {
            arguments.extend(["--skip", other]);
        }
        let ended = check(&library, &arguments);
        assert_eq!(ended.status.code(), Some(1), "{name}: {}", ended.output);
        assert!(ended.output.contains(sentence), "{name}: {}", ended.output);
    }
}
