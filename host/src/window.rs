//! The window and the webview in it. The only file that names wry.
//!
//! Handlers here run inside the system's callbacks: none panics, none waits, none holds a borrow while others run.

use std::rc::Rc;
use std::sync::Arc;
use std::thread;

use anyhow::{Context as _, Result};
use crossbeam_channel::{Sender, TrySendError};
use tao::dpi::LogicalSize;
use tao::event_loop::EventLoopWindowTarget;
use tao::window::{Window, WindowBuilder};
use wry::http::{Method, Request, Response, header};
use wry::{NewWindowResponse, RequestAsyncResponder, WebView, WebViewBuilder};

use crate::bridge::{Bridge, Inbox, Large, Outbox};
use crate::frontend::{Frontend, SCHEME, Served, own_origin};
use crate::words;

/// Below this path lie the large replies; a file name cannot begin with it, because it is no file's.
const REPLIES: &str = "/.replies/";

/// Requests for files that wait at most. A page asks for hundreds of files, not thousands, at a time.
const MOST_REQUESTS: usize = 4096;

/// What the window is to look like.
pub struct Appearance {
    pub title: String,
    pub width: f64,
    pub height: f64,
    pub developer_tools: bool,
}

/// How requests of the page reach the bridge: its ends that may be used from any thread.
pub struct Ways {
    pub outbox: Arc<Outbox>,
    pub inbox: Inbox,
    /// Who does not know it is not answered.
    pub secret: String,
}

/// An open window with its page.
pub struct PageWindow {
    // The webview goes before the window it lives in.
    webview: WebView,
    window: Window,
}

impl PageWindow {
    /// Opens a window with the page of `frontend`.
    pub fn open<E>(
        event_loop: &EventLoopWindowTarget<E>,
        appearance: &Appearance,
        frontend: Frontend,
        bridge: Rc<Bridge>,
        ways: Ways,
    ) -> Result<Self> {
        let window = WindowBuilder::new()
            .with_title(&appearance.title)
            .with_inner_size(LogicalSize::new(appearance.width, appearance.height))
            .build(event_loop)?;
        let start = frontend.start_address();
        let script = bridge.script(&format!("{}{REPLIES}", own_origin()));
        let requests = file_server(frontend)?;
        let page_origin = origin_of(&start).unwrap_or_default();
        let replies = Replies { ways, page_origin: page_origin.clone() };
        let builder = WebViewBuilder::new()
            .with_url(&start)
            .with_devtools(appearance.developer_tools)
            .with_initialization_script(script)
            .with_ipc_handler(move |request| bridge.receive(request.body()))
            .with_asynchronous_custom_protocol(SCHEME.to_owned(), move |_webview, request, responder| {
                if request.uri().path().starts_with(REPLIES) {
                    responder.respond(replies.answer(request));
                } else {
                    ask_for_file(&requests, request, responder);
                }
            })
            .with_navigation_handler(move |address| may_go(&address, &page_origin))
            .with_new_window_req_handler(|address, _features| {
                tracing::warn!("{}", words::navigation_refused(&address));
                NewWindowResponse::Deny
            });
        let webview = build(builder, &window)?;
        Ok(Self { webview, window })
    }

    /// Runs a script in the page.
    pub fn run_script(&self, script: &str) {
        if let Err(error) = self.webview.evaluate_script(script) {
            // The page is going away; its replies with it.
            tracing::debug!("a script did not run: {error}");
        }
    }

