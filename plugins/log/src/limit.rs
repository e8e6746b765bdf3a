//! How much a page may say in some time, so that it does not fill a disk. Reads no clock of its own.

use std::time::{Duration, Instant};

/// The time that is counted together.
pub const SPAN: Duration = Duration::from_secs(10);
/// The most lines in it: more than a person reads.
pub const MOST_LINES: usize = 200;
/// The most bytes in it; a page that goes on like this for a day has written half a gigabyte.
pub const MOST_BYTES: usize = 64 * 1024;

/// What becomes of a line.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    /// So many were left out before, in a span that is over; to be said first.
    pub left_out: usize,
    /// Whether it is to be written.
    pub write: bool,
    /// Whether it is the first that is left out; to be said.
    pub begins: bool,
}

/// What was said in the present span.
#[derive(Debug, Default)]
pub struct Limit {
    since: Option<Instant>,
    lines: usize,
    bytes: usize,
    left_out: usize,
}

impl Limit {
    /// Judges a line of so many bytes.
    pub fn judge(&mut self, bytes: usize, now: Instant) -> Verdict {
        let mut left_out = 0;
        if self.since.is_none_or(|since| now.saturating_duration_since(since) >= SPAN) {
            left_out = self.take_left_out();
            *self = Self { since: Some(now), ..Self::default() };
        }
        // A short one does not slip in behind a long one that was left out: what is written has no holes.
        let write = self.left_out == 0 && self.lines < MOST_LINES && self.bytes + bytes <= MOST_BYTES;
        if write {
            self.lines += 1;
            self.bytes += bytes;
        } else {
            self.left_out += 1;
        }
        Verdict { left_out, write, begins: self.left_out == 1 }
    }

    /// How many were left out and not told of yet.
    pub fn take_left_out(&mut self) -> usize {
        std::mem::take(&mut self.left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(left_out: usize) -> Verdict {
        Verdict { left_out, write: true, begins: false }
    }

    #[test]
    fn what_is_beyond_the_limit_is_left_out_and_counted_once() {
        let (mut limit, start) = (Limit::default(), Instant::now());
        for _ in 0..MOST_LINES {
            assert_eq!(limit.judge(10, start), written(0));
        }
        assert_eq!(limit.judge(10, start), Verdict { left_out: 0, write: false, begins: true });
        let just_before = start + SPAN - Duration::from_millis(1);
        assert_eq!(limit.judge(10, just_before), Verdict { left_out: 0, write: false, begins: false });
        assert_eq!(limit.judge(10, start + SPAN), written(2));
        assert_eq!(limit.judge(10, start + SPAN), written(0));
    }

    #[test]
    fn long_lines_count_by_their_length_and_leave_no_holes() {
        let (mut limit, now) = (Limit::default(), Instant::now());
        assert_eq!(limit.judge(MOST_BYTES - 1, now), written(0));
        assert!(limit.judge(2, now).begins);
        assert!(!limit.judge(1, now).write, "it would fit, and came later");
        assert_eq!(limit.take_left_out(), 2);
    }

    #[test]
    fn a_clock_that_goes_back_leaves_nothing_out() {
        let (mut limit, now) = (Limit::default(), Instant::now());
        assert_eq!(limit.judge(1, now + SPAN), written(0));
        assert_eq!(limit.judge(1, now), written(0));
    }
}
