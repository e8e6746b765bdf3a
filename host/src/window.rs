//! The window and the webview in it. The only file that names wry.
//!
//! Handlers here run inside the system's callbacks: none panics, none waits, none holds a borrow while others run.

use std::rc::Rc;
use std::sync::Arc;
use std::thread;

use anyhow::{Context as _, Result};
use crossbeam_channel::{Sender, TrySendError};
use http::StatusCode;
use tao::dpi::LogicalSize;
use tao::event_loop::EventLoopWindowTarget;
use tao::window::{Window, WindowBuilder};
use wry::{NewWindowResponse, PageLoadEvent, RequestAsyncResponder, WebView, WebViewBuilder};

use crate::attempts::{Attempt, Attempts};
use crate::bridge::Bridge;
use crate::browser;
use crate::frontend::SCHEME;
use crate::policy::Way;
use crate::protocol::{self, AtOnce, CALLS_SCHEME, Protocol, Wanted};
use crate::words;

/// Requests for files that wait at most. A page asks for hundreds of files, not thousands, at a time.
const MOST_REQUESTS: usize = 4096;

/// What a window is to look like.
#[derive(Debug, Clone)]
pub struct Appearance {
    pub title: String,
    pub width: f64,
    pub height: f64,
    pub developer_tools: bool,
}

/// An open window with its page.
pub struct PageWindow {
    // The webview goes before the window it lives in.
    webview: WebView,
    window: Window,
}

impl PageWindow {
    /// Opens a window that begins at `start`.
    pub fn open<E>(
        event_loop: &EventLoopWindowTarget<E>,
        appearance: &Appearance,
        start: &str,
        bridge: Rc<Bridge>,
        protocol: Protocol,
    ) -> Result<Self> {
        let window = WindowBuilder::new()
            .with_title(&appearance.title)
            .with_inner_size(LogicalSize::new(appearance.width, appearance.height))
            .build(event_loop)?;
        let script = bridge.script(protocol::call_address);
        let protocol = Arc::new(protocol);
        let of_others = Arc::clone(&protocol);
        let requests = file_server(Arc::clone(&protocol))?;
        let (policy, attempts) = (Arc::clone(&protocol.policy), Arc::clone(&protocol.attempts));
        let (of_windows, of_window) = (Arc::clone(&policy), Arc::clone(&attempts));
        let (of_downloads, of_download) = (Arc::clone(&policy), Arc::clone(&attempts));
        let (of_loads, left) = (Arc::clone(&policy), Rc::clone(&bridge));
        let of_start = Arc::clone(&policy);
        let builder = WebViewBuilder::new()
            .with_devtools(appearance.developer_tools)
            .with_initialization_script(script)
            .with_ipc_handler(move |request| bridge.receive(request.body()))
            .with_on_page_load_handler(move |event, address| {
                // Only those that have a secret begin a session of their own.
                if matches!(event, PageLoadEvent::Started) && !of_loads.hears(&address) {
                    left.end_session();
                }
            })
            .with_asynchronous_custom_protocol(SCHEME.to_owned(), move |_webview, request, responder| {
                match protocol.at_once(request) {
                    AtOnce::Answer(answer) => responder.respond(answer),
                    AtOnce::File(wanted) => ask_for_file(&requests, wanted, responder),
                }
            })
            .with_asynchronous_custom_protocol(
                CALLS_SCHEME.to_owned(),
                move |_webview, request, responder| {
                    match of_others.at_once(request) {
                        AtOnce::Answer(answer) => responder.respond(answer),
                        // There are none by this scheme.
                        AtOnce::File(_) => responder.respond(protocol::plain(StatusCode::NOT_FOUND)),
                    }
                },
            )
            .with_download_started_handler(move |address, _file| {
                if !of_downloads.downloads() {
                    of_download.note(Attempt::Download, &address);
                }
                of_downloads.downloads()
            })
            .with_navigation_handler(move |address| {
                goes(policy.navigation(&address), address, Attempt::Navigation, &attempts)
            })
            .with_new_window_req_handler(move |address, _features| {
                goes(of_windows.new_window(&address), address, Attempt::NewWindow, &of_window);
                NewWindowResponse::Deny
            });
        let webview = build(builder, &window)?;
        // Pages of other origins that may be in the window must find their way back.
        if of_start.is_alone() {
            keep_files_to_own_pages(&webview);
        }
        webview.load_url(start)?;
        Ok(Self { webview, window })
    }

