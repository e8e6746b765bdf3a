//! The open windows by their names: opened, closed, found, and what the commands of the group `window` do with them.
//!
//! Lives on the main thread, in the event loop's hands. Each window has a bridge, keys and an outbox of its own, so that nothing of one
//! page comes to another; what happens in the webview itself is `window.rs`'s business.

mod commands;
mod deeds;

use std::rc::Rc;
use std::sync::Arc;

use anyhow::Result;
use plugin_host_runtime::{Audience, Origin, Page, Replier, Runtime};
use tao::event_loop::EventLoopWindowTarget;
use tao::window::WindowId;
use url::Url;

use crate::attempts::Attempts;
use crate::bridge::{Bridge, Inbox, Keys, Outbox, Outboxes};
use crate::event::UserEvent;
use crate::frontend::Frontend;
use crate::order::{Deed, NewWindow, Order};
use crate::policy::{Policy, Way};
use crate::protocol::Protocol;
use crate::proxy::Proxy;
use crate::window::{Appearance, PageWindow};
use crate::{browser, secret, words};
pub use commands::group;

/// The name of the first window.
pub const MAIN: &str = "main";

/// Windows at a time: each is a process of the webview's. More than anybody looks at.
const MOST_WINDOWS: usize = 32;

/// The event by which pages hear of windows; its payload tells the window and whether it was opened or closed.
const WINDOWS_EVENT: &str = "host/windows";

/// What all windows are made of.
pub struct Maker {
    pub runtime: Runtime,
    pub policy: Arc<Policy>,
    pub attempts: Arc<Attempts>,
    pub frontend: Arc<Frontend>,
    pub outboxes: Arc<Outboxes>,
    pub proxy: Arc<Proxy>,
    pub appearance: Appearance,
    /// Hears what goes wrong in a page and nobody catches.
    pub on_mistake: Rc<dyn Fn(&str)>,
}

/// The windows that are open.
pub struct Windows {
    maker: Maker,
    open: Vec<OpenWindow>,
}

struct OpenWindow {
    label: String,
    page: PageWindow,
    bridge: Rc<Bridge>,
}

/// What became of a window that somebody wants closed.
#[derive(Debug, PartialEq, Eq)]
pub enum Closed {
    /// Others are open.
    One,
    /// It is the last one; it is still there.
    Last,
}

impl Windows {
    /// The first window, and with it all that others will be made of.
    pub fn open_first(target: &EventLoopWindowTarget<UserEvent>, maker: Maker) -> Result<Self> {
        let mut windows = Self { maker, open: Vec::new() };
        let start = windows.maker.frontend.start_address();
        let appearance = windows.maker.appearance.clone();
        windows.open(target, MAIN, &start, &appearance)?;
        Ok(windows)
    }

    fn open(
        &mut self,
        target: &EventLoopWindowTarget<UserEvent>,
        label: &str,
        start: &str,
        appearance: &Appearance,
    ) -> Result<()> {
        let Maker { runtime, policy, attempts, frontend, outboxes, proxy, on_mistake, .. } = &self.maker;
        let keys = Arc::new(keys(policy, &frontend.start_address(), label)?);
        let wake = Arc::clone(proxy);
        let outbox = Arc::new(Outbox::new(move || wake.send(UserEvent::Work)));
        let wake = Arc::clone(proxy);
        let inbox = Inbox::new(move || wake.send(UserEvent::Work));
        let heard = Rc::clone(on_mistake);
        let bridge = Rc::new(Bridge::new(
            label,
            runtime.clone(),
            Arc::clone(&keys),
            Arc::clone(attempts),
            Arc::clone(&outbox),
            inbox.clone(),
            move |text| heard(text),
        ));
        let protocol = Protocol {
            frontend: Arc::clone(frontend),
            policy: Arc::clone(policy),
            keys,
            outbox: Arc::clone(&outbox),
            inbox,
            attempts: Arc::clone(attempts),
        };
        let page = PageWindow::open(target, appearance, start, Rc::clone(&bridge), protocol)?;
        outboxes.add(label, outbox);
        self.open.push(OpenWindow { label: label.to_owned(), page, bridge });
        Ok(())
    }

    /// Takes the messages with bytes that have arrived.
    pub fn receive_parcels(&self) {
        self.open.iter().for_each(|window| window.bridge.receive_parcels());
    }

    /// Gives each page the replies that are ready for it.
    pub fn deliver(&self) {
        for window in &self.open {
            for script in window.bridge.take_scripts() {
                window.page.run_script(&script);
            }
        }
    }

    /// Takes the windows from the screen.
    pub fn hide(&self) {
        self.open.iter().for_each(|window| window.page.window().set_visible(false));
    }

    /// Closes the window that the system calls so, unless it is the last.
    pub fn close_by_id(&mut self, id: WindowId) -> Closed {
        match self.open.iter().position(|window| window.page.window().id() == id) {
            Some(place) => self.close(place),
            // It has been closed meanwhile.
            None => Closed::One,
        }
    }

