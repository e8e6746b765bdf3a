//! Copies, streams and watches: cancelled in the middle, too many, and given up.

use std::thread;
use std::time::{Duration, Instant};

use plugin_api::testing::Pending;
use serde_json::json;

use super::*;

/// Waits until `found` finds something, as long as a slow machine may take.
fn wait_for<T>(mut found: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < end, "it did not come");
        thread::yield_now();
    }
}

fn watch<'a>(page: &'a Page, path: &str, recursive: bool) -> Pending<'a> {
    let watch = page
        .host
        .begin(&page.message("watch", json!({ "path": path, "options": { "recursive": recursive } })));
    wait_for(|| (watch.progress() == [json!(true)] || watch.is_answered()).then_some(()));
    watch
}

/// Whether it was told that this has happened to `path`.
fn told(page: &Page, watch: &Pending<'_>, kind: &str, path: &str) -> Option<()> {
    // Without the point.
    let path = json!(page.path(path).components().collect::<PathBuf>());
    let has = |change: &Value| change["kind"] == kind && change["paths"].as_array().unwrap().contains(&path);
    watch.values().iter().any(has).then_some(())
}

#[test]
fn a_copy_tells_how_far_it_is() {
    let page = Page::new();
    page.write("a", vec![7; 1_000_000]);
    let copy = page.host.begin(&page.message("copyFile", json!({ "source": "a", "destination": "b" })));
    assert_eq!(copy.wait(), Ok(json!(null)));
    let progress = copy.progress();
    assert_eq!(progress.first(), Some(&json!({ "done": 0, "total": 1_000_000 })));
    assert_eq!(progress.last(), Some(&json!({ "done": 1_000_000, "total": 1_000_000 })));
    assert_eq!(fs::read(page.path("b")).unwrap(), vec![7; 1_000_000]);
}

#[test]
fn a_copy_that_is_cancelled_leaves_what_was_there() {
    let page = Page::new();
    // So long that it is under way when it is cancelled, and without taking room.
    fs::File::create(page.path("a")).unwrap().set_len(1 << 36).unwrap();
    page.write("b", "before");
    let copy = page.host.begin(&page.message("copyFile", json!({ "source": "a", "destination": "b" })));
    wait_for(|| copy.progress().last().filter(|share| share["done"].as_u64() > Some(0)).cloned());
    copy.cancel();
    assert_eq!(copy.wait(), Err("cancelled".to_owned()));
    assert_eq!((page.names(), page.read("b")), (vec!["a".to_owned(), "b".to_owned()], "before".to_owned()));
}

#[test]
fn a_long_file_comes_in_pieces_whole_and_in_order() {
    let page = Page::new();
    let bytes: Vec<u8> = (0..1_000_003_u32).map(|number| (number % 251) as u8).collect();
    page.write("a", &bytes);
    let stream = page.host.begin(&page.message("readStream", json!({ "path": "a", "offset": 3 })));
    assert_eq!(stream.wait(), Ok(json!(1_000_000)));
    let pieces = stream.values_of_bytes();
    assert_eq!(pieces.len(), 4);
    assert_eq!(pieces.concat(), bytes[3..]);
    assert_eq!(stream.progress().last(), Some(&json!({ "done": 1_000_000, "total": 1_000_000 })));
    let part = page
        .host
        .begin(&page.message("readStream", json!({ "path": "a", "offset": 999_999, "length": 100 })));
    assert_eq!(part.wait(), Ok(json!(4)));
    assert_eq!(part.values_of_bytes().concat(), bytes[999_999..]);
    assert!(page.refusal("readStream", json!({ "path": "." })).contains("is a folder"));
}

#[test]
fn a_stream_that_is_cancelled_ends() {
    let page = Page::new();
    fs::File::create(page.path("a")).unwrap().set_len(1 << 40).unwrap();
    let stream = page.host.begin(&page.message("readStream", json!({ "path": "a" })));
    wait_for(|| (!stream.progress().is_empty()).then_some(()));
    stream.cancel();
    assert!(stream.wait().unwrap_err().contains("cancelled"));
}

fn open(page: &Page, path: &str, options: Value) -> Value {
    page.call("openForWriting", json!({ "path": path, "options": options })).unwrap()["file"].clone()
}

#[test]
fn a_file_is_written_in_pieces_and_seen_when_it_is_closed() {
    let page = Page::new();
    page.write("a", "before");
    let file = open(&page, "a", json!({ "atomic": true }));
    assert_eq!(page.call("writeChunk", json!({ "file": file, "bytes": [104, 101] })), Ok(json!(2)));
    assert_eq!(page.call("writeChunk", json!({ "file": file, "bytes": [121] })), Ok(json!(3)));
    assert_eq!(page.read("a"), "before");
    assert_eq!(page.call("closeWriting", json!({ "file": file })), Ok(json!(3)));
    assert_eq!((page.read("a"), page.names()), ("hey".to_owned(), vec!["a".to_owned()]));
    for (cmd, message) in
        [("writeChunk", json!({ "file": file, "bytes": [] })), ("closeWriting", json!({ "file": file }))]
    {
        assert!(page.refusal(cmd, message).contains("open for writing"));
    }
}

#[test]
fn what_is_not_to_be_kept_was_never_there() {
    let page = Page::new();
    page.write("a", "before");
    for (path, options) in
        [("a", json!({ "atomic": true })), ("new", json!({ "atomic": true })), ("new", json!({}))]
    {
        let file = open(&page, path, options);
        page.call("writeChunk", json!({ "file": file, "bytes": [1] })).unwrap();
        assert_eq!(page.call("closeWriting", json!({ "file": file, "keep": false })), Ok(json!(1)));
        assert_eq!((page.read("a"), page.names()), ("before".to_owned(), vec!["a".to_owned()]));
    }
    let file = open(&page, "a", json!({ "append": true }));
    page.call("writeChunk", json!({ "file": file, "bytes": [33] })).unwrap();
    page.call("closeWriting", json!({ "file": file, "keep": false })).unwrap();
    assert_eq!(page.read("a"), "before!", "what was there before is not removed");
}

