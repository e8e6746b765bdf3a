//! A notification as a page wishes it, held to limits. Sends nothing.

use plugin_api::schemars::{self, JsonSchema};
use plugin_api::{Result, ensure};
use serde::Deserialize;

/// The longest title, in characters: a desktop shows one line of it.
const LONGEST_TITLE: usize = 200;
/// The longest body, in characters: a desktop shows a few lines of it.
const LONGEST_BODY: usize = 2000;
/// The longest name of an icon, in bytes.
const LONGEST_ICON: usize = 100;

/// A notification. Options of the browser's `Notification` that are not listed here mean nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Notice {
    /// Its first line: 200 characters at most.
    pub title: String,
    /// The text below: 2000 characters at most. It is shown as it is; no markup is read in it.
    pub body: Option<String>,
    /// The name of an icon in the desktop's theme, such as `dialog-information` or the application's own; no path.
    pub icon: Option<String>,
}

impl Notice {
    /// Looks whether it can be shown.
    ///
    /// # Errors
    /// A sentence that names what is too long, empty, or no name.
    pub fn check(&self) -> Result<()> {
        let body = self.body.as_deref().unwrap_or_default();
        for (name, text, longest) in [("title", &*self.title, LONGEST_TITLE), ("body", body, LONGEST_BODY)] {
            let length = text.chars().count();
            ensure!(length <= longest, "`{name}` has {length} characters, and {longest} are allowed");
            ensure!(!text.contains('\0'), "`{name}` has a NUL in it; leave it out");
        }
        ensure!(!self.title.trim().is_empty(), "`title` is empty; say what the notification is about");
        let icon = self.icon();
        let known = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '.' | '_' | '-');
        // A path would have the desktop read whatever file a page names, and on some desktops fetch an address.
        ensure!(
            icon.len() <= LONGEST_ICON && icon.chars().all(known) && !icon.starts_with('.'),
            "`icon` is {icon:.60?}, which is no name of an icon: letters, digits and . _ - are allowed, {LONGEST_ICON} of them; \
             a file cannot be shown, only what is in the desktop's theme"
        );
        Ok(())
    }

    /// The icon's name; empty for none.
    pub fn icon(&self) -> &str {
        self.icon.as_deref().unwrap_or_default()
    }

    /// The body, for a desktop that reads markup in it or for one that does not.
    pub fn body(&self, reads_markup: bool) -> String {
        let body = self.body.as_deref().unwrap_or_default();
        if reads_markup { escape(body) } else { body.to_owned() }
    }
}

/// A text as those write it who read markup, so that it is shown as it is.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(title: &str, body: Option<&str>, icon: Option<&str>) -> Notice {
        Notice { title: title.to_owned(), body: body.map(str::to_owned), icon: icon.map(str::to_owned) }
    }

    fn refusal(notice: &Notice) -> String {
        notice.check().unwrap_err().to_string()
    }

    #[test]
    fn what_has_a_title_and_names_an_icon_is_fine() {
        notice("Tea", None, None).check().unwrap();
        notice(&"ü".repeat(200), Some(&"ü".repeat(2000)), Some("org.example.Tea-2")).check().unwrap();
        notice("Tea", Some(""), Some("")).check().unwrap();
    }

    #[test]
    fn what_is_too_long_or_empty_is_refused_with_the_limit() {
        assert!(refusal(&notice(&"x".repeat(201), None, None)).contains("200 are allowed"));
        assert!(refusal(&notice("x", Some(&"x".repeat(2001)), None)).contains("2000 are allowed"));
        assert!(refusal(&notice(" ", None, None)).contains("`title` is empty"));
        assert!(refusal(&notice("a\0", None, None)).contains("NUL"));
        assert!(refusal(&notice("a", Some("\0"), None)).contains("NUL"));
    }

    #[test]
    fn an_icon_is_a_name_and_never_a_file_or_an_address() {
        for icon in [
            "/etc/passwd",
            "a/b",
            "file:///a.png",
            "https://example.com/a.png",
            "..",
            "a b",
            "ü",
            &"x".repeat(101),
        ] {
            assert!(refusal(&notice("Tea", None, Some(icon))).contains("no name of an icon"), "{icon}");
        }
    }

    #[test]
    fn a_body_is_shown_as_it_is_whether_markup_is_read_or_not() {
        let notice = notice("Tea", Some("<b>1 & 2</b> &lt;"), None);
        assert_eq!(notice.body(true), "&lt;b&gt;1 &amp; 2&lt;/b&gt; &amp;lt;");
        assert_eq!(notice.body(false), "<b>1 & 2</b> &lt;");
    }
}
