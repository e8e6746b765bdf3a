//! The runtime with real libraries, without a window.

use std::time::Duration;

use plugin_host_runtime::{Limits, Replier, Reply, Stopped};
use serde_json::{Value, json};
use tests::{Host, isolated, plugin_folder};

fn documented(cmd: &str, count: u64) -> Value {
    json!({ "cmd": cmd, "count": count, "payload": { "state": "some string data", "data": 17 }, "callback": "c", "error": "e" })
}

#[test]
fn the_documented_command_answers_alike_in_both_styles() {
    let host = Host::with(&["hello-functions", "hello-handler"]);
    for cmd in ["doSomething", "hello-functions/doSomething", "hello-handler/doSomething"] {
        assert_eq!(
            host.call(documented(cmd, 6)),
            Ok(json!({ "value": 5, "message": "async response!" })),
            "{cmd}"
        );
        assert_eq!(host.refused(documented(cmd, 5)), "count should be > 5", "{cmd}");
    }
    let duplicates = host.status().duplicates;
    assert!(duplicates.iter().all(|one| one.kept_by == "hello-functions" && one.also == "hello-handler"));
    assert_eq!(duplicates.len(), 2);
}

#[test]
fn wrong_arguments_are_refused_by_name() {
    let host = Host::with(&["hello-functions"]);
    let refused = |message: Value| host.refused(message);
    assert_eq!(
        refused(json!({ "cmd": "doSomething", "count": "six", "payload": {} })),
        "argument `count` of `doSomething`: invalid type: string \"six\", expected u64"
    );
    assert_eq!(
        refused(json!({ "cmd": "doSomething", "count": 6 })),
        "argument `payload` of `doSomething` is missing"
    );
    assert_eq!(
        refused(json!({ "cmd": "doSomething", "cuont": 6 })),
        "`doSomething` has no argument `cuont`; did you mean `count`?"
    );
    assert!(refused(json!({ "cmd": "doSomthing" })).contains("did you mean `doSomething`"));
    assert!(host.refused(r#"{"cmd":"doSomething","count":6,"count":7}"#).contains("appears twice"));
}

#[test]
fn whatever_a_command_does_its_call_has_one_reply_and_the_host_goes_on() {
    let host = Host::with(&["misbehaving", "ordinary"]);
    let refused = |cmd: &str| host.refused(json!({ "cmd": cmd }));
    assert!(refused("panics").starts_with("plugin `misbehaving` panicked in `panics`: no luck, at "));
    assert!(refused("panicsMain").contains("panicked in `panicsMain`: no luck"));
    assert!(refused("panicsInDrop").contains("payload that is not text"));
    assert!(refused("doesNotSerialise").contains("does not serialise"));
    for value in
        [json!(null), json!({ "__proto__": 1, "\u{2028}": [1.5, -7, "\u{10ffff}\0"] }), json!(u64::MAX)]
    {
        for cmd in ["echo", "echoMain"] {
            assert_eq!(host.call(json!({ "cmd": cmd, "value": value })).as_ref(), Ok(&value));
        }
    }
    assert_eq!(host.runtime.stop(Duration::from_secs(30)), Stopped::Cleanly);
    assert_eq!(refused("echo"), "the host is closing");
}

#[test]
fn calls_that_block_do_not_keep_others_from_running() {
    let host = Host::with(&["hello-functions", "misbehaving", "ordinary"]);
    let blocked: Vec<_> = (0..40).map(|_| host.begin(json!({ "cmd": "wait" }))).collect();
    assert!(host.call(documented("doSomething", 6)).is_ok(), "another plugin's");
    assert_eq!(host.call(json!({ "cmd": "echo", "value": 1 })), Ok(json!(1)), "the same plugin's");
    host.call(json!({ "cmd": "open" })).unwrap();
    for reply in blocked {
        assert_eq!(host.finish(&reply), Ok(json!("opened")));
    }
}

#[test]
fn a_full_queue_refuses_at_once_and_says_whose_it_is() {
    let limits = Limits { threads: 1, waiting: 3, ..Limits::default() };
    let host = Host::set_up(plugin_folder(&["misbehaving", "ordinary"]), |builder| builder.limits(limits));
    host.status();
    let mut blocked: Vec<_> = (0..5).map(|_| host.begin(json!({ "cmd": "wait" }))).collect();
    // One runs or is about to, three wait; which of the last two found the queue full depends on the worker.
    blocked.retain(|reply| match reply.try_recv() {
        Ok(refused) => {
            let busy = "plugin `misbehaving` is busy: 3 calls are waiting already; try again later";
            assert_eq!(refused, Reply::Error(busy.to_owned()));
            false
        }
        Err(_) => true,
    });
    assert!((3..=4).contains(&blocked.len()), "{}", blocked.len());
    assert_eq!(
        host.call(json!({ "cmd": "echo", "value": 1 })),
        Ok(json!(1)),
        "another plugin's queue is its own"
    );
    host.call(json!({ "cmd": "open" })).unwrap();
    for reply in blocked {
        assert_eq!(host.finish(&reply), Ok(json!("opened")));
    }
    assert_eq!(host.call(json!({ "cmd": "wait" })), Ok(json!("opened")), "there is room again");
}

#[test]
fn a_full_main_thread_refuses_at_once_and_runs_the_others_once_each() {
    if isolated() {
        // It has one of its own, which works meanwhile.
        return;
    }
    let host = Host::with(&["ordinary"]);
    host.status();
    let replies: Vec<_> = (0..70_000).map(|_| host.begin(json!({ "cmd": "mark", "name": "many" }))).collect();
    let (mut done, mut refused) = (0, 0);
    for reply in replies {
        match host.finish(&reply) {
            Ok(_) => done += 1,
            Err(text) => {
                assert!(text.starts_with("the main thread is busy"), "{text}");
                refused += 1;
            }
        }
    }
    assert_eq!((done, refused), (65_536, 70_000 - 65_536));
    assert_eq!(host.call(json!({ "cmd": "marks", "name": "many" })), Ok(json!(done)));
}

#[cfg(target_os = "linux")]
#[test]
fn threads_bear_the_names_of_plugin_and_command_and_main_thread_commands_run_on_the_callers() {
    let host = Host::with(&["ordinary"]);
    let worker = host.call(json!({ "cmd": "workerName" }));
    assert_eq!(worker, Ok(json!("ordinar:workerN")), "what the system keeps of plugin and command");
    if isolated() {
        return;
    }
    let own = std::fs::read_to_string("/proc/thread-self/comm").unwrap();
    assert_eq!(host.call(json!({ "cmd": "mainThreadName" })), Ok(json!(own.trim_end())));
}

#[test]
fn folders_are_read_in_the_order_they_were_given_and_files_by_name() {
    let (first, second) =
        (plugin_folder(&["ordinary", "hello-handler"]), plugin_folder(&["hello-functions"]));
    let host = Host::set_up(first, |builder| builder.plugin_folder(second.path()));
    let names: Vec<_> = host.status().plugins.into_iter().map(|plugin| plugin.name).collect();
    assert_eq!(names, ["hello-handler", "ordinary", "hello-functions"]);
    let kept: Vec<_> = host.status().duplicates.into_iter().map(|one| (one.cmd, one.kept_by)).collect();
    assert!(kept.contains(&("doSomething".to_owned(), "hello-handler".to_owned())), "{kept:?}");
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_folder_neither_blocks_nor_stops_the_others() {
    let folder = plugin_folder(&["ordinary"]);
    let pipe = folder.path().join(format!("a-pipe.{}", std::env::consts::DLL_EXTENSION));
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
    let host = Host::on(folder);
    let status = host.status();
    assert_eq!(status.refused.len(), 1);
    assert!(status.refused[0].reason.starts_with("is not a regular file"), "{}", status.refused[0].reason);
    assert_eq!(host.call(json!({ "cmd": "echo", "value": 1 })), Ok(json!(1)));
}

#[test]
fn a_call_that_never_returns_does_not_hold_up_the_end() {
    let host = Host::with(&["misbehaving", "ordinary"]);
    let blocked = host.begin(json!({ "cmd": "wait" }));
    host.call(json!({ "cmd": "somebodyWaits" })).unwrap();
    assert_eq!(host.runtime.stop(Duration::from_millis(400)), what_hangs());
    if !isolated() {
        assert!(blocked.is_empty());
    }
}

/// What comes of the end of a host in which a call hangs.
fn what_hangs() -> Stopped {
    // A process can be ended, whatever runs in it.
    if isolated() { Stopped::Cleanly } else { Stopped::StillRunning }
}

#[test]
fn a_main_thread_call_that_never_returns_is_told_and_told_again() {
    if isolated() {
        return;
    }
    let host = Host::with(&["misbehaving"]);
    host.status();
    let blocked = host.begin(json!({ "cmd": "waitOnMain" }));
    let waits = host.begin(json!({ "cmd": "somebodyWaits" }));
    let runtime = host.runtime.clone();
    // It never ends.
    std::thread::spawn(move || runtime.run_main_thread_turn());
    waits.recv().unwrap();
    assert_eq!(host.runtime.stop(Duration::from_millis(50)), Stopped::StillRunning);
    assert_eq!(host.runtime.stop(Duration::from_secs(30)), Stopped::StillRunning, "the second time, too");
    assert!(blocked.is_empty());
    assert!(!host.folder.path().join("data/misbehaving/freed").exists(), "its state is in use");
}

#[test]
fn a_plugin_that_does_not_stop_leaves_the_others_time_to_stop() {
    let folder = plugin_folder(&["ordinary"]);
    // Loaded last, so stopped first.
    let last = folder.path().join(format!("zz.{}", std::env::consts::DLL_EXTENSION));
    std::fs::copy(tests::library("misbehaving"), last).unwrap();
    let host = Host::on(folder);
    let last_words = host.folder.path().join("last-words");
    host.call(json!({ "cmd": "lastWords", "file": last_words })).unwrap();
    let _blocked = host.begin(json!({ "cmd": "wait" }));
    host.call(json!({ "cmd": "somebodyWaits" })).unwrap();
    assert_eq!(host.runtime.stop(Duration::from_millis(800)), what_hangs());
    assert!(last_words.exists());
}

#[cfg(unix)]
#[test]
fn who_calls_again_while_being_refused_does_not_stand_in_its_own_way() {
    struct CallsAgain(
        std::sync::Mutex<Option<plugin_host_runtime::Runtime>>,
        crossbeam_channel::Sender<String>,
    );
    impl plugin_host_runtime::ReplySink for CallsAgain {
        fn deliver(&self, _call: u64, reply: Reply) {
            let Reply::Error(text) = reply else { panic!("it cannot have run") };
            let runtime = self.0.lock().unwrap().take();
            if let Some(runtime) = runtime {
                let (replier, again) = Replier::channel();
                runtime.submit(json!({ "cmd": "echo", "value": "x".repeat(2000) }).to_string(), replier);
                assert!(matches!(again.try_recv(), Ok(Reply::Error(_))));
            }
            self.1.send(text).unwrap();
        }
    }
    let folder = plugin_folder(&["misbehaving"]);
    let data = folder.path().join("data/misbehaving");
    std::fs::create_dir_all(&data).unwrap();
    let pipe = data.join("start-when-written");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let limits = Limits { waiting_bytes: 1000, ..Limits::default() };
    let host = Host::set_up(folder, |builder| builder.limits(limits));
    let _first = host.begin(json!({ "cmd": "echo", "value": "x".repeat(900) }));
    let (sender, told) = crossbeam_channel::unbounded();
    let sink = std::sync::Arc::new(CallsAgain(Some(host.runtime.clone()).into(), sender));
    host.runtime
        .submit(json!({ "cmd": "echo", "value": "x".repeat(900) }).to_string(), Replier::new(sink, 1));
    assert!(told.recv().unwrap().contains("still being loaded"));
    std::fs::write(pipe, "now").unwrap();
}

#[test]
fn messages_that_wait_for_the_main_thread_are_bounded_by_their_bytes() {
    if isolated() {
        // It has one of its own, which works meanwhile.
        return;
    }
    let limits = Limits { waiting_bytes: 10_000, ..Limits::default() };
    let host = Host::set_up(plugin_folder(&["ordinary"]), |builder| builder.limits(limits));
    host.status();
    let value = "x".repeat(4000);
    let replies: Vec<_> = (0..10).map(|_| host.begin(json!({ "cmd": "echoMain", "value": value }))).collect();
    let outcomes: Vec<_> = replies.iter().map(|reply| host.finish(reply).is_ok()).collect();
    assert_eq!(outcomes.iter().filter(|ok| **ok).count(), 2, "{outcomes:?}");
    assert!(host.call(json!({ "cmd": "echoMain", "value": value })).is_ok(), "there is room again");
}

#[test]
fn an_error_of_megabytes_is_shortened_to_what_a_person_may_read() {
    let host = Host::with(&["misbehaving"]);
    let text = host.refused(json!({ "cmd": "panics", "text": "é".repeat(1_000_000) }));
    assert!(text.len() < 20_000 && text.contains("2000"), "{} bytes", text.len());
}

#[test]
fn a_hundred_thousand_calls_each_get_their_own_answer() {
    let host = Host::with(&["misbehaving", "ordinary"]);
    for burst in 0..5 {
        let replies: Vec<_> = (0..20_000)
            .map(|number| (number, host.begin(json!({ "cmd": "echo", "value": [burst, number] }))))
            .collect();
        for (number, reply) in replies {
            assert_eq!(host.finish(&reply), Ok(json!([burst, number])));
        }
    }
}

#[test]
fn what_is_no_plugin_is_refused_with_a_sentence_and_the_others_go_on() {
    let folder = plugin_folder(&["misbehaving", "ordinary"]);
    let extension = std::env::consts::DLL_EXTENSION;
    std::fs::write(folder.path().join(format!("a-text.{extension}")), "not a library").unwrap();
    std::fs::write(folder.path().join(format!("b-empty.{extension}")), "").unwrap();
    std::fs::copy(tests::library("stranger"), folder.path().join(format!("c-stranger.{extension}"))).unwrap();
    std::fs::copy(tests::library("misbehaving"), folder.path().join(format!("zz-again.{extension}")))
        .unwrap();
    let host = Host::on(folder);
    let status = host.status();
    let reasons: Vec<_> = status.refused.iter().map(|refused| refused.reason.as_str()).collect();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(reasons[0].starts_with("is not a library, whatever its name says"), "{}", reasons[0]);
    assert!(reasons[1].starts_with("is empty"), "{}", reasons[1]);
    assert_eq!(status.plugins.len(), 2);
    assert!(matches!(&*status.strangers, [one] if one.contains("c-stranger")), "{:?}", status.strangers);
    assert!(matches!(&*status.left_out, [one] if one.reason.starts_with("calls itself `misbehaving`")));
    assert_eq!(host.call(json!({ "cmd": "echo", "value": 1 })), Ok(json!(1)));
}

#[test]
fn a_library_overwritten_while_it_is_loaded_goes_on_working() {
    let host = Host::with(&["misbehaving", "ordinary"]);
    let file = host.status().plugins[0].file.clone();
    assert!(file.starts_with(host.folder.path().to_str().unwrap()));
    std::fs::write(file, "nonsense").unwrap();
    assert_eq!(host.call(json!({ "cmd": "letters", "count": 3 })), Ok(json!("xxx")));
    assert!(host.refused(json!({ "cmd": "panics" })).contains("no luck"));
}

#[test]
fn stopping_frees_a_plugins_state_before_it_returns() {
    let host = Host::with(&["misbehaving", "ordinary"]);
    host.call(json!({ "cmd": "echo", "value": 1 })).unwrap();
    let freed = host.folder.path().join("data/misbehaving/freed");
    assert!(!freed.exists());
    assert_eq!(host.runtime.stop(Duration::from_secs(30)), Stopped::Cleanly);
    assert!(freed.exists());
    assert_eq!(host.runtime.stop(Duration::from_secs(30)), Stopped::Cleanly, "the second time, too");
}

#[cfg(unix)]
#[test]
fn stopping_while_a_plugin_starts_tells_that_its_code_still_runs() {
    let folder = plugin_folder(&["misbehaving", "ordinary"]);
    let data = folder.path().join("data/misbehaving");
    std::fs::create_dir_all(&data).unwrap();
    let pipe = data.join("start-when-written");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let host = Host::on(folder);
    let early = host.begin(json!({ "cmd": "echo", "value": 1 }));
    // A pipe opens for writing when somebody reads from it: the plugin is in its start now.
    let mut pipe = std::fs::File::options().write(true).open(pipe).unwrap();
    assert_eq!(host.runtime.stop(Duration::from_millis(50)), Stopped::StillRunning);
    assert_eq!(host.finish(&early), Err("the host is closing".to_owned()));
    std::io::Write::write_all(&mut pipe, b"now").unwrap();
}

#[test]
fn calls_made_before_the_plugins_are_loaded_wait_for_them() {
    let host = Host::with(&["misbehaving", "ordinary"]);
    let early: Vec<_> =
        (0..100).map(|number| host.begin(json!({ "cmd": "echo", "value": number }))).collect();
    for (number, reply) in early.iter().enumerate() {
        assert_eq!(host.finish(reply), Ok(json!(number)));
    }
}
