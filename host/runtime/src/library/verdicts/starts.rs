//! What came of the last start of a content: for those who list the folders while no host runs, and so that a plugin that hangs
//! in its start does not keep every host waiting.
//!
//! Unlike a verdict this refuses nothing by itself: what a plugin did not find yesterday may be there today.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Verdict, Verdicts};
use crate::kept;
use crate::library::copy::ContentHash;
use crate::words;

/// How often in a row a plugin may hang in its start before it is refused without waiting for it. Once may be the machine's fault.
const LATE_AT_MOST: u32 = 2;

#[derive(Serialize, Deserialize)]
struct LastStart {
    host: String,
    reason: String,
    /// How often in a row it has hung.
    late: u32,
}

impl Verdicts {
    /// Why the last start of a content failed, if it did.
    pub fn last_start(&self, hash: ContentHash) -> Option<String> {
        self.read_start(hash).map(|last| last.reason)
    }

    /// Notes that a content was started.
    pub fn has_started(&self, hash: ContentHash) {
        // Mostly there is nothing to remove.
        let _ = fs::remove_file(self.start_file(hash));
    }

    /// Notes why a content did not start; `late` is how long somebody waited for one that hangs. One that hangs again is
    /// refused from now on, as one is that killed its host.
    pub fn has_not_started(&self, hash: ContentHash, reason: &str, late: Option<Duration>) {
        let before = self.read_start(hash).map_or(0, |last| last.late);
        let last = LastStart {
            host: self.host.clone(),
            reason: reason.to_owned(),
            late: if late.is_some() { before + 1 } else { 0 },
        };
        match late.filter(|_| last.late >= LATE_AT_MOST) {
            Some(limit) => {
                let reason = words::start_late_again(limit);
                self.keep(hash, &Verdict::new(Err(reason)));
            }
            None => self.write(&self.start_file(hash), &last),
        }
    }

    fn read_start(&self, hash: ContentHash) -> Option<LastStart> {
        let last: LastStart = kept::read(&self.start_file(hash)).ok()?;
        (last.host == self.host).then_some(last)
    }

    fn start_file(&self, hash: ContentHash) -> PathBuf {
        self.folder.join(format!("{hash}.start.json"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_that_failed_is_told_until_one_goes_well_and_one_that_hangs_twice_in_a_row_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let verdicts = Verdicts::new(folder.path().to_owned(), "1".to_owned());
        let (hash, limit) = (ContentHash::of(b"plugin"), Some(Duration::from_secs(10)));
        verdicts.has_not_started(hash, "did not want to", None);
        assert_eq!(verdicts.last_start(hash).as_deref(), Some("did not want to"));
        assert_eq!(Verdicts::new(folder.path().to_owned(), "2".to_owned()).last_start(hash), None);
        verdicts.has_started(hash);
        assert_eq!(verdicts.last_start(hash), None);

        verdicts.has_not_started(hash, "was late", limit);
        verdicts.has_not_started(hash, "did not want to", None);
        verdicts.has_not_started(hash, "was late", limit);
        assert_eq!(verdicts.recall(hash), None, "not twice in a row");
        verdicts.has_not_started(hash, "was late", limit);
        assert!(verdicts.recall(hash).unwrap().outcome.unwrap_err().contains("within 10 seconds, twice"));
        verdicts.forget(hash);
        assert_eq!((verdicts.recall(hash), verdicts.last_start(hash)), (None, None));
    }
}
