//! What a plugin may ask of its host.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use plugin_host_runtime::Stopped;
use serde_json::{Value, json};
use tests::{Host, isolated, library, plugin_folder};

fn host() -> Host {
    Host::with(&["asking", "ordinary"])
}

#[test]
fn events_reach_whoever_listens_for_the_page_in_their_order_and_bad_ones_are_errors() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&heard);
    let host = Host::set_up(plugin_folder(&["asking"]), |builder| {
        builder.on_event(move |event, payload| {
            ears.lock().unwrap().push(format!("{event} {payload}"));
        })
    });
    let tell = |event: &str| {
        host.call(
            json!({ "cmd": "tell", "event": event, "payload": { "__proto__": "\u{2028}" }, "times": 2 }),
        )
    };
    assert_eq!(tell("news"), Ok(json!(null)));
    let expected = "news {\"__proto__\":\"\u{2028}\"}";
    assert_eq!(*heard.lock().unwrap(), [expected, expected]);
    for bad in ["", "host/plugins", "a\nb", &"x".repeat(129)] {
        assert!(tell(bad).unwrap_err().contains("has no good name"), "{bad}");
    }
    assert_eq!(heard.lock().unwrap().len(), 2);
}

#[test]
fn a_plugin_reads_its_own_table_of_the_configuration_and_errors_name_file_and_key() {
    let host = host();
    let file = host.folder.path().join("config.toml");
    let settings = || host.call(json!({ "cmd": "settings" }));
    assert_eq!(settings(), Ok(json!({ "size": 0, "inner": { "names": [] } })), "no file, no settings");
    let write = |text: &str| fs::write(&file, text).unwrap();
    write("[plugins.other]\nsize = 900\n[plugins.asking]\nsize = 7\n[plugins.asking.inner]\nnames = ['a']\n");
    assert_eq!(settings(), Ok(json!({ "size": 7, "inner": { "names": ["a"] } })));
    let complains = |text: &str, key: &str, what: &str| {
        write(text);
        let error = settings().unwrap_err();
        let begin = format!("{}{key}", file.display());
        assert!(error.starts_with(&begin) && error.contains(what), "{error}");
    };
    complains("[plugins.asking]\nsize = 900", ": `plugins.asking.size`: ", "900");
    complains("[plugins.asking.inner]\nnames = ['a', 1]", ": `plugins.asking.inner.names[1]`: ", "string");
    complains("[plugins.asking]\nsise = 1", ": `plugins.asking.sise`: ", "unknown field");
    complains("[plugins.asking]\nsize == 1", " is not TOML in line 2: ", "");
    complains("[plugins]\nasking = 1", " `plugins.asking` is no table; write [plugins.asking]", "");
}

#[test]
fn the_cache_folder_is_made_and_is_not_the_data_folder() {
    let host = host();
    let folder: PathBuf = serde_json::from_value(host.call(json!({ "cmd": "cache" })).unwrap()).unwrap();
    assert_eq!(folder, host.folder.path().join("cache/asking"));
    assert!(folder.is_dir());
}

#[test]
fn the_applications_folder_is_made_and_that_of_its_resources_is_told_as_it_is() {
    let host = host();
    let folders = host.call(json!({ "cmd": "ofTheApplication" })).unwrap();
    let [app, resources]: [PathBuf; 2] = serde_json::from_value(folders).unwrap();
    assert_eq!(app, host.folder.path().join("data/app"));
    assert_eq!(resources, host.folder.path().join("resources"));
    assert!(app.is_dir() && !resources.exists());
}

#[test]
fn a_plugin_calls_another_ones_commands_and_gets_their_values_and_errors() {
    let host = host();
    let ask = |cmd: &str, message: Value| host.call(json!({ "cmd": cmd, "message": message }));
    let echo = json!({ "cmd": "echo", "value": { "a": [1, null] } });
    assert_eq!(ask("ask", echo.clone()), Ok(json!({ "a": [1, null] })));
    assert_eq!(ask("ask", json!({ "cmd": "echoMain", "value": 1 })), Ok(json!(1)), "on the main thread");
    assert!(ask("ask", json!({ "cmd": "ecko" })).unwrap_err().contains("did you mean `echo`"));
    assert!(ask("ask", json!([])).unwrap_err().contains("not an object"));
    assert!(ask("ask", json!({ "cmd": "ask", "message": { "cmd": "cache" } })).is_ok(), "itself");
    assert_eq!(ask("askOnMain", echo.clone()), Ok(json!({ "a": [1, null] })), "a worker's command");
    let answer = ask("askThen", echo).unwrap();
    let own_worker = if cfg!(target_os = "linux") { "asking\n" } else { "" };
    assert_eq!(answer, json!([{ "a": [1, null] }, own_worker]));
    let answer = ask("askThen", json!({ "cmd": "ecko" })).unwrap();
    assert!(answer[0].as_str().unwrap().contains("unknown command"), "{answer}");
}

