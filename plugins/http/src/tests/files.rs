//! Files that are sent, and files that are written.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use plugin_api::testing::TestHost;
use serde_json::{Value, json};

use super::server::{Server, say, wait_for_close};
use super::{host_with, refused, request};

const PATIENCE: Duration = Duration::from_secs(20);

/// The plugin with a folder that it may write, and one that it may only read.
fn host_for(server: &Server, write: &Path, read: &Path) -> TestHost {
    host_with(
        json!({ "hosts": [server.origin()], "write": [write], "read": [read], "longest_download": 3_000_000 }),
    )
}

fn download(host: &TestHost, server: &Server, path: &Path) -> Result<Value, String> {
    let options = json!({ "method": "GET", "url": server.url("/") });
    host.call(&json!({ "cmd": "download", "options": options, "path": path }))
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).collect()
}

fn folders() -> (tempfile::TempDir, tempfile::TempDir) {
    (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap())
}

/// Bytes that are not all the same.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 31 % 251) as u8).collect()
}

#[test]
fn a_download_is_written_as_it_came_with_its_progress() {
    let (write, read) = folders();
    let content = bytes(2_000_000);
    let server = Server::saying("200 OK", "X-A: 1\r\n", content.clone());
    let host = host_for(&server, write.path(), read.path());
    let path = write.path().join("big");
    let options = json!({ "method": "GET", "url": server.url("/") });
    let call = host.begin(&json!({ "cmd": "download", "options": options, "path": path }));
    let done = call.wait().unwrap();
    assert_eq!((&done["status"], &done["bytes"]), (&json!(200), &json!(2_000_000)));
    assert_eq!((&done["headers"]["x-a"], &done["url"]), (&json!("1"), &json!(server.url("/"))));
    assert!(fs::read(&path).unwrap() == content);
    assert_eq!(names(write.path()), ["big"]);
    let progress = call.progress();
    assert_eq!(progress.first(), Some(&json!({ "done": 0, "total": 2_000_000 })));
    assert_eq!(progress.last(), Some(&json!({ "done": 2_000_000, "total": 2_000_000 })));
    assert!(progress.len() > 5);
    assert!(progress.is_sorted_by_key(|loaded| loaded["done"].as_u64()));
    // Or its length would not be known.
    assert_eq!(server.only().header("accept-encoding"), "");
}

#[test]
fn a_download_of_unknown_length_is_one_all_the_same() {
    let (write, read) = folders();
    let server = Server::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    });
    let host = host_for(&server, write.path(), read.path());
    let options = json!({ "method": "GET", "url": server.url("/"), "dir": 18 });
    let call = host.begin(&json!({ "cmd": "download", "options": options, "path": write.path().join("a") }));
    call.wait().unwrap();
    assert_eq!(call.progress().last(), Some(&json!({ "done": 3, "total": null })));
    assert_eq!(fs::read(write.path().join("a")).unwrap(), b"abc");
}

#[test]
fn the_folder_of_the_application_is_meant_by_its_number_and_open_unless_said_otherwise() {
    let server = Server::start(|seen, stream| say(stream, "200 OK", "", &seen.body));
    let host = host_with(json!({ "hosts": [server.origin()] }));
    let options =
        json!({ "method": "POST", "url": server.url("/"), "body": "from the application", "dir": 18 });
    host.call(&json!({ "cmd": "download", "options": options, "path": "kept.txt" })).unwrap();
    let upload = json!({
        "method": "POST", "url": server.url("/"), "body": "kept.txt", "bodyType": 2, "dir": 18, "responseType": 2
    });
    assert_eq!(request(&host, &upload), Ok(json!("from the application")));
}

#[test]
fn who_cancels_leaves_no_half_file_and_the_one_before_as_it_was() {
    let (write, read) = folders();
    let (closed, has_closed) = channel();
    let closed = Mutex::new(closed);
    let server = Server::start(move |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")?;
        stream.write_all(&bytes(100_000))?;
        let closed = closed.lock().unwrap().clone();
        wait_for_close(stream);
        let _ = closed.send(());
        Ok(())
    });
    let host = host_for(&server, write.path(), read.path());
    let path = write.path().join("a");
    fs::write(&path, "before").unwrap();
    let options = json!({ "method": "GET", "url": server.url("/") });
    let call = host.begin(&json!({ "cmd": "download", "options": options, "path": path }));
    // Something was written when it is told.
    while call.progress().len() < 2 {
        assert!(!call.is_answered());
        std::thread::yield_now();
    }
    assert_eq!(names(write.path()).len(), 2);
    call.cancel();
    assert_eq!(call.wait(), Err("cancelled".to_owned()));
    has_closed.recv_timeout(PATIENCE).expect("the connection is closed");
    assert_eq!(names(write.path()), ["a"]);
    assert_eq!(fs::read(&path).unwrap(), b"before");
}