    /// Takes the window from the screen.
    pub fn hide(&self) {
        self.window.set_visible(false);
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn build(builder: WebViewBuilder<'_>, window: &Window) -> Result<WebView> {
    use tao::platform::unix::WindowExtUnix;
    use wry::WebViewBuilderExtUnix;
    let container = window.default_vbox().context("the window has no place for a webview")?;
    Ok(builder.build_gtk(container)?)
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn build(builder: WebViewBuilder<'_>, window: &Window) -> Result<WebView> {
    builder.build(window).context("the webview cannot be made")
}

/// Scheme, host and port of an address, whole.
fn origin_of(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    Some(format!("{}://{}", scheme.to_ascii_lowercase(), host.to_ascii_lowercase()))
}

/// The window stays with its page; frames may hold what has no address.
fn may_go(address: &str, page_origin: &str) -> bool {
    let stays =
        origin_of(address).is_some_and(|origin| origin == page_origin) || address.starts_with("about:");
    if !stays {
        tracing::warn!("{}", words::navigation_refused(address));
    }
    stays
}

type FileRequest = (String, RequestAsyncResponder);

/// Starts the thread that reads files: a slow disk must not hold up the window.
fn file_server(frontend: Frontend) -> Result<Sender<FileRequest>> {
    let (sender, receiver) = crossbeam_channel::bounded::<FileRequest>(MOST_REQUESTS);
    thread::Builder::new().name("page files".to_owned()).spawn(move || {
        for (path, responder) in receiver {
            responder.respond(response(frontend.serve(&path)));
        }
    })?;
    Ok(sender)
}

fn ask_for_file(requests: &Sender<FileRequest>, request: Request<Vec<u8>>, responder: RequestAsyncResponder) {
    let path = request.uri().path().to_owned();
    if let Err(TrySendError::Full((_, responder)) | TrySendError::Disconnected((_, responder))) =
        requests.try_send((path, responder))
    {
        responder.respond(plain(503));
    }
}

/// Answers the page's requests for large replies, and takes its messages with bytes.
struct Replies {
    ways: Ways,
    page_origin: String,
}

impl Replies {
    fn answer(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let path = request.uri().path().to_owned();
        let mut parts = path.strip_prefix(REPLIES).unwrap_or_default().split('/');
        let known = parts.next() == Some(&self.ways.secret);
        match (parts.next(), parts.next()) {
            (Some(token), Some("call")) if known && request.method() == Method::POST => {
                let taken = self.ways.inbox.put(token, request.into_body());
                self.allowed(if taken { 204 } else { 400 }, "text/plain", Vec::new())
            }
            (Some(token), Some(number)) if known => {
                match number.parse().ok().and_then(|number| self.ways.outbox.take_large(token, number)) {
                    Some(Large::Json(text)) => {
                        self.allowed(200, "application/json", text.into_string().into_bytes())
                    }
                    Some(Large::Bytes(bytes)) => {
                        self.allowed(200, "application/octet-stream", bytes.into_vec())
                    }
                    None => plain(404),
                }
            }
            _ => plain(404),
        }
    }

    /// A page from a development server asks across origins.
    fn allowed(&self, status: u16, content_type: &str, body: Vec<u8>) -> Response<Vec<u8>> {
        let response = Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, content_type)
            .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, &self.page_origin)
            .header(header::CACHE_CONTROL, "no-store")
            .body(body);
        response.unwrap_or_else(|_| plain(500))
    }
}

fn response(served: Served) -> Response<Vec<u8>> {
    let response = Response::builder()
        .status(served.status)
        .header(header::CONTENT_TYPE, served.content_type)
        .header(header::CACHE_CONTROL, "no-cache")
        .body(served.bytes.into_owned());
    response.unwrap_or_else(|_| plain(500))
}

fn plain(status: u16) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    if let Ok(status) = status.try_into() {
        *response.status_mut() = status;
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_only_where_scheme_host_and_port_are_its_pages() {
        let origin = origin_of("http://localhost:8080/app/").unwrap();
        for (address, may) in [
            ("http://localhost:8080/other", true),
            ("http://LOCALHOST:8080", true),
            ("about:blank", true),
            ("http://localhost:80801/", false),
            ("http://localhost/", false),
            ("https://localhost:8080/", false),
            ("http://localhost:8080.evil.example/", false),
            ("http://localhost:8080@evil.example/", false),
            ("javascript:alert(1)", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(may_go(address, &origin), may, "{address}");
        }
    }
}
