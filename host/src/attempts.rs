//! What pages and frames have tried that is not theirs: counted for each kind, and told in the log once for each.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::words;

/// A kind of attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// A message without the page's secret.
    Post,
    /// A request for a reply, or with a call, without it.
    Request,
    /// A request for a file by another origin, or at another host.
    ForeignFile,
    /// A path that leads out of the frontend folder, or is none.
    BadPath,
    /// A way to where the window does not go.
    Navigation,
    /// A window of its own.
    NewWindow,
    /// A file for the folder of downloads.
    Download,
}

impl Attempt {
    const ALL: [Self; 7] = [
        Self::Post,
        Self::Request,
        Self::ForeignFile,
        Self::BadPath,
        Self::Navigation,
        Self::NewWindow,
        Self::Download,
    ];

    /// What is said of the first.
    fn sentence(self, detail: &str) -> String {
        match self {
            Self::Post => words::stranger_posted(),
            Self::Request => words::stranger_asked(detail),
            Self::ForeignFile => words::foreign_file(detail),
            Self::BadPath => detail.to_owned(),
            Self::Navigation => words::no_way_there(detail),
            Self::NewWindow => words::no_window_for(detail),
            Self::Download => words::no_download(detail),
        }
    }

    /// Many of them.
    fn many(self) -> &'static str {
        match self {
            Self::Post => words::POSTS,
            Self::Request => words::REQUESTS,
            Self::ForeignFile => words::FOREIGN_FILES,
            Self::BadPath => words::BAD_PATHS,
            Self::Navigation => words::NAVIGATIONS,
            Self::NewWindow => words::NEW_WINDOWS,
            Self::Download => words::DOWNLOADS,
        }
    }
}

/// The counts of one window.
#[derive(Debug, Default)]
pub struct Attempts([AtomicU64; Attempt::ALL.len()]);

/// The counts, as `host/attempts` tells them.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    posts: u64,
    requests: u64,
    foreign_files: u64,
    bad_paths: u64,
    navigations: u64,
    new_windows: u64,
    downloads: u64,
}

impl Attempts {
    /// Counts an attempt; the first of its kind is told, with `detail`.
    pub fn note(&self, attempt: Attempt, detail: &str) {
        let sentence = || attempt.sentence(detail);
        let before = self.of(attempt).fetch_add(1, Ordering::Relaxed);
        if before == 0 {
            tracing::warn!("{}", sentence());
        } else {
            tracing::debug!("{}", sentence());
        }
    }

    /// What has been counted.
    pub fn counts(&self) -> Counts {
        let of = |attempt| self.of(attempt).load(Ordering::Relaxed);
        Counts {
            posts: of(Attempt::Post),
            requests: of(Attempt::Request),
            foreign_files: of(Attempt::ForeignFile),
            bad_paths: of(Attempt::BadPath),
            navigations: of(Attempt::Navigation),
            new_windows: of(Attempt::NewWindow),
            downloads: of(Attempt::Download),
        }
    }

    /// Tells how many there were of each kind that came more than once.
    pub fn sum_up(&self) {
        for attempt in Attempt::ALL {
            let count = self.of(attempt).load(Ordering::Relaxed);
            if count > 1 {
                tracing::warn!("{}", words::refused_in_all(count, attempt.many()));
            }
        }
    }

    fn of(&self, attempt: Attempt) -> &AtomicU64 {
        let [posts, requests, foreign_files, bad_paths, navigations, new_windows, downloads] = &self.0;
        match attempt {
            Attempt::Post => posts,
            Attempt::Request => requests,
            Attempt::ForeignFile => foreign_files,
            Attempt::BadPath => bad_paths,
            Attempt::Navigation => navigations,
            Attempt::NewWindow => new_windows,
            Attempt::Download => downloads,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_counted_by_itself() {
        let attempts = Attempts::default();
        for attempt in Attempt::ALL {
            attempts.note(attempt, "x");
        }
        attempts.note(Attempt::Post, "x");
        let counts = serde_json::to_value(attempts.counts()).unwrap();
        let expected = serde_json::json!({ "posts": 2, "requests": 1, "foreignFiles": 1, "badPaths": 1, "navigations": 1, "newWindows": 1, "downloads": 1 });
        assert_eq!(counts, expected);
    }
}
