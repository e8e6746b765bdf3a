//! The list of hosts: what it allows, and that nothing gets past it.

use proptest::prelude::*;
use serde_json::json;
use url::Url;

use super::server::Server;
use super::{fetch, host_with, refused, request};
use crate::hosts::{Hosts, address};

fn list(entries: &[&str]) -> Hosts {
    Hosts::read(&entries.iter().map(|&entry| entry.to_owned()).collect::<Vec<_>>()).unwrap()
}

fn allows(hosts: &Hosts, text: &str) -> bool {
    address(text).is_ok_and(|url| hosts.check(&url).is_ok())
}

#[track_caller]
fn judge(entry: &str, allowed: &[&str], denied: &[&str]) {
    let hosts = list(&[entry]);
    for text in allowed {
        assert!(allows(&hosts, text), "`{entry}` should allow {text}");
    }
    for text in denied {
        assert!(!allows(&hosts, text), "`{entry}` should not allow {text}");
    }
}

#[test]
fn whole_origins_are_compared() {
    judge(
        "https://api.example.com",
        &[
            "https://api.example.com",
            "https://api.example.com/a?b#c",
            "https://api.example.com:443/",
            "HTTPS://API.Example.COM/",
            " https://api.example.com/ ",
            "https:\\\\api.example.com\\a",
            "https:api.example.com",
            "ht\ntps://api.exa\tmple.com/",
            "https://api%2eexample.com/",
            "https://ａｐｉ.example.com/",
            "https://api。example。com/",
        ],
        &[
            "http://api.example.com/",
            "https://api.example.com:444/",
            "https://api.example.com:80/",
            "https://example.com/",
            "https://x.api.example.com/",
            "https://api.example.com.evil.net/",
            "https://api.example.comevil.net/",
            "https://api-example.com/",
            // Another name for a browser, if often the same machine.
            "https://api.example.com./",
            "https://api.example.com@evil.net/",
            "https://api.example.com:443@evil.net/",
            "https://evil.net\\@api.example.com/",
            "https://evil.net/api.example.com",
            "https://evil.net/@api.example.com",
            "https://evil.net#@api.example.com",
            "https://evil.net?@api.example.com",
            "https://user@api.example.com/",
            "https://user:word@api.example.com/",
            "https://аpi.example.com/",
            "wss://api.example.com/",
            "ftp://api.example.com/",
            "file://api.example.com/",
            "blob:https://api.example.com/",
            "//api.example.com/",
            "api.example.com",
            "",
        ],
    );
}

#[test]
fn a_port_is_compared_whole_and_the_usual_one_may_be_left_out() {
    judge(
        "http://localhost:8000",
        &["http://localhost:8000/", "http://LOCALHOST:08000/"],
        &[
            "http://localhost/",
            "http://localhost:80/",
            "http://localhost:80000/",
            "http://localhost:8001/",
            "http://127.0.0.1:8000/",
        ],
    );
    judge(
        "http://a.example:80",
        &["http://a.example/"],
        &["http://a.example:8080/", "https://a.example:80/"],
    );
    judge("https://a.example:443/", &["https://a.example"], &["http://a.example:443"]);
}

#[test]
fn a_star_stands_for_one_label_or_more() {
    judge(
        "https://*.example.org",
        &["https://a.example.org/", "https://a.b.example.org/", "https://A.EXAMPLE.ORG:443/"],
        &[
            "https://example.org/",
            "https://.example.org/",
            "https://a..example.org/",
            "https://aexample.org/",
            "https://a.example.org.evil.net/",
            "https://a.example.org./",
            "https://evil.net/.example.org",
            "https://evil.net\\.example.org/",
            "https://evil.net#.example.org",
            "https://evil.net%2f.example.org/",
            "https://evil.net:443#.example.org",
            "http://a.example.org/",
            "https://a.example.org:8443/",
        ],
    );
    judge(
        "https://api.*.example.org:8443",
        &["https://api.eu.example.org:8443/", "https://api.eu.west.example.org:8443/"],
        &["https://api.example.org:8443/", "https://x.eu.example.org:8443/", "https://api.eu.example.org/"],
    );
}

#[test]
fn a_star_alone_stands_for_every_host_of_its_scheme_and_port() {
    judge(
        "https://*",
        &["https://a.example/", "https://127.0.0.1/", "https://[::1]/"],
        &["http://a.example/", "https://a.example:8443/", "https://user@a.example/"],
    );
    // A star among labels is about names.
    judge("http://*.1.example", &["http://127.1.example/"], &["http://127.0.0.1/"]);
}

#[test]
fn addresses_in_numbers_are_one_however_they_are_written() {
    judge(
        "http://127.0.0.1:8080",
        &[
            "http://127.0.0.1:8080/",
            "http://127.1:8080/",
            "http://0x7f000001:8080/",
            "http://2130706433:8080/",
            "http://0177.0.0.01:8080/",
        ],
        &[
            "http://127.0.0.2:8080/",
            "http://localhost:8080/",
            "http://[::1]:8080/",
            "http://127.0.0.1.evil.net:8080/",
        ],
    );
    judge(
        "http://[::1]:8080",
        &["http://[::1]:8080/", "http://[0:0:0:0:0:0:0:1]:8080/"],
        &["http://[::2]:8080/", "http://127.0.0.1:8080/", "http://[::ffff:127.0.0.1]:8080/"],
    );
}

