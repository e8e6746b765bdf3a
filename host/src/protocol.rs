//! The custom protocol: files of the frontend folder for who shows the page, and replies and calls with bytes for who knows the
//! page's secret. From request to response; knows no webview.

use std::borrow::Cow;
use std::sync::Arc;

use http::{HeaderName, Method, Request, Response, StatusCode, header};
use plugin_host_runtime::Origin;

use crate::attempts::{Attempt, Attempts};
use crate::bridge::{Inbox, Keys, Large, Outbox, Sealed};
use crate::frontend::{Found, Frontend, origin_of, own_origin};
use crate::policy::Policy;
use crate::words;

/// Where the script of a page that the host serves sends its requests; it is no file's name.
const CALLS: &str = "/.calls";

/// The scheme by which the scripts of other pages do that. The webview keeps that of files to the pages that the host serves.
pub const CALLS_SCHEME: &str = "plugin-host-calls";

/// Keeps what browsers guess out of it.
const NO_SNIFFING: (HeaderName, &str) = (header::X_CONTENT_TYPE_OPTIONS, "nosniff");

/// What a page may not do to another that it shows.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The address to which the script of pages of `origin` sends calls with bytes, and from which it fetches large replies.
pub fn call_address(origin: &Origin) -> String {
    let own = own_origin();
    if Origin::of(&own).as_ref() == Some(origin) {
        format!("{own}{CALLS}")
    } else {
        format!("{}/", origin_of(CALLS_SCHEME))
    }
}

/// Answers requests of pages and frames. May be used from any thread.
pub struct Protocol {
    pub frontend: Arc<Frontend>,
    pub policy: Arc<Policy>,
    pub keys: Arc<Keys>,
    pub outbox: Arc<Outbox>,
    pub inbox: Inbox,
    pub attempts: Arc<Attempts>,
}

type Answer = Response<Cow<'static, [u8]>>;

/// What a request comes to at first sight.
pub enum AtOnce {
    /// It is answered.
    Answer(Answer),
    /// A file must be read.
    File(Wanted),
}

/// What is wanted of a file.
pub struct Wanted {
    path: String,
    range: Option<String>,
    /// Not its bytes.
    head: bool,
}

impl Protocol {
    /// The answer to a request, or which file it is for. Never waits, and keeps no body.
    pub fn at_once(&self, request: Request<Vec<u8>>) -> AtOnce {
        let asked = Origin::of(&request.uri().to_string());
        let is_own = asked.is_some() && asked == Origin::of(&own_origin());
        let of_others = asked.is_some() && asked == Origin::of(&origin_of(CALLS_SCHEME));
        if (is_own && request.uri().path() == CALLS) || of_others {
            return AtOnce::Answer(self.answer_call(request));
        }
        let head = request.method() == Method::HEAD;
        if !head && request.method() != Method::GET {
            return AtOnce::Answer(plain(StatusCode::METHOD_NOT_ALLOWED));
        }
        if let Some(stranger) = foreign(&request, is_own) {
            self.attempts.note(Attempt::ForeignFile, &stranger);
            return AtOnce::Answer(plain(StatusCode::FORBIDDEN));
        }
        let range = request.headers().get(header::RANGE).and_then(|range| range.to_str().ok());
        let (path, range) = (request.uri().path().to_owned(), range.map(str::to_owned));
        AtOnce::File(Wanted { path, range, head })
    }

