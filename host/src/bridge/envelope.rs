//! What the page's script posts: a first line with secret and session token, then one line for each call.
//!
//! `p12 {"cmd":…}` is a promise, `c13 {"cmd":…}` one that the page follows, `i14 {"cmd":…}` an invoke, `x13 0` cancels, `a13 2`
//! says that two values have been taken, `d7 0` that a large reply is of no interest, `e0 "…"` is a mistake of the page, `h` the
//! beginning of a session. JSON text never has a raw newline in it. The messages themselves are not looked at here.
//!
//! A message with bytes comes alone, as the body of a request: the same first line, its own line, the lengths of its parts, and
//! the parts. What fetches a large reply is such a request as well: the first line, and `f7`.

use std::sync::Arc;

use plugin_host_runtime::Page;

use super::keys::Keys;

/// One post, known to come from the host's own script.
#[derive(Debug)]
pub struct Envelope<'a> {
    /// The page whose script it was.
    pub page: Arc<Page>,
    /// The page session it belongs to.
    pub token: &'a str,
    body: &'a str,
}

/// One line of a post.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A page session begins.
    Hello,
    /// A call that nobody waits for.
    Invoke(u64, &'a str),
    /// A call that is answered.
    Promise(u64, &'a str),
    /// One that the page may cancel, or whose progress and values it hears.
    Followed(u64, &'a str),
    /// Nobody waits for this call any more.
    Cancel(u64),
    /// So many values of this call have been taken.
    Taken(u64, usize),
    /// Nobody wants the large reply with this number.
    Discard(u64),
    /// Something went wrong in the page and nobody caught it: a JSON string.
    Mistake(&'a str),
}

impl<'a> Envelope<'a> {
    /// Reads the first line. Nothing, unless it begins with a secret of `keys`.
    pub fn parse(text: &'a str, keys: &Keys) -> Option<Self> {
        let (head, body) = text.split_once('\n')?;
        let (page, token) = read_head(head, keys)?;
        Some(Self { page, token, body })
    }

    /// The calls; `Err` for a line that is none.
    pub fn lines(&self) -> impl Iterator<Item = Result<Line<'a>, ()>> + use<'a> {
        self.body.split_terminator('\n').map(read)
    }
}

/// A request of the page's script, known to be one: its first line is that of a post.
#[derive(Debug)]
pub struct Sealed {
    /// The page whose script it was.
    pub page: Arc<Page>,
    /// The page session it belongs to.
    pub token: String,
    /// What follows that line.
    pub body: Vec<u8>,
}

impl Sealed {
    /// Reads the first line of a body. Nothing, unless it begins with a secret of `keys`.
    pub fn open(mut body: Vec<u8>, keys: &Keys) -> Option<Self> {
        let (head, rest) = split_line(&body)?;
        let (page, token) = read_head(head, keys)?;
        let (token, start) = (token.to_owned(), body.len() - rest.len());
        // Moved, so that the secret is in no memory that goes on to a plugin.
        drop(body.drain(..start));
        Some(Self { page, token, body })
    }

    /// The number of the large reply that is wanted: `f7`. Nothing for a message with bytes.
    pub fn wanted_reply(&self) -> Option<u64> {
        std::str::from_utf8(self.body.strip_prefix(b"f")?).ok()?.parse().ok()
    }
}

/// The page and the token of a first line.
fn read_head<'a>(head: &'a str, keys: &Keys) -> Option<(Arc<Page>, &'a str)> {
    let (claimed, token) = head.split_once(' ')?;
    let page = keys.page_of(claimed)?;
    let fits =
        (1..=64).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    fits.then(|| (Arc::clone(page), token))
}

/// A message with bytes, as it comes in a request's body behind its first line.
#[derive(Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Its line.
    pub line: String,
    /// The lengths of its parts.
    pub lengths: Vec<usize>,
    /// Where they begin in the body.
    pub start: usize,
}

impl Parcel {
    /// Parts of one message at most; each is an argument.
    const MOST_PARTS: usize = 1000;

    /// Reads the beginning of a body. Nothing, where it is none.
    pub fn read(body: &[u8]) -> Option<Self> {
        let (line, rest) = split_line(body)?;
        let (lengths, parts) = split_line(rest)?;
        let lengths: Option<Vec<usize>> =
            lengths.split(' ').take(Self::MOST_PARTS + 1).map(|length| length.parse().ok()).collect();
        let lengths = lengths.filter(|lengths| lengths.len() <= Self::MOST_PARTS)?;
        Some(Self { line: line.to_owned(), lengths, start: body.len() - parts.len() })
    }

    /// The call.
    pub fn call(&self) -> Option<Line<'_>> {
        read(&self.line)
            .ok()
            .filter(|line| matches!(line, Line::Invoke(..) | Line::Promise(..) | Line::Followed(..)))
    }
}

