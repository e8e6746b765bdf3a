//! What a trial's child process tells the host: a file that it adds a line to for each phase it has come through.
//!
//! The library runs in the child as well and may have written anything into the file, or put something else in its place.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use plugin_api::manifest::{LONGEST_TEXT, Manifest};

use super::discovery;
use super::phase::Phase;

/// The end of the line for a phase that has nothing to tell.
const DONE: &[u8] = b"done";

/// The folder of one trial: the answer, and room for the plugin's data.
#[derive(Debug, Clone)]
pub struct Room(PathBuf);

impl Room {
    /// The one in this folder.
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The plugin's data folder.
    pub fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    /// The plugin's cache folder.
    pub fn cache(&self) -> PathBuf {
        self.0.join("cache")
    }

    /// What the plugin is told of the application's folder: that one is in use.
    pub fn app(&self) -> PathBuf {
        self.0.join("app")
    }

    /// And of the folder with what the application brings along.
    pub fn resources(&self) -> PathBuf {
        self.0.join("resources")
    }

    /// The file that the child writes to.
    fn answer(&self) -> PathBuf {
        self.0.join("answer")
    }

    /// For the child: begins the answer.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn begin(&self) -> io::Result<Answer> {
        // Opened before the library is: it cannot put anything in its place by then.
        File::create_new(self.answer()).map(Answer)
    }

    /// For the host: reads the answer of a child that has ended. Nothing, where it has not even been begun, or somebody has
    /// removed it.
    pub fn read(&self) -> Option<Told> {
        let there = self.answer().symlink_metadata().is_ok();
        there.then(|| Told::from_text(&read_bounded(&self.answer()).unwrap_or_default()))
    }
}

/// The answer, as the child writes it.
pub struct Answer(File);

impl Answer {
    /// Tells what the library says of itself, or why it could not be opened: the end of [`Phase::Open`].
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn described(&mut self, outcome: &Result<Manifest, String>) -> io::Result<()> {
        self.line(&serde_json::to_vec(outcome)?)
    }

    /// Tells that one more phase is over.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn done(&mut self) -> io::Result<()> {
        self.line(DONE)
    }

    fn line(&mut self, text: &[u8]) -> io::Result<()> {
        self.0.write_all(&[text, b"\n"].concat())
    }
}

/// The answer, as the host reads it.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    /// What the library says of itself, or why it could not be opened; or what is wrong with the answer.
    pub outcome: Result<Manifest, NoManifest>,
    /// The phase in which the child has ended; nothing, if it has come to the end.
    pub ended_in: Option<Phase>,
}

/// Why there is no manifest.
#[derive(Debug, PartialEq, Eq)]
pub enum NoManifest {
    /// The child says why.
    Refused(String),
    /// The answer is not what a child writes.
    NoAnswer(String),
}

impl Told {
    fn from_text(text: &[u8]) -> Self {
        // What has no end was not written whole.
        let mut lines =
            text.split_inclusive(|byte| *byte == b'\n').filter_map(|line| line.strip_suffix(b"\n"));
        let Some(first) = lines.next() else {
            return Self {
                outcome: Err(NoManifest::NoAnswer("it is empty".to_owned())),
                ended_in: Some(Phase::Open),
            };
        };
        let outcome = match serde_json::from_slice::<Result<Manifest, String>>(first) {
            Ok(Ok(manifest)) => Ok(manifest),
            Ok(Err(reason)) => Err(NoManifest::Refused(reason)),
            Err(error) => Err(NoManifest::NoAnswer(error.to_string())),
        };
        let ended_in = match lines.take_while(|line| *line == DONE).count() {
            0 => Some(Phase::Start),
            1 => Some(Phase::Stop),
            _ => None,
        };
        Self { outcome, ended_in }
    }
}

fn read_bounded(answer: &Path) -> io::Result<Vec<u8>> {
    /// Twice the longest manifest.
    const LONGEST: u64 = 2 * LONGEST_TEXT as u64;
    let mut text = Vec::new();
    // There may be a pipe in its place, which would make us wait.
    let (file, _) = discovery::open(answer).map_err(io::Error::other)?;
    file.take(LONGEST).read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused() -> Result<Manifest, String> {
        Err("is bad\nvery bad".to_owned())
    }

    #[test]
    fn each_line_tells_of_one_phase_more_and_one_without_an_end_tells_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let room = Room::new(folder.path().to_owned());
        assert_eq!(room.read(), None, "no answer");
        let mut answer = room.begin().unwrap();
        assert_eq!(room.read().unwrap().ended_in, Some(Phase::Open), "an empty one");
        answer.described(&refused()).unwrap();
        let told =
            Told { outcome: Err(NoManifest::Refused(refused().unwrap_err())), ended_in: Some(Phase::Start) };
        assert_eq!(room.read(), Some(told));
        answer.done().unwrap();
        assert_eq!(room.read().unwrap().ended_in, Some(Phase::Stop));
        answer.0.write_all(DONE).unwrap();
        assert_eq!(room.read().unwrap().ended_in, Some(Phase::Stop), "half a line");
        answer.0.write_all(b"\n").unwrap();
        assert_eq!(room.read().unwrap().ended_in, None);
        assert!(room.begin().is_err(), "one room is for one trial");
    }

    proptest! {
        #[test]
        fn whatever_a_library_writes_into_it_is_read(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let told = Told::from_text(&text);
            prop_assert!(told.ended_in != Some(Phase::Open) || !text.contains(&b'\n'));
        }

        #[test]
        fn what_comes_after_a_whole_answer_changes_nothing(more in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut text = serde_json::to_vec(&refused()).unwrap();
            text.extend(b"\ndone\ndone\n");
            let whole = Told::from_text(&text);
            text.extend(more);
            prop_assert_eq!(Told::from_text(&text), whole);
        }
    }
}
