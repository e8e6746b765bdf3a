//! Where a page comes from, as browsers compare it: scheme, host and port, whole.
//!
//! Never compared by prefix, and never with a part of it missing.

use std::fmt;

use serde::{Deserialize, Deserializer, de};
use url::{Host, Url};

use crate::words;

/// Scheme, host and port of a page.
///
/// ```
/// use plugin_host_runtime::Origin;
///
/// let origin = Origin::of("http://LOCALHOST:5173/app/?a#b").unwrap();
/// assert_eq!(origin.to_string(), "http://localhost:5173");
/// assert_eq!(Origin::of("https://example.com:443/"), Origin::of("https://example.com"));
/// assert_ne!(Some(origin), Origin::of("http://localhost:5173.evil.example/"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: String,
    host: Host,
    /// The scheme's own where the address names none; custom schemes have none.
    port: Option<u16>,
}

impl Origin {
    /// The origin of an address; nothing for what has no host, such as `about:blank`, `data:` and `file:///`, and for what is no
    /// address.
    pub fn of(address: &str) -> Option<Self> {
        let url = Url::parse(address).ok()?;
        let host = match url.host()? {
            // Schemes that browsers do not know have hosts in which case counts; pages there are ours, and theirs is small.
            Host::Domain("") => return None,
            host => host.to_owned(),
        };
        // A blob's or a file's origin is another matter.
        (url.scheme() != "file").then(|| Self {
            scheme: url.scheme().to_owned(),
            host,
            port: url.port_or_known_default(),
        })
    }

    /// An origin as somebody writes it in a configuration: with nothing behind the port.
    ///
    /// # Errors
    /// A sentence that says how it is written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bad = || words::bad_origin(text);
        let url = Url::parse(text).map_err(|_| bad())?;
        let bare = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && !text.contains('*');
        Self::of(text).filter(|_| bare).ok_or_else(bad)
    }

    /// The scheme, in small letters.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, host, port } = self;
        write!(formatter, "{scheme}://{host}")?;
        let usual = match &**scheme {
            "http" | "ws" => Some(80),
            "https" | "wss" => Some(443),
            "ftp" => Some(21),
            _ => None,
        };
        match port {
            Some(port) if Some(*port) != usual => write!(formatter, ":{port}"),
            _ => Ok(()),
        }
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_origins_are_the_same_only_where_scheme_host_and_port_are() {
        let own = Origin::of("http://localhost:8080/app/").unwrap();
        for (address, same) in [
            ("http://localhost:8080/other?x#y", true),
            ("http://LOCALHOST:8080", true),
            ("http://user:password@localhost:8080/", true),
            ("http:\\\\localhost:8080\\x", true),
            ("http://localhost:80801/", false),
            ("http://localhost:808/", false),
            ("http://localhost/", false),
            ("https://localhost:8080/", false),
            ("http://localhost:8080.evil.example/", false),
            ("http://localhost:8080@evil.example/", false),
            ("http://localhost.:8080/", false),
            ("http://127.0.0.1:8080/", false),
            ("about:blank", false),
            ("javascript:alert(1)", false),
            ("data:text/html,http://localhost:8080/", false),
            ("blob:http://localhost:8080/x", false),
            ("file:///etc/passwd", false),
            ("file://localhost:8080/x", false),
            ("", false),
        ] {
            assert_eq!(Origin::of(address).as_ref() == Some(&own), same, "{address}");
        }
    }

    #[test]
    fn a_scheme_of_ones_own_has_an_origin_too() {
        let own = Origin::of("plugin-host://localhost/").unwrap();
        assert_eq!(own.to_string(), "plugin-host://localhost");
        assert_eq!(Origin::of("plugin-host://localhost/a%20b?c").as_ref(), Some(&own));
        for other in [
            "plugin-host://localhost.evil/",
            "plugin-host:///",
            "plugin-host:localhost",
            "plugin://localhost/",
        ] {
            assert_ne!(Origin::of(other).as_ref(), Some(&own), "{other}");
        }
    }

    #[test]
    fn what_is_written_has_nothing_but_an_origin() {
        for good in ["https://example.com", "https://example.com/", "http://[::1]:5173", "app://localhost"] {
            assert!(Origin::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "example.com",
            "https://*.example.com",
            "https://example.com/app",
            "https://a@b.example",
            "file:///x",
            "*",
            "",
        ] {
            assert!(Origin::parse(bad).unwrap_err().contains("scheme://host"), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_an_origin_that_reads_as_itself_or_none(text in "[a-z:/@.\\\\%0-9\\[\\]]{0,40}|\\PC{0,40}") {
            if let Some(origin) = Origin::of(&text) {
                prop_assert_eq!(Origin::of(&origin.to_string()), Some(origin));
            }
        }
    }

    proptest! {
        #![proptest_config(corpus::config())]
        #[test]
        fn a_mutation_of_an_address_has_an_origin_that_reads_as_itself_or_none(address in corpus::mutated("origin")) {
            let address = String::from_utf8_lossy(&address);
            if let Some(origin) = Origin::of(&address) {
                prop_assert_eq!(Origin::of(&origin.to_string()), Some(origin.clone()));
                // A star is a letter of a host's name as well, but nobody who writes one means that.
                let text = origin.to_string();
                prop_assert_eq!(Origin::parse(&text).ok(), Some(origin).filter(|_| !text.contains('*')));
            }
        }
    }
}
