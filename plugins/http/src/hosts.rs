//! Which hosts may be asked. Judges an address after it has been read as the request will be sent, by its whole origin; looks at
//! no path, resolves no name, and opens no connection.

use plugin_api::{Result, anyhow, bail, ensure};
use url::{Host, Url};

/// The most entries of the list. Each is compared for each request.
const MOST_HOSTS: usize = 1000;

/// The hosts that the configuration lists.
#[derive(Debug, Default)]
pub struct Hosts(Vec<Pattern>);

/// One entry of the list: what an origin has to be.
#[derive(Debug)]
struct Pattern {
    scheme: String,
    host: Names,
    port: Option<u16>,
}

#[derive(Debug)]
enum Names {
    /// `*` alone: whatever is asked, numbers included.
    Every,
    /// This host and no other.
    One(Host<String>),
    /// `*` among the labels of a name: one label or more in its place.
    Between { before: Vec<String>, after: Vec<String> },
}

impl Hosts {
    /// Reads the list, as `hosts` in the configuration holds it.
    ///
    /// # Errors
    /// A sentence that names the entry, where one cannot be understood.
    pub fn read(list: &[String]) -> Result<Self> {
        ensure!(
            list.len() <= MOST_HOSTS,
            "`hosts` under `[plugins.http]` has {} entries, and {MOST_HOSTS} are allowed",
            list.len()
        );
        let read = |entry: &String| {
            Pattern::read(entry).map_err(|reason| {
                anyhow!(
                    "`hosts` under `[plugins.http]` has the entry `{entry}`, which {reason}; \
                     write `https://api.example.com`, `https://*.example.org` or `http://localhost:8000`"
                )
            })
        };
        list.iter().map(read).collect::<Result<_>>().map(Self)
    }

    /// Whether this address may be asked.
    ///
    /// # Errors
    /// A sentence that names its origin and the line that would allow it.
    pub fn check(&self, url: &Url) -> Result<()> {
        if self.0.iter().any(|pattern| pattern.fits(url)) {
            return Ok(());
        }
        let origin = origin(url);
        bail!(
            "`{origin}` is not among the hosts that may be asked; to allow it, add it to `hosts` under \
             `[plugins.http]` in the host's configuration: `hosts = [\"{origin}\"]`"
        )
    }
}

impl Pattern {
    fn read(entry: &str) -> Result<Self> {
        let url = Url::parse(entry).map_err(|error| anyhow!("is no address ({error})"))?;
        ensure!(is_http(&url), "begins with neither `http://` nor `https://`");
        ensure!(!has_user(&url), "has a user name or password in it");
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        ensure!(bare, "has more than scheme, host and port in it, and only those are compared");
        let host = match url.host().ok_or_else(|| anyhow!("names no host"))? {
            Host::Domain("*") => Names::Every,
            Host::Domain(name) if name.contains('*') => between(name)?,
            host => Names::One(host.to_owned()),
        };
        Ok(Self { scheme: url.scheme().to_owned(), host, port: url.port_or_known_default() })
    }

    fn fits(&self, url: &Url) -> bool {
        let Some(host) = url.host() else { return false };
        let names = match (&self.host, host) {
            (Names::Every, _) => true,
            (Names::One(one), host) => host == *one,
            (Names::Between { before, after }, Host::Domain(name)) => lies_between(name, before, after),
            (Names::Between { .. }, Host::Ipv4(_) | Host::Ipv6(_)) => false,
        };
        names && self.scheme == url.scheme() && self.port == url.port_or_known_default() && !has_user(url)
    }
}

fn between(name: &str) -> Result<Names> {
    let labels: Vec<&str> = name.split('.').collect();
    let places = labels.iter().enumerate().filter(|(_, label)| label.contains('*'));
    let [(place, label)] = places.collect::<Vec<_>>()[..] else { bail!("has more than one `*`") };
    ensure!(*label == "*", "has a `*` that is a part of a label, and it may only stand for whole ones");
    let (before, after) = (&labels[..place], &labels[place + 1..]);
    // What a name ends with says whose it is.
    ensure!(!after.is_empty(), "ends with a `*`, which would allow hosts of anybody");
    let owned = |labels: &[&str]| labels.iter().map(|&label| label.to_owned()).collect();
    Ok(Names::Between { before: owned(before), after: owned(after) })
}

fn lies_between(name: &str, before: &[String], after: &[String]) -> bool {
    let labels: Vec<&str> = name.split('.').collect();
    let Some(middle) = labels.len().checked_sub(before.len() + after.len()) else { return false };
    middle > 0
        && labels.iter().all(|label| !label.is_empty())
        && labels.iter().zip(before).all(|(label, known)| label == known)
        && labels.iter().rev().zip(after.iter().rev()).all(|(label, known)| label == known)
}

/// Reads an address that a page or a server has given, as browsers read it.
///
/// # Errors
/// A sentence that names the address, where it is none, is none of HTTP, or has a user in it.
pub fn address(text: &str) -> Result<Url> {
    let url = Url::parse(text).map_err(|error| anyhow!("`{}` is no address: {error}", shortened(text)))?;
    usable(url)
}

/// Whether an address is one that can be asked, whatever the list says.
///
/// # Errors
/// As [`address`].
pub fn usable(url: Url) -> Result<Url> {
    ensure!(
        is_http(&url) && url.has_host(),
        "`{}` cannot be asked: the address has to begin with `http://` or `https://`",
        shortened(url.as_str())
    );
    // Browsers refuse it as well: it is where an address looks like another one.
    ensure!(
        !has_user(&url),
        "the address of `{}` has a user name or password in it; give it in the header `Authorization`",
        origin(&url)
    );
    Ok(url)
}

/// Scheme, host and port, as errors name them.
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// An address may be of any length, and an error is read by a person.
fn shortened(text: &str) -> String {
    const MOST_SHOWN: usize = 200;
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
