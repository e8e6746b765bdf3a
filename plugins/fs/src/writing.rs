//! Writing files: whole, behind what is there, or piece by piece into files that stay open for a while.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use plugin_api::files::cap_std::fs::{File, OpenOptions};
use plugin_api::files::{Draft, Place};
use plugin_api::{Result, anyhow, bail, ensure};

use crate::options::WriteOptions;

/// How many files may be open for writing at a time. Each is an open file of the whole process.
const MOST_OPEN: usize = 64;

/// How long a file may be left alone where all places are taken: the page that has opened it is probably gone.
const IDLE: Duration = Duration::from_secs(600);

/// Writes `bytes` as the content of a file, or behind it.
pub fn write(place: Place, bytes: &[u8], options: &WriteOptions) -> Result<()> {
    let mut writing = Writing::open(place, options)?;
    writing.write(bytes)?;
    writing.close(true)
}

/// A file that is being written.
struct Writing {
    to: To,
    written: u64,
    /// A piece of it is missing.
    failed: bool,
}

enum To {
    /// The file itself; and whether it was made for this.
    InPlace { file: File, place: Place, made: bool },
    /// Another one that takes its place at the end.
    Draft(Box<Draft>),
}

impl Writing {
    fn open(place: Place, options: &WriteOptions) -> Result<Self> {
        ensure!(
            !(options.append && options.atomic),
            "`append` and `atomic` do not go together: what is behind another text is not written in one step"
        );
        if options.atomic {
            return Ok(Self { to: To::Draft(Box::new(Draft::new(place)?)), written: 0, failed: false });
        }
        let mut new = OpenOptions::new();
        new.append(options.append).write(true);
        let mut old = new.clone();
        new.create_new(true);
        // Made by somebody else in between, it is written to like any that was there.
        old.create(true).truncate(!options.append);
        let made = place.try_metadata()?.is_none();
        let (file, made) = match made.then(|| place.open(&new, "written")) {
            Some(Ok(file)) => (file, true),
            _ => (place.open(&old, "written")?, false),
        };
        Ok(Self { to: To::InPlace { file, place, made }, written: 0, failed: false })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let written = match &mut self.to {
            To::InPlace { file, .. } => file.write_all(bytes),
            To::Draft(draft) => draft.write_all(bytes),
        };
        self.failed |= written.is_err();
        written.map_err(|error| self.place().cannot("written", &error))?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    fn place(&self) -> &Place {
        match &self.to {
            To::InPlace { place, .. } => place,
            To::Draft(draft) => draft.place(),
        }
    }

    fn close(self, keep: bool) -> Result<()> {
        // What is seen whole or not at all is not whole.
        ensure!(
            !(keep && self.failed && matches!(self.to, To::Draft(_))),
            "`{}` is as before: not all of the new content could be written",
            self.place().shown().display()
        );
        match self.to {
            To::Draft(draft) if keep => draft.keep(),
            To::InPlace { place, made: true, .. } if !keep => {
                place.folder().remove_file(place.path()).map_err(|error| place.cannot("removed", &error))
            }
            To::Draft(_) | To::InPlace { .. } => Ok(()),
        }
    }
}

/// The files that are open for writing, by their numbers.
#[derive(Default)]
pub struct Writings(Mutex<HashMap<u64, Arc<Open>>>);

struct Open {
    /// Nothing once it is closed.
    writing: Mutex<Option<Writing>>,
    last: Mutex<Instant>,
}

impl Writings {
    /// Opens a file. Its number cannot be guessed: another page has files of its own.
    pub fn open(&self, place: Place, options: &WriteOptions) -> Result<u64> {
        // Looked at first, so that one too many empties no file.
        let forgotten = self.make_room()?;
        drop(forgotten);
        let writing = Writing::open(place, options)?;
        let open = Open { writing: Mutex::new(Some(writing)), last: Mutex::new(Instant::now()) };
        let mut files = lock(&self.0);
        ensure!(files.len() < MOST_OPEN, too_many());
        loop {
            // As many bits as a page reads exactly.
            let number = RandomState::new().hash_one(files.len()) >> 11;
            if let std::collections::hash_map::Entry::Vacant(entry) = files.entry(number) {
                entry.insert(Arc::new(open));
                return Ok(number);
            }
        }
    }

    /// Writes to the end of a file. Returns how much was written since it was opened.
    pub fn write(&self, file: u64, bytes: &[u8]) -> Result<u64> {
        let Some(open) = lock(&self.0).get(&file).cloned() else { bail!(not_open(file)) };
        let mut writing = lock(&open.writing);
        let writing = writing.as_mut().ok_or_else(|| not_open(file))?;
        writing.write(bytes)?;
        *lock(&open.last) = Instant::now();
        Ok(writing.written)
    }

    /// Closes a file, and keeps what was written, or does not. Waits for what is being written at the moment.
    pub fn close(&self, file: u64, keep: bool) -> Result<u64> {
        let Some(open) = lock(&self.0).remove(&file) else { bail!(not_open(file)) };
        let writing = lock(&open.writing).take();
        let writing = writing.ok_or_else(|| not_open(file))?;
        let written = writing.written;
        writing.close(keep)?;
        Ok(written)
    }

    /// Closes all, and keeps nothing of what was to be seen at the end only.
    pub fn give_up(&self) {
        let all = std::mem::take(&mut *lock(&self.0));
        for open in all.into_values() {
            drop(lock(&open.writing).take());
        }
    }

    /// Where there is no room, takes the file out that was left alone for the longest time.
    fn make_room(&self) -> Result<Option<Arc<Open>>> {
        let mut files = lock(&self.0);
        if files.len() < MOST_OPEN {
            return Ok(None);
        }
        let oldest = files.iter().map(|(number, open)| (*lock(&open.last), *number)).min();
        match oldest {
            Some((last, number)) if last.elapsed() >= IDLE => Ok(files.remove(&number)),
            _ => Err(too_many()),
        }
    }
}

fn not_open(file: u64) -> plugin_api::Error {
    anyhow!("no file {file} is open for writing; openForWriting opens one")
}

fn too_many() -> plugin_api::Error {
    anyhow!("{MOST_OPEN} files are open for writing, which are all that may be; close one with closeWriting")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
