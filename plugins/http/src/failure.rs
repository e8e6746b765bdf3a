//! What went wrong on the way, as a sentence: which host, what happened, what to do. Says nothing of an address but its origin, as the
//! rest may hold secrets.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use plugin_api::{Error, anyhow};
use url::Url;

use crate::hosts::origin;

/// What it means that a request failed before there was an answer.
pub fn of_request(url: &Url, connect: Duration, error: &reqwest::Error) -> Error {
    let origin = origin(url);
    let reason = innermost(error);
    if let Some(rustls::Error::InvalidCertificate(why)) = find_tls(error) {
        return anyhow!(
            "`{origin}` shows a certificate that this system does not trust ({why}); have the server show a valid one, \
             or add the authority that has issued it to the system's"
        );
    }
    if let Some(fault) = find_tls(error) {
        return anyhow!("`{origin}` and this system find no way to speak in secret: {fault}");
    }
    if error.is_dns() {
        return anyhow!(
            "the host of `{origin}` is not found ({reason}); look at how it is written, and at the network"
        );
    }
    if error.is_connect() && error.is_timeout() {
        let seconds = connect.as_secs_f64();
        return anyhow!(
            "`{origin}` has not taken the connection within {seconds} s; try again later, or give it a longer `connectTimeout`"
        );
    }
    if error.is_connect() {
        return anyhow!(
            "`{origin}` cannot be reached: {reason}; look at whether it is running, and at the network (or the proxy, if there \
             is one)"
        );
    }
    if error.is_builder() {
        return anyhow!("the request for `{origin}` cannot be sent as it is: {reason}");
    }
    anyhow!("the request to `{origin}` broke off: {reason}; try again")
}

/// What it means that an answer's body came to no end.
pub fn of_body(url: &Url, error: &reqwest::Error) -> Error {
    let (origin, reason) = (origin(url), innermost(error));
    if error.is_decode() {
        return anyhow!(
            "the answer of `{origin}` broke off or cannot be unpacked: {reason}; try again, or without compression: \
             `allowCompression: false`"
        );
    }
    anyhow!("the answer of `{origin}` broke off: {reason}; try again")
}

/// The text of the error that caused all others: those around it say only that something failed.
pub fn innermost(error: &reqwest::Error) -> String {
    let mut innermost: &dyn StdError = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

fn find_tls(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut next: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // An error of input and output does not name what it carries as its source, but only the source of that.
        let carried = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match carried {
            Some(carried) => Some(carried),
            None => error.source(),
        };
    }
    None
}
