//! How long answers took: a histogram whose buckets grow by an eighth, as numbers that many threads add to.
//!
//! One of its own: it has the size of a page for each command that was called, and there may be thousands; and adding takes no lock.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Buckets in each doubling.
const PARTS: u64 = 8;
/// Doublings of a microsecond: the last one ends after more than a day.
const DOUBLINGS: u64 = 37;
const BUCKETS: usize = (PARTS * DOUBLINGS) as usize;

/// The histogram. Takes memory from the first answer on.
#[derive(Default)]
pub struct Times(OnceLock<Box<[AtomicU32; BUCKETS]>>);

impl Times {
    /// Adds the time of one answer.
    pub fn note(&self, time: Duration) {
        let buckets = self.0.get_or_init(|| Box::new(std::array::from_fn(|_| AtomicU32::new(0))));
        let microseconds = time.as_micros().try_into().unwrap_or(u64::MAX);
        let count = &buckets[bucket(microseconds)];
        // Four thousand million answers in one bucket are told as that many.
        let _ = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_add(1));
    }

    /// The time within which this part of the answers came, in microseconds: the end of its bucket.
    pub fn quantile(&self, part: f64) -> Option<u64> {
        let counts: Vec<u64> =
            self.0.get()?.iter().map(|count| u64::from(count.load(Ordering::Relaxed))).collect();
        let all: u64 = counts.iter().sum();
        let wanted = ((all as f64 * part).ceil() as u64).clamp(1, all.max(1));
        let mut sum = 0;
        let found = counts.iter().position(|count| {
            sum += count;
            sum >= wanted
        });
        found.map(end)
    }
}

/// The bucket of a time. Up to [`PARTS`] each number has its own.
fn bucket(microseconds: u64) -> usize {
    let shift = (u64::BITS - microseconds.leading_zeros()).saturating_sub(PARTS.ilog2() + 1);
    let index = u64::from(shift) * PARTS + (microseconds >> shift);
    usize::try_from(index).unwrap_or(usize::MAX).min(BUCKETS - 1)
}

/// The last microsecond of a bucket.
fn end(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < 2 * PARTS {
        return bucket;
    }
    let shift = bucket / PARTS - 1;
    ((bucket % PARTS + PARTS + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_median_and_the_slowest_of_a_hundred_are_found_and_no_answers_have_no_time() {
        let times = Times::default();
        assert_eq!(times.quantile(0.5), None);
        for _ in 0..99 {
            times.note(Duration::from_micros(3));
        }
        times.note(Duration::from_secs(1));
        assert_eq!((times.quantile(0.5), times.quantile(0.99)), (Some(3), Some(3)));
        let slowest = times.quantile(1.0).unwrap();
        assert!((1_000_000..=1_125_000).contains(&slowest), "{slowest}");
        times.note(Duration::MAX);
    }

    proptest! {
        #[test]
        fn a_time_lies_in_its_bucket_which_is_an_eighth_long(time in 0_u64..86_400_000_000) {
            let own = bucket(time);
            prop_assert!(time <= end(own) && (own == 0 || time > end(own - 1)), "{} {} {}", time, own, end(own));
            prop_assert!(end(own) - time <= time / PARTS);
        }
    }
}