#[test]
fn what_is_cut_off_fails_or_is_too_long_leaves_nothing() {
    let (write, read) = folders();
    let path = write.path().join("a");
    let failing = |server: Server, words: &[&str]| {
        let host = host_for(&server, write.path(), read.path());
        refused(download(&host, &server, &path), words);
        assert!(names(write.path()).is_empty());
    };
    failing(
        Server::start(|_, stream| stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")),
        &["broke off"],
    );
    failing(Server::saying("404 Not Found", "", "a page that says so"), &["404 Not Found"]);
    failing(Server::saying("200 OK", "", bytes(3_000_001)), &["longer than 3000000", "`longest_download`"]);
    failing(
        Server::start(|_, stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            stream.write_all(&bytes(3_000_001))
        }),
        &["longer than 3000000", "`longest_download`"],
    );
}

#[test]
fn a_file_is_sent_with_its_length_and_again_where_a_redirect_says_so() {
    let (write, read) = folders();
    let content = bytes(1_000_000);
    fs::write(read.path().join("upload"), &content).unwrap();
    let server = Server::start(|seen, stream| match &*seen.target {
        "/" => say(stream, "307 Temporary", "Location: /again\r\n", b""),
        _ => say(stream, "200 OK", "", seen.body.len().to_string().as_bytes()),
    });
    let host = host_for(&server, write.path(), read.path());
    let upload = json!({
        "method": "PUT", "url": server.url("/"), "body": read.path().join("upload"), "bodyType": 2
    });
    assert_eq!(request(&host, &upload), Ok(json!(1_000_000)));
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    for seen in seen {
        assert_eq!(seen.header("content-type"), "application/octet-stream");
        assert_eq!(seen.header("content-length"), "1000000");
        assert_eq!(seen.header("transfer-encoding"), "");
        assert!(seen.body == content);
    }
}

/// A server that reads the beginning of a body of so many bytes, waits until it is told to go on, and reads the rest.
fn reading_late(length: usize) -> (Server, Receiver<()>, Sender<()>) {
    let ((begun, has_begun), (go, may_go)) = (channel(), channel());
    let channels = Mutex::new((begun, may_go));
    let server = Server::raw(move |mut stream| {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let channels = channels.lock().unwrap();
        let _ = channels.0.send(());
        let _ = channels.1.recv();
        stream.read_exact(&mut vec![0; length])?;
        say(&mut stream, "200 OK", "", b"1")?;
        wait_for_close(&mut stream);
        Ok(())
    });
    (server, has_begun, go)
}

#[test]
fn a_file_that_changes_while_it_is_sent_is_sent_as_long_as_promised_or_not_at_all() {
    // More than the system holds for a connection, and no multiple of the parts.
    const LENGTH: usize = 20_000_001;
    for grows in [true, false] {
        let (write, read) = folders();
        let path = read.path().join("changing");
        fs::write(&path, bytes(LENGTH)).unwrap();
        let (server, begun, go) = reading_late(LENGTH);
        let host = host_for(&server, write.path(), read.path());
        let options = json!({ "method": "PUT", "url": server.url("/"), "body": path, "bodyType": 2 });
        let call = host.begin(&json!({ "cmd": "httpRequest", "options": options }));
        begun.recv_timeout(PATIENCE).unwrap();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(if grows { 2 * LENGTH as u64 } else { 1 }).unwrap();
        go.send(()).unwrap();
        if grows {
            assert_eq!(call.wait(), Ok(json!(1)));
        } else {
            refused(call.wait(), &[&server.origin(), "changing", "has become shorter"]);
        }
    }
}