#[test]
fn who_waits_on_the_main_thread_for_the_main_thread_is_told_so() {
    let host = host();
    let own = host.refused(json!({ "cmd": "askOnMain", "message": { "cmd": "placesOnMain" } }));
    assert!(own.contains("`placesOnMain` runs on the main thread, and so does the one who waits"), "{own}");
    let message = json!({ "cmd": "echoMain", "value": 1 });
    if isolated() {
        assert_eq!(host.call(json!({ "cmd": "askOnMain", "message": message })), Ok(json!(1)), "another one");
        return;
    }
    let error = host.refused(json!({ "cmd": "askOnMain", "message": message }));
    assert!(
        error.contains("`echoMain` runs on the main thread, and so does the one who waits for it"),
        "{error}"
    );
    let error = host.refused(json!({ "cmd": "askOnMain", "message": { "cmd": "host/status" } }));
    assert!(error.contains("it would never begin"), "{error}");
}

#[test]
fn work_for_the_main_thread_runs_there_and_its_panic_is_an_error() {
    let host = host();
    let places = host.call(json!({ "cmd": "places" })).unwrap();
    let on_main = host.call(json!({ "cmd": "placesOnMain" })).unwrap();
    if cfg!(target_os = "linux") {
        let own = json!(fs::read_link("/proc/thread-self").unwrap());
        let main = if isolated() { places[1].clone() } else { own };
        assert!(places[0] != main && places[1] == main, "{places}");
        assert_eq!(on_main, json!([main, main]));
    }
    assert!(host.refused(json!({ "cmd": "panicOnMain" })).contains("panicked: no luck over there"));
}

#[test]
fn async_commands_run_to_their_end_and_their_errors_reject() {
    let host = host();
    let double = |number: u64| host.call(json!({ "cmd": "double", "number": number, "label": "it" }));
    assert_eq!(double(21), Ok(json!("it: 42")));
    assert_eq!(double(100), Err("that is too much for it".to_owned()));
    let many: Vec<_> = (0..99)
        .map(|number| host.begin(json!({ "cmd": "double", "number": number, "label": "it" })))
        .collect();
    for (number, reply) in (0..).zip(&many) {
        assert_eq!(host.finish(reply), Ok(json!(format!("it: {}", number * 2))));
    }
}

#[test]
fn who_waits_for_others_in_its_own_start_is_told_that_they_are_being_loaded_and_later_gets_an_answer() {
    let host = host();
    let answer = host.call(json!({ "cmd": "fromStart" })).unwrap();
    assert!(answer.as_str().unwrap().contains("the plugins are still being loaded"), "{answer}");
    // One that is added to plugins that serve may ask them.
    let host = Host::with(&["ordinary"]);
    host.status();
    let asking = library("asking");
    let file = host.folder.path().join(asking.file_name().unwrap());
    fs::copy(&asking, file.with_extension("part")).unwrap();
    fs::rename(file.with_extension("part"), &file).unwrap();
    while host.status().plugins.len() < 2 {
        host.change();
    }
    assert_eq!(host.call(json!({ "cmd": "fromStart" })), Ok(json!("1")));
}

#[test]
fn closing_ends_the_waiting_for_the_main_thread_and_for_others() {
    if isolated() {
        // It has a main thread of its own, for which nobody has to wait.
        return;
    }
    let host = host();
    // Nobody runs the main thread's turns any more.
    let place = host.begin(json!({ "cmd": "places" }));
    let asked = host.begin(json!({ "cmd": "ask", "message": { "cmd": "echoMain", "value": 1 } }));
    // Answered by the workers, which have begun the two by then or have them in their queue before this one.
    assert_eq!(host.call_on_workers(json!({ "cmd": "cache" })).map(|_| ()), Ok(()));
    assert_eq!(host.runtime.stop(Duration::from_secs(30)), Stopped::Cleanly);
    for reply in [place, asked] {
        assert!(
            matches!(reply.recv(), Ok(plugin_host_runtime::Reply::Error(text)) if text.contains("the host is closing"))
        );
    }
}
