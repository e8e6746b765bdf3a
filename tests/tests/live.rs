//! The plugin folder while the host runs: added, replaced, removed, damaged.

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use plugin_host_runtime::{ChangeKind, Offline, Replier, Reply, Stopped, Which};
use serde_json::{Value, json};
use tests::versions::{Starts, check, place, put, version, which};
use tests::{Host, library, plugin_folder};

/// A host over an empty folder.
fn empty() -> Host {
    let host = Host::with(&[]);
    host.status();
    host
}

#[test]
fn a_library_that_is_put_into_the_folder_serves_is_replaced_and_is_removed() {
    let host = empty();
    let file = place(host.folder.path());
    assert!(which(&host).unwrap_err().contains("no plugin is loaded"));
    put(&file, &version(1, Starts::Well));
    check(host.change(), ChangeKind::Added, Some(1), "");
    assert_eq!(which(&host), Ok(1));
    put(&file, &version(2, Starts::Well));
    check(host.change(), ChangeKind::Replaced, Some(2), "");
    assert_eq!(which(&host), Ok(2));
    assert_eq!(host.status().plugins[0].generation, Some(2));
    fs::remove_file(&file).unwrap();
    check(host.change(), ChangeKind::Removed, None, "");
    let sentence =
        "plugin `changing` was removed, and `which` with it; put its library back into the plugin folder";
    assert_eq!(which(&host), Err(sentence.to_owned()));
    put(&file, &version(2, Starts::Well));
    check(host.change(), ChangeKind::Added, Some(3), "");
    assert_eq!(which(&host), Ok(2));
    assert_eq!(host.runtime.stop(Duration::from_secs(30)), Stopped::Cleanly);
}

#[test]
fn calls_in_flight_end_on_the_generation_they_began_on_which_stops_after_the_last_one() {
    let host = Host::on(tempfile::tempdir().unwrap());
    let file = place(host.folder.path());
    host.status();
    put(&file, &version(1, Starts::Well));
    check(host.change(), ChangeKind::Added, Some(1), "");
    let release = host.folder.path().join("release");
    let held = host.begin(json!({ "cmd": "holdForFile", "file": release }));
    // Answered by the same workers, so the first one is in the plugin or before this one in the queue.
    assert_eq!(which(&host), Ok(1));
    put(&file, &version(2, Starts::Well));
    check(host.change(), ChangeKind::Replaced, Some(2), "");
    assert_eq!(which(&host), Ok(2), "the new one serves while the old one is busy");
    let stopped = host.folder.path().join("data/changing/stopped-1");
    assert!(held.is_empty() && !stopped.exists());
    fs::write(release, "").unwrap();
    assert_eq!(host.finish(&held), Ok(json!(1)));
    assert_eq!(host.runtime.stop(Duration::from_secs(30)), Stopped::Cleanly);
    assert_eq!(fs::read_to_string(stopped).unwrap(), "0", "nothing was in flight when it stopped");
}

#[test]
fn a_version_that_fails_leaves_the_one_before_it_in_service() {
    let host = empty();
    let file = place(host.folder.path());
    put(&file, &version(1, Starts::Well));
    check(host.change(), ChangeKind::Added, Some(1), "");
    let mut damaged = version(2, Starts::Well);
    damaged.truncate(damaged.len() - 1000);
    for (bytes, reason) in [
        (version(2, Starts::WithError), "version 2 does not want to"),
        (version(3, Starts::WithPanic), "version 3 panics in its start"),
        (b"a text".to_vec(), "is not a library"),
        (Vec::new(), "is empty"),
        (damaged, "is cut off"),
    ] {
        put(&file, &bytes);
        check(host.change(), ChangeKind::Refused, Some(1), reason);
        assert_eq!(which(&host), Ok(1));
        let told = host.status().plugins[0].replacement_refused.clone();
        assert!(told.unwrap().contains(reason), "the refusal is in the status");
    }
    put(&file, &version(4, Starts::Well));
    check(host.change(), ChangeKind::Replaced, Some(2), "");
    assert_eq!((which(&host), host.status().plugins[0].replacement_refused.clone()), (Ok(4), None));
}

#[test]
fn a_file_that_grows_slowly_is_taken_when_it_is_whole() {
    let host = empty();
    let bytes = version(1, Starts::Well);
    let mut file = fs::File::create(place(host.folder.path())).unwrap();
    let (beginning, end) = bytes.split_at(bytes.len() - 1);
    for part in beginning.chunks(bytes.len() / 5 + 1) {
        file.write_all(part).unwrap();
        file.flush().unwrap();
        // Longer than the host waits for quiet, so that it looks at the unfinished file.
        assert!(host.changes_within(Duration::from_millis(150)).is_empty(), "an unfinished file is no news");
    }
    file.write_all(end).unwrap();
    drop(file);
    check(host.change(), ChangeKind::Added, Some(1), "");
    assert_eq!(which(&host), Ok(1));
}

