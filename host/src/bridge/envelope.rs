//! What the page's script posts: a first line with secret and session token, then one line for each call.
//!
//! `p12 {"cmd":…}` is a promise, `i13 {"cmd":…}` an invoke, `e0 "…"` a mistake of the page, `h` the beginning of a
//! session. JSON text never has a raw newline in it. The messages themselves are not looked at here.

/// One post, known to come from the host's own script.
#[derive(Debug)]
pub struct Envelope<'a> {
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
    /// Something went wrong in the page and nobody caught it: a JSON string.
    Mistake(&'a str),
}

impl<'a> Envelope<'a> {
    /// Reads the first line. Nothing, unless it begins with `secret`.
    pub fn parse(text: &'a str, secret: &str) -> Option<Self> {
        let (head, body) = text.split_once('\n')?;
        let (claimed, token) = head.split_once(' ')?;
        let fits = (1..=64).contains(&token.len())
            && token.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        (same(claimed, secret) && fits).then_some(Self { token, body })
    }

    /// The calls; `Err` for a line that is none.
    pub fn lines(&self) -> impl Iterator<Item = Result<Line<'a>, ()>> + use<'a> {
        self.body.split_terminator('\n').map(read)
    }
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
        Some('e') => Ok(Line::Mistake(message)),
        _ => Err(()),
    }
}

/// Compares without telling by its duration how much was right.
fn same(left: &str, right: &str) -> bool {
    left.len() == right.len() && left.bytes().zip(right.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines<'a>(text: &'a str) -> Option<Vec<Result<Line<'a>, ()>>> {
        Envelope::parse(text, "secret").map(|envelope| envelope.lines().collect())
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

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "(secret 1\n)?[\\PC\n]{0,80}") {
            let _ = lines(&text);
        }
    }
}
