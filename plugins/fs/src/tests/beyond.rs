//! What Tauri 0.x did not have: parts of files, kinds and times, writing in one step and behind what is there.

use serde_json::json;

use super::*;
use crate::reading::{MOST_NUMBERS, MOST_READ};

fn read(page: &Page, message: Value) -> Result<Vec<u8>, String> {
    page.host.call_with_bytes(&page.message("readFile", message), &[])
}

#[test]
fn a_file_is_read_whole_or_in_part() {
    let page = Page::new();
    page.write("a", "0123456789");
    assert_eq!(read(&page, json!({ "path": "a" })).unwrap(), b"0123456789");
    assert_eq!(read(&page, json!({ "path": "a", "offset": 7 })).unwrap(), b"789");
    assert_eq!(read(&page, json!({ "path": "a", "offset": 2, "length": 3 })).unwrap(), b"234");
    assert_eq!(read(&page, json!({ "path": "a", "offset": 8, "length": 100 })).unwrap(), b"89");
    assert_eq!(read(&page, json!({ "path": "a", "offset": 10 })).unwrap(), b"");
    assert_eq!(read(&page, json!({ "path": "a", "offset": 1_u64 << 40 })).unwrap(), b"");
    assert_eq!(read(&page, json!({ "path": "a", "length": 0 })).unwrap(), b"");
    assert!(
        read(&page, json!({ "path": "a", "offset": u64::MAX })).unwrap_err().contains("no file is that long")
    );
}

#[test]
fn what_is_too_long_for_one_answer_is_refused_unread() {
    let page = Page::new();
    // It takes no room on the disk.
    fs::File::create(page.path("long")).unwrap().set_len(MOST_READ + 1).unwrap();
    for (cmd, most) in [("readTextFile", MOST_READ), ("readBinaryFile", MOST_NUMBERS)] {
        let refusal = page.refusal(cmd, json!({ "path": "long" }));
        assert!(refusal.contains("67108865") && refusal.contains(&most.to_string()), "{refusal}");
        assert!(refusal.contains("readStream"), "{refusal}");
    }
    assert!(read(&page, json!({ "path": "long" })).unwrap_err().contains("readStream"));
    assert_eq!(read(&page, json!({ "path": "long", "offset": MOST_READ - 1 })).unwrap(), [0, 0]);
    assert_eq!(read(&page, json!({ "path": "long", "length": 3 })).unwrap(), [0, 0, 0]);
}

#[test]
fn bytes_are_written_as_they_are() {
    let page = Page::new();
    let message = page.message("writeBinaryFile", json!({ "path": "a" }));
    // The answer is null and no bytes, so it is begun by hand.
    let numbers = page.call("writeBinaryFile", json!({ "path": "a", "contents": [0, 200, 255] }));
    assert_eq!(numbers, Ok(json!(null)));
    assert_eq!(fs::read(page.path("a")).unwrap(), [0, 200, 255]);
    assert!(page.host.call(&message).unwrap_err().contains("contents"));
}

#[test]
fn a_text_is_written_behind_another() {
    let page = Page::new();
    let append = |text: &str| {
        page.call("writeFile", json!({ "path": "log", "contents": text, "options": { "append": true } }))
            .unwrap();
    };
    append("one\n");
    append("two\n");
    assert_eq!(page.read("log"), "one\ntwo\n");
    let both = json!({ "path": "log", "contents": "", "options": { "append": true, "atomic": true } });
    assert!(page.refusal("writeFile", both).contains("do not go together"));
    assert_eq!(page.read("log"), "one\ntwo\n");
}