#[test]
fn writing_over_or_cutting_the_file_of_a_plugin_in_use_harms_nothing() {
    let host = empty();
    let file = place(host.folder.path());
    put(&file, &version(1, Starts::Well));
    check(host.change(), ChangeKind::Added, Some(1), "");
    // In place, as `cp` does it: the same file, other bytes.
    fs::write(&file, version(2, Starts::Well)).unwrap();
    check(host.change(), ChangeKind::Replaced, Some(2), "");
    assert_eq!(which(&host), Ok(2));
    let open = fs::File::options().write(true).open(&file).unwrap();
    open.set_len(4096).unwrap();
    drop(open);
    check(host.change(), ChangeKind::Refused, Some(2), "cut off");
    for number in 0..100 {
        assert!(host.call(json!({ "cmd": "which", "number": number })).is_ok());
    }
}

#[test]
fn of_two_files_with_one_plugin_the_first_by_name_serves_whatever_came_first() {
    let host = empty();
    let file = |name: &str| host.folder.path().join(format!("{name}.{}", std::env::consts::DLL_EXTENSION));
    put(&file("b"), &version(1, Starts::Well));
    check(host.change(), ChangeKind::Added, Some(1), "");
    put(&file("c"), &version(2, Starts::Well));
    check(host.change(), ChangeKind::LeftOut, None, "calls itself `changing`, and so does");
    assert_eq!(which(&host), Ok(1));
    put(&file("a"), &version(3, Starts::Well));
    check(host.change(), ChangeKind::Replaced, Some(2), "");
    assert_eq!(which(&host), Ok(3));
    fs::remove_file(file("a")).unwrap();
    check(host.change(), ChangeKind::Removed, None, "");
    check(host.change(), ChangeKind::Added, Some(3), "");
    assert_eq!(which(&host), Ok(1), "the next one follows");
}

#[test]
fn a_plugin_is_switched_off_and_on_and_that_is_remembered() {
    let host = empty();
    put(&place(host.folder.path()), &version(1, Starts::Well));
    check(host.change(), ChangeKind::Added, Some(1), "");
    assert!(
        host.refused(json!({ "cmd": "host/disable", "plugin": "nobody" })).contains("no file in the plugin")
    );
    assert!(host.refused(json!({ "cmd": "host/disable" })).contains("missing field `plugin`"));
    assert_eq!(host.call(json!({ "cmd": "host/disable", "plugin": "changing" })), Ok(json!(null)));
    check(host.change(), ChangeKind::LeftOut, None, "is switched off");
    assert!(which(&host).unwrap_err().contains("switched off"));
    host.runtime.stop(Duration::from_secs(30));

    let host = Host::on(host.folder);
    let status = host.status();
    assert!(status.plugins.is_empty() && status.left_out[0].disabled, "{status:?}");
    assert_eq!(host.call(json!({ "cmd": "host/enable", "plugin": "changing" })), Ok(json!(null)));
    assert_eq!(which(&host), Ok(1));
}

#[test]
fn a_plugin_that_serves_on_after_a_refused_replacement_is_switched_off_all_the_same() {
    let host = empty();
    let file = place(host.folder.path());
    put(&file, &version(1, Starts::Well));
    check(host.change(), ChangeKind::Added, Some(1), "");
    put(&file, b"garbage, and enough of it");
    check(host.change(), ChangeKind::Refused, Some(1), "is not a library");
    assert_eq!(
        host.call(json!({ "cmd": "host/retry", "file": "changing" })),
        Ok(json!(1)),
        "it is known by either name"
    );
    check(host.change(), ChangeKind::Refused, Some(1), "is not a library");
    assert_eq!(host.call(json!({ "cmd": "host/disable", "plugin": "changing" })), Ok(json!(null)));
    check(host.change(), ChangeKind::LeftOut, None, "is switched off");
    assert!(which(&host).is_err());
}

#[test]
fn when_the_first_of_two_files_becomes_another_plugin_the_second_serves() {
    let host = empty();
    let file = |name: &str| host.folder.path().join(format!("{name}.{}", std::env::consts::DLL_EXTENSION));
    put(&file("a"), &version(1, Starts::Well));
    check(host.change(), ChangeKind::Added, Some(1), "");
    put(&file("b"), &version(2, Starts::Well));
    check(host.change(), ChangeKind::LeftOut, None, "calls itself `changing`");
    put(&file("a"), &fs::read(library("ordinary")).unwrap());
    let kinds: Vec<_> = (0..3).map(|_| host.change().kind).collect();
    assert_eq!(kinds, [ChangeKind::Removed, ChangeKind::Added, ChangeKind::Added]);
    assert_eq!(which(&host), Ok(2));
    assert_eq!(host.call(json!({ "cmd": "echo", "value": 1 })), Ok(json!(1)));
}

