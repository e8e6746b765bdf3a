//! Where the page comes from: a folder, an address, or the console that is built in.

mod files;

use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::words;
pub use files::{Found, Part};

/// The scheme of pages that the host serves itself.
pub const SCHEME: &str = "plugin-host";

/// The built-in page, which shows what is loaded: path, type, text.
const CONSOLE: [(&str, &str, &str); 3] = [
    ("/", "text/html; charset=utf-8", include_str!("../console/index.html")),
    ("/console.css", "text/css; charset=utf-8", include_str!("../console/console.css")),
    ("/console.js", "text/javascript; charset=utf-8", include_str!("../console/console.js")),
];

/// Where the page comes from.
#[derive(Debug, Clone)]
pub enum Frontend {
    /// The built-in page: which plugins there are, and their commands.
    Console,
    /// A folder with an `index.html`.
    Folder(PathBuf),
    /// A server, as while a page is being developed.
    Address(String),
}

impl Frontend {
    /// A frontend from what was typed: an `http` address or a folder.
    ///
    /// # Errors
    /// A sentence when it is neither, the folder has no `index.html`, or nothing answers at the address within two
    /// seconds: a window that stays white tells nobody why.
    pub fn from_argument(argument: &str) -> Result<Self, String> {
        if argument.starts_with("http://") || argument.starts_with("https://") {
            somebody_answers(argument)?;
            return Ok(Self::Address(argument.to_owned()));
        }
        let folder = Path::new(argument);
        if !folder.is_dir() {
            return Err(words::no_frontend(folder));
        }
        if !folder.join("index.html").is_file() {
            return Err(words::no_index(folder));
        }
        std::fs::canonicalize(folder).map(Self::Folder).map_err(|_| words::no_frontend(folder))
    }

    /// The folder it comes from, if it does.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::Console | Self::Address(_) => None,
        }
    }

    /// The address the window opens.
    pub fn start_address(&self) -> String {
        match self {
            Self::Address(address) => address.clone(),
            Self::Console | Self::Folder(_) => format!("{}/", own_origin()),
        }
    }

    /// The file at `path`, as it stands in a request's address, or the part of it that `range` asks for; without its bytes where
    /// only the head is wanted. Reads from the disk; not for the main thread.
    pub(crate) fn find(&self, path: &str, range: Option<&str>, head: bool) -> Found {
        match self {
            Self::Folder(folder) => files::find(folder, path, range, head),
            Self::Console => match CONSOLE.iter().find(|(own, _, _)| *own == path) {
                Some((_, kind, text)) => Found::Part(Part {
                    content_type: (*kind).to_owned(),
                    bytes: if head { Vec::new() } else { text.as_bytes().to_vec() },
                    range: None,
                    whole: u64::try_from(text.len()).unwrap_or_default(),
                }),
                None => Found::Nothing,
            },
            Self::Address(_) => Found::Nothing,
        }
    }
}

/// Whether a server answers at an address.
fn somebody_answers(address: &str) -> Result<(), String> {
    const PATIENCE: Duration = Duration::from_secs(2);
    let bad = || words::bad_address(address);
    let (scheme, rest) = address.split_once("://").ok_or_else(bad)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let host = match scheme {
        _ if has_port => host.to_owned(),
        "https" => format!("{host}:443"),
        _ => format!("{host}:80"),
    };
    if host.starts_with(':') {
        return Err(bad());
    }
    let silent = |detail: String| words::no_server(address, &detail);
    let mut detail = "it has no address".to_owned();
    for socket in host.to_socket_addrs().map_err(|error| silent(error.to_string()))? {
        match TcpStream::connect_timeout(&socket, PATIENCE) {
            Ok(_) => return Ok(()),
            Err(error) => detail = error.to_string(),
        }
    }
    Err(silent(detail))
}

/// Scheme and host of the pages that the host serves.
pub fn own_origin() -> String {
    origin_of(SCHEME)
}

/// The origin that a scheme of the host's has; Windows knows custom schemes as subdomains.
pub fn origin_of(scheme: &str) -> String {
    if cfg!(windows) { format!("http://{scheme}.localhost") } else { format!("{scheme}://localhost") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_where_nobody_answers_is_refused_with_a_sentence() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/page?x#y", listener.local_addr().unwrap());
        assert!(matches!(Frontend::from_argument(&address), Ok(Frontend::Address(_))));
        drop(listener);
        assert!(Frontend::from_argument(&address).unwrap_err().contains("nothing answers at"));
        for address in ["http://", "https://:80/", "http:///path"] {
            assert!(Frontend::from_argument(address).unwrap_err().contains("is no address"), "{address}");
        }
    }

    #[test]
    fn a_page_from_a_folder_brings_that_along_and_others_bring_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.html"), "").unwrap();
        let frontend = Frontend::from_argument(folder.path().to_str().unwrap()).unwrap();
        assert_eq!(frontend.folder(), Some(&*folder.path().canonicalize().unwrap()));
        assert_eq!(Frontend::Console.folder(), None);
        assert_eq!(Frontend::Address("http://localhost".to_owned()).folder(), None);
    }

    #[test]
    fn what_is_no_frontend_is_refused_with_a_sentence() {
        assert!(Frontend::from_argument("no/such/folder").unwrap_err().contains("no/such/folder"));
        let empty = tempfile::tempdir().unwrap();
        assert!(
            Frontend::from_argument(empty.path().to_str().unwrap()).unwrap_err().contains("no index.html")
        );
    }
}
