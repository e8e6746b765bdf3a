//! What the client of Tauri 0.x sends, and what it expects.

use serde_json::json;

use super::*;

#[test]
fn a_text_is_written_and_read_again() {
    let page = Page::new();
    let text = "a\r\n\u{feff}ä😀\0";
    assert_eq!(
        page.call("writeFile", json!({ "path": "a", "contents": text, "options": {} })),
        Ok(json!(null))
    );
    assert_eq!(page.call("readTextFile", json!({ "path": "a", "options": {} })), Ok(json!(text)));
    assert_eq!(
        page.call("writeFile", json!({ "path": "a", "contents": "", "options": {} })),
        Ok(json!(null))
    );
    assert_eq!(page.call("readTextFile", json!({ "path": "a" })), Ok(json!("")));
}

#[test]
fn bytes_are_numbers_and_come_as_base64() {
    let page = Page::new();
    let write = json!({ "path": "a", "contents": "AAEC/w==", "options": {} });
    assert_eq!(page.call("writeBinaryFile", write), Ok(json!(null)));
    assert_eq!(page.call("readBinaryFile", json!({ "path": "a", "options": {} })), Ok(json!([0, 1, 2, 255])));
    assert!(page.refusal("writeBinaryFile", json!({ "path": "a", "contents": "%" })).contains("no base64"));
    // The client's `writeBinaryFile` sends this, and the text is what is written.
    page.call("writeFile", json!({ "path": "b", "contents": "AAEC/w==", "options": {} })).unwrap();
    assert_eq!(page.read("b"), "AAEC/w==");
}

#[test]
fn what_is_no_utf8_is_no_text_and_is_said_where() {
    let page = Page::new();
    page.write("a", b"abc\xffdef");
    let refusal = page.refusal("readTextFile", json!({ "path": "a" }));
    assert!(refusal.contains("byte 3") && refusal.contains("readFile"), "{refusal}");
}

#[test]
fn a_folder_is_listed_by_name_and_what_is_below_by_recursive() {
    let page = Page::new();
    fs::create_dir_all(page.path("b/inner")).unwrap();
    page.write("b/inner/file", "");
    page.write("c", "");
    page.write("a", "");
    let entry = |path: &str, children: Value| {
        let path = page.path(path);
        json!({ "path": path, "name": path.file_name().unwrap().to_str(), "children": children })
    };
    let flat = page.call("readDir", json!({ "path": ".", "options": {} })).unwrap();
    assert_eq!(flat, json!([entry("a", json!(null)), entry("b", json!([])), entry("c", json!(null))]));
    let deep = page.call("readDir", json!({ "path": "b", "options": { "recursive": true } })).unwrap();
    assert_eq!(deep, json!([entry("b/inner", json!([entry("b/inner/file", json!(null))]))]));
    assert!(page.refusal("readDir", json!({ "path": "a" })).contains("no folder"));
    assert!(page.refusal("readDir", json!({ "path": "missing" })).contains("does not exist"));
}

#[test]
fn a_folder_is_made_alone_or_with_those_around_it() {
    let page = Page::new();
    assert!(page.refusal("createDir", json!({ "path": "a/b/c", "options": {} })).contains("a/b/c"));
    let recursive = json!({ "recursive": true });
    assert_eq!(page.call("createDir", json!({ "path": "a/b/c", "options": recursive })), Ok(json!(null)));
    assert_eq!(page.call("createDir", json!({ "path": "a/b/c", "options": recursive })), Ok(json!(null)));
    assert!(page.refusal("createDir", json!({ "path": "a/b", "options": {} })).contains("exists already"));
    assert!(page.path("a/b/c").is_dir());
}

#[test]
fn a_folder_is_removed_empty_or_with_all_that_is_in_it() {
    let page = Page::new();
    fs::create_dir_all(page.path("a/b/c")).unwrap();
    page.write("a/b/file", "x");
    page.write("file", "x");
    page.refusal("removeDir", json!({ "path": "a", "options": {} }));
    assert!(page.path("a/b/file").exists());
    assert_eq!(page.call("removeDir", json!({ "path": "a/b/c", "options": {} })), Ok(json!(null)));
    assert_eq!(
        page.call("removeDir", json!({ "path": "a", "options": { "recursive": true } })),
        Ok(json!(null))
    );
    assert!(
        page.refusal("removeDir", json!({ "path": "file", "options": { "recursive": true } }))
            .contains("removeFile")
    );
    assert!(
        page.refusal("removeDir", json!({ "path": ".", "options": { "recursive": true } }))
            .contains("lists it")
    );
    assert_eq!(page.names(), ["file"]);
}