#[test]
fn a_folder_that_is_removed_and_made_again_is_followed_as_before() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("plugins");
    fs::create_dir(&folder).unwrap();
    let host = Host::set_up(outer, |builder| builder.plugin_folder(&folder));
    host.status();
    put(&place(&folder), &version(1, Starts::Well));
    check(host.change(), ChangeKind::Added, Some(1), "");
    fs::remove_dir_all(&folder).unwrap();
    check(host.change(), ChangeKind::Removed, None, "");
    fs::create_dir(&folder).unwrap();
    put(&place(&folder), &version(2, Starts::Well));
    check(host.change(), ChangeKind::Added, Some(2), "");
    put(&place(&folder), &version(3, Starts::Well));
    check(host.change(), ChangeKind::Replaced, Some(3), "");
    assert_eq!(which(&host), Ok(3));
}

#[test]
fn choices_that_cannot_be_read_change_nothing_and_a_folder_of_choices_that_is_made_anew_is_followed() {
    let host = Host::with(&["ordinary"]);
    let file = place(host.folder.path());
    put(&file, &version(1, Starts::Well));
    host.status();
    while host.status().plugins.len() < 2 {
        host.change();
    }
    assert_eq!(host.call(json!({ "cmd": "host/disable", "plugin": "changing" })), Ok(json!(null)));
    let state = host.folder.path().join("state");
    fs::write(state.join("disabled.json"), "garbage").unwrap();
    // Comes after it, and is looked at after it.
    put(&file, &version(2, Starts::Well));
    while !host.changes_within(Duration::from_millis(300)).is_empty() {}
    assert!(which(&host).unwrap_err().contains("switched off"));
    fs::remove_dir_all(&state).unwrap();
    loop {
        let change = host.change();
        if change.kind == ChangeKind::Added {
            break;
        }
    }
    assert!(which(&host).is_ok(), "nobody has chosen anything any more");
    let offline = Offline::new(vec![host.folder.path().to_owned()], tests::places(host.folder.path()));
    assert_eq!(offline.set_disabled("changing", true), Ok(true));
    loop {
        let change = host.change();
        if change.kind == ChangeKind::LeftOut {
            break;
        }
    }
}

#[test]
fn a_switch_on_the_command_line_reaches_a_host_that_runs() {
    let host = empty();
    put(&place(host.folder.path()), &version(1, Starts::Well));
    check(host.change(), ChangeKind::Added, Some(1), "");
    let offline = Offline::new(vec![host.folder.path().to_owned()], tests::places(host.folder.path()));
    assert_eq!(offline.set_disabled("changing", true), Ok(true));
    check(host.change(), ChangeKind::LeftOut, None, "is switched off");
    assert_eq!(offline.set_disabled("changing", false), Ok(true));
    check(host.change(), ChangeKind::Added, Some(2), "");
}

#[test]
fn stopping_while_a_library_is_tried_stops_those_that_serve() {
    let folder = plugin_folder(&["ordinary"]);
    let host = Host::set_up(folder, |builder| builder.load_limit(Duration::from_secs(600)));
    let last_words = host.folder.path().join("last-words");
    host.call(json!({ "cmd": "lastWords", "file": last_words })).unwrap();
    let library = fs::read(library("constructor")).unwrap();
    let mark = b"constructor does: n";
    let at = library.windows(mark.len()).position(|window| window == mark).unwrap() + mark.len() - 1;
    let sleeps = [&library[..at], b"s", &library[at + 1..]].concat();
    put(&host.folder.path().join(format!("z.{}", std::env::consts::DLL_EXTENSION)), &sleeps);
    // The keeper does not answer while it waits for the trial: then it has begun.
    while host.begin(json!({ "cmd": "host/retry" })).recv_timeout(Duration::from_millis(300)).is_ok() {}
    assert_eq!(host.runtime.stop(Duration::from_secs(2)), Stopped::StillRunning);
    assert!(last_words.exists());
}

