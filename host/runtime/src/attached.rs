//! Bytes that came along with a message, beside its text.

use std::ops::Range;

/// One body of bytes and the parts of it that the message speaks of, by number.
#[derive(Debug, Default)]
pub struct Attached {
    body: Vec<u8>,
    parts: Vec<Range<usize>>,
}

impl Attached {
    /// The parts of `body` that follow each other from `start`, with these lengths. Nothing where they are not all of the rest.
    pub fn cut(body: Vec<u8>, start: usize, lengths: impl IntoIterator<Item = usize>) -> Option<Self> {
        let (mut parts, mut at) = (Vec::new(), start);
        for length in lengths {
            let end = at.checked_add(length).filter(|end| *end <= body.len())?;
            parts.push(at..end);
            at = end;
        }
        (at == body.len()).then_some(Self { body, parts })
    }

    /// The part with this number.
    pub fn part(&self, index: u32) -> Option<&[u8]> {
        let part = self.parts.get(usize::try_from(index).ok()?)?;
        self.body.get(part.clone())
    }

    /// All parts, in their order.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.parts.iter().filter_map(|part| self.body.get(part.clone()))
    }

    /// How much memory it holds, in bytes.
    pub fn len(&self) -> usize {
        self.body.len()
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_are_found_by_number_and_what_does_not_add_up_is_nothing() {
        let attached = Attached::cut(b"ABcdefg".to_vec(), 2, [1, 0, 4]).unwrap();
        assert_eq!(
            (0..4).map(|index| attached.part(index)).collect::<Vec<_>>(),
            [Some(&b"c"[..]), Some(b""), Some(b"defg"), None]
        );
        for lengths in [&[6][..], &[4], &[], &[usize::MAX, 1]] {
            assert!(Attached::cut(b"ABcdefg".to_vec(), 2, lengths.iter().copied()).is_none(), "{lengths:?}");
        }
    }

    proptest! {
        #[test]
        fn any_lengths_are_refused_or_cover_the_body(body in any::<Vec<u8>>(), start in 0_usize..80, lengths in any::<Vec<usize>>()) {
            let length = body.len();
            if let Some(attached) = Attached::cut(body, start, lengths.iter().copied()) {
                let sum: usize = (0..).map_while(|index| attached.part(index)).map(<[u8]>::len).sum();
                prop_assert_eq!(start + sum, length);
            }
        }
    }
}
