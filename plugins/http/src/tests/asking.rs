//! What arrives at the server of what a page has said.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::server::{Seen, Server};
use super::{fetch, host_for, host_with, refused, request};

/// What a server gets that is sent these options, beside method and address.
fn sent(mut options: Value) -> Seen {
    let server = Server::saying("200 OK", "", "null");
    let host = host_for(&[&server]);
    options["url"] = json!(server.url("/place?a=1"));
    if options.get("method").is_none() {
        options["method"] = json!("POST");
    }
    assert_eq!(request(&host, &options), Ok(json!(null)));
    server.only()
}

#[test]
fn every_method_arrives_whatever_the_case_of_its_letters() {
    for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "get", "Patch"] {
        let seen = sent(json!({ "method": method }));
        assert_eq!(seen.method, method.to_uppercase());
        assert_eq!(seen.target, "/place?a=1");
        assert!(seen.body.is_empty());
    }
}

#[test]
fn a_method_that_is_none_and_a_tunnel_are_refused_before_anything_is_sent() {
    let server = Server::saying("200 OK", "", "null");
    let host = host_for(&[&server]);
    let ask = |method: &str| request(&host, &json!({ "method": method, "url": server.url("/") }));
    refused(ask("CONNECT"), &["tunnel"]);
    refused(ask("GET / HTTP/1.1\r\nX: y"), &["no method", "PATCH"]);
    refused(ask(""), &["no method"]);
    assert!(server.seen().is_empty());
}

#[test]
fn headers_may_be_texts_numbers_and_booleans_and_null_is_left_out() {
    let headers =
        json!({ "X-Text": "grün", "x-number": 1.5, "X-TRUTH": true, "x-null": null, "x-list": [1, "b"] });
    let seen = sent(json!({ "headers": headers }));
    assert_eq!(seen.header("x-text"), "grün");
    assert_eq!(seen.header("x-number"), "1.5");
    assert_eq!(seen.header("x-truth"), "true");
    assert_eq!(seen.header("x-null"), "");
    let list: Vec<&str> =
        seen.headers.iter().filter(|(name, _)| name == "x-list").map(|(_, value)| &**value).collect();
    assert_eq!(list, ["1", "b"]);
}

#[test]
fn what_is_not_said_has_what_servers_expect() {
    let seen = sent(json!({}));
    assert_eq!(seen.header("accept"), "*/*");
    assert!(seen.header("user-agent").starts_with("plugin-host/"));
    assert_eq!(seen.header("accept-encoding"), "gzip,deflate,br");
    assert_eq!(seen.header("cookie"), "");
    assert_eq!(seen.header("content-type"), "");
    let seen = sent(
        json!({ "headers": { "User-Agent": "mine", "Accept": "text/html" }, "allowCompression": false }),
    );
    assert_eq!(seen.header("user-agent"), "mine");
    assert_eq!(seen.header("accept"), "text/html");
    assert_eq!(seen.header("accept-encoding"), "");
}

#[test]
fn headers_that_lead_elsewhere_or_hide_a_second_request_are_refused() {
    let server = Server::saying("200 OK", "", "null");
    let host = host_for(&[&server]);
    let ask = |headers: Value| {
        request(&host, &json!({ "method": "GET", "url": server.url("/"), "headers": headers }))
    };
    for name in ["Host", "HOST", "Content-Length", "transfer-encoding", "Connection", "Upgrade", "TE"] {
        refused(ask(json!({ name: "1" })), &[name, "cannot be set"]);
    }
    refused(ask(json!({ "X": "a\r\nHost: evil.example" })), &["`X`", "no header may have"]);
    refused(ask(json!({ "a b": "1" })), &["`a b`", "name of a header"]);
    refused(ask(json!({ "X": { "a": 1 } })), &["`X`", "make a text of it", "options.headers"]);
    let many: serde_json::Map<String, Value> =
        (0..101).map(|number| (format!("x-{number}"), json!(1))).collect();
    refused(ask(many.into()), &["101 headers", "100"]);
    assert!(server.seen().is_empty());
}

