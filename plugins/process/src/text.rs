//! Text out of bytes that come in pieces. Keeps no more than the beginning of one character.

/// Decodes UTF-8. What is none becomes U+FFFD, as in a browser.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The beginning of a character whose end has not come yet; three bytes at most.
    begun: Vec<u8>,
}

impl Decoder {
    /// The text up to the last whole character.
    pub fn take(&mut self, bytes: &[u8]) -> String {
        let all = [&std::mem::take(&mut self.begun), bytes].concat();
        let mut text = String::with_capacity(all.len());
        let mut rest = &*all;
        loop {
            match std::str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    return text;
                }
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    let Some(wrong) = error.error_len() else {
                        self.begun = after.to_owned();
                        return text;
                    };
                    text.push(char::REPLACEMENT_CHARACTER);
                    rest = &after[wrong..];
                }
            }
        }
    }

    /// What is left when nothing more comes.
    pub fn end(&mut self) -> &'static str {
        if std::mem::take(&mut self.begun).is_empty() { "" } else { "\u{fffd}" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_in_pieces_are_put_together_wherever_they_are_cut() {
        let text = "a é € 😀 z";
        for size in 1..=text.len() {
            let mut decoder = Decoder::default();
            let mut read: String = text.as_bytes().chunks(size).map(|piece| decoder.take(piece)).collect();
            read += decoder.end();
            assert_eq!(read, text, "in pieces of {size}");
        }
    }

    #[test]
    fn what_is_no_text_becomes_a_mark_and_takes_nothing_with_it() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.take(b"a\xffb\xe2\x82c"), "a\u{fffd}b\u{fffd}c");
        assert_eq!(decoder.take(b"d\xf0\x9f"), "d");
        assert_eq!(decoder.end(), "\u{fffd}");
        assert_eq!(decoder.end(), "");
    }
}
