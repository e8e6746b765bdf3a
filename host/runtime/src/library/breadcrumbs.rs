//! Where plugin code is at any moment, written down so that it outlives the process: after a host has died, the next one
//! reads which plugin it died in.
//!
//! A file of slots is mapped into memory. Who runs plugin code takes a slot, writes into it what runs, and gives it back;
//! that costs no system call. A handler of fatal signals marks the slots of the thread that dies. Nothing here waits for
//! the disk: what a process has written to its mapping is there after its end.

#[cfg(unix)]
mod fatal;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use memmap2::MmapMut;

/// Calls that are written down at a time; more than a host has threads.
const SLOTS: usize = 1024;

/// Bytes of one slot.
const SLOT_BYTES: usize = 256;

/// Bytes of text in a slot.
const TEXT_BYTES: usize = SLOT_BYTES - 24;

/// States of a slot.
const FREE: u32 = 0;
const RUNNING: u32 = 1;
const DIED: u32 = 2;

/// The cause that stands for `exit`.
const EXIT: u32 = u32::MAX;

/// What the file says when its process has left on purpose.
const ON_PURPOSE: u32 = 1;

/// What plugin code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The library's constructors; the detail is the content's hash.
    Open,
    /// The plugin's start; the detail is the content's hash.
    Start,
    /// A command; the detail is its name.
    Call,
    /// A promise's work, which has no name.
    Promise,
    /// The plugin's stop, or the freeing of its state.
    Stop,
}

impl Phase {
    const ALL: [Self; 5] = [Self::Open, Self::Start, Self::Call, Self::Promise, Self::Stop];
}

/// By what a process died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A signal.
    Signal(u32),
    /// A plugin ended the process, by `exit`.
    Exit,
    /// It was ended from outside, or in a way that leaves no trace.
    Unknown,
}

/// Where a process was when it died.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    pub phase: Phase,
    pub plugin: String,
    pub detail: String,
    pub cause: Cause,
}

/// One slot as it lies in the file.
#[repr(C)]
struct Slot {
    state: AtomicU32,
    thread: AtomicU32,
    sequence: AtomicU64,
    cause: AtomicU32,
    length: AtomicU32,
    text: [std::sync::atomic::AtomicU8; TEXT_BYTES],
}

const _: () = assert!(size_of::<Slot>() == SLOT_BYTES);

/// The whole file.
#[repr(C)]
struct Sheet {
    left: AtomicU32,
    _room: [u8; SLOT_BYTES - 4],
    slots: [Slot; SLOTS],
}

/// The breadcrumbs of this process. Cloning shares them.
#[derive(Clone)]
pub struct Breadcrumbs(Arc<Inner>);

struct Inner {
    sheet: &'static Sheet,
    file: PathBuf,
    // Locked as long as the process lives.
    _lock: File,
    free: Mutex<Vec<u32>>,
    sequence: AtomicU64,
}

/// Says that plugin code runs, until it is dropped.
pub struct Crumb<'a> {
    crumbs: &'a Inner,
    slot: u32,
}

impl Breadcrumbs {
    /// Begins a file in `folder`, and reads and removes those of processes that have died without stopping. The traces are
    /// those of each: where it died, or, where that is not known, all that ran.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn begin(folder: &Path) -> io::Result<(Self, Vec<Trace>)> {
        fs::create_dir_all(folder)?;
        let traces = collect(folder);
        let named = tempfile::Builder::new().prefix("host-").suffix(".crumbs").tempfile_in(folder)?;
        let (lock, file) = named.keep().map_err(|error| error.error)?;
        lock.lock()?;
        lock.set_len(size_of::<Sheet>() as u64)?;
        // SAFETY: the file was made here under a name of its own, and is locked; whoever writes to it or cuts it off all the
        // same is this user, and could as well write to this process.
        let map = unsafe { MmapMut::map_mut(&lock)? };
        // Never unmapped: the handler of fatal signals may look at it at any time.
        let map: &'static mut MmapMut = Box::leak(Box::new(map));
        // SAFETY: a mapping begins at a page, so the sheet is aligned; it is as long as the sheet; every bit pattern is a
        // sheet; and all of it is atomics, so sharing it is no data race.
        let sheet = unsafe { &*map.as_ptr().cast::<Sheet>() };
        #[cfg(unix)]
        fatal::watch(sheet);
        let free = (0..SLOTS as u32).rev().collect();
        let inner = Inner { sheet, file, _lock: lock, free: Mutex::new(free), sequence: AtomicU64::new(1) };
        Ok((Self(Arc::new(inner)), traces))
    }

    /// Writes down that plugin code runs. Nothing is written where all slots are taken.
    pub fn put(&self, phase: Phase, plugin: &str, detail: &str) -> Option<Crumb<'_>> {
        let inner = &*self.0;
        let slot = inner.free.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        let place = &inner.sheet.slots[slot as usize];
        let text = [&[phase as u8][..], plugin.as_bytes(), b"\0", detail.as_bytes()];
        let mut length = 0;
        for (cell, byte) in place.text.iter().zip(text.into_iter().flatten()) {
            cell.store(*byte, Ordering::Relaxed);
            length += 1;
        }
        place.length.store(length, Ordering::Relaxed);
        place.thread.store(thread_number(), Ordering::Relaxed);
        place.sequence.store(inner.sequence.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        place.cause.store(0, Ordering::Relaxed);
        place.state.store(RUNNING, Ordering::Release);
        Some(Crumb { crumbs: inner, slot })
    }

    /// Ends them: the process stops as it should.
    pub fn end(&self) {
        self.0.sheet.left.store(ON_PURPOSE, Ordering::Release);
        // What stays is read as that of a process that has left on purpose.
        let _ = fs::remove_file(&self.0.file);
    }
}

