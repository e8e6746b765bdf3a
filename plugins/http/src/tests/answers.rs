//! What a page gets of what a server has answered.

use std::io::Write;

use serde_json::{Value, json};

use super::server::Server;
use super::{fetch, host_for, host_with, refused, request};

fn get(server: &Server, more: Value) -> Value {
    let mut options = json!({ "method": "GET", "url": server.url("/") });
    options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    options
}

#[test]
fn a_body_is_read_as_json_text_or_bytes() {
    let server = Server::saying("201 Created", "Content-Type: text/plain\r\n", r#" {"a": [1, "ä"]} "#);
    let host = host_for(&[&server]);
    assert_eq!(request(&host, &get(&server, json!({}))), Ok(json!({ "a": [1, "ä"] })));
    assert_eq!(request(&host, &get(&server, json!({ "responseType": 1 }))), Ok(json!({ "a": [1, "ä"] })));
    assert_eq!(
        request(&host, &get(&server, json!({ "responseType": 2 }))),
        Ok(json!(r#" {"a": [1, "ä"]} "#))
    );
    let server = Server::saying("200 OK", "", [0, 200, 255]);
    let host = host_for(&[&server]);
    assert_eq!(request(&host, &get(&server, json!({ "responseType": 3 }))), Ok(json!([0, 200, 255])));
}

#[test]
fn text_is_read_in_the_encoding_that_its_type_names() {
    for (kind, body, text) in [
        ("", "grün".as_bytes(), "grün"),
        ("Content-Type: text/plain; charset=ISO-8859-1\r\n", b"gr\xfcn", "grün"),
        ("Content-Type: text/plain; charset=shift_jis\r\n", b"\x93\xfa\x96{", "日本"),
        ("Content-Type: text/plain\r\n", b"gr\xfcn", "gr\u{fffd}n"),
    ] {
        let server = Server::saying("200 OK", kind, body);
        let host = host_for(&[&server]);
        assert_eq!(request(&host, &get(&server, json!({ "responseType": 2 }))), Ok(json!(text)), "{kind}");
    }
}

#[test]
fn what_is_no_json_is_refused_with_its_type() {
    let server = Server::saying("200 OK", "Content-Type: text/html\r\n", "<html>");
    let host = host_for(&[&server]);
    refused(
        request(&host, &get(&server, json!({}))),
        &[&server.origin(), "no JSON", "text/html", "responseType: 2"],
    );
    let server = Server::saying("200 OK", "", b"\"\xff\"");
    let host = host_for(&[&server]);
    refused(request(&host, &get(&server, json!({}))), &["no JSON"]);
}

#[test]
fn an_answer_without_a_body_is_nothing_of_each_kind() {
    let server = Server::saying("200 OK", "", "");
    let host = host_for(&[&server]);
    for (kind, nothing) in [(1, json!(null)), (2, json!("")), (3, json!([]))] {
        assert_eq!(request(&host, &get(&server, json!({ "responseType": kind }))), Ok(nothing));
    }
    // What HEAD gets tells how long the body would be, and has none.
    let server =
        Server::start(|_, stream| stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"));
    let host = host_for(&[&server]);
    let options = json!({ "method": "HEAD", "url": server.url("/") });
    assert_eq!(request(&host, &options), Ok(json!(null)));
    assert_eq!(fetch(&host, &options).unwrap()["headers"]["content-length"], "1000");
}

#[test]
fn another_status_than_success_rejects_a_request_and_not_a_fetch() {
    let server = Server::saying("404 Not Found", "X-Why: gone\r\n", "no such page");
    let host = host_for(&[&server]);
    refused(request(&host, &get(&server, json!({}))), &[&server.origin(), "404 Not Found", "`fetch`"]);
    let fetched = fetch(&host, &get(&server, json!({}))).unwrap();
    assert_eq!(fetched["status"], 404);
    assert_eq!(fetched["statusText"], "Not Found");
    assert_eq!(fetched["ok"], false);
    assert_eq!(fetched["headers"]["x-why"], "gone");
    assert_eq!(fetched["url"], server.url("/"));
    assert_eq!(fetched["redirected"], false);
    assert_eq!(fetched["body"], "no such page");
    let server = Server::saying("599 Whatever", "", "");
    let host = host_for(&[&server]);
    refused(request(&host, &get(&server, json!({}))), &["599"]);
    assert_eq!(fetch(&host, &get(&server, json!({}))).unwrap()["statusText"], "");
}

#[test]
fn headers_that_come_several_times_are_all_there() {
    let lines = "X-A: 1\r\nx-a: 2\r\nSet-Cookie: a=1, b\r\nSet-Cookie: c=2\r\nX-Latin: gr\u{fc}n\r\n";
    let server = Server::start(move |_, stream| {
        let latin: Vec<u8> = lines.chars().map(|sign| sign as u8).collect();
        stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n")?;
        stream.write_all(&latin)?;
        stream.write_all(b"\r\n")
    });
    let host = host_for(&[&server]);
    let fetched = fetch(&host, &get(&server, json!({}))).unwrap();
    assert_eq!(fetched["headers"]["x-a"], "1, 2");
    assert_eq!(fetched["headers"]["set-cookie"], "a=1, b\nc=2");
    assert_eq!(fetched["headers"]["x-latin"], "grün");
    // And none is kept for the next time.
    assert_eq!(fetch(&host, &get(&server, json!({}))).unwrap()["ok"], true);
    assert!(server.seen().iter().all(|seen| seen.header("cookie").is_empty()));
}

fn packed(kind: &str, bytes: &[u8]) -> Vec<u8> {
    use flate2::Compression;
    let fast = Compression::fast();
    let mut packed = Vec::new();
    match kind {
        "gzip" => flate2::write::GzEncoder::new(&mut packed, fast).write_all(bytes).unwrap(),
        "deflate" => flate2::write::ZlibEncoder::new(&mut packed, fast).write_all(bytes).unwrap(),
        _ => brotli::CompressorWriter::new(&mut packed, 4096, 5, 20).write_all(bytes).unwrap(),
    }
    packed
}

#[test]
fn packed_answers_are_unpacked_unless_compression_was_not_allowed() {
    for (kind, line) in [
        ("gzip", "Content-Encoding: gzip\r\n"),
        ("deflate", "Content-Encoding: deflate\r\n"),
        ("br", "Content-Encoding: br\r\n"),
    ] {
        let body = packed(kind, b"\"the same again and again and again\"");
        let server = Server::saying("200 OK", line, body.clone());
        let host = host_for(&[&server]);
        let outcome = request(&host, &get(&server, json!({})));
        assert_eq!(outcome, Ok(json!("the same again and again and again")), "{kind}");
        let raw = get(&server, json!({ "responseType": 3, "allowCompression": false }));
        assert_eq!(request(&host, &raw), Ok(json!(body)), "{kind}");
    }
}

#[test]
fn what_is_packed_wrongly_is_refused() {
    let server = Server::saying("200 OK", "Content-Encoding: gzip\r\n", "no gzip at all");
    let host = host_for(&[&server]);
    refused(
        request(&host, &get(&server, json!({}))),
        &[&server.origin(), "cannot be unpacked", "allowCompression"],
    );
}

#[test]
fn the_limit_counts_what_a_body_is_when_it_is_unpacked() {
    let bomb = packed("gzip", &vec![b' '; 10_000_000]);
    assert!(bomb.len() < 100_000);
    let server = Server::saying("200 OK", "Content-Encoding: gzip\r\n", bomb);
    let host = host_with(json!({ "hosts": [server.origin()], "longest_body": 100_000 }));
    for kind in 1..=3 {
        let outcome = request(&host, &get(&server, json!({ "responseType": kind })));
        refused(outcome, &[&server.origin(), "longer than 100000 bytes", "`download`", "`longest_body`"]);
    }
}

#[test]
fn a_body_of_just_the_limit_is_read_and_one_more_byte_is_not() {
    let exact = Server::saying("200 OK", "", vec![b'1'; 1000]);
    let longer = Server::saying("200 OK", "", vec![b'1'; 1001]);
    let host = host_with(json!({ "hosts": [exact.origin(), longer.origin()], "longest_body": 1000 }));
    let text = json!({ "responseType": 2 });
    assert_eq!(request(&host, &get(&exact, text.clone())), Ok(json!("1".repeat(1000))));
    refused(request(&host, &get(&longer, text)), &["longer than 1000 bytes"]);
}

#[test]
fn a_body_in_chunks_is_put_together() {
    let server = Server::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")?;
        for part in ["5\r\n\"to g\r\n", "1\r\ne\r\n", "5\r\nther\"\r\n", "0\r\n\r\n"] {
            stream.write_all(part.as_bytes())?;
            stream.flush()?;
        }
        Ok(())
    });
    let host = host_for(&[&server]);
    assert_eq!(request(&host, &get(&server, json!({}))), Ok(json!("to gether")));
}

#[test]
fn json_that_is_nested_deeper_than_anybody_reads_is_refused() {
    let nested = |levels: usize| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        // Brackets in a text are none.
        Server::saying("200 OK", "", format!(r#"{open}"\"[[[[[[{{{{\\"{close}"#))
    };
    for (levels, fits) in [(127, true), (128, false), (200_000, false)] {
        let server = nested(levels);
        let host = host_for(&[&server]);
        let outcome = request(&host, &get(&server, json!({})));
        if fits {
            assert!(outcome.unwrap().to_string().contains("[[[[[[{{"));
        } else {
            refused(outcome, &[&server.origin(), &levels.to_string(), "127", "`responseType: 2`"]);
        }
        let text = request(&host, &get(&server, json!({ "responseType": 2 }))).unwrap();
        assert_eq!(text.as_str().unwrap().matches(']').count(), levels);
    }
}

#[test]
fn numbers_of_any_length_and_order_stay_as_they_are() {
    let body = r#"{"z":12345678901234567890123,"a":1}"#;
    // The test kit reads an answer into numbers of its own, so this is asked of what writes it.
    let value: Box<serde_json::value::RawValue> = serde_json::from_str(body).unwrap();
    assert_eq!(serde_json::to_string(&crate::answer::Content::Json(value)).unwrap(), body);
}

#[test]
fn limits_that_are_too_high_and_keys_that_do_not_exist_keep_the_plugin_from_starting() {
    let start = |configuration: Value| plugin_api::test_host!(configuration).err().unwrap();
    assert!(start(json!({ "longest_body": 1_000_000_000 })).contains("`longest_body`"));
    assert!(start(json!({ "host": ["https://a.example"] })).contains("host"));
    assert!(start(json!({ "proxy": "3128" })).contains("`proxy`"));
    assert!(start(json!({ "hosts": ["a.example"] })).contains("`a.example`"));
}