    /// A request of the page's script: its secret and token stand in the body, where no list of addresses shows them.
    fn answer_call(&self, request: Request<Vec<u8>>) -> Answer {
        let method = request.method().clone();
        let Some(sealed) = Sealed::open(request.into_body(), &self.keys).filter(|_| method == Method::POST)
        else {
            self.attempts.note(Attempt::Request, method.as_str());
            return plain(StatusCode::FORBIDDEN);
        };
        let origin = sealed.page.origin.to_string();
        let answer = |status, kind: &'static str, body: Vec<u8>| {
            let response = Response::builder()
                .status(status)
                .header(header::CONTENT_TYPE, kind)
                // A page from a development server asks across origins.
                .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, &origin)
                .header(header::CACHE_CONTROL, "no-store")
                .header(NO_SNIFFING.0, NO_SNIFFING.1);
            response.body(body.into()).unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
        };
        match sealed.wanted_reply() {
            Some(number) => match self.outbox.take_large(&sealed.token, number) {
                Some(Large::Json(text)) => {
                    answer(StatusCode::OK, "application/json", text.into_string().into_bytes())
                }
                Some(Large::Bytes(bytes)) => {
                    answer(StatusCode::OK, "application/octet-stream", bytes.into_vec())
                }
                None => answer(StatusCode::NOT_FOUND, "text/plain", Vec::new()),
            },
            None => {
                let taken = self.inbox.put(sealed);
                let status = if taken { StatusCode::NO_CONTENT } else { StatusCode::BAD_REQUEST };
                answer(status, "text/plain", Vec::new())
            }
        }
    }

    /// A file, or the part that is wanted. Reads it; not for the main thread.
    pub fn file(&self, Wanted { path, range, head }: &Wanted) -> Answer {
        let part = match self.frontend.find(path, range.as_deref(), *head) {
            Found::Part(part) => part,
            Found::Nothing => return said(StatusCode::NOT_FOUND, words::not_found(path)),
            Found::BadPath(why) => {
                let sentence = words::bad_path(path, why);
                self.attempts.note(Attempt::BadPath, &sentence);
                return with_text(StatusCode::NOT_FOUND, sentence);
            }
            Found::BadRange(whole) => {
                let mut response = plain(StatusCode::RANGE_NOT_SATISFIABLE);
                set(&mut response, header::CONTENT_RANGE, &format!("bytes */{whole}"));
                return response;
            }
            Found::TooLarge(whole) => {
                return said(StatusCode::PAYLOAD_TOO_LARGE, words::file_too_large(path, whole));
            }
        };
        let length = part.range.map_or(part.whole, |(first, last)| last - first + 1);
        let mut response = Response::new(Cow::Owned(part.bytes));
        set(&mut response, header::CONTENT_TYPE, &part.content_type);
        set(&mut response, header::CONTENT_LENGTH, &length.to_string());
        set(&mut response, header::ACCEPT_RANGES, "bytes");
        set(&mut response, header::CACHE_CONTROL, "no-cache");
        set(&mut response, NO_SNIFFING.0, NO_SNIFFING.1);
        set(&mut response, RESOURCE_POLICY, "same-origin");
        set(&mut response, header::REFERRER_POLICY, "no-referrer");
        if let Some(policy) = self.policy.content() {
            set(&mut response, header::CONTENT_SECURITY_POLICY, policy);
        }
        if let Some((first, last)) = part.range {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            set(&mut response, header::CONTENT_RANGE, &format!("bytes {first}-{last}/{}", part.whole));
        }
        response
    }
}

/// Who asks for a file across origins, or at another host than ours. A page's own requests name its origin or none.
fn foreign(request: &Request<Vec<u8>>, is_own: bool) -> Option<String> {
    if !is_own {
        return Some(words::at_another_host(request.uri().host().unwrap_or_default()));
    }
    let origin = request.headers().get(header::ORIGIN)?.to_str().unwrap_or_default();
    (Origin::of(origin) != Origin::of(&own_origin())).then(|| words::by_another_origin(origin))
}

/// The values are fit for headers; that of the configuration has been looked at.
fn set(response: &mut Answer, name: HeaderName, value: &str) {
    if let Ok(value) = value.parse() {
        response.headers_mut().insert(name, value);
    }
}

fn said(status: StatusCode, sentence: String) -> Answer {
    tracing::warn!("{sentence}");
    with_text(status, sentence)
}

fn with_text(status: StatusCode, sentence: String) -> Answer {
    let mut response = plain(status);
    *response.body_mut() = Cow::Owned(sentence.into_bytes());
    set(&mut response, header::CONTENT_TYPE, "text/plain; charset=utf-8");
    response
}

/// A status and nothing else.
pub fn plain(status: StatusCode) -> Answer {
    let mut response = Response::new(Cow::Borrowed(&[][..]));
    *response.status_mut() = status;
    set(&mut response, NO_SNIFFING.0, NO_SNIFFING.1);
    // A frame may show it, and has the page's origin then.
    set(&mut response, header::CONTENT_SECURITY_POLICY, "default-src 'none'");
    response
}

#[cfg(test)]
mod tests {
    use plugin_host_runtime::Page;

    use super::*;
    use crate::frontend::SCHEME;
    use crate::policy::PageSettings;

    struct Served {
        protocol: Protocol,
        _folder: tempfile::TempDir,
    }

    fn served() -> Served {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.html"), "0123456789").unwrap();
        let own = Origin::of(&own_origin()).unwrap();
        let page = Page { origin: own.clone(), window: "main".to_owned(), is_own: true };
        let protocol = Protocol {
            frontend: Arc::new(Frontend::from_argument(folder.path().to_str().unwrap()).unwrap()),
            policy: Arc::new(Policy::new(Some(own), PageSettings::default(), false)),
            keys: Arc::new(Keys::of([(page, "secret".to_owned())])),
            outbox: Arc::new(Outbox::new(|| {})),
            inbox: Inbox::new(|| {}),
            attempts: Arc::default(),
        };
        Served { protocol, _folder: folder }
    }

    impl Served {
        fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
            let mut request = Request::builder().method(method).uri(format!("{}{path}", own_origin()));
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            self.send(request.body(body.as_bytes().to_vec()).unwrap())
        }

        fn send(&self, request: Request<Vec<u8>>) -> Answer {
            match self.protocol.at_once(request) {
                AtOnce::Answer(answer) => answer,
                AtOnce::File(wanted) => self.protocol.file(&wanted),
            }
        }

