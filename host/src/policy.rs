//! Where pages may go, and what pages that the host serves may load: `[host.page]` in the configuration.
//!
//! Addresses are compared by their whole origin. What is decided here is carried out by the window.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::HeaderValue;
use plugin_host_runtime::Origin;
use serde::Deserialize;

use crate::words;

/// The Content-Security-Policy of pages that say nothing else in the configuration: everything comes from the page's own folder, and
/// no text becomes code. Styles may stand in the page, as many libraries put them there; images may be made by it.
/// What frames may show stands at its end, followed by the origins that the configuration lists.
const STRICT: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; \
    worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'; frame-src 'self'";

/// Links that are opened in the system's browser within [`OPENED_WITHIN`], at most: more than somebody clicks.
const MOST_OPENED: usize = 10;
const OPENED_WITHIN: Duration = Duration::from_secs(10);

/// The table `host.page`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PageSettings {
    /// Origins besides its own that the window may go to, and whose pages may call what permissions list for them.
    #[serde(default)]
    pub origins: Vec<Origin>,
    /// Origins that frames may show. They call nothing.
    #[serde(default)]
    pub frames: Vec<Origin>,
    /// Which links to elsewhere are opened in the system's browser.
    pub browser: Option<Browser>,
    /// The Content-Security-Policy in the place of the strict one; `"none"` for no policy at all.
    pub content_security_policy: Option<String>,
    /// Whether pages and frames may put files into the folder of downloads.
    #[serde(default)]
    pub downloads: bool,
}

/// Which links are opened in the system's browser.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Browser {
    /// `"any"`, or `"none"`.
    Word(Word),
    /// Those to these origins.
    Origins(Vec<Origin>),
}

/// All links, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    Any,
    None,
}

/// What becomes of an address that a page wants to go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The page, or a frame of it, goes there.
    Here,
    /// The system's browser does.
    Browser,
    /// Nobody does.
    Nowhere,
}

/// What one window allows its pages.
#[derive(Debug)]
pub struct Policy {
    origins: Vec<Origin>,
    frames: Vec<Origin>,
    browser: Browser,
    content: Option<String>,
    downloads: bool,
    opened: Mutex<VecDeque<Instant>>,
}

impl Policy {
    /// The policy of a window whose first page is of `own` origin. Where the settings do not say it, links to elsewhere are
    /// opened in the browser if `development` is on, and not otherwise.
    pub fn new(own: Option<Origin>, settings: PageSettings, development: bool) -> Self {
        let PageSettings { origins, frames, browser, content_security_policy, downloads } = settings;
        let origins = own.into_iter().chain(origins).collect();
        let usual = Browser::Word(if development { Word::Any } else { Word::None });
        let strict = || frames.iter().fold(STRICT.to_owned(), |policy, origin| format!("{policy} {origin}"));
        let content = match content_security_policy.as_deref() {
            None => Some(strict()),
            Some("none") => None,
            Some(policy) => Some(as_header(policy).unwrap_or_else(|| {
                tracing::warn!("{}", words::bad_content_policy());
                strict()
            })),
        };
        let browser = browser.unwrap_or(usual);
        Self { origins, frames, browser, content, downloads, opened: Mutex::default() }
    }

    /// The origins whose pages may be in the window, the first page's own before the others.
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// Whether the window goes nowhere else.
    pub fn is_alone(&self) -> bool {
        self.origins.len() <= 1
    }

    /// The Content-Security-Policy of what the host serves.
    pub fn content(&self) -> Option<&str> {
        self.content.as_deref()
    }

    /// Whether a page of this address, in the window, is heard.
    pub fn hears(&self, address: &str) -> bool {
        Origin::of(address).is_some_and(|origin| self.origins.contains(&origin))
    }

    /// Whether files may be put into the folder of downloads.
    pub fn downloads(&self) -> bool {
        self.downloads
    }

