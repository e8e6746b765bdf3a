//! The commands as a page meets them, with programs that every Linux has. What is left behind is looked for in `/proc`.

use std::time::{Duration, Instant};

use plugin_api::test_host;
use plugin_api::testing::{Pending, TestHost, check_transcripts};
use serde_json::{Value, json};

/// Until something is so; there is no event for what happens to processes of others.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < end, "not within 30 seconds: {what}");
        std::thread::park_timeout(Duration::from_millis(1));
    }
}

/// The letter of a process's state.
pub fn state(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in brackets, and may have any in it.
    stat.rsplit_once(") ")?.1.chars().next()
}

/// Whether a process has ended; one that nobody waits for stays in the list as a zombie.
pub fn is_gone(pid: u32) -> bool {
    matches!(state(pid), None | Some('Z' | 'X'))
}

fn host() -> TestHost {
    test_host!(json!({ "programs": {
        "sh": { "command": "/bin/sh", "args": "any" },
        "printf": { "args": "any" },
        "cat": {},
        "env": { "environment": ["GREETING=hello", "CARGO_PKG_NAME"] },
        "pwd": { "folder": "/" },
        "lost": { "command": "pwd", "folder": "$APP/missing" },
        "nowhere": { "command": "no-such-program-anywhere" },
    } }))
    .unwrap()
}

fn sh(host: &TestHost, script: &str) -> Result<Value, String> {
    host.call(&json!({ "cmd": "execute", "command": "sh", "args": ["-c", script] }))
}

fn spawn_sh<'a>(host: &'a TestHost, script: &str, more: Value) -> Pending<'a> {
    let mut message = json!({ "cmd": "spawn", "command": "sh", "args": ["-c", script] });
    message.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    host.begin(&message)
}

/// All that a program has written to one stream so far.
fn written(pending: &Pending<'_>, stream: &str) -> String {
    pending.values().iter().filter_map(|value| value[stream].as_str()).collect()
}

fn number(pending: &Pending<'_>) -> u64 {
    until("the program has begun", || !pending.values().is_empty());
    pending.values()[0]["process"].as_u64().unwrap()
}

/// The process id that a program has written, as a line.
fn told_pid(pending: &Pending<'_>) -> u32 {
    until("a line has come", || written(pending, "stdout").ends_with('\n'));
    written(pending, "stdout").trim().parse().unwrap()
}

#[test]
fn execute_resolves_with_the_output_and_rejects_with_the_complaint() {
    let host = host();
    assert_eq!(sh(&host, "echo hint >&2; echo out"), Ok(json!("out\n")));
    assert_eq!(sh(&host, "echo out; echo what is wrong >&2; exit 3"), Err("what is wrong\n".to_owned()));
    let silent = sh(&host, "exit 3").unwrap_err();
    assert_eq!(silent, "`sh` ended with the exit code 3, and wrote nothing to its standard error");
    let signal = sh(&host, "kill -TERM $$").unwrap_err();
    assert!(signal.contains("was ended by signal 15"), "{signal}");
}

#[test]
fn arguments_may_be_missing_or_null() {
    let host = host();
    assert_eq!(host.call(&json!({ "cmd": "execute", "command": "cat" })), Ok(json!("")));
    assert_eq!(host.call(&json!({ "cmd": "execute", "command": "cat", "args": null })), Ok(json!("")));
}

#[test]
fn an_argument_stays_one_argument_whatever_is_in_it() {
    let host = host();
    let odd = ["a b", "; echo x", "$(id)", "`id`", "*", "'\"", "\\", "", "\n", "-é"];
    let args: Vec<_> = ["<%s>"].into_iter().chain(odd).collect();
    let expected: String = odd.iter().map(|text| format!("<{text}>")).collect();
    assert_eq!(
        host.call(&json!({ "cmd": "execute", "command": "printf", "args": args })),
        Ok(json!(expected))
    );
    let zero = host.call(&json!({ "cmd": "execute", "command": "printf", "args": ["a\0b"] })).unwrap_err();
    assert!(zero.contains("zero byte"), "{zero}");
}

