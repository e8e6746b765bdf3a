//! The peer: a window of plain wry that does what the measured page asks, in the fewest lines that are fast. No plugins, no
//! threads, no page sessions, no errors: its commands run in the handler of posts, and the replies of a turn of the event
//! loop go back in one script.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::rc::Rc;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::Value;
use tao::dpi::LogicalSize;
use tao::event::Event;
use tao::event_loop::{ControlFlow, EventLoopBuilder, EventLoopProxy};
use tao::window::WindowBuilder;
use wry::WebViewBuilder;
use wry::http::{Request, Response, header};

#[derive(Deserialize)]
#[serde(tag = "cmd", rename_all = "camelCase")]
enum Message {
    Echo { value: Value },
    Items { count: u64 },
    Report { line: String },
}

/// Replies that are ready, as the inside of a JSON array of number and value in turn.
type Ready = Rc<RefCell<String>>;

fn main() -> anyhow::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).context("which folder?")?);
    let event_loop = EventLoopBuilder::<()>::with_user_event().build();
    let window = WindowBuilder::new()
        .with_title("Plain wry")
        .with_inner_size(LogicalSize::new(1100.0, 760.0))
        .build(&event_loop)?;
    let ready = Ready::default();
    let (replies, proxy) = (Rc::clone(&ready), event_loop.create_proxy());
    let builder = WebViewBuilder::new()
        .with_url("plain://localhost/")
        .with_initialization_script(include_str!("peer.js"))
        .with_ipc_handler(move |request| receive(request.body(), &replies, &proxy))
        .with_custom_protocol("plain".to_owned(), move |_, request| file(&folder, &request));
    #[cfg(all(unix, not(target_os = "macos")))]
    let webview = {
        use tao::platform::unix::WindowExtUnix;
        use wry::WebViewBuilderExtUnix;
        builder.build_gtk(window.default_vbox().context("a window has a box")?)?
    };
    #[cfg(not(all(unix, not(target_os = "macos"))))]
    let webview = builder.build(&window)?;

    event_loop.run(move |event, _, control_flow| {
        *control_flow = ControlFlow::Wait;
        if matches!(event, Event::UserEvent(())) {
            let text = Value::from(format!("[{}]", std::mem::take(&mut *ready.borrow_mut())));
            // A page that is going away hears nothing.
            let _ = webview.evaluate_script(&format!("deliver({text})"));
        }
    })
}

fn receive(text: &str, ready: &Ready, proxy: &EventLoopProxy<()>) {
    let calls: Vec<(u64, Message)> = serde_json::from_str(text).expect("the page posts calls");
    for (number, message) in calls {
        let value = match message {
            Message::Echo { value } => serde_json::to_string(&value),
            Message::Items { count } => serde_json::to_string(&ordinary::items(count)),
            Message::Report { line } => {
                println!("report: {line}");
                continue;
            }
        };
        let mut ready = ready.borrow_mut();
        if ready.is_empty() {
            proxy.send_event(()).expect("the loop runs");
        } else {
            ready.push(',');
        }
        write!(ready, "{number},{}", value.expect("it serialises")).expect("memory");
    }
}

fn file(folder: &std::path::Path, request: &Request<Vec<u8>>) -> Response<std::borrow::Cow<'static, [u8]>> {
    let (name, kind) = match request.uri().path() {
        "/" => ("index.html", "text/html"),
        _ => ("measure.js", "text/javascript"),
    };
    let bytes = std::fs::read(folder.join(name)).expect("the page is there");
    Response::builder().header(header::CONTENT_TYPE, kind).body(bytes.into()).expect("a response")
}