#[cfg(unix)]
#[test]
fn a_file_is_replaced_in_one_step_and_keeps_its_mode() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let page = Page::new();
    page.write("a", "old");
    fs::set_permissions(page.path("a"), fs::Permissions::from_mode(0o604)).unwrap();
    let before = fs::File::open(page.path("a")).unwrap();
    let write = json!({ "path": "a", "contents": "new", "options": { "atomic": true } });
    assert_eq!(page.call("writeFile", write), Ok(json!(null)));
    let after = fs::metadata(page.path("a")).unwrap();
    assert_eq!((page.read("a").as_str(), after.permissions().mode() & 0o7777), ("new", 0o604));
    // Who had it open has the old one still.
    assert_ne!(before.metadata().unwrap().ino(), after.ino());
    assert_eq!(std::io::read_to_string(before).unwrap(), "old");
    assert_eq!(page.names(), ["a"]);
}

#[test]
fn what_is_there_is_told_with_kind_size_and_time() {
    let page = Page::new();
    page.write("file", "12345");
    fs::create_dir(page.path("folder")).unwrap();
    let listed = page.call("list", json!({ "path": "." })).unwrap();
    assert_eq!(
        (&listed[0]["name"], &listed[0]["kind"], &listed[0]["size"]),
        (&json!("file"), &json!("file"), &json!(5))
    );
    assert_eq!((&listed[1]["name"], &listed[1]["kind"]), (&json!("folder"), &json!("folder")));
    let known = page.call("metadata", json!({ "path": "file" })).unwrap();
    assert_eq!((&known["kind"], &known["size"], &known["link"]), (&json!("file"), &json!(5), &json!(false)));
    assert_eq!(known["readOnly"], json!(false));
    let modified = fs::metadata(page.path("file")).unwrap().modified().unwrap();
    let modified = modified.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    assert_eq!(known["modified"], json!(u64::try_from(modified).unwrap()));
    assert_eq!(listed[0]["modified"], known["modified"]);
    assert!(page.refusal("metadata", json!({ "path": "missing" })).contains("does not exist"));
}

#[test]
fn whether_something_is_there_is_answered_only_where_one_may_look() {
    let page = Page::new();
    page.write("file", "");
    assert_eq!(page.call("exists", json!({ "path": "file" })), Ok(json!(true)));
    assert_eq!(page.call("exists", json!({ "path": "." })), Ok(json!(true)));
    assert_eq!(page.call("exists", json!({ "path": "missing/file" })), Ok(json!(false)));
    assert_eq!(page.call("exists", json!({ "path": "file/below" })), Ok(json!(false)));
    for path in ["/etc/passwd", "/no/such/file"] {
        let refusal = page.host.call(&json!({ "cmd": "exists", "path": path })).unwrap_err();
        assert!(refusal.contains("may not be read"), "{refusal}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_utf8_is_shown_and_removed_with_its_folder() {
    use std::os::unix::ffi::OsStrExt as _;
    let page = Page::new();
    fs::create_dir(page.path("folder")).unwrap();
    fs::write(page.path("folder").join(std::ffi::OsStr::from_bytes(b"a\xff")), "x").unwrap();
    let listed = page.call("readDir", json!({ "path": "folder" })).unwrap();
    assert_eq!(listed[0]["name"], json!("a\u{fffd}"));
    assert_eq!(page.call("list", json!({ "path": "folder" })).unwrap()[0]["size"], json!(1));
    page.call("removeDir", json!({ "path": "folder", "options": { "recursive": true } })).unwrap();
    assert!(page.names().is_empty());
}

#[test]
fn folders_that_are_too_deep_are_listed_in_parts_and_not_in_circles() {
    let page = Page::new();
    let deep = page.path(&vec!["d"; 60].join("/"));
    fs::create_dir_all(&deep).unwrap();
    let refusal = page.refusal("readDir", json!({ "path": ".", "options": { "recursive": true } }));
    assert!(refusal.contains("more than 50 deep"), "{refusal}");
    let part = page.path(&vec!["d"; 20].join("/"));
    let message = json!({ "cmd": "readDir", "path": part, "options": { "recursive": true } });
    assert!(page.host.call(&message).is_ok());
    page.call("removeDir", json!({ "path": "d", "options": { "recursive": true } })).unwrap();
    assert!(page.names().is_empty());
}
