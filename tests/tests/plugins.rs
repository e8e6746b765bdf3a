//! The real plugins, as a host loads them.

use serde_json::json;
use tests::{Host, plugin_folder};

#[test]
fn the_system_plugin_tells_about_this_machine() {
    let host = Host::with(&["system"]);
    let memory = host.call(json!({ "cmd": "memory" })).unwrap();
    assert!(memory["usedBytes"].as_u64().unwrap() < memory["totalBytes"].as_u64().unwrap());
    let processors = host.call(json!({ "cmd": "processors" })).unwrap();
    assert!(!processors["processors"].as_array().unwrap().is_empty());
    let processes = host.call(json!({ "cmd": "processes", "sort": "id", "limit": 10_000 })).unwrap();
    let own = std::process::id();
    assert!(processes["processes"].as_array().unwrap().iter().any(|process| process["id"] == own));
    assert!(host.call(json!({ "cmd": "disks" })).unwrap().is_array());
    assert!(host.call(json!({ "cmd": "machine" })).unwrap()["architecture"].is_string());
    assert!(host.refused(json!({ "cmd": "processes", "sort": "age" })).contains("unknown variant `age`"));
    assert!(host.refused(json!({ "cmd": "processes", "limit": 10_001 })).contains("at most 10000"));
}

#[test]
fn what_the_store_keeps_is_there_after_the_host_has_ended() {
    let host = Host::with(&["store"]);
    let value = json!({ "list": [1, 2.5, null], "text": "ü" });
    assert_eq!(host.call(json!({ "cmd": "storeGet", "key": "a" })), Ok(json!(null)));
    assert_eq!(host.call(json!({ "cmd": "storeSet", "key": "a", "value": value })), Ok(json!(null)));
    let note = host.call(json!({ "cmd": "noteAdd", "title": "first" })).unwrap();
    host.call(json!({ "cmd": "noteUpdate", "id": note["id"], "text": "changed" })).unwrap();
    host.runtime.stop(std::time::Duration::from_secs(10));

    let host = Host::on(host.folder);
    assert_eq!(host.call(json!({ "cmd": "storeGet", "key": "a" })), Ok(value));
    assert_eq!(host.call(json!({ "cmd": "storeKeys" })), Ok(json!(["a"])));
    assert_eq!(host.call(json!({ "cmd": "storeRemove", "key": "a" })), Ok(json!(true)));
    let notes = host.call(json!({ "cmd": "notes", "search": "CHANGED" })).unwrap();
    assert_eq!((&notes["total"], &notes["notes"][0]["title"]), (&json!(1), &json!("first")));
    assert_eq!(host.call(json!({ "cmd": "noteRemove", "id": note["id"] })), Ok(json!(true)));
    assert!(host.refused(json!({ "cmd": "storeSet", "key": "", "value": 1 })).contains("`key` is empty"));
    assert!(host.refused(json!({ "cmd": "storeSet", "key": "k" })).contains("`value`"));
}

#[test]
fn a_store_whose_file_is_damaged_is_refused_by_name_and_the_others_run() {
    let folder = plugin_folder(&["store", "system"]);
    let file = folder.path().join("data/store/store.sqlite3");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "not a database ".repeat(100)).unwrap();
    let host = Host::on(folder);
    let status = host.status();
    assert_eq!(status.plugins.len(), 1);
    assert!(status.refused[0].reason.contains(&*file.to_string_lossy()), "{:?}", status.refused);
    assert!(host.call(json!({ "cmd": "memory" })).is_ok());
}

#[test]
fn only_a_plugin_that_asks_for_its_data_folder_has_one() {
    let host = Host::with(&["store", "system"]);
    host.status();
    assert!(host.folder.path().join("data/store").is_dir());
    assert!(!host.folder.path().join("data/system").exists());
}