        fn counts(&self) -> serde_json::Value {
            serde_json::to_value(self.protocol.attempts.counts()).unwrap()
        }
    }

    fn header_of<'a>(answer: &'a Answer, name: &str) -> &'a str {
        answer.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    #[test]
    fn a_file_comes_with_its_type_its_length_and_what_it_may_do() {
        let served = served();
        let answer = served.ask("GET", "/", &[], "");
        assert_eq!((answer.status().as_u16(), &**answer.body()), (200, &b"0123456789"[..]));
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("content-length", "10"),
            ("accept-ranges", "bytes"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(header_of(&answer, name), value, "{name}");
        }
        assert!(header_of(&answer, "content-security-policy").contains("script-src 'self'"));
        assert_eq!(header_of(&answer, "access-control-allow-origin"), "");
    }

    #[test]
    fn what_is_no_file_has_a_policy_too_as_a_frame_may_show_it() {
        let served = served();
        for (method, path) in [("GET", "/nothing"), ("POST", "/"), ("GET", "/%2e%2e/x"), ("POST", "/.calls")]
        {
            let answer = served.ask(method, path, &[], "");
            assert_eq!(
                header_of(&answer, "content-security-policy"),
                "default-src 'none'",
                "{method} {path}"
            );
        }
    }

    #[test]
    fn parts_and_heads_are_served_and_other_methods_are_not() {
        let served = served();
        let part = served.ask("GET", "/", &[("range", "bytes=2-4")], "");
        assert_eq!((part.status().as_u16(), &**part.body()), (206, &b"234"[..]));
        assert_eq!(header_of(&part, "content-range"), "bytes 2-4/10");
        let head = served.ask("HEAD", "/", &[], "");
        assert_eq!(
            (head.status().as_u16(), head.body().len(), header_of(&head, "content-length")),
            (200, 0, "10")
        );
        let behind = served.ask("GET", "/", &[("range", "bytes=10-")], "");
        assert_eq!((behind.status().as_u16(), header_of(&behind, "content-range")), (416, "bytes */10"));
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"] {
            assert_eq!(served.ask(method, "/", &[], "").status().as_u16(), 405, "{method}");
        }
    }

    #[test]
    fn files_are_for_the_page_that_the_host_serves_and_each_other_asker_is_counted() {
        let served = served();
        let own = own_origin();
        assert_eq!(served.ask("GET", "/", &[("origin", &own)], "").status().as_u16(), 200);
        for origin in
            ["null", "http://localhost", "https://evil.example", "plugin-host://localhost.evil", "é"]
        {
            assert_eq!(served.ask("GET", "/", &[("origin", origin)], "").status().as_u16(), 403, "{origin}");
        }
        let other = Request::builder().uri(format!("{SCHEME}://other/")).body(Vec::new()).unwrap();
        assert_eq!(served.send(other).status().as_u16(), 403);
        assert_eq!(served.ask("GET", "/%2e%2e/x", &[], "").status().as_u16(), 404);
        let counts = served.counts();
        assert_eq!((&counts["foreignFiles"], &counts["badPaths"]), (&6.into(), &1.into()));
    }

    #[test]
    fn calls_are_for_who_knows_the_secret_and_each_other_asker_is_counted() {
        let served = served();
        let call = "secret 1-2\np1 {\"cmd\":\"a\"}\n0\n";
        assert_eq!(served.ask("POST", "/.calls", &[], call).status().as_u16(), 204);
        assert_eq!(served.protocol.inbox.take().len(), 1);
        assert_eq!(served.ask("POST", "/.calls", &[], "secret 1-2\nf7").status().as_u16(), 404);
        assert_eq!(served.ask("POST", "/.calls", &[], "secret 1-2\nnonsense").status().as_u16(), 400);
        for (method, body) in [
            ("GET", call),
            ("PUT", call),
            ("POST", ""),
            ("POST", "wrong 1-2\nf7"),
            ("POST", "secre 1-2\nf7"),
            ("POST", "secret  \nf7"),
            ("POST", "\nf7"),
        ] {
            assert_eq!(served.ask(method, "/.calls", &[], body).status().as_u16(), 403, "{method} {body}");
        }
        assert_eq!(served.counts()["requests"], 7);
        let by_others = format!("{}/", origin_of(CALLS_SCHEME));
        let request = |body: &str| Request::post(&by_others).body(body.as_bytes().to_vec()).unwrap();
        assert_eq!(served.send(request(call)).status().as_u16(), 204);
        assert_eq!(served.protocol.inbox.take().len(), 1);
        assert_eq!(served.send(request("wrong 1-2\nf7")).status().as_u16(), 403);
        // Neither is any other way there.
        for path in ["/.calls/", "/.calls/x", "/.Calls", "/%2ecalls", "/.replies/secret/1/1"] {
            assert_ne!(served.ask("POST", path, &[], call).status().as_u16(), 204, "{path}");
        }
        assert!(served.protocol.inbox.take().is_empty());
    }
}