/// Notes that this process leaves on purpose, whatever runs.
pub fn leave_on_purpose() {
    #[cfg(unix)]
    fatal::for_each_sheet(|sheet| sheet.left.store(ON_PURPOSE, Ordering::Release));
}

impl Drop for Crumb<'_> {
    fn drop(&mut self) {
        let place = &self.crumbs.sheet.slots[self.slot as usize];
        place.state.store(FREE, Ordering::Release);
        self.crumbs.free.lock().unwrap_or_else(PoisonError::into_inner).push(self.slot);
    }
}

/// The system's number of this thread.
#[cfg(target_os = "linux")]
fn thread_number() -> u32 {
    thread_local! {
        // Asked once: it is a system call.
        static NUMBER: u32 = rustix::thread::gettid().as_raw_nonzero().get().unsigned_abs();
    }
    NUMBER.try_with(|number| *number).unwrap_or_default()
}

/// Elsewhere threads are not told apart, and a process that dies leaves all that ran.
#[cfg(not(target_os = "linux"))]
fn thread_number() -> u32 {
    0
}

fn collect(folder: &Path) -> Vec<Trace> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut traces = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        let ours = path.extension().is_some_and(|extension| extension == "crumbs");
        let Some(file) = ours.then(|| File::open(&path).ok()).flatten() else { continue };
        // Locked means that its process lives.
        if file.try_lock().is_ok() {
            traces.extend(fs::read(&path).map(|bytes| read(&bytes)).unwrap_or_default());
            let _ = fs::remove_file(&path);
        }
    }
    traces
}

/// Reads the file of a process that has died.
fn read(bytes: &[u8]) -> Vec<Trace> {
    let word = |slot: &[u8], at: usize| slot[at..at + 4].try_into().map_or(0, u32::from_ne_bytes);
    let Some((head, slots)) = bytes.split_at_checked(SLOT_BYTES) else { return Vec::new() };
    if word(head, 0) == ON_PURPOSE {
        return Vec::new();
    }
    let mut found = Vec::new();
    for slot in slots.chunks_exact(SLOT_BYTES) {
        let state = word(slot, 0);
        let length = word(slot, 20) as usize;
        let Some((phase, text)) = slot[24..].get(..length).and_then(|text| text.split_first()) else {
            continue;
        };
        let Some(phase) = Phase::ALL.into_iter().find(|one| *one as u8 == *phase) else { continue };
        if state != RUNNING && state != DIED {
            continue;
        }
        let text = String::from_utf8_lossy(text);
        let (plugin, detail) = text.split_once('\0').unwrap_or((&text, ""));
        let cause = match (state, word(slot, 16)) {
            (DIED, EXIT) => Cause::Exit,
            (DIED, signal) => Cause::Signal(signal),
            _ => Cause::Unknown,
        };
        let sequence = slot[8..16].try_into().map_or(0, u64::from_ne_bytes);
        found.push((sequence, Trace { phase, plugin: plugin.to_owned(), detail: detail.to_owned(), cause }));
    }
    // Of several that the dying thread was in, the last one is the innermost.
    found.sort_by_key(|(sequence, _)| *sequence);
    let died = found.iter().rposition(|(_, trace)| trace.cause != Cause::Unknown);
    match died {
        Some(died) => vec![found.swap_remove(died).1],
        None => found.into_iter().map(|(_, trace)| trace).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The crumbs of a process that dies now, as the next one reads them.
    fn after_death(crumbs: &Breadcrumbs) -> Vec<Trace> {
        read(&fs::read(&crumbs.0.file).unwrap())
    }

    #[test]
    fn what_runs_is_written_down_and_what_has_returned_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (crumbs, before) = Breadcrumbs::begin(folder.path()).unwrap();
        assert!(before.is_empty() && after_death(&crumbs).is_empty());
        let outer = crumbs.put(Phase::Call, "first", "doSomething");
        drop(crumbs.put(Phase::Start, "second", "hash"));
        let trace = |plugin: &str, detail: &str| Trace {
            phase: Phase::Call,
            plugin: plugin.to_owned(),
            detail: detail.to_owned(),
            cause: Cause::Unknown,
        };
        assert_eq!(after_death(&crumbs), [trace("first", "doSomething")]);
        let long = "x".repeat(1000);
        let inner = crumbs.put(Phase::Call, "third", &long);
        assert_eq!(after_death(&crumbs)[1].plugin, "third");
        drop((inner, outer));
        assert!(after_death(&crumbs).is_empty());
    }

    #[test]
    fn the_living_are_left_alone_and_who_left_on_purpose_left_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (crumbs, _) = Breadcrumbs::begin(folder.path()).unwrap();
        let running = crumbs.put(Phase::Call, "plugin", "cmd");
        let (other, traces) = Breadcrumbs::begin(folder.path()).unwrap();
        assert!(traces.is_empty());
        crumbs.end();
        assert!(fs::read_dir(folder.path()).unwrap().count() == 1);
        drop(running);
        other.end();
    }

    proptest::proptest! {
        #[test]
        fn any_file_is_read_without_a_panic(mut bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..2000)) {
            read(&bytes);
            if bytes.len() >= 4 {
                bytes[..4].fill(0);
                read(&bytes);
            }
        }
    }
}
