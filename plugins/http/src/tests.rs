//! What the commands do with real servers on this machine.

mod answers;
mod asking;
mod ends;
mod files;
mod listed;
mod readme;
mod redirects;
mod secure;
mod server;

use plugin_api::test_host;
use plugin_api::testing::TestHost;
use serde_json::{Value, json};

use self::server::Server;

/// The plugin, allowed to ask these servers.
fn host_for(servers: &[&Server]) -> TestHost {
    let hosts: Vec<String> = servers.iter().map(|server| server.origin()).collect();
    host_with(json!({ "hosts": hosts }))
}

/// The plugin with this configuration; over no proxy, wherever the tests run.
fn host_with(mut configuration: Value) -> TestHost {
    if configuration.get("proxy").is_none() {
        configuration["proxy"] = json!("none");
    }
    test_host!(configuration).unwrap()
}

/// `httpRequest` with these options.
fn request(host: &TestHost, options: &Value) -> Result<Value, String> {
    host.call(&json!({ "cmd": "httpRequest", "options": options }))
}

/// `fetch` with these options.
fn fetch(host: &TestHost, options: &Value) -> Result<Value, String> {
    host.call(&json!({ "cmd": "fetch", "options": options }))
}

/// The error, which has to hold all of these.
#[track_caller]
fn refused(outcome: Result<Value, String>, words: &[&str]) {
    let error = outcome.expect_err("it should have been refused");
    for word in words {
        assert!(error.contains(word), "`{word}` is not in: {error}");
    }
}
