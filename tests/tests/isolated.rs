//! The life of a plugin's own process: how it hangs, dies, is replaced and given up, and what is told of it.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use plugin_host_runtime::{Health, Lane};
use serde_json::{Value, json};
use tests::unruly::InLane::Process as InProcess;
use tests::unruly::{
    PLACES, assert_balanced, begin, host, host_with, live, others_notice_nothing, program, rejected, until,
};
use tests::{HANGS, Host, built, plugin_folder};

#[test]
fn a_main_thread_call_of_an_isolated_plugin_that_does_not_return_holds_up_nobody_else() {
    // The others may have to wait for a process.
    let settings = "patience = '300ms'\ncommands.actHere.deadline = '1s'\ncommands.actOnMain.deadline = '1s'";
    let host = host_with(InProcess, settings);
    let mut restarts = 0;
    for cmd in PLACES {
        for deed in ["waitsForRelease", "busyLoop"] {
            rejected(&host, cmd, deed, &["did not answer within 1s"]);
            others_notice_nothing(&host);
            restarts += 1;
            let now = until(&host, |now| now.restarts == restarts);
            let Lane::Isolated { last_death: Some(death), .. } = now.lane else { panic!("{now:?}") };
            let told =
                format!("the host, because `{cmd}` did not return within 300ms after nobody waited for it");
            assert!(death.contains(&told), "{death}");
            let again = host.call(json!({ "cmd": "process" }));
            assert!(again.is_ok(), "{again:?}");
        }
    }
    assert_balanced(&host);
}

#[test]
fn others_in_the_same_process_come_to_their_end_before_it_is_replaced_and_new_ones_wait_for_the_next() {
    let host = host_with(InProcess, "patience = '300ms'");
    let first = host.call(json!({ "cmd": "process" })).unwrap();
    let (stuck, answered) = begin(&host, &json!({ "cmd": "actHere", "deed": "waitsForRelease" }));
    let (honours, _) = begin(&host, &json!({ "cmd": "actHere", "deed": "honoursCancel" }));
    let slow = host.begin(json!({ "cmd": "sleep", "milliseconds": 2500 }));
    host.call(json!({ "cmd": "haveBegun", "count": 1 })).unwrap();
    stuck.cancel();
    honours.cancel();
    assert!(answered.is_empty(), "nobody waits");
    until(&host, |now| matches!(now.lane, Lane::Isolated { health: Health::Stuck, .. }));
    let waits = host.begin(json!({ "cmd": "process" }));
    assert_eq!(host.finish(&slow), Ok(Value::Null));
    let second = host.finish(&waits).unwrap();
    assert_ne!(first, second);
    assert_eq!(live(&host, "unruly").restarts, 1);
    assert_balanced(&host);
}

#[test]
fn a_plugin_that_returns_after_all_keeps_its_process() {
    let host = host_with(InProcess, "patience = '1h'");
    let first = host.call(json!({ "cmd": "process" })).unwrap();
    let (stuck, _) = begin(&host, &json!({ "cmd": "actHere", "deed": "waitsForRelease" }));
    host.call(json!({ "cmd": "haveBegun", "count": 1 })).unwrap();
    stuck.cancel();
    until(&host, |now| now.stuck == 1);
    host.call(json!({ "cmd": "letGo" })).unwrap();
    until(&host, |now| now.stuck == 0);
    assert_eq!(host.call(json!({ "cmd": "process" })), Ok(first));
    assert_balanced(&host);
}

#[test]
fn a_process_that_speaks_garbage_falls_silent_or_does_not_listen_is_replaced() {
    let host = host(InProcess);
    for (deed, cause) in [
        ("garble", "the host, because its process said what cannot be understood"),
        ("fallSilent", "the host, because its process says nothing any more"),
    ] {
        rejected(&host, "actHere", deed, &["plugin `unruly` died by ", cause, "`actHere`"]);
        assert!(host.call(json!({ "cmd": "process" })).is_ok(), "{deed}");
    }
    let other = host.begin(json!({ "cmd": "actHere", "deed": "waitsForRelease" }));
    host.call(json!({ "cmd": "haveBegun", "count": 1 })).unwrap();
    let (stopped, _) = begin(&host, &json!({ "cmd": "actHere", "deed": "stopItself" }));
    let process = live(&host, "unruly");
    let Lane::Isolated { process: Some(process), .. } = process.lane else { panic!("{process:?}") };
    let end = Instant::now() + HANGS;
    while !std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap().contains(") T ") {
        assert!(Instant::now() < end);
        std::thread::yield_now();
    }
    stopped.cancel();
    let error = host.finish(&other).unwrap_err();
    assert!(error.contains("the host, because its process does not hear what it is told"), "{error}");
    assert!(host.call(json!({ "cmd": "process" })).is_ok());
    others_notice_nothing(&host);
    assert_balanced(&host);
}

#[test]
fn a_process_that_dies_again_and_again_is_given_up_and_started_when_somebody_asks() {
    let host = host(InProcess);
    let mut last = String::new();
    for _ in 0..6 {
        last = host.refused(json!({ "cmd": "actHere", "deed": "abort" }));
    }
    assert!(last.ends_with("; it is not started again"), "{last}");
    let now = live(&host, "unruly");
    assert!(matches!(now.lane, Lane::Isolated { health: Health::GivenUp, process: None, .. }), "{now:?}");
    let refused = host.refused(json!({ "cmd": "actHere", "deed": "ok" }));
    assert!(
        refused.contains("has died 6 times in a row, the last time while `actHere` ran, by an abort"),
        "{refused}"
    );
    assert!(refused.ends_with("`plugin-host retry unruly` starts it"), "{refused}");
    others_notice_nothing(&host);
    assert_eq!(host.call(json!({ "cmd": "host/retry", "file": "unruly" })), Ok(json!(1)));
    assert!(host.call(json!({ "cmd": "actHere", "deed": "ok" })).is_ok());
    assert_balanced(&host);
}

