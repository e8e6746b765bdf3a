//! The folder of one check: what the child works in, and leaves there for its parent.

use std::cell::Cell;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use super::task::Found;

/// The file in which a child leaves what it has found.
pub const FOUND: &str = "found";
/// The file in which it says what it does at the moment.
const PLACE: &str = "place";

/// The folder of one check.
pub struct Room {
    folder: PathBuf,
    left_running: Cell<bool>,
}

impl Room {
    /// The folder at this path.
    pub fn at(path: PathBuf) -> Self {
        Self { folder: path, left_running: Cell::new(false) }
    }

    /// A file or folder in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Notes that code of the plugin still runs: no destructor may run under it.
    pub fn note_left_running(&self) {
        self.left_running.set(true);
    }

    /// Whether that is so.
    pub fn is_left_running(&self) -> bool {
        self.left_running.get()
    }

    /// Notes what is done now, for the case that it is the last thing.
    pub fn note(&self, place: &str) {
        let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(self.path(PLACE));
        // In one go, over the one before: the process may end at any moment. Without it the sentence is shorter.
        let _ = file.and_then(|mut file| file.write_all(format!("{place}\n").as_bytes()));
    }

    /// What was done last.
    pub fn place(&self) -> String {
        let noted = fs::read(self.path(PLACE)).unwrap_or_default();
        String::from_utf8_lossy(noted.split(|byte| *byte == b'\n').next().unwrap_or_default()).into_owned()
    }

    /// What was found, where the child has come so far.
    pub fn found(&self) -> Option<Found> {
        serde_json::from_slice(&fs::read(self.path(FOUND)).ok()?).ok()
    }
}
