//! How many notifications are shown within some time, so that no page fills the screen. Reads no clock of its own.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use plugin_api::{Result, ensure};

/// The most within [`SPAN`]: more than anybody reads.
const MOST: usize = 20;
/// The time that is counted together.
const SPAN: Duration = Duration::from_secs(10);

/// When the last ones were shown.
#[derive(Debug, Default)]
pub struct Limit(VecDeque<Instant>);

impl Limit {
    /// Counts one more.
    ///
    /// # Errors
    /// When there were too many just now.
    pub fn count(&mut self, now: Instant) -> Result<()> {
        self.0.retain(|then| now.saturating_duration_since(*then) < SPAN);
        ensure!(
            self.0.len() < MOST,
            "{MOST} notifications were shown within {} seconds, which are all that may be; gather what there is to say",
            SPAN.as_secs()
        );
        self.0.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_anybody_reads_are_refused_until_some_time_has_passed() {
        let (mut limit, start) = (Limit::default(), Instant::now());
        for number in 0..20 {
            limit.count(start + Duration::from_millis(number)).unwrap();
        }
        let refusal = limit.count(start + Duration::from_secs(9)).unwrap_err().to_string();
        assert!(refusal.starts_with("20 notifications"), "{refusal}");
        limit.count(start + SPAN).unwrap();
        assert!(limit.count(start + SPAN).is_err(), "one has gone, and one has come");
        limit.count(start + SPAN + Duration::from_millis(1)).unwrap();
    }
}
