//! What comes of every kind of call, on a worker and on the main thread, in both lanes.
#![cfg(target_os = "linux")]

use crossbeam_channel::select;
use plugin_host_runtime::{Reply, Stopped, Wishes};
use serde_json::{Value, json};
use tests::unruly::InLane::{Host as InHost, Process as InProcess};
use tests::unruly::{
    PLACES, assert_balanced, host, host_with, live, numbers, others_notice_nothing, program, rejected,
    start_over, until,
};
use tests::{HANGS, Host, plugin_folder};

#[test]
fn what_returns_resolves_or_rejects_in_the_same_way_everywhere() {
    for lane in [InHost, InProcess] {
        let host = host(lane);
        for cmd in PLACES {
            let call = |deed: &str| host.call(json!({ "cmd": cmd, "deed": deed }));
            assert_eq!(call("ok"), Ok(json!({ "a": [1, null] })));
            assert_eq!(call("err"), Err("not today: \"\\ \u{2028} </script>".to_owned()));
            let panicked = format!("plugin `unruly` panicked in `{cmd}`: ");
            for (deed, what) in [
                ("panic", "no luck"),
                ("panicOddly", ""),
                ("panicInDropOfPayload", ""),
                ("panicInDropOfResult", "boom"),
                ("panicHoldingALock", "no luck with"),
            ] {
                rejected(&host, cmd, deed, &[&panicked, what]);
            }
            rejected(&host, cmd, "notJson", &["plugin `unruly` answered", "not JSON"]);
            assert_eq!(call("nan"), Ok(Value::Null), "as JSON has it");
            rejected(&host, cmd, "doesNotSerialise", &["key must be a string"]);
            assert_eq!(call("long").unwrap().as_str().map(str::len), Some(100_000_000));
            assert_eq!(length(&host, &json!({ "cmd": cmd, "deed": "deep" })), 200_000, "delivered as it is");
            assert_eq!(call("protoKeys").unwrap()["constructor"], 2);
            assert_eq!(call("lineSeparators"), Ok(json!("\u{2028}\u{2029}\0</script><!--")));
            assert_eq!(call("answerFromAnotherThread"), Ok(json!("from afar")));
            assert_eq!(call("manyThreads"), Ok(json!(499_500)));
            assert_eq!(call("print"), Ok(json!(2000)));
            assert_eq!(call("callsItself"), Ok(json!({ "a": [1, null] })));
            assert_eq!(call("callsOthers"), Ok(json!({ "a": [1, null] })), "which call it back");
            others_notice_nothing(&host);
        }
        let of = |cmd: &str| numbers(&host).into_iter().find(|one| one.cmd == cmd).unwrap();
        assert_eq!((of("actOnMain").panics, of("actHere").panics), (5, 5));
        assert_balanced(&host);
        assert_eq!(host.runtime.stop(HANGS), Stopped::Cleanly);
    }
}

/// How long the JSON text of the reply is.
fn length(host: &Host, message: &Value) -> usize {
    let reply = host.begin(message);
    loop {
        select! {
            recv(reply) -> reply => match reply.unwrap() {
                Reply::Value(json) => return json.len(),
                other => panic!("{other:?}"),
            },
            recv(host.turns) -> _ => host.runtime.run_main_thread_turn(),
        }
    }
}

#[test]
fn the_first_answer_of_a_handler_counts_and_one_that_gives_none_has_answered_with_nothing() {
    for all in [false, true] {
        let host = Host::set_up(plugin_folder(&["handler"]), |builder| {
            builder.isolate(Wishes { all, names: Vec::new() })
        });
        let call = |cmd: &str| host.call(json!({ "cmd": cmd, "callback": "c", "error": "e" }));
        assert_eq!(call("answerTwice"), Ok(json!("first")));
        assert_eq!(call("answerTwiceOnMain"), Ok(json!("first")));
        assert_eq!(call("sayNothing"), Ok(Value::Null));
        assert_eq!(call("answerAndFail"), Ok(json!("answered")));
        assert_balanced(&host);
    }
}

