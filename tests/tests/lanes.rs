//! What comes of every kind of call, on a worker and on the main thread, in both lanes; and what else there is to a plugin in a
//! process of its own.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, select};
use plugin_host_runtime::{
    CommandNumbers, Health, Lane, Live, Partial, Replier, Reply, ReplySink, Stopped, Taken, UnderWay, Wishes,
};
use serde_json::{Value, json};
use tests::{HANGS, Host, built, plugin_folder};

#[derive(Clone, Copy, PartialEq, Debug)]
enum InLane {
    Process,
    Host,
}
use InLane::{Host as InHost, Process as InProcess};

const PLACES: [&str; 2] = ["actHere", "actOnMain"];

/// A host with `unruly` in this lane, and two others that go on in the host whatever it does.
fn host(lane: InLane) -> Host {
    host_with(lane, "")
}

fn host_with(lane: InLane, settings: &str) -> Host {
    let folder = plugin_folder(&["unruly", "ordinary", "asking"]);
    let isolation = if lane == InProcess { "process" } else { "in-process" };
    let text = format!("[host.plugins.unruly]\nisolation = '{isolation}'\n{settings}");
    std::fs::write(folder.path().join("config.toml"), text).unwrap();
    let host = Host::set_up(folder, |builder| builder.isolate(Wishes::default()));
    let lane_of = |name: &str| live(&host, name).lane;
    assert_eq!(matches!(lane_of("unruly"), Lane::Isolated { .. }), lane == InProcess);
    assert_eq!(lane_of("ordinary"), Lane::InProcess);
    host
}

fn live(host: &Host, name: &str) -> Live {
    let status = host.status();
    let plugin = status.plugins.into_iter().find(|plugin| plugin.name == name);
    plugin.unwrap_or_else(|| panic!("{name} serves")).live.unwrap()
}

fn numbers(host: &Host) -> Vec<CommandNumbers> {
    host.status().plugins.into_iter().flat_map(|plugin| plugin.numbers).collect()
}

/// Every call that was made is settled, once.
fn assert_balanced(host: &Host) {
    for one in numbers(host) {
        let settled = one.ok + one.errors + one.panics + one.cancelled + one.timed_out + one.busy + one.lost;
        assert_eq!((one.calls, one.in_flight), (settled, 0), "{one:?}");
    }
}

fn others_notice_nothing(host: &Host) {
    assert_eq!(host.call(json!({ "cmd": "echo", "value": 7 })), Ok(json!(7)));
    let asked = host.call(json!({ "cmd": "ask", "message": { "cmd": "echo", "value": 8 } }));
    assert_eq!(asked, Ok(json!(8)));
}

/// Calls a command, and gives the last of the sentence's parts that are not in it.
fn rejected(host: &Host, cmd: &str, deed: &str, parts: &[&str]) {
    let error = host.refused(json!({ "cmd": cmd, "deed": deed }));
    for part in parts {
        assert!(error.contains(part), "{cmd} {deed}: {error}");
    }
}

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
            let told = error.strip_prefix(&begin).unwrap_or_else(|| panic!("{error}"));
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

/// Replaces the library by itself under another content, which is another generation, with a clean record.
fn start_over(host: &Host) {
    let file = host.folder.path().join("libunruly.so");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.push(0);
    let new = file.with_extension("part");
    std::fs::write(&new, bytes).unwrap();
    std::fs::rename(new, &file).unwrap();
    while host.change().kind != plugin_host_runtime::ChangeKind::Replaced {}
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

fn program(plugins: &Path, arguments: &[&str]) -> Output {
    // Who allocates without end is stopped long before the machine has nothing left.
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -d 1000000; exec \"$0\" \"$@\""]).arg(built().join("plugin-host"));
    command.args(arguments).arg("--only").arg("--plugins").arg(plugins);
    command.arg("--data").arg(plugins.join("data")).output().unwrap()
}

/// Hears of one call.
struct Follower(Sender<Reply>);

impl ReplySink for Follower {
    fn deliver(&self, _call: u64, reply: Reply) {
        self.0.send(reply).unwrap();
    }

    fn partial(&self, _call: u64, _partial: Partial) -> Taken {
        Taken::Now
    }
}

fn begin(host: &Host, message: &Value) -> (Arc<dyn UnderWay>, Receiver<Reply>) {
    let (sender, heard) = crossbeam_channel::unbounded();
    let replier = Replier::new(Arc::new(Follower(sender)), 1);
    let under_way = replier.follow();
    host.runtime.submit(message.to_string(), replier);
    (under_way, heard)
}

/// Looks at the plugin until it is as wanted, and runs main-thread work meanwhile.
fn until(host: &Host, wanted: impl Fn(&Live) -> bool) -> Live {
    let end = Instant::now() + HANGS;
    let never = crossbeam_channel::never::<()>();
    loop {
        let now = live(host, "unruly");
        if wanted(&now) {
            return now;
        }
        assert!(Instant::now() < end, "{now:?}");
        select! {
            recv(host.turns) -> _ => host.runtime.run_main_thread_turn(),
            recv(never) -> _ => {}
            default(Duration::from_millis(20)) => {}
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
