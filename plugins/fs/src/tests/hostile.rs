//! Links that lead out, paths that climb, files that are none: what is outside stays as it is and unknown.

use std::os::unix::fs::symlink;
use std::process::Command;

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// The name of a file outside that no path here has in it.
const UNHEARD: &str = "unheard-of";

/// With a secret outside, and links to it inside.
fn besieged() -> Page {
    let page = Page::new();
    let out = page.folder.path().join("out");
    fs::create_dir_all(out.join("inner")).unwrap();
    fs::write(out.join("secret"), "SECRET").unwrap();
    fs::write(out.join(UNHEARD), "SECRET").unwrap();
    fs::create_dir(page.path("deep")).unwrap();
    page.write("file", "inside");
    for (target, link) in
        [("../out", "far"), ("../out/secret", "leak"), ("..", "up"), ("/", "root"), ("deep", "near")]
    {
        symlink(target, page.path(link)).unwrap();
    }
    symlink(&out, page.path("deep/far")).unwrap();
    page
}

/// All that is outside of the folder.
fn outside(page: &Page) -> Vec<(PathBuf, Option<String>)> {
    let mut found = Vec::new();
    for folder in ["", "out", "out/inner"] {
        for entry in fs::read_dir(page.folder.path().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).ok();
            found.push((path, text));
        }
    }
    found.sort();
    found
}

/// Every command that takes a path, with the path in each place.
fn every_call(path: &Value) -> Vec<Value> {
    let recursive = json!({ "recursive": true });
    vec![
        json!({ "cmd": "readTextFile", "path": path }),
        json!({ "cmd": "readBinaryFile", "path": path }),
        json!({ "cmd": "readDir", "path": path, "options": recursive }),
        json!({ "cmd": "list", "path": path }),
        json!({ "cmd": "metadata", "path": path }),
        json!({ "cmd": "exists", "path": path }),
        json!({ "cmd": "writeFile", "path": path, "contents": "W" }),
        json!({ "cmd": "writeFile", "path": path, "contents": "W", "options": { "append": true } }),
        json!({ "cmd": "writeFile", "path": path, "contents": "W", "options": { "atomic": true } }),
        json!({ "cmd": "writeBinaryFile", "path": path, "contents": "AAAA" }),
        json!({ "cmd": "createDir", "path": path, "options": recursive }),
        json!({ "cmd": "copyFile", "source": path, "destination": "COPY" }),
        json!({ "cmd": "copyFile", "source": "FILE", "destination": path }),
        json!({ "cmd": "renameFile", "oldPath": path, "newPath": "COPY" }),
        json!({ "cmd": "renameFile", "oldPath": "FILE", "newPath": path }),
        json!({ "cmd": "removeFile", "path": path }),
        json!({ "cmd": "removeDir", "path": path, "options": recursive }),
    ]
}

/// Pieces of paths that people have got out of folders by.
fn hostile() -> impl Strategy<Value = String> {
    let known = vec![
        "..", ".", "", "in", "out", "secret", "inner", "file", "deep", "far", "leak", "up", "root", "near",
        "\0", "new",
    ];
    let piece = prop_oneof![
        6 => prop::sample::select(known).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => Just("x".repeat(300)),
    ];
    let beginning = prop::sample::select(vec!["", "/", "IN/", "IN/", "IN/../", "OUT/"]);
    (prop::collection::vec(piece, 0..6), beginning)
        .prop_map(|(pieces, beginning)| format!("{beginning}{}", pieces.join("/")))
}

#[test]
fn no_text_as_a_path_gets_any_command_outside() {
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(paths in prop::collection::vec(hostile(), 4))| {
        let page = besieged();
        let before = outside(&page);
        let own = page.path("");
        for path in paths {
            let path = path.replace("IN", own.to_str().unwrap()).replace("OUT", page.folder.path().join("out").to_str().unwrap());
            for mut message in every_call(&json!(path)) {
                for key in ["source", "destination", "oldPath", "newPath"] {
                    match message[key].as_str() {
                        Some("COPY") => message[key] = json!(page.path("copy")),
                        Some("FILE") => message[key] = json!(page.path("file")),
                        _ => {}
                    }
                }
                let answer = page.host.call(&message);
                if let Ok(value) = &answer {
                    let told = value.to_string();
                    prop_assert!(!told.contains("SECRET") && !told.contains(UNHEARD), "{message}: {told}");
                }
            }
        }
        prop_assert_eq!(outside(&page), before);
    });
}