#[test]
fn what_a_plugin_does_to_its_surroundings_it_does_to_its_own_process() {
    let before = std::env::current_dir().unwrap();
    let host = host(InProcess);
    for cmd in PLACES {
        assert_eq!(host.call(json!({ "cmd": cmd, "deed": "changesSurroundings" })), Ok(json!("/")));
    }
    assert_eq!(std::env::current_dir().unwrap(), before);
    assert!(std::env::var_os("UNRULY").is_none());
    others_notice_nothing(&host);
}

#[test]
fn what_kills_a_process_rejects_with_plugin_command_and_cause_and_the_next_process_serves() {
    let host = host_with(InProcess, "memory = '300 MB'");
    let mut deaths = 0;
    for (deed, causes) in [
        ("segfault", &["a wrong access to memory (SIGSEGV)"][..]),
        ("abort", &["an abort"]),
        ("exit", &["exit(3)"]),
        ("exitAtOnce", &["exit(4)"]),
        ("overflow", &["a wrong access to memory (SIGSEGV)", "an abort"]),
        ("allocate", &["an abort (its memory is limited to 300 MB)", "a kill"]),
    ] {
        for cmd in PLACES {
            let error = host.refused(json!({ "cmd": cmd, "deed": deed }));
            let begin = format!("plugin `unruly` died while `{cmd}` ran, by ");
            // Where nothing is marked when it dies, and a thread has answered the call before this one and not come to its end yet,
            // it may have been either of them.
            let marked = !["exitAtOnce", "allocate"].contains(&deed);
            let with_others = format!("and `{cmd}` with it, which was under way");
            let told = error
                .strip_prefix(&begin)
                .or(Some(&*error).filter(|_| !marked && error.contains(&with_others)));
            let told = told.unwrap_or_else(|| panic!("{error}"));
            assert!(causes.iter().any(|cause| told.contains(cause)), "{error}");
            assert!(error.ends_with("; it is started again"), "{error}");
            others_notice_nothing(&host);
            // The call waits for the next process.
            assert_eq!(host.call(json!({ "cmd": cmd, "deed": "ok" })), Ok(json!({ "a": [1, null] })));
            deaths += 1;
            assert_eq!(live(&host, "unruly").restarts, deaths);
            if deaths % 4 == 0 {
                // One more in a row would be a habit.
                start_over(&host);
            }
        }
    }
    assert_balanced(&host);
    assert_eq!(host.runtime.stop(HANGS), Stopped::Cleanly);
}

/// The same in the host's process: the program dies, and the next one says so and isolates the plugin.
#[test]
fn what_kills_the_host_is_isolated_by_the_next_one_until_somebody_takes_that_back() {
    for cmd in PLACES {
        for deed in ["segfault", "abort", "exit", "overflow", "allocate"] {
            let folder = plugin_folder(&["unruly", "ordinary"]);
            let call = |message: Value| program(folder.path(), &["call", &message.to_string()]);
            let died = call(json!({ "cmd": cmd, "deed": deed }));
            assert!(died.status.code().is_none() || died.status.code() == Some(3), "{deed}: {died:?}");
            let next = call(json!({ "cmd": cmd, "deed": deed }));
            let told = String::from_utf8_lossy(&next.stderr).into_owned();
            assert_eq!(next.status.code(), Some(1), "{told}");
            assert!(
                told.contains(&format!("the last run died in plugin `unruly` while `{cmd}` ran, by ")),
                "{told}"
            );
            assert!(told.contains("from now on it runs in a process of its own"), "{told}");
            assert!(told.contains(&format!("plugin `unruly` died while `{cmd}` ran, by ")), "{told}");
            let list = String::from_utf8(program(folder.path(), &["list"]).stdout).unwrap();
            let because =
                format!("runs in a process of its own, as it has crashed the host (while `{cmd}` ran, by ");
            assert!(list.contains(&because), "{list}");
            let third = call(json!({ "cmd": "echo", "value": 1 }));
            assert_eq!((third.status.code(), third.stderr.len()), (Some(0), 0), "{third:?}");
            let taken_back = program(folder.path(), &["retry", "unruly"]);
            assert_eq!(taken_back.status.code(), Some(0), "{taken_back:?}");
            let died = call(json!({ "cmd": cmd, "deed": deed }));
            assert!(died.status.code().is_none() || died.status.code() == Some(3), "{deed}: {died:?}");
        }
    }
}

