//! Certificates that nobody vouches for.

use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection};
use serde_json::json;

use super::{fetch, host_with, refused};

/// A server that shows a certificate of its own making for `localhost`. Ends with its second connection.
fn self_signed() -> (u16, thread::JoinHandle<Vec<bool>>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let accepted = |mut stream: TcpStream| {
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            while connection.is_handshaking() {
                if connection.complete_io(&mut stream).is_err() {
                    return false;
                }
            }
            true
        };
        listener.incoming().take(1).map(|stream| accepted(stream.unwrap())).collect()
    });
    (port, server)
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused_with_what_to_do() {
    let (port, server) = self_signed();
    let host = host_with(json!({ "hosts": [format!("https://localhost:{port}")] }));
    let options = json!({ "method": "GET", "url": format!("https://localhost:{port}/") });
    let origin = format!("`https://localhost:{port}`");
    refused(fetch(&host, &options), &[&origin, "does not trust", "authority"]);
    assert_eq!(server.join().unwrap(), [false]);
}

#[test]
fn a_server_that_speaks_in_the_clear_is_not_taken_for_a_secret_one() {
    let server = super::Server::saying("200 OK", "", "null");
    let origin = format!("https://127.0.0.1:{}", server.port());
    let host = host_with(json!({ "hosts": [origin] }));
    refused(fetch(&host, &json!({ "method": "GET", "url": origin })), &[&origin]);
}