#[test]
fn what_is_not_listed_is_refused_with_the_lines_to_add() {
    let host = host();
    for cmd in ["execute", "spawn"] {
        let name = host.call(&json!({ "cmd": cmd, "command": "/bin/sh", "args": ["-c", "id"] })).unwrap_err();
        assert!(
            name.contains(r#"`[plugins.process.programs."/bin/sh"]` and in it `args = [["-c", "id"]]`"#),
            "{name}"
        );
        let args = host.call(&json!({ "cmd": cmd, "command": "cat", "args": ["/etc/passwd"] })).unwrap_err();
        assert!(args.contains(r#"add ["/etc/passwd"] to the lists of `args`"#), "{args}");
    }
    let bare = test_host!().unwrap();
    assert!(
        bare.call(&json!({ "cmd": "execute", "command": "cat" })).unwrap_err().contains("is no program that")
    );
}

#[test]
fn a_configuration_that_does_not_fit_refuses_the_plugin() {
    let refusal = |configuration: Value| test_host!(configuration).err().expect("it should not start");
    assert!(
        refusal(json!({ "programs": { "a": { "args": ["x"] } } })).contains("plugins.process.programs.a")
    );
    assert!(refusal(json!({ "program": {} })).contains("unknown field `program`"));
    assert!(refusal(json!({ "programs": { "a": { "command": "./a" } } })).contains("absolute path"));
}

#[test]
fn a_program_or_a_folder_that_is_not_there_is_named() {
    let host = host();
    let lost = host.call(&json!({ "cmd": "execute", "command": "lost" })).unwrap_err();
    assert!(lost.contains("missing, and there is no such folder"), "{lost}");
    let nowhere = host.call(&json!({ "cmd": "execute", "command": "nowhere" })).unwrap_err();
    assert!(nowhere.starts_with("`no-such-program-anywhere` is in no folder of PATH"), "{nowhere}");
}

#[test]
fn a_program_runs_in_its_folder_with_few_variables() {
    let host = host();
    assert_eq!(host.call(&json!({ "cmd": "execute", "command": "pwd" })), Ok(json!("/\n")));
    let variables = host.call(&json!({ "cmd": "execute", "command": "env" })).unwrap();
    let names: Vec<_> = variables
        .as_str()
        .unwrap()
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name)
        .collect();
    for name in ["PATH", "GREETING", "CARGO_PKG_NAME"] {
        assert!(names.contains(&name), "{names:?}");
    }
    // Cargo gives these to every test.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    assert!(!names.contains(&"CARGO_MANIFEST_DIR"), "{names:?}");
}

#[test]
fn what_is_no_utf_8_becomes_a_mark() {
    let host = host();
    assert_eq!(sh(&host, r"printf 'a\377b'"), Ok(json!("a\u{fffd}b")));
    assert_eq!(sh(&host, r"printf 'a\377b' >&2; exit 1"), Err("a\u{fffd}b".to_owned()));
}

#[test]
fn output_without_an_end_ends_the_program_and_points_to_spawn() {
    let host = host();
    for script in ["exec yes", "exec yes >&2"] {
        let error = sh(&host, script).unwrap_err();
        assert!(error.starts_with("`sh` writes more than 8 MB, and was ended; `spawn`"), "{error}");
    }
}

#[test]
fn what_a_program_leaves_in_the_background_ends_with_it() {
    let host = host();
    let told = sh(&host, "sleep 1000 >/dev/null 2>&1 & echo $!").unwrap();
    let pid = told.as_str().unwrap().trim().parse().unwrap();
    until("what was in the background has gone", || is_gone(pid));
}

#[test]
fn spawn_tells_who_it_is_then_what_it_writes_then_how_it_ended() {
    let host = host();
    let pending = spawn_sh(&host, "echo $$; echo wrong >&2; exit 4", json!({}));
    assert_eq!(pending.wait(), Ok(json!({ "code": 4, "signal": null })));
    let values = pending.values();
    assert!(values[0]["process"].is_u64());
    assert_eq!(written(&pending, "stdout"), format!("{}\n", values[0]["pid"]));
    assert_eq!(written(&pending, "stderr"), "wrong\n");
}

#[test]
fn characters_in_two_pieces_are_put_together_and_bytes_are_left_alone() {
    let host = host();
    // The second piece comes when the first has been read.
    let script = r"printf '\303'; read go; printf '\251\377'";
    let text = spawn_sh(&host, script, json!({ "stdin": true }));
    let process = number(&text);
    host.call(&json!({ "cmd": "writeInput", "process": process, "text": "go\n" })).unwrap();
    assert_eq!(text.wait(), Ok(json!({ "code": 0, "signal": null })));
    assert_eq!(written(&text, "stdout"), "é\u{fffd}");
    let cut_off = spawn_sh(&host, r"printf 'a\303'; printf 'b\303' >&2", json!({}));
    cut_off.wait().unwrap();
    assert_eq!(
        (written(&cut_off, "stdout"), written(&cut_off, "stderr")),
        ("a\u{fffd}".into(), "b\u{fffd}".into())
    );
    let bytes = spawn_sh(&host, r"printf '\303\251\377'", json!({ "encoding": "bytes" }));
    bytes.wait().unwrap();
    assert_eq!(written(&bytes, "stdout"), "w6n/");
}

#[test]
fn input_larger_than_any_pipe_comes_back() {
    let host = host();
    let input = "0123456789abcdef".repeat(1 << 16);
    let pending = host.begin(&json!({ "cmd": "spawn", "command": "cat", "input": input }));
    assert_eq!(pending.wait(), Ok(json!({ "code": 0, "signal": null })));
    assert!(written(&pending, "stdout") == input);
}

#[test]
fn input_that_a_program_does_not_want_is_no_error() {
    let host = host();
    let input = "x".repeat(1 << 20);
    assert_eq!(
        spawn_sh(&host, "exit 0", json!({ "input": input })).wait(),
        Ok(json!({ "code": 0, "signal": null }))
    );
    // What holds the other end goes with the program.
    let script = "sleep 1000 >/dev/null 2>&1 & exit 0";
    assert_eq!(
        spawn_sh(&host, script, json!({ "input": input })).wait(),
        Ok(json!({ "code": 0, "signal": null }))
    );
}

#[test]
fn an_open_input_takes_texts_and_bytes_until_it_is_closed() {
    let host = host();
    let pending = host.begin(&json!({ "cmd": "spawn", "command": "cat", "stdin": true, "input": "a" }));
    let process = number(&pending);
    until("the first has come back", || written(&pending, "stdout") == "a");
    let write = |more: Value| {
        let mut message = json!({ "cmd": "writeInput", "process": process });
        message.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        host.call(&message)
    };
    assert_eq!(write(json!({ "text": "é" })), Ok(json!(null)));
    assert_eq!(write(json!({ "bytes": [98, 99] })), Ok(json!(null)));
    assert!(write(json!({})).unwrap_err().contains("nothing to write"));
    assert!(write(json!({ "text": "a", "bytes": [1] })).unwrap_err().contains("not both"));
    assert_eq!(write(json!({ "text": "d", "close": true })), Ok(json!(null)));
    assert_eq!(pending.wait(), Ok(json!({ "code": 0, "signal": null })));
    assert_eq!(written(&pending, "stdout"), "aébcd");
    assert_eq!(write(json!({ "text": "e" })), Err(format!("there is no process {process}, or it has ended")));
}

#[test]
fn without_an_open_input_nothing_can_be_written() {
    let host = host();
    let pending = spawn_sh(&host, "exec sleep 1000", json!({}));
    let process = number(&pending);
    let error = host.call(&json!({ "cmd": "writeInput", "process": process, "text": "a" })).unwrap_err();
    assert!(error.contains("`stdin: true`"), "{error}");
    assert_eq!(host.call(&json!({ "cmd": "kill", "process": process })), Ok(json!(true)));
    assert_eq!(pending.wait(), Ok(json!({ "code": null, "signal": 9 })));
    assert_eq!(host.call(&json!({ "cmd": "kill", "process": process })), Ok(json!(false)));
}

#[test]
fn who_writes_to_a_program_that_does_not_read_can_be_cancelled_and_ends_with_it() {
    let host = host();
    let pending = spawn_sh(&host, "exec sleep 1000", json!({ "stdin": true }));
    let process = number(&pending);
    let much = json!({ "cmd": "writeInput", "process": process, "text": "x".repeat(1 << 20) });
    let first = host.begin(&much);
    first.cancel();
    assert!(first.wait().unwrap_err().contains("has not read all of it"));
    let second = host.begin(&much);
    host.call(&json!({ "cmd": "kill", "process": process })).unwrap();
    let error = second.wait().unwrap_err();
    assert!(
        error.contains("has not read all of it")
            || error.contains("has ended")
            || error.contains("reads no more"),
        "{error}"
    );
    pending.wait().unwrap();
}

#[test]
fn a_cancelled_call_ends_the_program_and_its_children() {
    let host = host();
    let pending = spawn_sh(&host, "sleep 1000 & echo $!; wait", json!({}));
    let grandchild = told_pid(&pending);
    let child = u32::try_from(pending.values()[0]["pid"].as_u64().unwrap()).unwrap();
    assert!(!is_gone(grandchild) && !is_gone(child));
    pending.cancel();
    assert!(pending.wait().is_err());
    assert!(is_gone(child));
    until("the grandchild has gone", || is_gone(grandchild));
    let pending =
        host.begin(&json!({ "cmd": "execute", "command": "sh", "args": ["-c", "exec sleep 1000"] }));
    pending.cancel();
    assert_eq!(pending.wait(), Err("cancelled".to_owned()));
}

#[test]
fn a_host_that_closes_leaves_nothing_behind() {
    let host = host();
    let pending = spawn_sh(&host, "trap '' HUP TERM INT; sleep 1000 & echo $!; wait", json!({}));
    let grandchild = told_pid(&pending);
    drop(pending);
    host.stop();
    until("the grandchild has gone", || is_gone(grandchild));
}

#[test]
fn the_number_of_a_program_means_none_to_another_copy_of_the_plugin() {
    let (first, second) = (host(), host());
    let (one, other) = (spawn_sh(&first, "sleep 60", json!({})), spawn_sh(&second, "sleep 60", json!({})));
    let number = number(&one);
    until("the other program has begun", || !other.values().is_empty());
    assert_eq!(second.call(&json!({ "cmd": "kill", "process": number })), Ok(json!(false)));
    assert_eq!(first.call(&json!({ "cmd": "kill", "process": number })), Ok(json!(true)));
}

#[test]
fn a_program_for_which_no_folder_is_said_does_not_run_where_pages_may_write() {
    let host = host();
    let folder = sh(&host, "pwd -P").unwrap();
    let own = host.data_folder().canonicalize().unwrap();
    assert_eq!(folder.as_str().unwrap().trim_end(), own.to_str().unwrap());
    assert!(!own.starts_with(host.app_folder().canonicalize().unwrap()));
}

#[test]
fn the_readme_tells_what_happens() {
    let readme = include_str!("../README.md");
    let configuration =
        readme.split_once("```toml\n").and_then(|(_, rest)| rest.split_once("```")).unwrap().0;
    let configuration: Value = toml::from_str(configuration).unwrap();
    let host = test_host!(configuration["plugins"]["process"].clone()).unwrap();
    check_transcripts(readme, &host, &[]);
}
