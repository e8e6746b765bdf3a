//! The open windows by their names: opened, closed, found, and what the commands of the group `window` do with them.
//!
//! Lives on the main thread, in the event loop's hands. Each window has a bridge, keys and an outbox of its own, so that nothing of one
//! page comes to another; what happens in the webview itself is `window.rs`'s business.

mod commands;
mod deeds;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::Result;
use plugin_host_runtime::{Audience, ConfigurationFile, Origin, Page, Replier, Runtime};
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

/// The last number that a window without a name may get. Those between may be open, or permissions may speak of them.
const LAST_NUMBER: usize = 1000;

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
    /// Its table `host.windows` says which page a window of a name shows.
    pub configuration: ConfigurationFile,
    /// Hears what goes wrong in a page and nobody catches.
    pub on_mistake: Rc<dyn Fn(&str)>,
}

/// The windows that are open.
pub struct Windows {
    maker: Maker,
    open: Vec<OpenWindow>,
    /// The application ends: nothing more is done with windows.
    ending: bool,
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
        let mut windows = Self { maker, open: Vec::new(), ending: false };
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

    /// Takes the windows from the screen, as the application ends. What is ordered from now on is refused: a window that came now would
    /// stand there with nobody behind it.
    pub fn end(&mut self) {
        self.ending = true;
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
        if self.ending {
            replier.error(words::windows::ending());
            return Closed::One;
        }
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
        let start = self.start_of(&label, new.url.as_deref())?;
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

    /// A name that no open window has, and no permission speaks of.
    fn free_label(&self) -> String {
        let open = |label: &String| self.open.iter().any(|window| window.label == *label);
        let labels = (2..=LAST_NUMBER).map(|number| format!("window-{number}"));
        let mut free = labels.filter(|label| !open(label));
        free.find(|label| !self.maker.runtime.has_permissions_for_window(label)).unwrap_or_default()
    }

    /// The address at which a window of this name begins.
    ///
    /// Permissions are bound to windows by their names. So a page must not choose what is shown under a name that one of them speaks of: it
    /// would give that page, or itself, what it may not call. Which page that is, the configuration says; of the first window it is known.
    fn start_of(&self, label: &str, url: Option<&str>) -> Result<String, String> {
        let first = self.maker.frontend.start_address();
        let mut pages: BTreeMap<String, String> = self.maker.configuration.host("windows")?;
        pages.entry(MAIN.to_owned()).or_default();
        let Some(page) = pages.get(label) else {
            if self.maker.runtime.has_permissions_for_window(label) {
                return Err(words::windows::page_must_be_listed(label, self.maker.configuration.path()));
            }
            return self.address(&first, url.unwrap_or_default());
        };
        let own = self.address(&first, page)?;
        let Some(url) = url else { return Ok(own) };
        let wanted = self.address(&first, url)?;
        if is_same_page(&own, &wanted) {
            Ok(wanted)
        } else {
            Err(words::windows::other_page(label, page, url))
        }
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

/// Whether two addresses are of one page. What it is asked with, behind `?` and `#`, it reads itself.
fn is_same_page(one: &str, other: &str) -> bool {
    let bare = |address: &str| {
        let mut url = Url::parse(address).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    };
    bare(one).is_some_and(|one| bare(other) == Some(one))
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
    fn a_page_is_the_same_whatever_it_is_asked_with_and_no_other_one() {
        let own = "plugin-host://localhost/settings.html";
        for (other, same) in [
            (own, true),
            ("plugin-host://localhost/settings.html?tab=2#top", true),
            ("plugin-host://localhost/settings.html/", false),
            ("plugin-host://localhost/Settings.html", false),
            ("plugin-host://localhost/", false),
            ("https://example.com/settings.html", false),
            ("settings.html", false),
        ] {
            assert_eq!(is_same_page(own, other), same, "{other}");
        }
    }

    #[test]
    fn a_windows_name_is_short_and_plain() {
        for (label, good) in [("main", true), ("note-7_b", true), ("", false), ("a b", false), ("ä", false)]
        {
            assert_eq!(is_label(label), good, "{label}");
        }
        assert!(!is_label(&"x".repeat(65)));
    }
}
