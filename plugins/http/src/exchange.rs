//! One request and its answer: each address is judged before anything is sent there, redirects included; and who waits does so with
//! an end. Reads no answer and opens no file.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use plugin_api::{Cancellation, Error, Result, anyhow, bail, ensure};
use reqwest::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_TYPE,
    COOKIE, HeaderMap, LOCATION, PROXY_AUTHORIZATION,
};
use reqwest::{Client, Method, Response, StatusCode};
use tokio::time::Instant;
use url::Url;

use crate::failure;
use crate::hosts::{Hosts, origin, usable};
use crate::options::Waits;
use crate::request::Request;

/// An answer whose body is still to be read.
#[derive(Debug)]
pub struct Answered {
    /// Where it came from in the end.
    pub url: Url,
    /// Whether that is another place than was asked first.
    pub redirected: bool,
    /// The answer.
    pub response: Response,
}

/// When something last came or went. What waits looks at it; what reads and writes sets it.
#[derive(Debug, Clone)]
pub struct Pulse(Arc<Mutex<Instant>>);

/// Where a body comes from: it may be needed once more after a redirect.
pub trait Source {
    /// The body, if there is one, and its length.
    ///
    /// # Errors
    /// When it cannot be opened.
    fn open(&self, pulse: &Pulse) -> Result<Option<(reqwest::Body, u64)>>;
}

impl Pulse {
    /// Beats now.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    /// Something has come or gone.
    pub fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn last(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends when nothing has happened for so long.
    async fn silence(&self, longest: Duration) {
        loop {
            let due = self.last() + longest;
            if Instant::now() >= due {
                return;
            }
            tokio::time::sleep_until(due).await;
        }
    }
}

/// Does `work`, unless it is cancelled, nothing happens for too long, or all of it takes too long. What it has open is closed then.
///
/// # Errors
/// Those of `work`, and a sentence for each of these.
pub async fn within<T>(
    waits: &Waits,
    url: &Url,
    pulse: &Pulse,
    cancellation: &Cancellation,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let origin = origin(url);
    let silence = async {
        pulse.silence(waits.silence).await;
        let seconds = waits.silence.as_secs_f64();
        anyhow!(
            "nothing has come from `{origin}` for {seconds} s; try again later, or give it a longer `readTimeout`"
        )
    };
    let total = async {
        match waits.total {
            Some(total) => tokio::time::sleep(total).await,
            None => std::future::pending().await,
        }
        let seconds = waits.total.unwrap_or_default().as_secs_f64();
        anyhow!(
            "the request to `{origin}` took longer than its `timeout` of {seconds} s; try again later, or give it more"
        )
    };
    let cancelled = async {
        cancellation.cancelled().await;
        anyhow!("cancelled")
    };
    let end = async { first(cancelled, first(silence, total)).await };
    match select(pin!(work), pin!(end)).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right((error, _)) => Err(error),
    }
}

async fn first(one: impl Future<Output = Error>, other: impl Future<Output = Error>) -> Error {
    select(pin!(one), pin!(other)).await.factor_first().0
}

/// Sends a request, and again to wherever its answers lead, as far as hosts and number allow.
///
/// # Errors
/// A sentence that names the host, where one may not be asked, cannot be reached, or leads in a circle.
pub async fn send(
    client: &Client,
    hosts: &Hosts,
    request: &Request,
    source: &impl Source,
    pulse: &Pulse,
) -> Result<Answered> {
    let (mut method, mut url, mut headers) =
        (request.method.clone(), request.url.clone(), request.headers.clone());
    let mut with_body = true;
    let mut hops = 0;
    // Before anything is opened that is to be sent there.
    hosts.check(&url)?;
    loop {
        let mut sent = client.request(method.clone(), url.clone()).headers(headers.clone());
        let opened = if with_body { source.open(pulse)? } else { None };
        if let Some((body, length)) = opened {
            // Said in the header, or a body that is sent part by part would be of unknown length.
            sent = sent.header(CONTENT_LENGTH, length).body(body);
        }
        let response =
            sent.send().await.map_err(|error| failure::of_request(&url, request.waits.connect, &error))?;
        pulse.beat();
        let next = match request.redirections {
            Some(most) => target(&url, &response)?.map(|next| (next, most)),
            None => None,
        };
        let Some((next, most)) = next else { return Ok(Answered { url, redirected: hops > 0, response }) };
        hops += 1;
        ensure!(
            hops <= most,
            "`{}` leads on and on: {most} redirects were followed, the last to `{}`; ask for more by `maxRedirections`, \
             if this is no circle",
            origin(&request.url),
            origin(&url)
        );
        hosts.check(&next).map_err(|reason| leads_on(&url, &reason))?;
        if changes_to_get(&method, response.status()) {
            method = Method::GET;
            with_body = false;
            for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION] {
                headers.remove(name);
            }
        }
        if next.origin() != url.origin() {
            keep_secrets(&mut headers);
        }
        url = next;
    }
}

/// Where an answer leads, if it leads on.
fn target(url: &Url, response: &Response) -> Result<Option<Url>> {
    let leads = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let Some(location) = response.headers().get(LOCATION).filter(|_| leads) else { return Ok(None) };
    let location = String::from_utf8_lossy(location.as_bytes());
    let Ok(next) = url.join(&location) else {
        bail!("`{}` leads on to what is no address; ask its operator", origin(url))
    };
    usable(next).map(Some).map_err(|reason| leads_on(url, &reason))
}

/// Why it is not followed where an answer leads.
fn leads_on(url: &Url, reason: &Error) -> Error {
    anyhow!("`{}` leads on to where it cannot be followed: {reason}", origin(url))
}

/// As browsers do it: what was posted is not posted again to where an answer leads, unless its status says so.
fn changes_to_get(method: &Method, status: StatusCode) -> bool {
    match status.as_u16() {
        301 | 302 => *method == Method::POST,
        303 => *method != Method::GET && *method != Method::HEAD,
        _ => false,
    }
}

/// What was meant for one origin is not told to another.
fn keep_secrets(headers: &mut HeaderMap) {
    for name in [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION] {
        headers.remove(name);
    }
}