    /// What becomes of a link that is followed, or a frame that is filled: nobody tells which of the two it is.
    pub fn navigation(&self, address: &str) -> Way {
        let frame_alone = ["about:blank", "about:srcdoc"];
        let bare = address.split('#').next().unwrap_or_default();
        match Origin::of(address) {
            Some(origin) if self.origins.contains(&origin) || self.frames.contains(&origin) => Way::Here,
            // The page itself makes what is in them; should the window go there, the page's script finds itself nowhere.
            None if frame_alone.contains(&bare) => Way::Here,
            _ => self.elsewhere(address),
        }
    }

    /// What becomes of an address for which a page wants a window of its own. There is one window for pages.
    pub fn new_window(&self, address: &str) -> Way {
        self.elsewhere(address)
    }

    fn elsewhere(&self, address: &str) -> Way {
        let web = |origin: &Origin| matches!(origin.scheme(), "http" | "https");
        let lower = address.to_ascii_lowercase();
        // Some programs take a file of the user's along when a letter's address says so.
        let letter = lower.starts_with("mailto:") && !lower.contains("attach");
        let listed = match (&self.browser, Origin::of(address).filter(web)) {
            (Browser::Word(Word::Any), origin) => origin.is_some() || letter,
            (Browser::Word(Word::None), _) => false,
            (Browser::Origins(origins), origin) => origin.is_some_and(|origin| origins.contains(&origin)),
        };
        if listed && self.may_open_another() { Way::Browser } else { Way::Nowhere }
    }

    /// A page must not fill the screen with tabs.
    fn may_open_another(&self) -> bool {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        opened.retain(|then| now.duration_since(*then) < OPENED_WITHIN);
        let may = opened.len() < MOST_OPENED;
        if may {
            opened.push_back(now);
        }
        may
    }
}