#[test]
fn a_call_that_does_not_return_in_the_host_rejects_in_time_and_another_thread_takes_the_place_of_its_own() {
    let host = host_with(InHost, "threads = 2\n[host.plugins.unruly.commands.actHere]\ndeadline = '1s'");
    for (count, deed) in [(1, "waitsForRelease"), (2, "busyLoop")] {
        rejected(&host, "actHere", deed, &["`actHere` of plugin `unruly` did not answer within 1s"]);
        let stuck = until(&host, |now| now.stuck == count);
        assert_eq!(stuck.in_flight, count, "their threads are counted");
    }
    // The two threads that it may have are held; others have come in their places.
    host.call(json!({ "cmd": "letGo" })).unwrap();
    until(&host, |now| now.stuck == 0 && now.in_flight == 0);
    others_notice_nothing(&host);
    assert_balanced(&host);
}

#[test]
fn a_main_thread_call_that_does_not_return_in_the_host_is_answered_in_time_all_the_same() {
    for deed in ["waitsForRelease", "busyLoop"] {
        let host = host_with(InHost, "commands.actOnMain.deadline = '1s'");
        let reply = host.begin(json!({ "cmd": "actOnMain", "deed": deed }));
        let runtime = host.runtime.clone();
        // The main thread, which is held up meanwhile.
        let main_thread = std::thread::spawn(move || runtime.run_main_thread_turn());
        host.call_on_workers(json!({ "cmd": "haveBegun", "count": 1 })).unwrap();
        let Ok(Reply::Error(text)) = reply.recv_timeout(HANGS) else { panic!("an error") };
        assert_eq!(text, "`actOnMain` of plugin `unruly` did not answer within 1s, which is its deadline");
        assert_eq!(host.call_on_workers(json!({ "cmd": "echo", "value": 7 })), Ok(json!(7)), "workers go on");
        until(&host, |now| now.stuck == 1);
        host.call_on_workers(json!({ "cmd": "letGo" })).unwrap();
        main_thread.join().unwrap();
        assert_balanced(&host);
    }
}

#[test]
fn ten_thousand_calls_of_a_plugin_that_sleeps_wait_as_far_as_they_may_and_the_rest_is_refused() {
    for lane in [InHost, InProcess] {
        let host = host_with(lane, "threads = 4\nwaiting = 1000");
        let calls: Vec<_> =
            (0..10_000).map(|_| host.begin(json!({ "cmd": "actHere", "deed": "waitsForRelease" }))).collect();
        let refused: Vec<String> = calls
            .iter()
            .filter_map(|call| match call.try_recv() {
                Ok(Reply::Error(text)) => Some(text),
                _ => None,
            })
            .collect();
        // How many have begun by then is the workers' affair.
        assert!((8996..=9000).contains(&refused.len()), "{}", refused.len());
        assert!(refused[0].starts_with("plugin `unruly` is busy: "), "{}", refused[0]);
        others_notice_nothing(&host);
        let of = numbers(&host).into_iter().find(|one| one.cmd == "actHere").unwrap();
        assert_eq!((of.calls, of.busy), (10_000, refused.len() as u64));
        assert_eq!(host.runtime.stop(HANGS), Stopped::Cleanly, "it lets go when it is stopped");
        assert_balanced(&host);
    }
}