    fn close(&mut self, place: usize) -> Closed {
        if self.open.len() == 1 {
            return Closed::Last;
        }
        let window = self.open.remove(place);
        // Its calls are cancelled as those of a page that is left.
        window.bridge.end_session();
        self.maker.outboxes.remove(&window.label);
        self.tell(&window.label, "closed");
        Closed::One
    }

    fn tell(&self, label: &str, kind: &str) {
        let payload = serde_json::json!({ "label": label, "kind": kind }).to_string();
        self.maker.outboxes.tell(WINDOWS_EVENT, &payload, Audience::All);
    }

    /// Does what a page, or somebody else, wants of a window, and answers. The application is to end where that closes the last one.
    pub fn carry_out(&mut self, target: &EventLoopWindowTarget<UserEvent>, order: Order) -> Closed {
        let Order { asked_by, window, deed, replier } = order;
        let label = window.or(asked_by).unwrap_or_else(|| MAIN.to_owned());
        let mut closed = Closed::One;
        let outcome = match deed {
            Deed::Create(new) => self.create(target, new).map(serde_json::Value::from),
            Deed::List => Ok(self.open.iter().map(|window| window.label.as_str()).collect()),
            Deed::Open(uri) => self.open_in_browser(uri).map(|()| serde_json::Value::Null),
            deed => match self.open.iter().position(|window| window.label == label) {
                None => Err(words::windows::no_such_window(&label)),
                Some(place) if matches!(deed, Deed::Close) => {
                    closed = self.close(place);
                    Ok(serde_json::Value::Null)
                }
                Some(place) => Ok(deeds::carry_out(self.open[place].page.window(), deed)),
            },
        };
        answer(replier, outcome);
        closed
    }

    fn create(
        &mut self,
        target: &EventLoopWindowTarget<UserEvent>,
        new: NewWindow,
    ) -> Result<String, String> {
        if self.open.len() >= MOST_WINDOWS {
            return Err(words::windows::too_many(MOST_WINDOWS));
        }
        let label = match new.label {
            Some(label) if !is_label(&label) => return Err(words::windows::bad_label(&label)),
            Some(label) => label,
            None => self.free_label(),
        };
        if self.open.iter().any(|window| window.label == label) {
            return Err(words::windows::label_is_taken(&label));
        }
        let first = self.maker.frontend.start_address();
        let start = self.address(&first, new.url.as_deref().unwrap_or_default())?;
        let usual = &self.maker.appearance;
        let appearance = Appearance {
            title: deeds::title(new.title.as_deref().unwrap_or(&usual.title)),
            width: new.width.map_or(usual.width, deeds::length),
            height: new.height.map_or(usual.height, deeds::length),
            ..usual.clone()
        };
        self.open(target, &label, &start, &appearance)
            .map_err(|error| words::no_window(&format!("{error:#}")))?;
        self.tell(&label, "opened");
        Ok(label)
    }

    /// A name that no open window has.
    fn free_label(&self) -> String {
        let taken = |label: &String| self.open.iter().any(|window| window.label == *label);
        // One more than there can be windows is enough.
        let mut labels = (2..=MOST_WINDOWS + 2).map(|number| format!("window-{number}"));
        labels.find(|label| !taken(label)).unwrap_or_default()
    }

    /// The address of a page, as it is written in the first window's page: only what the window may go to.
    fn address(&self, first: &str, written: &str) -> Result<String, String> {
        let joined = Url::parse(first).and_then(|first| first.join(written)).map(String::from);
        joined
            .ok()
            .filter(|address| self.maker.policy.hears(address))
            .ok_or_else(|| words::windows::no_page_of_ours(written))
    }

    fn open_in_browser(&self, uri: String) -> Result<(), String> {
        match self.maker.policy.new_window(&uri) {
            Way::Browser => {
                browser::open(uri);
                Ok(())
            }
            Way::Here | Way::Nowhere => Err(words::windows::not_for_browser(&uri)),
        }
    }
}

fn answer(replier: Replier, outcome: Result<serde_json::Value, String>) {
    match outcome {
        Ok(value) => replier.json(value.to_string().into_bytes()),
        Err(sentence) => replier.error(sentence),
    }
}

/// Whether a window may have this name. Permissions name windows, so it must be easy to read.
fn is_label(label: &str) -> bool {
    let plain = |character: char| character.is_ascii_alphanumeric() || character == '-' || character == '_';
    (1..=64).contains(&label.len()) && label.chars().all(plain)
}

/// A secret for the pages of each origin that may be in a window.
fn keys(policy: &Policy, start: &str, label: &str) -> Result<Keys> {
    let own = Origin::of(start);
    let key = |origin: &Origin| {
        let is_own = own.as_ref() == Some(origin);
        Ok((Page { origin: origin.clone(), window: label.to_owned(), is_own }, secret()?))
    };
    Ok(Keys::of(policy.origins().iter().map(key).collect::<Result<Vec<_>>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_windows_name_is_short_and_plain() {
        for (label, good) in [("main", true), ("note-7_b", true), ("", false), ("a b", false), ("ä", false)]
        {
            assert_eq!(is_label(label), good, "{label}");
        }
        assert!(!is_label(&"x".repeat(65)));
    }
}