#[test]
fn an_empty_file_is_an_empty_body() {
    let (write, read) = folders();
    fs::write(read.path().join("empty"), "").unwrap();
    let server = Server::saying("200 OK", "", "null");
    let host = host_for(&server, write.path(), read.path());
    let upload =
        json!({ "method": "PUT", "url": server.url("/"), "body": read.path().join("empty"), "bodyType": 2 });
    assert_eq!(request(&host, &upload), Ok(json!(null)));
    assert_eq!(server.only().header("content-length"), "0");
}

#[test]
fn files_elsewhere_are_neither_sent_nor_written_and_nobody_is_asked() {
    let (write, read) = folders();
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("secret"), "1").unwrap();
    let server = Server::saying("200 OK", "", "null");
    let host = host_for(&server, write.path(), read.path());
    let send = |path: &Path| {
        request(&host, &json!({ "method": "PUT", "url": server.url("/"), "body": path, "bodyType": 2 }))
    };
    refused(send(&other.path().join("secret")), &["secret", "`read = [", "[plugins.http]"]);
    refused(send(Path::new("/etc/passwd")), &["/etc/passwd"]);
    refused(send(&read.path().join("../secret")), &["secret"]);
    refused(send(&read.path().join("missing")), &["missing", "does not exist"]);
    refused(send(read.path()), &["folder"]);
    refused(download(&host, &server, &other.path().join("new")), &["new", "`write = [", "[plugins.http]"]);
    refused(download(&host, &server, &read.path().join("new")), &["for reading alone"]);
    refused(download(&host, &server, write.path()), &["folder"]);
    assert_eq!(names(other.path()), ["secret"]);
    assert!(names(read.path()).is_empty() && names(write.path()).is_empty());
    // The folder itself is only seen to be one when the answer is there.
    assert!(server.seen().iter().all(|seen| seen.method == "GET"));
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_followed_neither_way() {
    let (write, read) = folders();
    let other = tempfile::tempdir().unwrap();
    let secret = other.path().join("secret");
    fs::write(&secret, "1").unwrap();
    std::os::unix::fs::symlink(&secret, read.path().join("link")).unwrap();
    std::os::unix::fs::symlink(&secret, write.path().join("link")).unwrap();
    let server = Server::saying("200 OK", "", "2");
    let host = host_for(&server, write.path(), read.path());
    let upload =
        json!({ "method": "PUT", "url": server.url("/"), "body": read.path().join("link"), "bodyType": 2 });
    refused(request(&host, &upload), &["link"]);
    refused(download(&host, &server, &write.path().join("link")), &["link"]);
    assert_eq!(fs::read(&secret).unwrap(), b"1");
}

#[test]
fn what_the_user_has_chosen_may_be_sent_and_written_and_nothing_beside_it() {
    let chosen = tempfile::tempdir().unwrap();
    let (one, other) = (chosen.path().join("one"), chosen.path().join("other"));
    fs::write(&one, "1").unwrap();
    fs::write(&other, "2").unwrap();
    let server = Server::start(|seen, stream| say(stream, "200 OK", "", &seen.body));
    let host = host_with(json!({ "hosts": [server.origin()] }));
    let send = |path: &Path| {
        request(&host, &json!({ "method": "PUT", "url": server.url("/"), "body": path, "bodyType": 2 }))
    };
    refused(send(&one), &["one"]);
    host.call(&json!({ "cmd": "grant", "path": one })).unwrap();
    assert_eq!(send(&one), Ok(json!(1)));
    refused(send(&other), &["other"]);
    refused(download(&host, &server, &one), &["reading alone"]);
    host.call(&json!({ "cmd": "grant", "path": one, "write": true })).unwrap();
    assert_eq!(download(&host, &server, &one).unwrap()["bytes"], 0);
    assert_eq!(fs::read(&one).unwrap(), b"");
    // No page may say so.
    let grant = host.commands().iter().find(|command| command.name == "grant").unwrap();
    assert!(grant.internal);
}

#[test]
fn a_file_for_a_host_that_is_not_listed_is_not_even_opened() {
    let host = host_with(json!({ "hosts": [] }));
    let upload =
        json!({ "method": "PUT", "url": "http://127.0.0.1:1/", "body": "/no/such/file", "bodyType": 2 });
    refused(request(&host, &upload), &["not among the hosts"]);
}
