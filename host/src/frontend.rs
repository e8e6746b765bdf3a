//! Where the page comes from: a folder, an address, or the console that is built in. Turns a request's path into
//! bytes and a MIME type.
//!
//! Nothing outside of the folder is served, whatever the path says.

use std::borrow::Cow;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use crate::words;

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

/// A file for the page.
pub struct Served {
    /// The HTTP status.
    pub status: u16,
    /// The MIME type, with the character set where it is text.
    pub content_type: String,
    /// The file's bytes.
    pub bytes: Cow<'static, [u8]>,
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

    /// The address the window opens.
    pub fn start_address(&self) -> String {
        match self {
            Self::Address(address) => address.clone(),
            Self::Console | Self::Folder(_) => format!("{}/", own_origin()),
        }
    }

    /// The file at `path`, as it stands in a request's address. Reads from the disk; not for the main thread.
    pub fn serve(&self, path: &str) -> Served {
        match self {
            Self::Folder(folder) => serve_file(folder, path),
            Self::Console => match CONSOLE.iter().find(|(own, _, _)| *own == path) {
                Some((_, kind, text)) => {
                    Served { status: 200, content_type: (*kind).to_owned(), bytes: text.as_bytes().into() }
                }
                None => not_found(path),
            },
            Self::Address(_) => not_found(path),
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

/// Scheme and host of the pages that the host serves; Windows knows custom schemes as subdomains.
pub fn own_origin() -> String {
    if cfg!(windows) { format!("http://{SCHEME}.localhost") } else { format!("{SCHEME}://localhost") }
}

fn serve_file(folder: &Path, path: &str) -> Served {
    let Some(mut file) = file_of(folder, path) else { return not_found(path) };
    if file.is_dir() {
        file.push("index.html");
    }
    // Links inside of the folder are followed, not out of it.
    let inside = std::fs::canonicalize(&file).is_ok_and(|real| real.starts_with(folder) && real.is_file());
    if !inside {
        return not_found(path);
    }
    match std::fs::read(&file) {
        Ok(bytes) => Served { status: 200, content_type: content_type(&file), bytes: bytes.into() },
        Err(_) => not_found(path),
    }
}

/// The file a path names. Nothing for one that climbs out.
fn file_of(folder: &Path, path: &str) -> Option<PathBuf> {
    let decoded = percent_decode(path)?;
    let relative = Path::new(decoded.trim_start_matches('/'));
    let plain = relative.components().all(|component| matches!(component, Component::Normal(_)));
    (plain && !decoded.contains(['\\', '\0'])).then(|| folder.join(relative))
}

fn percent_decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let high = char::from(rest.next()?).to_digit(16)?;
        let low = char::from(rest.next()?).to_digit(16)?;
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

fn content_type(file: &Path) -> String {
    let guess = mime_guess::from_path(file).first_or_octet_stream();
    let text = guess.type_() == "text" || guess.subtype() == "javascript" || guess.subtype() == "json";
    if text { format!("{guess}; charset=utf-8") } else { guess.to_string() }
}

fn not_found(path: &str) -> Served {
    let sentence = words::not_found(path);
    tracing::warn!("{sentence}");
    Served {
        status: 404,
        content_type: "text/plain; charset=utf-8".to_owned(),
        bytes: sentence.into_bytes().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Frontend) {
        let outer = tempfile::tempdir().unwrap();
        let page = outer.path().join("page");
        std::fs::create_dir_all(page.join("sub folder")).unwrap();
        for (name, text) in [
            ("page/index.html", "home"),
            ("page/a.js", "js"),
            ("page/sub folder/index.html", "sub"),
            ("secret.txt", "no"),
        ] {
            std::fs::write(outer.path().join(name), text).unwrap();
        }
        let frontend = Frontend::from_argument(page.to_str().unwrap()).unwrap();
        (outer, frontend)
    }

    #[test]
    fn files_come_with_their_type_and_folders_with_their_index() {
        let (_outer, frontend) = folder();
        for (path, kind, text) in [
            ("/", "text/html; charset=utf-8", "home"),
            ("/a.js", "text/javascript; charset=utf-8", "js"),
            ("/sub%20folder/", "text/html; charset=utf-8", "sub"),
        ] {
            let served = frontend.serve(path);
            assert_eq!(
                (served.status, &*served.content_type, &*served.bytes),
                (200, kind, text.as_bytes()),
                "{path}"
            );
        }
    }

    #[test]
    fn nothing_outside_of_the_folder_is_served() {
        let (outer, frontend) = folder();
        #[cfg(unix)]
        std::os::unix::fs::symlink(outer.path().join("secret.txt"), outer.path().join("page/link.txt"))
            .unwrap();
        let absolute = outer.path().join("secret.txt");
        for path in [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/..\\secret.txt",
            "/link.txt",
            "/nothing",
            "/%",
            "/%zz",
            "/a.js%00",
            &format!("/{}", absolute.display()),
        ] {
            assert_eq!(frontend.serve(path).status, 404, "{path}");
        }
    }

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
    fn what_is_no_frontend_is_refused_with_a_sentence() {
        assert!(Frontend::from_argument("no/such/folder").unwrap_err().contains("no/such/folder"));
        let empty = tempfile::tempdir().unwrap();
        assert!(
            Frontend::from_argument(empty.path().to_str().unwrap()).unwrap_err().contains("no index.html")
        );
    }
}