#[test]
fn a_file_is_removed_and_a_folder_is_not_one() {
    let page = Page::new();
    page.write("file", "x");
    fs::create_dir(page.path("folder")).unwrap();
    assert_eq!(page.call("removeFile", json!({ "path": "file", "options": {} })), Ok(json!(null)));
    assert!(page.refusal("removeFile", json!({ "path": "folder" })).contains("removeDir"));
    assert!(page.refusal("removeFile", json!({ "path": "file" })).contains("does not exist"));
    assert!(page.refusal("removeFile", json!({ "path": "." })).contains("is a folder"));
    assert_eq!(page.names(), ["folder"]);
}

#[test]
fn a_name_is_changed_and_one_that_is_taken_replaced() {
    let page = Page::new();
    page.write("old", "new text");
    page.write("taken", "old text");
    let message = json!({ "oldPath": "old", "newPath": "taken", "options": {} });
    assert_eq!(page.call("renameFile", message), Ok(json!(null)));
    assert_eq!((page.names(), page.read("taken")), (vec!["taken".to_owned()], "new text".to_owned()));
    let missing = page.refusal("renameFile", json!({ "oldPath": "old", "newPath": "x" }));
    assert!(missing.contains("old") && missing.contains("does not exist"), "{missing}");
    let nowhere = page.refusal("renameFile", json!({ "oldPath": "taken", "newPath": "no/x" }));
    assert!(nowhere.contains("its folder does not exist"), "{nowhere}");
    assert!(page.refusal("renameFile", json!({ "oldPath": ".", "newPath": "x" })).contains("lists it"));
    assert!(page.refusal("renameFile", json!({ "oldPath": "taken", "newPath": "." })).contains("lists it"));
}

#[test]
fn a_file_is_copied_with_its_mode_and_not_onto_itself() {
    let page = Page::new();
    page.write("a", "text");
    let copy = |source: &str, destination: &str| {
        page.call("copyFile", json!({ "source": source, "destination": destination, "options": {} }))
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(page.path("a"), fs::Permissions::from_mode(0o710)).unwrap();
        assert_eq!(copy("a", "with-mode"), Ok(json!(null)));
        assert_eq!(fs::metadata(page.path("with-mode")).unwrap().permissions().mode() & 0o7777, 0o710);
        std::os::unix::fs::symlink("a", page.path("link")).unwrap();
        assert!(copy("a", "link").unwrap_err().contains("onto itself"));
    }
    assert_eq!(copy("a", "b"), Ok(json!(null)));
    assert_eq!(copy("b", "a"), Ok(json!(null)));
    assert!(copy("a", "a").unwrap_err().contains("onto itself"));
    assert_eq!((page.read("a"), page.read("b")), ("text".to_owned(), "text".to_owned()));
    fs::create_dir(page.path("folder")).unwrap();
    assert!(copy("folder", "c").unwrap_err().contains("is a folder"));
    assert!(copy("a", "folder").unwrap_err().contains("is a folder"));
    assert!(copy("missing", "c").unwrap_err().contains("does not exist"));
    assert!(copy("a", "no/c").unwrap_err().contains("does not exist"));
    assert!(!page.names().iter().any(|name| name.ends_with(".part")), "{:?}", page.names());
}

#[test]
fn options_begin_paths_in_a_folder_and_are_not_passed_over() {
    let page = Page::new();
    let app = json!({ "dir": 18 });
    // The application's folder is read by default, and is not listed here for writing.
    let write = json!({ "cmd": "writeFile", "path": "x", "contents": "", "options": app });
    let refusal = page.host.call(&write).unwrap_err();
    assert!(refusal.contains("for reading alone") && refusal.contains("under `[plugins.fs]`"), "{refusal}");
    assert_eq!(page.host.call(&json!({ "cmd": "readDir", "path": ".", "options": app })), Ok(json!([])));
    assert_eq!(page.host.call(&json!({ "cmd": "readDir", "path": "", "options": app })), Ok(json!([])));
    let empty = page.host.call(&json!({ "cmd": "readDir", "path": "" })).unwrap_err();
    assert!(empty.contains("`.` is the folder itself"), "{empty}");
    for message in [
        json!({ "cmd": "removeDir", "path": "", "options": { "dir": 18, "recursive": true } }),
        json!({ "cmd": "renameFile", "oldPath": "", "newPath": "x", "options": app }),
        json!({ "cmd": "renameFile", "oldPath": "x", "newPath": "", "options": app }),
    ] {
        let refusal = page.host.call(&message).unwrap_err();
        assert!(refusal.contains("is empty"), "{refusal}");
    }
    let unknown =
        page.refusal("writeFile", json!({ "path": "x", "contents": "", "options": { "apend": true } }));
    assert!(unknown.contains("apend"), "{unknown}");
}
