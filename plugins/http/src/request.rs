//! From what a page says to what is sent: method, address, headers and body, checked as a whole. Sends nothing.

use std::sync::Arc;

use plugin_api::{Bytes, Result, anyhow, bail, ensure};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use url::{Url, form_urlencoded};

use crate::hosts::address;
use crate::options::{BodyType, Fields, Options, Waits};

/// The most headers of a request; servers take about as many.
const MOST_HEADERS: usize = 100;

/// Headers that say where a request goes, or where its body ends. They follow from the address and the body: one that says otherwise
/// would reach another host behind the same server, or smuggle a second request.
const RESERVED: [&str; 10] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "proxy-connection",
];

/// A request that may be sent, if the list of hosts allows it.
#[derive(Debug)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// Its address, with its parameters.
    pub url: Url,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Body,
    /// How many redirects are followed; nothing where none is.
    pub redirections: Option<u32>,
    /// How long is waited for what.
    pub waits: Waits,
}

/// What is sent besides the headers.
#[derive(Debug, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    Empty,
    /// This.
    Held(Arc<[u8]>),
    /// The content of the file with this path, as the page has written it.
    File(String),
}

impl Request {
    /// Reads it from the options. `bytes` is a body that came beside them.
    ///
    /// # Errors
    /// A sentence that names what cannot be sent.
    pub fn of(options: &Options, bytes: Option<Bytes>) -> Result<Self> {
        let mut url = address(&options.url)?;
        if let Some(Fields(params)) = options.params.as_ref().filter(|params| !params.0.is_empty()) {
            url.query_pairs_mut().extend_pairs(params);
        }
        let mut headers = headers(options.headers.as_ref())?;
        let (body, kind) = match (bytes, options.body.as_deref()) {
            (Some(_), Some(_)) => {
                bail!("there is a body in `options.body` and one beside `options`; leave one out")
            }
            (Some(bytes), None) => (Body::Held(bytes.into_vec().into()), "application/octet-stream"),
            (None, None) => (Body::Empty, ""),
            (None, Some(given)) => body(given, options.body_type.unwrap_or(BodyType::Auto))?,
        };
        if body != Body::Empty && !headers.contains_key(CONTENT_TYPE) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        Ok(Self {
            method: method(&options.method)?,
            url,
            headers,
            body,
            redirections: options.redirections()?,
            waits: options.waits()?,
        })
    }
}

fn method(name: &str) -> Result<Method> {
    let upper = name.to_ascii_uppercase();
    match upper.as_str() {
        "GET" | "POST" | "PUT" | "DELETE" | "PATCH" | "HEAD" | "OPTIONS" | "TRACE" => {
            Ok(Method::from_bytes(upper.as_bytes())?)
        }
        "CONNECT" => bail!("`CONNECT` asks for a tunnel, which no page can use; send another method"),
        _ => {
            let name: String = name.chars().take(40).collect();
            bail!("`{name}` is no method; it is GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS or TRACE")
        }
    }
}

fn headers(fields: Option<&Fields>) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    let Some(Fields(fields)) = fields else { return Ok(headers) };
    ensure!(
        fields.len() <= MOST_HEADERS,
        "there are {} headers, and {MOST_HEADERS} are sent at most",
        fields.len()
    );
    for (name, value) in fields {
        let shown: String = name.chars().take(80).collect();
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| anyhow!("`{shown}` cannot be the name of a header"))?;
        ensure!(
            !RESERVED.contains(&name.as_str()),
            "the header `{shown}` follows from the address and the body of a request, and cannot be set"
        );
        // UTF-8, as the client of Tauri 0.x sent it.
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
            anyhow!("the value of the header `{shown}` has a character that no header may have")
        })?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn body(given: &RawValue, kind: BodyType) -> Result<(Body, &'static str)> {
    let json = given.get();
    if json == "null" {
        return Ok((Body::Empty, ""));
    }
    Ok(match kind {
        BodyType::Form => {
            let Fields(fields) = read(json, "an object of texts, numbers and booleans for `bodyType: 1`")?;
            let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            (Body::Held(form.into_bytes().into()), "application/x-www-form-urlencoded")
        }
        BodyType::File => {
            (Body::File(read(json, "the path of a file for `bodyType: 2`")?), "application/octet-stream")
        }
        BodyType::Auto if json.starts_with('"') => {
            let text: String = read(json, "a text without halves of characters")?;
            (Body::Held(text.into_bytes().into()), "text/plain; charset=utf-8")
        }
        BodyType::Auto => match serde_json::from_str::<Vec<u8>>(json) {
            Ok(bytes) => (Body::Held(bytes.into()), "application/octet-stream"),
            // As the page has written it: nothing in it is rounded or put in another order.
            Err(_) => (Body::Held(json.as_bytes().into()), "application/json; charset=utf-8"),
        },
    })
}

fn read<T: DeserializeOwned>(json: &str, expected: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| anyhow!("`options.body` has to be {expected}: {error}"))
}