/// A policy as one line, as somebody may have written it in several. Nothing for what no header can hold.
fn as_header(policy: &str) -> Option<String> {
    let line = policy.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty() && line.is_ascii() && HeaderValue::from_str(&line).is_ok()).then_some(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn settings(text: &str) -> PageSettings {
        toml::from_str(text).unwrap()
    }

    fn policy(text: &str, development: bool) -> Policy {
        Policy::new(Origin::of("plugin-host://localhost/"), settings(text), development)
    }

    #[test]
    fn the_window_stays_on_its_own_origin_and_those_that_are_listed() {
        let policy = policy("origins = ['http://localhost:5173']\nframes = ['https://maps.example']", false);
        for (address, way) in [
            ("plugin-host://localhost/other.html", Way::Here),
            ("http://localhost:5173/x", Way::Here),
            ("https://maps.example/embed", Way::Here),
            ("about:blank", Way::Here),
            ("about:srcdoc#x", Way::Here),
            ("about:config", Way::Nowhere),
            ("http://localhost:51730/", Way::Nowhere),
            ("http://localhost:5173@evil.example/", Way::Nowhere),
            ("http://localhost:5173.evil.example/", Way::Nowhere),
            ("https://maps.example.evil/", Way::Nowhere),
            ("plugin-host://localhost.evil/", Way::Nowhere),
            ("data:text/html,x", Way::Nowhere),
            ("blob:plugin-host://localhost/x", Way::Nowhere),
            ("javascript:alert(1)", Way::Nowhere),
            ("file:///etc/passwd", Way::Nowhere),
            ("", Way::Nowhere),
        ] {
            assert_eq!(policy.navigation(address), way, "{address}");
        }
    }

    #[test]
    fn the_browser_gets_what_the_configuration_gives_it_and_only_of_the_web() {
        let any = policy("browser = 'any'", false);
        for (address, way) in [
            ("https://example.com/a?b#c", Way::Browser),
            ("http://example.com", Way::Browser),
            ("MAILTO:someone@example.com", Way::Browser),
            ("mailto:someone@example.com?Attachment=/etc/passwd", Way::Nowhere),
            ("file:///etc/passwd", Way::Nowhere),
            ("ssh://example.com/", Way::Nowhere),
            ("javascript:alert(1)", Way::Nowhere),
            ("-https://example.com", Way::Nowhere),
            ("é", Way::Nowhere),
        ] {
            assert_eq!((any.new_window(address), any.navigation(address)), (way, way), "{address}");
        }
        let listed = policy("browser = ['https://example.com']", true);
        assert_eq!(listed.new_window("https://example.com/x"), Way::Browser);
        assert_eq!(listed.new_window("https://other.example/"), Way::Nowhere);
        assert_eq!(policy("", false).new_window("https://example.com/"), Way::Nowhere);
        assert_eq!(policy("", true).new_window("https://example.com/"), Way::Browser);
        assert_eq!(policy("browser = 'none'", true).new_window("https://example.com/"), Way::Nowhere);
    }

    #[test]
    fn a_page_cannot_fill_the_screen_with_tabs() {
        let policy = policy("browser = 'any'", false);
        let opened = (0..100).filter(|_| policy.new_window("https://example.com/") == Way::Browser).count();
        assert_eq!(opened, MOST_OPENED);
    }

    #[test]
    fn the_strict_policy_is_there_unless_another_is_or_none() {
        assert!(policy("", true).content().unwrap().contains("script-src 'self';"));
        assert_eq!(
            policy("content-security-policy = \"default-src *\"", false).content(),
            Some("default-src *")
        );
        assert_eq!(policy("content-security-policy = 'none'", false).content(), None);
        let lines = "content-security-policy = \"\"\"\ndefault-src 'self';\n  img-src *\n\"\"\"";
        assert_eq!(policy(lines, false).content(), Some("default-src 'self'; img-src *"));
        // What no header can hold does not count, rather than the policy.
        for bad in ["é", "\\u0007", "", " \\n"] {
            let text = format!("content-security-policy = \"{bad}\"");
            assert!(policy(&text, false).content().unwrap().contains("script-src 'self'"), "{bad}");
        }
        let framed = policy("frames = ['https://maps.example', 'http://localhost:1']", false);
        assert!(
            framed.content().unwrap().ends_with("frame-src 'self' https://maps.example http://localhost:1")
        );
    }

    #[test]
    fn only_pages_of_listed_origins_are_heard() {
        let policy = policy("origins = ['https://example.com']\nframes = ['https://maps.example']", false);
        for (address, hears) in [
            ("plugin-host://localhost/x", true),
            ("https://example.com/", true),
            ("https://maps.example/", false),
            ("about:blank", false),
            ("", false),
        ] {
            assert_eq!(policy.hears(address), hears, "{address}");
        }
    }

    #[test]
    fn a_slip_in_the_settings_is_an_error() {
        for bad in [
            "origin = []",
            "origins = ['localhost:5173']",
            "browser = 'all'",
            "browser = ['*']",
            "frames = 'x'",
        ] {
            assert!(toml::from_str::<PageSettings>(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_address_is_let_in_but_by_its_whole_origin(rest in "[a-z0-9.:@/\\\\?#%-]{0,30}") {
            let policy = policy("", false);
            let address = format!("plugin-host://localhost{rest}");
            // What a browser would take for the same host ends where one of these begins.
            let whole = rest.is_empty() || rest.starts_with(['/', '?', '#']);
            prop_assert!(whole || policy.navigation(&address) != Way::Here || Origin::of(&address) == Origin::of("plugin-host://localhost/"));
        }
    }

    proptest! {
        #![proptest_config(corpus::config())]
        #[test]
        fn a_mutation_of_an_address_leads_only_to_origins_that_are_listed(address in corpus::mutated("origin")) {
            let address = String::from_utf8_lossy(&address);
            let policy = policy("origins = ['http://localhost:8080']", false);
            let listed = Origin::of(&address).is_some_and(|origin| policy.origins().contains(&origin));
            let bare = address.split('#').next().unwrap_or_default();
            let empty = matches!(bare, "about:blank" | "about:srcdoc");
            prop_assert_eq!(policy.navigation(&address) == Way::Here, listed || empty);
        }
    }
}