#[test]
fn a_process_that_is_killed_takes_its_own_calls_with_it_and_no_others() {
    let host = host(InProcess);
    let process = host.call(json!({ "cmd": "process" })).unwrap().as_u64().unwrap().to_string();
    let own: Vec<_> =
        (0..20).map(|_| host.begin(json!({ "cmd": "actHere", "deed": "waitsForRelease" }))).collect();
    let others: Vec<_> =
        (0..1000).map(|value| host.begin(json!({ "cmd": "echo", "value": value }))).collect();
    until(&host, |now| now.in_flight >= 20);
    assert!(Command::new("kill").args(["-9", &process]).status().unwrap().success());
    for call in &own {
        let error = host.finish(call).unwrap_err();
        assert!(error.contains("plugin `unruly` died by a kill, and `actHere` with it"), "{error}");
    }
    for (value, call) in (0..).zip(&others) {
        assert_eq!(host.finish(call), Ok(json!(value)));
    }
    assert!(host.call(json!({ "cmd": "process" })).is_ok());
    assert_balanced(&host);
}

#[test]
fn a_host_that_is_killed_leaves_no_process_behind() {
    let folder = plugin_folder(&["unruly"]);
    let mut command = Command::new(built().join("plugin-host"));
    let message = json!({ "cmd": "actHere", "deed": "waitsForRelease" }).to_string();
    command.args(["call", &message, "--isolate", "unruly", "--only", "--plugins"]).arg(folder.path());
    let mut program = command.arg("--data").arg(folder.path().join("data")).spawn().unwrap();
    // Its process is known by the variable with which it was started.
    let isolated = || isolated_processes_of(program.id());
    let end = Instant::now() + HANGS;
    while isolated().is_empty() && Instant::now() < end {
        std::thread::yield_now();
    }
    let [child] = isolated()[..] else { panic!("one process") };
    program.kill().unwrap();
    program.wait().unwrap();
    while Path::new(&format!("/proc/{child}/exe")).exists() {
        assert!(Instant::now() < end, "{child} is still there");
        std::thread::yield_now();
    }
}

/// The children of a process that were started as the process of an isolated plugin.
fn isolated_processes_of(parent: u32) -> Vec<u32> {
    let file = format!("/proc/{parent}/task");
    let tasks = std::fs::read_dir(file).into_iter().flatten().flatten();
    let children = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    let children: String = children.collect();
    let is_isolated = |child: &u32| {
        let line = std::fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|word| word == b"--isolated")
    };
    children.split_whitespace().filter_map(|child| child.parse().ok()).filter(is_isolated).collect()
}

#[test]
fn settings_that_cannot_be_understood_refuse_the_plugin_with_their_place() {
    let folder = plugin_folder(&["unruly", "ordinary"]);
    std::fs::write(folder.path().join("config.toml"), "[host.plugins.unruly]\nisolation = 'proces'").unwrap();
    let host = Host::on(folder);
    let status = host.status();
    let [refused] = &status.refused[..] else { panic!("{status:?}") };
    assert!(refused.reason.contains("is not started, as it is not clear how"), "{}", refused.reason);
    assert!(
        refused.reason.contains("`host.plugins.unruly.isolation`: unknown variant `proces`"),
        "{}",
        refused.reason
    );
    assert_eq!(host.call(json!({ "cmd": "echo", "value": 1 })), Ok(json!(1)));
    let data = host.folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::copy(host.folder.path().join("config.toml"), data.join("config.toml")).unwrap();
    let list = String::from_utf8(program(host.folder.path(), &["list"]).stdout).unwrap();
    assert!(list.contains("is not started, as it is not clear how"), "{list}");
}

#[test]
fn a_host_that_runs_tells_list_how_its_plugins_are() {
    let folder = plugin_folder(&["unruly", "ordinary"]);
    let fifo = folder.path().join("go");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let data = folder.path().join("data");
    let mut command = Command::new(built().join("plugin-host"));
    let message = json!({ "cmd": "actHere", "deed": "waitsForRelease" }).to_string();
    command.args(["call", &message, "--isolate", "unruly", "--only", "--plugins"]).arg(folder.path());
    let mut running = command.arg("--data").arg(&data).spawn().unwrap();
    let end = Instant::now() + HANGS;
    let host = loop {
        let list = program(folder.path(), &["list", "--json"]);
        let list: Value = serde_json::from_slice(&list.stdout).unwrap();
        // It may not have called yet.
        if list["hosts"][0]["plugins"][1]["live"]["inFlight"] == 1 {
            break list["hosts"][0].clone();
        }
        assert!(Instant::now() < end, "{list}");
    };
    assert_eq!(host["process"], running.id());
    assert_eq!(host["plugins"][0]["live"]["lane"]["kind"], "in-process");
    let unruly = &host["plugins"][1];
    assert_eq!((&unruly["name"], &unruly["generation"]), (&json!("unruly"), &json!(1)));
    assert_eq!(unruly["live"]["lane"]["health"], "serving");
    let act = &unruly["commands"][0];
    assert_eq!((&act["cmd"], &act["calls"], &act["inFlight"]), (&json!("actHere"), &json!(1), &json!(1)));
    let text = String::from_utf8(program(folder.path(), &["list"]).stdout).unwrap();
    assert!(text.contains("isolated in process"), "{text}");
    running.kill().unwrap();
    running.wait().unwrap();
    let list = program(folder.path(), &["list", "--json"]);
    let list: Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(list["hosts"], json!([]));
}