#[test]
fn parameters_are_appended_to_the_address_in_their_order() {
    let server = Server::saying("200 OK", "", "null");
    let host = host_for(&[&server]);
    let url = server.url("/place?a=1");
    let params = r#"{"z":"ä &=?","b":2,"c":false,"d":null,"e":[1,2]}"#;
    // Written as text, as the test's own JSON would put them in order.
    let options = format!(r#"{{"method":"GET","url":"{url}","params":{params}}}"#);
    let message: Box<RawValue> =
        serde_json::from_str(&format!(r#"{{"cmd":"httpRequest","options":{options}}}"#)).unwrap();
    assert_eq!(host.call(&message), Ok(json!(null)));
    assert_eq!(server.only().target, "/place?a=1&z=%C3%A4+%26%3D%3F&b=2&c=false&e=1&e=2");
    assert_eq!(sent(json!({ "params": {} })).target, "/place?a=1");
}

#[test]
fn a_text_is_sent_as_text_and_an_array_of_bytes_as_bytes() {
    let seen = sent(json!({ "body": "Grüße, \"alle\"" }));
    assert_eq!((seen.header("content-type"), seen.text()), ("text/plain; charset=utf-8", "Grüße, \"alle\""));
    assert_eq!(seen.header("content-length"), "15");
    let seen = sent(json!({ "body": [0, 255, 10], "bodyType": 3 }));
    assert_eq!((seen.header("content-type"), &*seen.body), ("application/octet-stream", &[0, 255, 10][..]));
}

#[test]
fn anything_else_is_sent_as_json_as_the_page_has_written_it() {
    let server = Server::saying("200 OK", "", "null");
    let host = host_for(&[&server]);
    // In its own order, and with more digits than a number here has.
    let body = r#"{"z":12345678901234567890.123,"a":[{"b":null}]}"#;
    let url = server.url("/");
    let message =
        format!(r#"{{"cmd":"httpRequest","options":{{"method":"PUT","url":"{url}","body":{body}}}}}"#);
    let message: Box<RawValue> = serde_json::from_str(&message).unwrap();
    assert_eq!(host.call(&message), Ok(json!(null)));
    let seen = server.only();
    assert_eq!((seen.header("content-type"), seen.text()), ("application/json; charset=utf-8", body));
    assert_eq!(sent(json!({ "body": [1, 256] })).text(), "[1,256]");
    assert_eq!(sent(json!({ "body": 5 })).text(), "5");
    let empty = sent(json!({ "body": null }));
    assert_eq!((empty.header("content-type"), empty.text()), ("", ""));
}

#[test]
fn an_object_is_sent_as_a_form() {
    let seen =
        sent(json!({ "body": { "name": "Ann & Bob", "age": 3, "ok": true, "none": null }, "bodyType": 1 }));
    assert_eq!(seen.header("content-type"), "application/x-www-form-urlencoded");
    // The test's own JSON puts them in this order.
    assert_eq!(seen.text(), "age=3&name=Ann+%26+Bob&ok=true");
}

#[test]
fn a_type_of_content_that_the_page_has_said_stays() {
    let seen = sent(json!({ "body": { "a": 1 }, "headers": { "content-TYPE": "application/ld+json" } }));
    let kinds: Vec<_> = seen.headers.iter().filter(|(name, _)| name == "content-type").collect();
    assert_eq!(kinds, [&("content-type".to_owned(), "application/ld+json".to_owned())]);
}

#[test]
fn bytes_beside_the_options_are_a_body_and_two_bodies_are_none() {
    let server = Server::saying("200 OK", "", "null");
    let host = host_for(&[&server]);
    let bytes: Vec<u8> = (0..=255).collect();
    let options = json!({ "method": "POST", "url": server.url("/") });
    // As the bridge sends it where the page has given an array of numbers or a buffer.
    let outcome = host.call(&json!({ "cmd": "fetch", "options": options, "body": bytes }));
    assert_eq!(outcome.unwrap()["status"], 200);
    assert_eq!(server.only().body, bytes);
    let both = json!({ "method": "POST", "url": server.url("/"), "body": "text" });
    refused(host.call(&json!({ "cmd": "fetch", "options": both, "body": [1] })), &["leave one out"]);
}

#[test]
fn options_that_do_not_fit_are_named() {
    let server = Server::saying("200 OK", "", "null");
    let host = host_for(&[&server]);
    let ask = |options: Value| {
        let mut whole = json!({ "method": "GET", "url": server.url("/") });
        whole.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        fetch(&host, &whole)
    };
    refused(ask(json!({ "responseType": 4 })), &["options.responseType", "4 is no type"]);
    refused(ask(json!({ "bodyType": 0, "body": 1 })), &["options.bodyType", "0 is no type"]);
    refused(ask(json!({ "bodyType": 1, "body": "a=b" })), &["`options.body`", "bodyType: 1"]);
    refused(ask(json!({ "bodyType": 1, "body": { "a": { "b": 1 } } })), &["`a`", "make a text"]);
    refused(ask(json!({ "bodyType": 2, "body": {} })), &["`options.body`", "path of a file"]);
    refused(ask(json!({ "timeOut": 1 })), &["timeOut"]);
    for time in [json!(0), json!(-1), json!(1e300), json!(86_401)] {
        refused(ask(json!({ "readTimeout": time })), &["`readTimeout`", "a day at most"]);
    }
    refused(ask(json!({ "maxRedirections": 51 })), &["`maxRedirections`", "50"]);
    refused(ask(json!({ "maxRedirections": "many" })), &["maxRedirections", "number of redirects"]);
    assert!(server.seen().is_empty());
}

#[test]
fn a_proxy_of_the_configuration_is_asked_in_the_place_of_the_host() {
    let proxy = Server::saying("200 OK", "", "\"over the proxy\"");
    let host = host_with(json!({ "hosts": ["http://nowhere.invalid"], "proxy": proxy.origin() }));
    let options = json!({ "method": "GET", "url": "http://nowhere.invalid/a" });
    assert_eq!(request(&host, &options), Ok(json!("over the proxy")));
    assert_eq!(proxy.only().target, "http://nowhere.invalid/a");
    // The list is about the host and not about the proxy.
    refused(request(&host, &json!({ "method": "GET", "url": proxy.url("/") })), &["not among the hosts"]);
}
