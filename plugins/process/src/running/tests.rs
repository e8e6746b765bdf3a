//! Processes by themselves, without commands: what is left behind is looked for in `/proc`.

use std::sync::mpsc::channel;
use std::time::Duration;

use super::*;
use crate::tests::{is_gone, state, until};

fn sh(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]);
    command
}

fn follow_to_text(running: Running<'_>) -> (Result<ExitStatus>, String) {
    let mut text = Vec::new();
    let status = running.follow(&[], false, |_, bytes| {
        text.extend_from_slice(bytes);
        Ok(())
    });
    (status, String::from_utf8(text).unwrap())
}

#[test]
fn a_program_is_held_up_while_nobody_takes_what_it_writes() {
    let processes = Processes::default();
    let all = 100 * 64 * 1024;
    let running = processes.begin(sh("exec dd if=/dev/zero bs=64k count=100 2>/dev/null"), false).unwrap();
    let pid = running.process().pid;
    let (taken, heard) = channel();
    let (go_on, may_go_on) = channel::<()>();
    std::thread::scope(|scope| {
        let follower = scope.spawn(move || {
            let mut length = 0;
            let status = running.follow(&[], false, |_, bytes| {
                length += bytes.len();
                let _ = taken.send(());
                // When the other side has gone, nobody waits any more.
                let _ = may_go_on.recv();
                Ok(())
            });
            (status.unwrap(), length)
        });
        heard.recv_timeout(Duration::from_secs(30)).unwrap();
        // Reading zeros never sleeps; writing into a full pipe does.
        until("the program waits", || state(pid) == Some('S'));
        let io = std::fs::read_to_string(format!("/proc/{pid}/io")).unwrap();
        let written = io.lines().find_map(|line| line.strip_prefix("wchar: ")).unwrap();
        let written: usize = written.parse().unwrap();
        assert!(written < all / 4, "it has written {written} bytes already");
        drop(go_on);
        let (status, length) = follower.join().unwrap();
        assert!(status.success());
        assert_eq!(length, all);
    });
}

#[test]
fn what_is_taken_no_more_ends_the_program() {
    let processes = Processes::default();
    let running = processes.begin(sh("exec yes"), false).unwrap();
    let pid = running.process().pid;
    let error = running.follow(&[], false, |_, _| bail!("enough")).unwrap_err();
    assert_eq!(error.to_string(), "enough");
    assert!(is_gone(pid));
}

#[test]
fn a_panic_of_who_takes_leaves_neither_the_program_nor_who_writes_to_it() {
    let processes = Processes::default();
    let running = processes.begin(sh("echo on; exec sleep 1000"), true).unwrap();
    let pid = running.process().pid;
    let input = vec![b'x'; 1 << 20];
    let follow = std::panic::AssertUnwindSafe(|| running.follow(&input, false, |_, _| panic!("taken badly")));
    assert!(std::panic::catch_unwind(follow).is_err());
    assert!(is_gone(pid));
}

#[test]
fn one_that_is_dropped_before_it_is_followed_is_ended() {
    let processes = Processes::default();
    let running = processes.begin(sh("exec sleep 1000"), true).unwrap();
    let process = Arc::clone(running.process());
    drop(running);
    assert!(is_gone(process.pid));
    assert!(processes.get(process.id).is_none());
    process.kill();
}

#[test]
fn a_stop_ends_all_and_lets_none_begin() {
    let processes = Processes::default();
    let running = processes.begin(sh("sleep 1000 & echo $!; wait"), false).unwrap();
    let (told, heard) = channel();
    std::thread::scope(|scope| {
        let follower = scope.spawn(move || {
            running.follow(&[], false, |_, bytes| Ok(told.send(String::from_utf8_lossy(bytes).into_owned())?))
        });
        let grandchild = heard.recv_timeout(Duration::from_secs(30)).unwrap().trim().parse().unwrap();
        processes.close();
        let status = follower.join().unwrap().unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
        until("the grandchild has gone", || is_gone(grandchild));
    });
    let refusal = processes.begin(sh("true"), false).unwrap_err().to_string();
    assert!(refusal.contains("being stopped"), "{refusal}");
}

#[test]
fn more_than_there_are_places_are_refused_until_one_is_free() {
    let processes = Processes::default();
    let mut running: Vec<_> =
        (0..MOST).map(|_| processes.begin(sh("exec sleep 1000"), false).unwrap()).collect();
    let refusal = processes.begin(sh("true"), false).unwrap_err().to_string();
    assert!(refusal.contains("16 programs run already"), "{refusal}");
    running.pop();
    let (status, _) = follow_to_text(processes.begin(sh("true"), false).unwrap());
    assert!(status.unwrap().success());
}

#[test]
fn a_program_that_cannot_be_started_takes_no_place() {
    let processes = Processes::default();
    for _ in 0..=MOST {
        let refusal = processes.begin(Command::new("/missing/program"), false).unwrap_err().to_string();
        assert!(refusal.starts_with("/missing/program cannot be started: "), "{refusal}");
    }
}

#[test]
fn what_has_left_the_group_with_the_pipe_does_not_hold_up_who_ends_it() {
    let processes = Processes::default();
    let script = "setsid sh -c 'echo $$; exec sleep 1000' & wait";
    let running = processes.begin(sh(script), false).unwrap();
    let process = Arc::clone(running.process());
    let mut fled = None;
    let status = running
        .follow(&[], false, |_, bytes| {
            fled = Some(String::from_utf8_lossy(bytes).trim().parse::<u32>()?);
            process.kill();
            Ok(())
        })
        .unwrap();
    assert!(!status.success());
    let fled = fled.unwrap();
    assert!(!is_gone(fled), "a session of its own is out of reach, as the README says");
    assert!(Command::new("kill").arg(fled.to_string()).status().unwrap().success());
}
