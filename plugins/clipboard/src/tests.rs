//! The commands against other programs at the same display, which talk to it by themselves. `scripts/under-xvfb.sh` gives one.

mod client;

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use plugin_api::test_host;
use plugin_api::testing::{TestHost, check_transcripts};
use serde_json::{Value, json};

use self::client::{Answer, Owner, owner, read};
use super::*;

/// There is one clipboard.
static TURN: Mutex<()> = Mutex::new(());

fn start() -> (MutexGuard<'static, ()>, TestHost) {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(
        std::env::var_os("DISPLAY").is_some(),
        "this test needs a display: scripts/under-xvfb.sh cargo test …"
    );
    let host = test_host!().unwrap();
    assert_eq!(host.call(&json!({ "cmd": "clear" })), Ok(json!(null)));
    (turn, host)
}

fn write(host: &TestHost, text: &str) -> Result<Value, String> {
    host.call(&json!({ "cmd": "writeText", "text": text }))
}

fn read_text(host: &TestHost) -> Result<Value, String> {
    host.call(&json!({ "cmd": "readText" }))
}

/// Whether there is a thread of the plugin's; who has the turn has the only plugin.
fn holds_a_thread() -> bool {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let mut names = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("comm")).ok());
    names.any(|name| name == "clipboard\n")
}

#[test]
fn what_is_written_is_there_for_other_programs_until_the_plugin_stops() {
    let (_turn, host) = start();
    for text in ["Größe 😀\n", "", "another"] {
        assert_eq!(write(&host, text), Ok(json!(null)));
        assert_eq!(read().as_deref(), Some(text));
        assert_eq!(read_text(&host), Ok(json!(text)));
    }
    host.stop();
    assert_eq!(owner(), None);
    assert_eq!(read(), None);
}

#[test]
fn the_readme_tells_what_happens() {
    let (_turn, host) = start();
    check_transcripts(include_str!("../README.md"), &host, &[]);
}

#[test]
fn the_longest_text_arrives_and_a_longer_one_is_refused() {
    let (_turn, host) = start();
    let longest = "x".repeat(LONGEST);
    assert_eq!(write(&host, &longest), Ok(json!(null)));
    assert!(read().is_some_and(|text| text == longest));
    let refusal = write(&host, &(longest + "y")).unwrap_err();
    assert!(refusal.contains("8388609 bytes, and 8388608 are allowed"), "{refusal}");
    assert_eq!(read().map(|text| text.len()), Some(LONGEST));
}

#[test]
fn what_another_program_has_put_there_is_read() {
    let (_turn, host) = start();
    let other = Owner::new(Answer::Text("from elsewhere: é"));
    assert_eq!(read_text(&host), Ok(json!("from elsewhere: é")));
    drop(other);
    assert_eq!(read_text(&host), Ok(json!(null)));
}

#[test]
fn a_picture_and_nothing_at_all_are_no_text() {
    let (_turn, host) = start();
    assert_eq!(read_text(&host), Ok(json!(null)));
    let _picture = Owner::new(Answer::Nothing);
    assert_eq!(read_text(&host), Ok(json!(null)));
}

#[test]
fn clearing_takes_away_what_anybody_has_put_there() {
    let (_turn, host) = start();
    write(&host, "mine").unwrap();
    assert_eq!(host.call(&json!({ "cmd": "clear" })), Ok(json!(null)));
    assert_eq!(owner(), None);
    let _other = Owner::new(Answer::Text("theirs"));
    assert!(owner().is_some());
    assert_eq!(host.call(&json!({ "cmd": "clear" })), Ok(json!(null)));
    assert_eq!((owner(), read_text(&host)), (None, Ok(json!(null))));
}

#[test]
fn a_program_that_does_not_answer_is_waited_for_a_while_and_no_longer() {
    let (_turn, host) = start();
    let hangs = Owner::new(Answer::Never);
    let began = Instant::now();
    let error = read_text(&host).unwrap_err();
    assert!(error.contains("did not answer within 3 seconds"), "{error}");
    assert!(began.elapsed() >= PATIENCE, "{:?}", began.elapsed());
    // The thread still asks the one that hangs; what could not begin in its time is not done later.
    let refused = write(&host, "too late").unwrap_err();
    assert!(refused.contains("busy for longer than 3 seconds"), "{refused}");
    drop(hangs);
    let end = Instant::now() + Duration::from_secs(60);
    while read_text(&host) != Ok(json!(null)) {
        assert!(Instant::now() < end, "it should be at hand again");
    }
    assert_eq!(owner(), None);
    assert_eq!(write(&host, "in time"), Ok(json!(null)));
    assert_eq!(read().as_deref(), Some("in time"));
}

#[test]
fn a_stop_does_not_wait_for_a_program_that_hangs() {
    let (_turn, host) = start();
    let hangs = Owner::new(Answer::Never);
    read_text(&host).unwrap_err();
    host.stop();
    assert!(holds_a_thread(), "the thread still waits, and the stop did not");
    // It ends by itself, when what it waits for has come to an end.
    drop(hangs);
    let end = Instant::now() + Duration::from_secs(60);
    while holds_a_thread() {
        assert!(Instant::now() < end, "the thread should have ended");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

#[test]
fn without_a_display_each_command_says_so() {
    let outcome = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::as_a_process_without_a_display", "--ignored", "--nocapture"])
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&outcome.stdout);
    assert!(outcome.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "the test above runs it, in a process that has no display"]
fn as_a_process_without_a_display() {
    let host = test_host!().unwrap();
    for message in
        [json!({ "cmd": "readText" }), json!({ "cmd": "writeText", "text": "a" }), json!({ "cmd": "clear" })]
    {
        let error = host.call(&message).unwrap_err();
        assert!(error.starts_with("there is no clipboard, because there is no display"), "{error}");
        assert!(error.contains("[host.plugins.clipboard]"), "{error}");
    }
}