#[test]
fn what_was_refused_is_tried_again_when_somebody_asks() {
    let host = empty();
    put(&place(host.folder.path()), &version(1, Starts::WithError));
    check(host.change(), ChangeKind::Refused, None, "did not start");
    assert_eq!(host.call(json!({ "cmd": "host/retry", "file": "somebody-elses" })), Ok(json!(0)));
    for called in [json!("changing"), json!(place(host.folder.path())), json!(null)] {
        assert_eq!(host.call(json!({ "cmd": "host/retry", "file": called })), Ok(json!(1)));
        check(host.change(), ChangeKind::Refused, None, "did not start");
    }
}

#[test]
fn what_is_tried_again_on_the_command_line_is_tried_again_by_a_host_that_runs() {
    let host = empty();
    put(&place(host.folder.path()), &version(1, Starts::WithError));
    check(host.change(), ChangeKind::Refused, None, "did not start");
    let offline = Offline::new(vec![host.folder.path().to_owned()], tests::places(host.folder.path()));
    offline.try_again(&Which::Called("changing".to_owned())).unwrap();
    check(host.change(), ChangeKind::Refused, None, "did not start");
}

/// Many replacements under a steady load. Every call is answered once, by a version that was in the folder.
#[test]
fn five_hundred_replacements_lose_no_call_and_run_none_twice() {
    const REPLACEMENTS: u64 = 500;
    let host = empty();
    let file = place(host.folder.path());
    put(&file, &version(1, Starts::Well));
    check(host.change(), ChangeKind::Added, Some(1), "");
    let before = resident_kilobytes();
    let over = AtomicBool::new(false);
    let loads: Vec<Load> = thread::scope(|scope| {
        let loads: Vec<_> = (0..2).map(|_| scope.spawn(|| load(&host, &over))).collect();
        for number in 2..=REPLACEMENTS {
            put(&file, &version(number, Starts::Well));
            check(host.change(), ChangeKind::Replaced, Some(u32::try_from(number).unwrap()), "");
        }
        over.store(true, Ordering::Release);
        loads.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let calls: u64 = loads.iter().map(|one| one.calls).sum();
    // Each version numbers its calls. If the last numbers add up to what was answered, no call was lost and none ran twice.
    let mut last: HashMap<u64, u64> = HashMap::new();
    for (version, number) in loads.iter().flat_map(|one| &one.last) {
        let known = last.entry(*version).or_default();
        *known = (*known).max(*number);
    }
    assert_eq!(last.values().sum::<u64>(), calls);
    let grown = resident_kilobytes().saturating_sub(before);
    println!(
        "{calls} calls during {REPLACEMENTS} generations; {} KB of memory for each",
        grown / REPLACEMENTS
    );
    assert!(calls > REPLACEMENTS, "the load was no load");
    assert_eq!(which(&host), Ok(REPLACEMENTS));
    assert_eq!(host.runtime.stop(Duration::from_secs(60)), Stopped::Cleanly);
    // Every generation but the last two has been stopped long before the end; now all of them have, each with nothing in flight.
    for number in 1..=REPLACEMENTS {
        let stopped = host.folder.path().join(format!("data/changing/stopped-{number}"));
        assert_eq!(fs::read_to_string(stopped).unwrap(), "0", "generation {number}");
    }
}

/// What a thread has called.
#[derive(Default)]
struct Load {
    calls: u64,
    /// The last number that each version gave a call.
    last: HashMap<u64, u64>,
}

/// Calls without a pause, ten at a time.
fn load(host: &Host, over: &AtomicBool) -> Load {
    let mut load = Load::default();
    while !over.load(Ordering::Acquire) {
        let replies: Vec<_> = (load.calls..load.calls + 10)
            .map(|number| {
                let (replier, reply) = Replier::channel();
                host.runtime.submit(json!({ "cmd": "which", "number": number }).to_string(), replier);
                (number, reply)
            })
            .collect();
        for (number, reply) in replies {
            let Reply::Value(text) = reply.recv().unwrap() else { panic!("call {number} was lost") };
            let answer: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(answer["number"], number);
            let known = load.last.entry(answer["version"].as_u64().unwrap()).or_default();
            *known = (*known).max(answer["calls"].as_u64().unwrap());
            assert!(reply.try_recv().is_err(), "a second reply");
            load.calls += 1;
        }
    }
    load
}

fn resident_kilobytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or_default()
}

#[test]
fn a_stranger_beside_the_plugins_is_nobodys_business() {
    let host = empty();
    let stranger = host.folder.path().join(format!("stranger.{}", std::env::consts::DLL_EXTENSION));
    put(&stranger, &fs::read(library("stranger")).unwrap());
    put(&place(host.folder.path()), &version(1, Starts::Well));
    check(host.change(), ChangeKind::Added, Some(1), "");
    assert_eq!(host.status().strangers.len(), 1);
    assert!(host.status().refused.is_empty());
}