#[test]
fn only_so_many_files_are_open_and_one_too_many_empties_none() {
    let page = Page::new();
    let files: Vec<Value> = (0..64).map(|number| open(&page, &number.to_string(), json!({}))).collect();
    page.write("more", "before");
    let refusal = page.refusal("openForWriting", json!({ "path": "more" }));
    assert!(refusal.contains("64 files") && refusal.contains("closeWriting"), "{refusal}");
    assert_eq!(page.read("more"), "before");
    page.call("closeWriting", json!({ "file": files[0] })).unwrap();
    open(&page, "more", json!({}));
}

#[test]
fn files_that_nobody_closes_are_given_up_when_the_plugin_stops() {
    let Page { host, folder } = Page::new();
    let path = folder.path().join("in/a");
    let message = json!({ "cmd": "openForWriting", "path": path, "options": { "atomic": true } });
    host.call(&message).unwrap();
    assert_eq!(fs::read_dir(folder.path().join("in")).unwrap().count(), 1);
    host.stop();
    assert_eq!(fs::read_dir(folder.path().join("in")).unwrap().count(), 0);
}

#[test]
fn a_watch_hears_what_changes_until_it_is_cancelled() {
    let page = Page::new();
    page.write("old", "");
    let watch = watch(&page, ".", false);
    page.write("new", "");
    wait_for(|| told(&page, &watch, "created", "new"));
    page.write("old", "x");
    wait_for(|| told(&page, &watch, "changed", "old"));
    fs::rename(page.path("new"), page.path("newer")).unwrap();
    wait_for(|| {
        let change = json!({ "kind": "renamed", "paths": [page.path("new"), page.path("newer")] });
        watch.values().contains(&change).then_some(())
    });
    page.call("removeFile", json!({ "path": "newer" })).unwrap();
    wait_for(|| told(&page, &watch, "removed", "newer"));
    page.call("writeFile", json!({ "path": "old", "contents": "y", "options": { "atomic": true } })).unwrap();
    wait_for(|| told(&page, &watch, "changed", "old"));
    assert!(!watch.is_answered());
    watch.cancel();
    assert_eq!(watch.wait(), Ok(json!(null)));
}

#[test]
fn what_is_deeper_is_heard_only_by_who_wants_that() {
    let page = Page::new();
    fs::create_dir(page.path("folder")).unwrap();
    let (flat, deep) = (watch(&page, ".", false), watch(&page, ".", true));
    page.write("folder/file", "");
    wait_for(|| told(&page, &deep, "created", "folder/file"));
    page.write("last", "");
    wait_for(|| told(&page, &flat, "created", "last"));
    assert!(told(&page, &flat, "created", "folder/file").is_none());
    // One that is made later is watched as well.
    fs::create_dir(page.path("later")).unwrap();
    wait_for(|| {
        page.write("later/file", Instant::now().elapsed().as_nanos().to_string());
        told(&page, &deep, "created", "later/file").or_else(|| told(&page, &deep, "changed", "later/file"))
    });
}

#[test]
fn a_file_alone_is_watched_also_where_another_takes_its_name() {
    let page = Page::new();
    page.write("file", "");
    let watch = watch(&page, "file", false);
    page.write("other", "");
    page.call("writeFile", json!({ "path": "file", "contents": "y", "options": { "atomic": true } }))
        .unwrap();
    wait_for(|| told(&page, &watch, "changed", "file"));
    page.call("writeFile", json!({ "path": "file", "contents": "z" })).unwrap();
    fs::remove_file(page.path("file")).unwrap();
    wait_for(|| told(&page, &watch, "removed", "file"));
    assert!(!watch.values().iter().any(|change| change.to_string().contains("other")));
}

#[test]
fn a_watch_ends_with_its_folder() {
    let page = Page::new();
    fs::create_dir(page.path("folder")).unwrap();
    let watch = watch(&page, "folder", true);
    fs::remove_dir(page.path("folder")).unwrap();
    assert_eq!(watch.wait(), Ok(json!(null)));
    assert!(told(&page, &watch, "removed", "folder").is_some());
}

#[test]
fn only_so_many_watches_are_under_way_and_a_place_is_free_again() {
    let page = Page::new();
    let watches: Vec<Pending<'_>> = (0..16).map(|_| watch(&page, ".", false)).collect();
    assert!(page.refusal("watch", json!({ "path": "." })).contains("16 watches"));
    watches[0].cancel();
    watches[0].wait().unwrap();
    let one_more = watch(&page, ".", false);
    assert!(!one_more.is_answered());
}

#[test]
fn nothing_is_watched_that_may_not_be_read_or_is_not_there() {
    let page = Page::new();
    assert!(
        page.host.call(&json!({ "cmd": "watch", "path": "/etc" })).unwrap_err().contains("may not be read")
    );
    assert!(page.refusal("watch", json!({ "path": "missing" })).contains("does not exist"));
}

#[test]
fn a_flood_of_changes_is_few_to_tell() {
    let page = Page::new();
    let watch = watch(&page, ".", false);
    for number in 0..5000 {
        page.write(&number.to_string(), "x");
    }
    page.write("last", "x");
    // The last by name, or all together as too much.
    wait_for(|| told(&page, &watch, "created", "last").or_else(|| told(&page, &watch, "changed", "")));
    assert!(watch.values().len() < 200, "{}", watch.values().len());
}
