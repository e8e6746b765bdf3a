//! Where answers lead on: followed, counted, judged anew, and told no secrets.

use serde_json::{Value, json};

use super::server::{Server, say};
use super::{fetch, host_for, host_with, refused, request};

/// A server that leads from `/` to `target`, and answers `/end` with what it got.
fn leading(status: &'static str, target: &str) -> Server {
    let line = format!("Location: {target}\r\n");
    Server::start(move |seen, stream| {
        if seen.target == "/end" {
            let told =
                json!({ "method": seen.method, "body": seen.text(), "auth": seen.header("authorization") });
            return say(stream, "200 OK", "", told.to_string().as_bytes());
        }
        say(stream, status, &line, b"moved")
    })
}

fn post(server: &Server) -> Value {
    json!({ "method": "POST", "url": server.url("/"), "body": { "a": 1 } })
}

#[test]
fn what_was_posted_is_posted_again_only_where_the_status_says_so() {
    for (status, method, body) in [
        ("301 Moved", "GET", ""),
        ("302 Found", "GET", ""),
        ("303 See Other", "GET", ""),
        ("307 Temporary", "POST", "{\"a\":1}"),
        ("308 Permanent", "POST", "{\"a\":1}"),
    ] {
        let server = leading(status, "/end");
        let host = host_for(&[&server]);
        let told = request(&host, &post(&server)).unwrap();
        assert_eq!((&told["method"], &told["body"]), (&json!(method), &json!(body)), "{status}");
        let last = server.seen().pop().unwrap();
        assert_eq!(last.header("content-type").is_empty(), body.is_empty(), "{status}");
    }
    let server = leading("302 Found", "/end");
    let host = host_for(&[&server]);
    let put = json!({ "method": "PUT", "url": server.url("/"), "body": "b" });
    assert_eq!(request(&host, &put).unwrap()["method"], "PUT");
}

#[test]
fn a_fetch_tells_where_it_ended() {
    let server = leading("302 Found", "/end#part");
    let host = host_for(&[&server]);
    let fetched = fetch(&host, &json!({ "method": "GET", "url": server.url("/") })).unwrap();
    assert_eq!(fetched["redirected"], true);
    assert_eq!(fetched["url"], server.url("/end#part"));
}

#[test]
fn who_follows_none_gets_the_answer_itself() {
    let server = leading("302 Found", "/end");
    let host = host_for(&[&server]);
    for option in [json!({ "followRedirects": false }), json!({ "maxRedirections": false })] {
        let mut options = post(&server);
        options.as_object_mut().unwrap().extend(option.as_object().unwrap().clone());
        let fetched = fetch(&host, &options).unwrap();
        assert_eq!((&fetched["status"], &fetched["headers"]["location"]), (&json!(302), &json!("/end")));
        refused(request(&host, &options), &["302 Found"]);
    }
    assert!(server.seen().iter().all(|seen| seen.target == "/"));
}

#[test]
fn circles_end_after_five_or_as_many_as_the_page_says() {
    let server = leading("302 Found", "/");
    let host = host_for(&[&server]);
    refused(request(&host, &post(&server)), &[&server.origin(), "5 redirects", "`maxRedirections`"]);
    assert_eq!(server.seen().len(), 6);
    let server = leading("302 Found", "/");
    let host = host_for(&[&server]);
    let mut options = post(&server);
    options["maxRedirections"] = json!(0);
    refused(request(&host, &options), &["0 redirects"]);
    options["maxRedirections"] = json!(true);
    refused(request(&host, &options), &["5 redirects"]);
}

#[test]
fn a_host_that_is_not_listed_is_not_asked_because_another_leads_there() {
    let hidden = leading("200 OK", "/");
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let open = leading(status, &hidden.url("/end"));
        let host = host_for(&[&open]);
        refused(request(&host, &post(&open)), &[&hidden.origin(), "not among the hosts", "[plugins.http]"]);
        refused(fetch(&host, &post(&open)), &[&open.origin(), "leads on", &hidden.origin()]);
    }
    // Not the same port, and not the same name, though the same machine.
    let open = leading("302 Found", &format!("http://localhost:{}/end", hidden.port()));
    refused(request(&host_for(&[&open]), &post(&open)), &["`http://localhost:"]);
    assert!(hidden.seen().is_empty());
}

#[test]
fn the_second_hop_is_judged_as_well() {
    let hidden = leading("200 OK", "/");
    let second = leading("302 Found", &hidden.url("/end"));
    let first = leading("302 Found", &second.url("/"));
    let host = host_for(&[&first, &second]);
    refused(request(&host, &post(&first)), &[&hidden.origin(), "not among the hosts"]);
    assert_eq!((second.seen().len(), hidden.seen().len()), (1, 0));
}

#[test]
fn what_is_no_address_of_http_is_not_followed() {
    for (target, word) in [
        ("file:///etc/passwd", "`http://` or `https://`"),
        ("javascript:alert(1)", "`http://` or `https://`"),
        ("http://user:word@127.0.0.1/", "user name or password"),
        ("http://[::", "no address"),
    ] {
        let server = leading("302 Found", target);
        let host = host_for(&[&server]);
        refused(request(&host, &post(&server)), &[&server.origin(), word]);
    }
}

#[test]
fn secrets_are_told_to_no_other_origin_and_again_to_the_same() {
    let secrets = json!({ "Authorization": "Bearer key", "Cookie": "a=1", "Proxy-Authorization": "x", "X-Other": "stays" });
    let ask = |from: &Server, to: &Server| {
        let host = host_for(&[from, to]);
        request(&host, &json!({ "method": "GET", "url": from.url("/"), "headers": secrets })).unwrap()
    };
    let other = leading("200 OK", "/");
    let first = leading("307 Temporary", &other.url("/end"));
    assert_eq!(ask(&first, &other)["auth"], "");
    assert_eq!(first.only().header("authorization"), "Bearer key");
    let arrived = other.only();
    for name in ["authorization", "cookie", "proxy-authorization"] {
        assert_eq!(arrived.header(name), "", "{name}");
    }
    assert_eq!((arrived.header("x-other"), arrived.header("referer")), ("stays", ""));
    let same = leading("307 Temporary", "/end");
    assert_eq!(ask(&same, &same)["auth"], "Bearer key");
}

#[test]
fn a_list_of_all_hosts_allows_redirects_to_all_of_that_scheme() {
    let server = leading("302 Found", "https://127.0.0.1:1/");
    let host = host_with(json!({ "hosts": [format!("http://*:{}", server.port())] }));
    refused(request(&host, &post(&server)), &["`https://127.0.0.1:1` is not among the hosts"]);
}
