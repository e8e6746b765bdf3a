//! How requests end that come to no good end.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::json;

use super::server::{Server, say, wait_for_close};
use super::{fetch, host_for, host_with, refused, request};

const PATIENCE: Duration = Duration::from_secs(20);

/// A server that answers with `beginning` and then waits; tells when it has, and when the connection is closed.
fn hanging(beginning: &'static str) -> (Server, Receiver<()>, Receiver<()>) {
    let ((reached, has_reached), (closed, has_closed)) = (channel(), channel());
    let senders = Mutex::new((reached, closed));
    let server = Server::start(move |_, stream| {
        let (reached, closed) = senders.lock().unwrap().clone();
        stream.write_all(beginning.as_bytes())?;
        stream.flush()?;
        let _ = reached.send(());
        wait_for_close(stream);
        let _ = closed.send(());
        Ok(())
    });
    (server, has_reached, has_closed)
}

const HALF: &str = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nthe first part";

#[test]
fn a_server_that_does_not_answer_is_not_waited_for_for_ever() {
    for (beginning, option) in
        [("", "readTimeout"), (HALF, "readTimeout"), ("", "timeout"), (HALF, "timeout")]
    {
        let (server, _, closed) = hanging(beginning);
        let host = host_for(&[&server]);
        let begin = Instant::now();
        let outcome = request(&host, &json!({ "method": "GET", "url": server.url("/"), option: 0.2 }));
        refused(outcome, &[&server.origin(), option, "0.2 s"]);
        assert!(begin.elapsed() >= Duration::from_millis(200));
        closed.recv_timeout(PATIENCE).expect("the connection is closed");
    }
}

#[test]
fn an_answer_that_comes_slowly_but_steadily_is_no_silence() {
    // Parts with a quarter of a second between them, of which each alone is in time.
    let (tick, ticks) = channel::<()>();
    let server = Server::start({
        let ticks = Mutex::new(ticks);
        move |_, stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n")?;
            for _ in 0..8 {
                // Nobody ticks: it is a clock.
                let _ = ticks.lock().unwrap().recv_timeout(Duration::from_millis(250));
                stream.write_all(b"1")?;
                stream.flush()?;
            }
            Ok(())
        }
    });
    let host = host_for(&[&server]);
    let options = json!({ "method": "GET", "url": server.url("/"), "readTimeout": 1.2 });
    let begin = Instant::now();
    assert_eq!(request(&host, &options), Ok(json!(11_111_111)));
    assert!(begin.elapsed() > Duration::from_millis(1200));
    drop(tick);
}

#[test]
fn a_body_that_goes_slowly_but_steadily_is_no_silence() {
    const PART: usize = 4_000_000;
    let (tick, ticks) = channel::<()>();
    let ticks = Mutex::new(ticks);
    let server = Server::raw(move |mut stream| {
        // More than the system holds for a connection, with a quarter of a second between the parts.
        let mut part = vec![0; PART];
        for _ in 0..8 {
            let _ = ticks.lock().unwrap().recv_timeout(Duration::from_millis(250));
            stream.read_exact(&mut part)?;
        }
        say(&mut stream, "200 OK", "", b"1")?;
        wait_for_close(&mut stream);
        Ok(())
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("big");
    std::fs::write(&file, "x".repeat(8 * PART)).unwrap();
    let host = host_with(json!({ "hosts": [server.origin()], "read": [folder.path()] }));
    let options = |body: &str, kind: u8| {
        let url = server.url("/");
        json!({ "method": "PUT", "url": url, "body": body, "bodyType": kind, "readTimeout": 1.2 })
    };
    let begin = Instant::now();
    assert_eq!(request(&host, &options(file.to_str().unwrap(), 2)), Ok(json!(1)));
    assert!(begin.elapsed() > Duration::from_millis(1200));
    assert_eq!(request(&host, &options(&"x".repeat(8 * PART), 3)), Ok(json!(1)));
    drop(tick);
}

#[test]
fn a_server_that_takes_no_more_of_a_body_is_not_waited_for_for_ever() {
    let (over, is_over) = channel::<()>();
    let is_over = Mutex::new(is_over);
    let server = Server::raw(move |mut stream| {
        stream.read_exact(&mut [0; 1000])?;
        // Nothing more is read.
        let _ = is_over.lock().unwrap().recv();
        Ok(())
    });
    let host = host_for(&[&server]);
    let body = "x".repeat(30_000_000);
    let options = json!({ "method": "PUT", "url": server.url("/"), "body": body, "readTimeout": 0.3 });
    refused(request(&host, &options), &[&server.origin(), "0.3 s", "readTimeout"]);
    drop(over);
}

#[test]
fn who_cancels_gets_the_connection_closed_at_once() {
    for beginning in ["", HALF] {
        let (server, reached, closed) = hanging(beginning);
        let host = host_for(&[&server]);
        let options = json!({ "method": "GET", "url": server.url("/") });
        let call = host.begin(&json!({ "cmd": "fetch", "options": options }));
        reached.recv_timeout(PATIENCE).unwrap();
        let begin = Instant::now();
        call.cancel();
        assert_eq!(call.wait(), Err("cancelled".to_owned()));
        closed.recv_timeout(PATIENCE).expect("the connection is closed");
        // And not only when the usual half a minute is over.
        assert!(begin.elapsed() < Duration::from_secs(10));
    }
}

#[test]
fn a_host_that_closes_ends_its_requests() {
    let (server, reached, closed) = hanging("");
    let host = host_for(&[&server]);
    let options = json!({ "method": "GET", "url": server.url("/") });
    let call = host.begin(&json!({ "cmd": "fetch", "options": options }));
    reached.recv_timeout(PATIENCE).unwrap();
    drop(call);
    host.stop();
    closed.recv_timeout(PATIENCE).expect("the connection is closed");
}

#[test]
fn a_connection_that_is_cut_in_the_middle_is_told_of() {
    for beginning in
        ["", "HTTP/1.1 200", HALF, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"]
    {
        let server = Server::start(move |_, stream| stream.write_all(beginning.as_bytes()));
        let host = host_for(&[&server]);
        let outcome = request(&host, &json!({ "method": "POST", "url": server.url("/") }));
        refused(outcome, &[&server.origin(), "broke off", "try again"]);
    }
}

#[test]
fn an_answer_that_is_no_http_is_told_of() {
    let server = Server::start(|_, stream| stream.write_all(b"SSH-2.0-OpenSSH_9\r\n\r\n"));
    let host = host_for(&[&server]);
    refused(
        request(&host, &json!({ "method": "GET", "url": server.url("/") })),
        &[&server.origin(), "broke off"],
    );
}

#[test]
fn a_port_where_nobody_listens_and_a_name_that_nobody_has_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let host = host_with(json!({ "hosts": [origin, "http://nobody.invalid"] }));
    let ask = |url: &str| fetch(&host, &json!({ "method": "GET", "url": url }));
    refused(ask(&format!("{origin}/?key=secret")), &[&origin, "cannot be reached"]);
    refused(ask("http://nobody.invalid/"), &["`http://nobody.invalid`", "is not found"]);
    // Where an address ends up in a log, what is behind the host had better not.
    assert!(!ask(&format!("{origin}/?key=secret")).unwrap_err().contains("secret"));
}