fn split_line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at(end);
    Some((std::str::from_utf8(line).ok()?, rest.get(1..)?))
}

fn read(line: &str) -> Result<Line<'_>, ()> {
    if line == "h" {
        return Ok(Line::Hello);
    }
    let (head, message) = line.split_once(' ').ok_or(())?;
    let mut characters = head.chars();
    let kind = characters.next();
    let id = characters.as_str().parse().map_err(|_| ())?;
    match kind {
        Some('i') => Ok(Line::Invoke(id, message)),
        Some('p') => Ok(Line::Promise(id, message)),
        Some('c') => Ok(Line::Followed(id, message)),
        Some('x') => Ok(Line::Cancel(id)),
        Some('a') => Ok(Line::Taken(id, message.parse().map_err(|_| ())?)),
        Some('d') => Ok(Line::Discard(id)),
        Some('e') => Ok(Line::Mistake(message)),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        let page = |origin: &str| Page {
            origin: plugin_host_runtime::Origin::of(origin).unwrap(),
            window: "main".to_owned(),
            is_own: origin.starts_with("plugin"),
        };
        Keys::of([
            (page("plugin-host://localhost"), "secret".to_owned()),
            (page("https://example.com"), "other!".to_owned()),
        ])
    }

    fn lines<'a>(text: &'a str) -> Option<Vec<Result<Line<'a>, ()>>> {
        Envelope::parse(text, &keys()).map(|envelope| envelope.lines().collect())
    }

    #[test]
    fn the_secret_tells_which_page_it_is() {
        let of = |text| Envelope::parse(text, &keys()).unwrap().page.origin.to_string();
        assert_eq!(of("secret 1\n"), "plugin-host://localhost");
        assert_eq!(of("other! 1\n"), "https://example.com");
        let sealed = Sealed::open(b"other! 1-2\nf12".to_vec(), &keys()).unwrap();
        assert_eq!((&*sealed.token, sealed.wanted_reply(), sealed.page.is_own), ("1-2", Some(12), false));
        for bad in [&b"f12"[..], b"wrong! 1\nf12", b"other! x\nf12", b"\xff 1\nf12", b"other!\nf12", b""] {
            assert!(Sealed::open(bad.to_vec(), &keys()).is_none(), "{bad:?}");
        }
        for other in [&b"f"[..], b"f-1", b"f1\n", b"p1 {}\n0\n", b""] {
            let body = [b"other! 1\n", other].concat();
            assert_eq!(Sealed::open(body, &keys()).unwrap().wanted_reply(), None, "{other:?}");
        }
    }

    #[test]
    fn a_post_holds_a_line_for_each_call() {
        assert_eq!(
            lines("secret 1-2\nh\np12 {\"cmd\":\"a b\"}\ni13 7\n"),
            Some(vec![
                Ok(Line::Hello),
                Ok(Line::Promise(12, "{\"cmd\":\"a b\"}")),
                Ok(Line::Invoke(13, "7"))
            ])
        );
    }

    #[test]
    fn who_does_not_know_the_secret_is_not_heard() {
        for text in [
            "",
            "\n",
            "secret",
            "secret 1",
            "wrong 1\nh\n",
            "secre 1\nh\n",
            "secret x'y\nh\n",
            "secret \nh\n",
            "null",
            "7",
        ] {
            assert_eq!(lines(text), None, "{text}");
        }
    }

    #[test]
    fn a_garbled_line_does_not_hide_the_others() {
        assert_eq!(
            lines("secret 1\nq1 {}\np {}\np1\np99999999999999999999 {}\n\np2 {}\n"),
            Some(vec![Err(()), Err(()), Err(()), Err(()), Err(()), Ok(Line::Promise(2, "{}"))])
        );
    }

    #[test]
    fn what_a_page_says_of_a_call_under_way_is_read() {
        assert_eq!(
            lines("secret 1\nc1 {}\nx1 0\na1 64\nd9 0\na1 -1\na1 x\nx\n"),
            Some(vec![
                Ok(Line::Followed(1, "{}")),
                Ok(Line::Cancel(1)),
                Ok(Line::Taken(1, 64)),
                Ok(Line::Discard(9)),
                Err(()),
                Err(()),
                Err(())
            ])
        );
    }

    #[test]
    fn a_message_with_bytes_has_a_line_lengths_and_parts() {
        let parcel = Parcel::read(b"c3 {\"cmd\":1}\n2 0\n\n\xff").unwrap();
        assert_eq!(parcel.call(), Some(Line::Followed(3, "{\"cmd\":1}")));
        assert_eq!((&*parcel.lengths, parcel.start), (&[2, 0][..], 17));
        let many = format!("p1 {{}}\n{}\n", ["0"; 1001].join(" "));
        for bad in
            [&b""[..], b"p1 {}", b"p1 {}\n", b"p1 {}\n1", b"p1 {}\n\n", b"p1 {}\n-1\n", many.as_bytes()]
        {
            assert_eq!(Parcel::read(bad), None, "{}", String::from_utf8_lossy(bad));
        }
        assert_eq!(Parcel::read(b"h\n1\n").unwrap().call(), None);
    }

    proptest::proptest! {
        #[test]
        fn any_body_is_read_without_a_panic(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60)) {
            let _ = Parcel::read(&body).map(|parcel| parcel.call().is_some());
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "(secret 1\n)?[\\PC\n]{0,80}") {
            let _ = lines(&text);
        }
    }

    proptest::proptest! {
        #![proptest_config(corpus::config())]
        #[test]
        fn a_mutation_of_a_post_is_heard_only_with_the_secret(text in corpus::mutated("envelope")) {
            let text = String::from_utf8_lossy(&text);
            let heard = lines(&text).is_some();
            proptest::prop_assert!(!heard || text.starts_with("secret ") || text.starts_with("other! "));
        }

        #[test]
        fn a_mutation_of_a_request_is_opened_only_with_the_secret_and_its_parts_lie_in_it(body in corpus::mutated("request")) {
            let length = body.len();
            let known = body.starts_with(b"secret ") || body.starts_with(b"other! ");
            let Some(sealed) = Sealed::open(body, &keys()) else { return Ok(()) };
            proptest::prop_assert!(known && sealed.body.len() < length);
            if let Some(parcel) = Parcel::read(&sealed.body) {
                proptest::prop_assert!(parcel.start <= sealed.body.len() && parcel.lengths.len() <= 1000);
                let attached = plugin_host_runtime::Attached::cut(sealed.body.clone(), parcel.start, parcel.lengths.iter().copied());
                let whole: Option<usize> = parcel.lengths.iter().try_fold(0_usize, |sum, length| sum.checked_add(*length));
                proptest::prop_assert_eq!(attached.is_some(), whole == Some(sealed.body.len() - parcel.start));
            }
        }
    }
}