#[test]
fn names_of_other_scripts_are_compared_as_they_are_asked_for() {
    judge(
        "https://bücher.example",
        &[
            "https://BÜCHER.example/",
            "https://xn--bcher-kva.example/",
            "https://b%C3%BCcher.example/",
            "https://bu\u{308}cher.example/",
        ],
        &["https://bucher.example/", "https://xn--bcher-kvb.example/"],
    );
    judge("https://*.xn--bcher-kva.example", &["https://a.bücher.example/"], &["https://bücher.example/"]);
}

#[test]
fn entries_that_could_allow_more_than_they_seem_to_are_refused() {
    for (entry, word) in [
        ("example.com", "no address"),
        ("*", "no address"),
        ("https://", "no address"),
        ("ftp://example.com", "neither"),
        ("https://example.com/path", "only those are compared"),
        ("https://example.com?a", "only those are compared"),
        ("https://example.com#a", "only those are compared"),
        ("https://user@example.com", "user name"),
        ("https://example.*", "hosts of anybody"),
        ("https://*.*.example.com", "more than one"),
        ("https://*example.com", "whole ones"),
        ("https://a*.example.com", "whole ones"),
        ("https://example.com:*", "no address"),
        ("https://127.0.0.*", "hosts of anybody"),
    ] {
        let error = Hosts::read(&[entry.to_owned()]).unwrap_err().to_string();
        for word in [entry, word, "[plugins.http]"] {
            assert!(error.contains(word), "{error}");
        }
    }
    let many = vec!["https://a.example".to_owned(); 1001];
    assert!(Hosts::read(&many).unwrap_err().to_string().contains("1000 are allowed"));
}

#[test]
fn without_a_list_nothing_is_asked_and_the_refusal_has_the_line_to_add() {
    let server = Server::saying("200 OK", "", "null");
    let host = host_with(json!({}));
    let options = json!({ "method": "GET", "url": server.url("/path?key=secret") });
    for outcome in [request(&host, &options), fetch(&host, &options)] {
        let line = format!("`hosts = [\"{}\"]`", server.origin());
        refused(outcome, &["not among the hosts", "[plugins.http]", &line]);
    }
    let ask = |url: &str| fetch(&host, &json!({ "method": "GET", "url": url }));
    refused(ask("data:text/plain,a"), &["`http://` or `https://`"]);
    refused(ask("/relative"), &["is no address"]);
    refused(ask("http://allowed@evil.example/"), &["http://evil.example", "user name", "`Authorization`"]);
    refused(ask(&"x".repeat(100_000)), &["is no address"]);
    assert!(ask(&"x".repeat(100_000)).unwrap_err().len() < 400);
    // Longer than any client sends, and no panic either.
    let host = host_with(json!({ "hosts": [server.origin()] }));
    let long = server.url(&format!("/{}", "x".repeat(100_000)));
    refused(
        fetch(&host, &json!({ "method": "GET", "url": long })),
        &[&server.origin(), "cannot be sent as it is"],
    );
    assert!(server.seen().is_empty());
}

/// What the list of the property below means, said once more and in another way: by what the request would be sent with.
fn meant(url: &Url) -> bool {
    // What cannot be written so is not sent.
    let Ok(uri) = url.as_str().parse::<http::Uri>() else { return true };
    let authority = uri.authority().unwrap().as_str().to_owned();
    let (scheme, host) = (uri.scheme_str().unwrap(), uri.host().unwrap());
    let port = uri.port_u16().unwrap_or(if scheme == "http" { 80 } else { 443 });
    let below = host.strip_suffix(".example.org").is_some_and(|name| !name.is_empty());
    !authority.contains('@')
        && match scheme {
            "https" => port == 443 && (host == "api.example.com" || below),
            "http" => port == 8000 && host == "localhost" || port == 80 && host == "[::1]",
            _ => false,
        }
}

/// What tricks are made of.
const KNOWN: [&str; 46] = [
    "https",
    "http",
    "://",
    ":",
    "/",
    "//",
    "\\",
    "@",
    "?",
    "#",
    ".",
    "..",
    "%2e",
    "%40",
    "%2f",
    "%00",
    "\t",
    "\n",
    " ",
    "*",
    "[",
    "]",
    "[::1]",
    "::1",
    "localhost",
    "api.example.com",
    ".example.org",
    "a.example.org",
    "evil.net",
    "127.0.0.1",
    "0x7f.1",
    ":443",
    ":80",
    ":8000",
    "。",
    "／",
    "＠",
    "：",
    "ａ",
    "xn--",
    "\u{ad}",
    "\u{202e}",
    "user:word",
    "ftp",
    "file",
    "blob:",
];

/// Parts of addresses.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![8 => prop::sample::select(&KNOWN[..]).prop_map(str::to_owned), 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_address_gets_past_the_list(
        start in prop::sample::select(&["", "https://", "http://", "https:", "https:/\\"][..]),
        parts in prop::collection::vec(part(), 1..8),
    ) {
        let hosts = list(&["https://api.example.com", "https://*.example.org", "http://localhost:8000", "http://[::1]"]);
        let text = format!("{start}{}", parts.concat());
        if let Ok(url) = address(&text) && hosts.check(&url).is_ok() {
            prop_assert!(meant(&url), "{text:?} was allowed as {url}");
        }
    }

    #[test]
    fn an_origin_that_is_listed_is_allowed_with_every_path(path in "[a-z@:\\\\/.?#%]{0,20}") {
        let hosts = list(&["https://api.example.com"]);
        let text = format!("https://api.example.com/{path}");
        prop_assert!(allows(&hosts, &text), "{text}");
    }
}