    /// Runs a script in the page.
    pub fn run_script(&self, script: &str) {
        if let Err(error) = self.webview.evaluate_script(script) {
            // The page is going away; its replies with it.
            tracing::debug!("a script did not run: {error}");
        }
    }

    /// The window itself.
    pub fn window(&self) -> &Window {
        &self.window
    }
}

impl Drop for PageWindow {
    fn drop(&mut self) {
        let_go(&self.webview);
    }
}

/// wry's function for what a page posts holds the webview, which holds that function: nothing of a closed window would ever be freed, and
/// its network process, its threads and its bridge would stay until the application ends.
#[cfg(all(unix, not(target_os = "macos")))]
fn let_go(webview: &WebView) {
    use webkit2gtk::WebViewExt as _;
    use webkit2gtk::glib::prelude::ObjectExt as _;
    use wry::WebViewExtUnix as _;
    if let Some(manager) = webview.webview().user_content_manager() {
        // SAFETY: GTK's own way to take the functions from an object that is in use: it may be called at any time, frees nothing that
        // somebody still holds, and WebKitUserContentManager adds nothing to it. This is the main thread, which has made it.
        unsafe { manager.run_dispose() };
    }
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn let_go(_webview: &WebView) {}

#[cfg(all(unix, not(target_os = "macos")))]
fn build(builder: WebViewBuilder<'_>, window: &Window) -> Result<WebView> {
    use tao::platform::unix::WindowExtUnix;
    use wry::WebViewBuilderExtUnix;
    let container = window.default_vbox().context(words::no_place_for_a_webview())?;
    Ok(builder.build_gtk(container)?)
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn build(builder: WebViewBuilder<'_>, window: &Window) -> Result<WebView> {
    builder.build(window).context(words::no_webview())
}

/// Has the webview refuse files of the host's to all but the pages that it serves: scripts and pictures are loaded without a word of
/// who loads them, so that the protocol cannot tell. Before anything is loaded.
#[cfg(all(unix, not(target_os = "macos")))]
fn keep_files_to_own_pages(webview: &WebView) {
    use webkit2gtk::{SecurityManagerExt as _, WebContextExt as _, WebViewExt as _};
    use wry::WebViewExtUnix as _;
    let context = webview.webview().context();
    if let Some(manager) = context.and_then(|context| context.security_manager()) {
        manager.register_uri_scheme_as_display_isolated(SCHEME);
    }
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn keep_files_to_own_pages(_webview: &WebView) {}

/// Carries out what the policy says of an address. Whether the page, or the frame, goes there.
fn goes(way: Way, address: String, attempt: Attempt, attempts: &Attempts) -> bool {
    match way {
        Way::Here => return true,
        Way::Browser => browser::open(address),
        Way::Nowhere => attempts.note(attempt, &address),
    }
    false
}

type Question = (Wanted, RequestAsyncResponder);

/// Starts the thread that reads files: a slow disk must not hold up the window.
fn file_server(protocol: Arc<Protocol>) -> Result<Sender<Question>> {
    let (sender, receiver) = crossbeam_channel::bounded::<Question>(MOST_REQUESTS);
    thread::Builder::new().name("page files".to_owned()).spawn(move || {
        for (wanted, responder) in receiver {
            responder.respond(protocol.file(&wanted));
        }
    })?;
    Ok(sender)
}

fn ask_for_file(requests: &Sender<Question>, wanted: Wanted, responder: RequestAsyncResponder) {
    if let Err(TrySendError::Full((_, responder)) | TrySendError::Disconnected((_, responder))) =
        requests.try_send((wanted, responder))
    {
        responder.respond(protocol::plain(StatusCode::SERVICE_UNAVAILABLE));
    }
}
