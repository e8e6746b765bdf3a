//! What the README shows.

use plugin_api::testing::check_transcripts;
use serde_json::{Map, Value, json};

use super::host_with;
use super::server::{Seen, Server, say};

/// The server that its transcripts ask.
fn answer(seen: &Seen) -> (&'static str, &'static str, Vec<u8>) {
    let (path, query) = seen.target.split_once('?').unwrap_or((&seen.target, ""));
    match path {
        "/weather" => {
            let pairs = url::form_urlencoded::parse(query.as_bytes());
            let told: Map<String, Value> =
                pairs.map(|(name, value)| (name.into_owned(), json!(value))).collect();
            ("200 OK", "", json!(told).to_string().into_bytes())
        }
        "/echo" => ("200 OK", "", seen.body.clone()),
        "/length" => ("200 OK", "", seen.body.len().to_string().into_bytes()),
        "/long" => ("200 OK", "", vec![b'x'; 100_000]),
        "/moved" => ("302 Found", "Location: /weather\r\n", Vec::new()),
        _ => ("404 Not Found", "", b"missing".to_vec()),
    }
}

#[test]
fn the_transcripts_hold() {
    let server = Server::start(|seen, stream| {
        let (status, headers, body) = answer(seen);
        say(stream, status, headers, &body)
    });
    let host = host_with(json!({ "hosts": [server.origin()], "longest_body": 50_000 }));
    check_transcripts(include_str!("../../README.md"), &host, &[("SERVER", &server.origin())]);
}
