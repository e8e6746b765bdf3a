//! What probes have found, remembered by content and host: a library that is known costs no child process.
//!
//! A verdict is forgotten when the file changes (its content is another), when the host changes, and when somebody asks
//! to try again.

mod starts;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plugin_api::manifest::Manifest;
use serde::{Deserialize, Serialize};

use super::copy::ContentHash;
use super::discovery::Stamp;
use crate::kept;

/// Verdicts that are kept at most; beyond, the oldest go. Ten times the plugins that somebody may have.
const MOST_KEPT: usize = 10_000;

/// What a probe has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What the library says of itself, or why it is refused: a sentence, to follow the file's name.
    pub outcome: Result<Manifest, String>,
    /// What it printed meanwhile, shortened.
    #[serde(default)]
    pub output: String,
    /// Whether it says something of this moment, and nothing of the library: then it is not remembered.
    #[serde(skip)]
    pub fleeting: bool,
    /// How long it was waited for, if it was late. That may be this moment's fault, too.
    #[serde(skip)]
    pub late: Option<Duration>,
}

impl Verdict {
    /// One about the library.
    pub fn new(outcome: Result<Manifest, String>) -> Self {
        Self { outcome, output: String::new(), fleeting: false, late: None }
    }

    /// One that says nothing of the library.
    pub fn of_this_moment(reason: String) -> Self {
        Self { fleeting: true, ..Self::new(Err(reason)) }
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    host: String,
    verdict: Verdict,
}

/// What a file was seen to hold.
#[derive(Serialize, Deserialize)]
struct Known {
    path: PathBuf,
    stamp: Stamp,
    hash: String,
}

/// The verdicts of one host.
pub struct Verdicts {
    folder: PathBuf,
    host: String,
}

impl Verdicts {
    /// Verdicts kept in `folder`. `host` names who has found them; those of others are not believed.
    pub fn new(folder: PathBuf, host: String) -> Self {
        forget_oldest(&folder);
        Self { folder, host }
    }

    /// What is known of a content.
    pub fn recall(&self, hash: ContentHash) -> Option<Verdict> {
        let kept: Kept = kept::read(&self.file(hash)).ok()?;
        (kept.host == self.host).then_some(kept.verdict)
    }

    /// Keeps a verdict. Where the disk does not allow that, the next start finds out anew.
    pub fn keep(&self, hash: ContentHash, verdict: &Verdict) {
        let kept = Kept { host: self.host.clone(), verdict: verdict.clone() };
        self.write(&self.file(hash), &kept);
    }

    /// Forgets what is known of a content, and how it started.
    pub fn forget(&self, hash: ContentHash) {
        // One that is not there is forgotten.
        let _ = fs::remove_file(self.file(hash));
        self.has_started(hash);
    }

    /// Notes what the file at `path` holds as long as it bears this stamp, for those who list the folder and do not want
    /// to read all of it.
    pub fn note(&self, path: &Path, stamp: &Stamp, hash: ContentHash) {
        if self.hash_of(path, stamp) != Some(hash) {
            let known = Known { path: path.to_owned(), stamp: stamp.clone(), hash: hash.to_string() };
            self.write(&self.note_of(path), &known);
        }
    }

    /// What the file at `path` holds, if that was noted and it has not changed.
    pub fn hash_of(&self, path: &Path, stamp: &Stamp) -> Option<ContentHash> {
        let known: Known = kept::read(&self.note_of(path)).ok()?;
        (known.path == path && known.stamp == *stamp).then(|| ContentHash::from_text(&known.hash)).flatten()
    }

    fn note_of(&self, path: &Path) -> PathBuf {
        self.folder.join(format!("{}.file.json", ContentHash::of(path.as_os_str().as_encoded_bytes())))
    }

    fn write(&self, file: &Path, value: &impl Serialize) {
        if let Err(error) = kept::write(file, value) {
            tracing::debug!("{} was not written: {error}", file.display());
        }
    }

    fn file(&self, hash: ContentHash) -> PathBuf {
        self.folder.join(format!("{hash}.json"))
    }
}

fn forget_oldest(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let dated =
        entries.flatten().filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())));
    let mut files: Vec<_> = dated.collect();
    if files.len() > MOST_KEPT {
        files.sort();
        for (_, file) in &files[..files.len() - MOST_KEPT] {
            let _ = fs::remove_file(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_recalled_by_the_host_that_found_it_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let hash = ContentHash::of(b"a library");
        let ours = Verdicts::new(folder.path().join("deeper"), "1".to_owned());
        let verdict = Verdict { output: "ouch".to_owned(), ..Verdict::new(Err("is bad".to_owned())) };
        assert_eq!(ours.recall(hash), None);
        ours.keep(hash, &verdict);
        assert_eq!(ours.recall(hash).as_ref(), Some(&verdict));
        assert_eq!(Verdicts::new(folder.path().join("deeper"), "2".to_owned()).recall(hash), None);
        fs::write(ours.file(hash), "garbage").unwrap();
        assert_eq!(ours.recall(hash), None);
        ours.keep(hash, &verdict);
        ours.forget(hash);
        assert_eq!(ours.recall(hash), None);
    }
}