#[test]
fn links_that_lead_out_are_removed_and_renamed_themselves() {
    let page = besieged();
    let before = outside(&page);
    for cmd in ["readTextFile", "readBinaryFile", "metadata", "exists"] {
        let refusal = page.refusal(cmd, json!({ "path": "leak" }));
        assert!(refusal.contains("leads out of its folder by a link"), "{cmd}: {refusal}");
    }
    page.refusal("writeFile", json!({ "path": "leak", "contents": "W" }));
    page.refusal("writeFile", json!({ "path": "leak", "contents": "W", "options": { "atomic": true } }));
    assert!(
        page.refusal("removeDir", json!({ "path": "far", "options": { "recursive": true } }))
            .contains("it is a link")
    );
    page.call("renameFile", json!({ "oldPath": "leak", "newPath": "moved" })).unwrap();
    assert!(page.path("moved").is_symlink());
    for link in ["moved", "far", "up", "root"] {
        page.call("removeFile", json!({ "path": link })).unwrap();
    }
    page.call("removeDir", json!({ "path": "deep", "options": { "recursive": true } })).unwrap();
    assert_eq!(outside(&page), before);
    assert_eq!(page.names(), ["file", "near"]);
}

#[test]
fn a_listing_tells_of_links_and_does_not_follow_them() {
    let page = besieged();
    let deep = page.call("readDir", json!({ "path": ".", "options": { "recursive": true } })).unwrap();
    let children = |name: &str| {
        deep.as_array().unwrap().iter().find(|entry| entry["name"] == name).unwrap()["children"].clone()
    };
    // It leads to a folder here, and what is in that is listed there.
    assert_eq!(children("near"), json!([]));
    assert_eq!((children("far"), children("leak"), children("up")), (json!(null), json!(null), json!(null)));
    assert_eq!(children("deep")[0]["children"], json!(null));
    let listed = page.call("list", json!({ "path": "." })).unwrap();
    let leak = listed.as_array().unwrap().iter().find(|entry| entry["name"] == "leak").unwrap();
    assert_eq!((&leak["kind"], &leak["size"]), (&json!("link"), &json!("../out/secret".len())));
    assert_eq!(page.call("metadata", json!({ "path": "near" })).unwrap()["link"], json!(true));
}

#[test]
fn a_pipe_is_refused_at_once_by_all_that_would_wait_for_its_other_end() {
    let page = Page::new();
    page.write("file", "x");
    assert!(Command::new("mkfifo").arg(page.path("pipe")).status().unwrap().success());
    for (cmd, message) in [
        ("readTextFile", json!({ "path": "pipe" })),
        ("readBinaryFile", json!({ "path": "pipe" })),
        ("readFile", json!({ "path": "pipe" })),
        ("writeFile", json!({ "path": "pipe", "contents": "x" })),
        ("writeFile", json!({ "path": "pipe", "contents": "x", "options": { "atomic": true } })),
        ("openForWriting", json!({ "path": "pipe", "options": { "append": true } })),
        ("copyFile", json!({ "source": "pipe", "destination": "copy" })),
        ("copyFile", json!({ "source": "file", "destination": "pipe" })),
    ] {
        let refusal = page.refusal(cmd, message);
        assert!(refusal.contains("a pipe, a socket or a device"), "{cmd}: {refusal}");
    }
    assert_eq!(page.call("list", json!({ "path": "." })).unwrap()[1]["kind"], json!("other"));
    page.call("removeFile", json!({ "path": "pipe" })).unwrap();
}

#[test]
fn a_watch_does_not_tell_of_what_lies_behind_a_link() {
    let page = besieged();
    let watch =
        page.host.begin(&page.message("watch", json!({ "path": ".", "options": { "recursive": true } })));
    let wait_for = |found: &dyn Fn() -> bool| {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while !found() {
            assert!(std::time::Instant::now() < end, "it did not come");
            std::thread::yield_now();
        }
    };
    wait_for(&|| watch.progress() == [json!(true)]);
    fs::write(page.folder.path().join("out/new"), "x").unwrap();
    page.write("last", "x");
    wait_for(&|| watch.values().iter().any(|change| change.to_string().contains("last")));
    assert!(!watch.values().iter().any(|change| change.to_string().contains("new")), "{:?}", watch.values());
    assert!(page.refusal("watch", json!({ "path": "far" })).contains("leads out of its folder"));
}
