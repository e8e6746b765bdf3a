//! Where plugin code is at any moment, written down so that it outlives the process: after a host has died, the next one
//! reads which plugin it died in.
//!
//! A file of slots is mapped into memory, one slot for each thread that runs plugin code. What runs is a number in the
//! slot; the names behind the numbers stand in a second file. So a call costs two stores. A handler of fatal signals marks
//! the slot of the thread that dies. Nothing here waits for the disk: what a process has written to its mapping is there
//! after its end.

#[cfg(unix)]
mod fatal;
mod reading;

use std::cell::{Cell, RefCell};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use memmap2::MmapMut;
use serde::{Deserialize, Serialize};

use super::copy::ContentHash;
use super::phase::Phase;

/// Threads that are written down at a time; more than a host has.
const SLOTS: usize = 1024;

/// The ending of the name of the file with a process's answer.
const ANSWER: &str = "answer";

/// The cause that stands for `exit`.
const EXIT: u32 = u32::MAX;

/// What the file says when its process has left on purpose.
const ON_PURPOSE: u64 = 1;

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

/// Reads and removes what the processes have left in a folder that have died there.
pub fn traces_in(folder: &Path) -> Vec<Trace> {
    reading::collect(folder)
}

/// Where the processes answer that live and have their files in this folder.
pub fn answers_in(folder: &Path) -> Vec<PathBuf> {
    reading::living(folder).into_iter().map(|file| file.with_extension(ANSWER)).collect()
}

/// Where a process was when it died.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    pub phase: Phase,
    /// Empty, where even that is not known.
    pub plugin: String,
    /// What the plugin's library held, as text; empty, where that is not known.
    pub hash: String,
    /// The command's name in a call; the thread's name, where it was none of the host's.
    pub detail: String,
    pub cause: Cause,
}

/// One slot as it lies in the file.
#[repr(C)]
struct Slot {
    /// What runs: see [`Running`]; 0 for nothing.
    running: AtomicU64,
    /// The system's number of the thread whose slot it is.
    thread: AtomicU32,
    /// By what the thread died; 0 while it lives.
    cause: AtomicU32,
}

/// The whole file.
#[repr(C)]
struct Sheet {
    left: AtomicU64,
    /// By what a thread died that has no slot, or runs nothing in it; 0 otherwise.
    stray: AtomicU32,
    _room: u32,
    /// The name of that thread, as the system has it: 15 bytes.
    stray_name: [AtomicU64; 2],
    slots: [Slot; SLOTS],
}

/// What runs, as one number that is not 0: the phase above, the plugin's number, and the command's index below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Running {
    phase: Phase,
    plugin: u32,
    index: u32,
}

impl Running {
    fn to_number(self) -> u64 {
        ((self.phase as u64 + 1) << 56) | (u64::from(self.plugin & 0xff_ffff) << 32) | u64::from(self.index)
    }

    fn from_number(number: u64) -> Option<Self> {
        let phase = Phase::ALL.into_iter().find(|phase| *phase as u64 + 1 == number >> 56)?;
        let plugin = u32::try_from((number >> 32) & 0xff_ffff).ok()?;
        Some(Self { phase, plugin, index: u32::try_from(number & 0xffff_ffff).ok()? })
    }
}

/// What the second file has of a plugin, in a line.
#[derive(Serialize, Deserialize)]
struct Names {
    plugin: String,
    hash: String,
    commands: Vec<String>,
}

/// The breadcrumbs of this process. Cloning shares them.
#[derive(Clone)]
pub struct Breadcrumbs(Option<Arc<Inner>>);

struct Inner {
    sheet: &'static Sheet,
    file: PathBuf,
    // Locked as long as the process lives.
    _lock: File,
    names: Mutex<(File, u32)>,
    free: Mutex<Vec<usize>>,
}

/// A plugin that has been written down, and can say that its code runs.
#[derive(Clone)]
pub struct Known {
    crumbs: Breadcrumbs,
    plugin: u32,
}

/// Says that plugin code runs, until it is dropped.
pub struct Crumb {
    slot: &'static Slot,
    /// What ran before, in the same thread: a nested event loop runs calls inside of calls.
    outer: u64,
}

impl Breadcrumbs {
    /// Begins a file in `folder`, and reads and removes those of processes that have died without stopping. The traces are
    /// those of each: where it died, or, where that is not known, all that ran.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn begin(folder: &Path) -> io::Result<(Self, Vec<Trace>)> {
        fs::create_dir_all(folder)?;
        let traces = reading::collect(folder);
        let named = tempfile::Builder::new().prefix("host-").suffix(".crumbs").tempfile_in(folder)?;
        named.as_file().lock()?;
        let (lock, file) = named.keep().map_err(|error| error.error)?;
        // Written and not only made long: on a full disk a mapping without room behind it kills who writes to it.
        (&lock).write_all(&vec![0; size_of::<Sheet>()])?;
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
        let names = Mutex::new((File::create(file.with_extension("names"))?, 0));
        let free = Mutex::new((0..SLOTS).rev().collect());
        Ok((Self(Some(Arc::new(Inner { sheet, file, _lock: lock, names, free }))), traces))
    }

    /// No breadcrumbs, where they cannot be written.
    pub fn none() -> Self {
        Self(None)
    }

    /// Writes down a plugin whose code is to run. Where the disk does not allow that, the next host cannot name it.
    pub fn know(&self, plugin: &str, hash: ContentHash, commands: impl Iterator<Item = String>) -> Known {
        let names = Names { plugin: plugin.to_owned(), hash: hash.to_string(), commands: commands.collect() };
        let Some(inner) = &self.0 else { return Known { crumbs: self.clone(), plugin: 0 } };
        let mut file = inner.names.lock().unwrap_or_else(PoisonError::into_inner);
        let number = file.1;
        file.1 += 1;
        let written = serde_json::to_vec(&names).map_err(io::Error::from).and_then(|mut line| {
            line.push(b'\n');
            file.0.write_all(&line)
        });
        if let Err(error) = written {
            tracing::debug!(plugin, "was not written down: {error}");
        }
        Known { crumbs: self.clone(), plugin: number }
    }

    /// Where this process answers who asks from outside: beside its own files, and removed with them.
    pub fn answers(&self) -> Option<PathBuf> {
        self.0.as_ref().map(|inner| inner.file.with_extension(ANSWER))
    }

    /// Ends them: the process stops as it should.
    pub fn end(&self) {
        let Some(inner) = &self.0 else { return };
        inner.sheet.left.store(ON_PURPOSE, Ordering::Release);
        // What stays is read as that of a process that has left on purpose.
        let _ = fs::remove_file(inner.file.with_extension("names"));
        let _ = fs::remove_file(inner.file.with_extension(ANSWER));
        let _ = fs::remove_file(&inner.file);
    }
}

impl Known {
    /// Says that code of the plugin runs on this thread: the command at `index`, in the phase of calls. Nothing is said
    /// where more threads run than there are slots.
    pub fn put(&self, phase: Phase, index: u32) -> Option<Crumb> {
        let slot = slot_of_this_thread(self.crumbs.0.as_ref()?)?;
        let running = Running { phase, plugin: self.plugin, index }.to_number();
        // Nobody else writes to this thread's slot.
        let outer = slot.running.load(Ordering::Relaxed);
        slot.running.store(running, Ordering::Relaxed);
        Some(Crumb { slot, outer })
    }
}

impl Drop for Crumb {
    fn drop(&mut self) {
        self.slot.running.store(self.outer, Ordering::Relaxed);
    }
}

/// Notes that this process leaves on purpose, whatever runs.
pub fn leave_on_purpose() {
    #[cfg(unix)]
    fatal::for_each_sheet(|sheet| sheet.left.store(ON_PURPOSE, Ordering::Release));
}

/// A thread's slot, given back at the thread's end.
struct Lease {
    crumbs: Arc<Inner>,
    index: usize,
}

impl Drop for Lease {
    fn drop(&mut self) {
        // `exit` ends the thread-local values before it tells anybody; then what runs has called it.
        if self.crumbs.sheet.slots[self.index].running.load(Ordering::Relaxed) == 0 {
            self.crumbs.free.lock().unwrap_or_else(PoisonError::into_inner).push(self.index);
        }
    }
}

thread_local! {
    /// The slots of this thread: one for each runtime of the process, which is one in a program.
    static SLOTS_HERE: RefCell<Vec<Lease>> = const { RefCell::new(Vec::new()) };
    /// The one of the runtime that was asked for last, and where that lies: it stays there as long as the slot is leased.
    static LAST: Cell<Option<(usize, &'static Slot)>> = const { Cell::new(None) };
}

fn slot_of_this_thread(crumbs: &Arc<Inner>) -> Option<&'static Slot> {
    let place = Arc::as_ptr(crumbs).addr();
    if let Some((last, slot)) = LAST.get()
        && last == place
    {
        return Some(slot);
    }
    let slot = look_for_slot(crumbs)?;
    LAST.set(Some((place, slot)));
    Some(slot)
}

fn look_for_slot(crumbs: &Arc<Inner>) -> Option<&'static Slot> {
    let found = SLOTS_HERE.try_with(|leases| {
        let mut leases = leases.borrow_mut();
        if let Some(lease) = leases.iter().find(|lease| Arc::ptr_eq(&lease.crumbs, crumbs)) {
            return Some(&crumbs.sheet.slots[lease.index]);
        }
        let index = crumbs.free.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        let slot = &crumbs.sheet.slots[index];
        slot.thread.store(thread_number(), Ordering::Relaxed);
        leases.push(Lease { crumbs: Arc::clone(crumbs), index });
        Some(slot)
    });
    // A thread that ends says nothing any more.
    found.ok().flatten()
}

/// The system's number of this thread.
#[cfg(target_os = "linux")]
fn thread_number() -> u32 {
    rustix::thread::gettid().as_raw_nonzero().get().unsigned_abs()
}

/// Elsewhere threads are not told apart, and a process that dies leaves all that ran.
#[cfg(not(target_os = "linux"))]
fn thread_number() -> u32 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The crumbs of a process that dies now, as the next one reads them.
    fn after_death(crumbs: &Breadcrumbs) -> Vec<Trace> {
        reading::read(&crumbs.0.as_ref().unwrap().file)
    }

    fn known(crumbs: &Breadcrumbs, plugin: &str) -> Known {
        crumbs.know(plugin, ContentHash::of(b""), ["first", "second"].map(str::to_owned).into_iter())
    }

    #[test]
    fn what_runs_is_written_down_and_what_has_returned_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (crumbs, before) = Breadcrumbs::begin(folder.path()).unwrap();
        assert!(before.is_empty() && after_death(&crumbs).is_empty());
        let (one, other) = (known(&crumbs, "one"), known(&crumbs, "other"));
        let outer = one.put(Phase::Call, 1);
        drop(other.put(Phase::Start, 0));
        let trace = |phase, plugin: &str, detail: &str| Trace {
            phase,
            plugin: plugin.to_owned(),
            hash: ContentHash::of(b"").to_string(),
            detail: detail.to_owned(),
            cause: Cause::Unknown,
        };
        assert_eq!(after_death(&crumbs), [trace(Phase::Call, "one", "second")]);
        let inner = other.put(Phase::Start, 0);
        assert_eq!(after_death(&crumbs), [trace(Phase::Start, "other", "")], "the innermost of a thread");
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let _elsewhere = one.put(Phase::Call, 0);
                assert_eq!(after_death(&crumbs).len(), 2);
            });
        });
        drop(inner);
        drop(outer);
        assert!(after_death(&crumbs).is_empty());
    }

    #[test]
    fn the_living_are_left_alone_and_who_left_on_purpose_left_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (crumbs, _) = Breadcrumbs::begin(folder.path()).unwrap();
        let running = known(&crumbs, "plugin").put(Phase::Call, 0);
        let (other, traces) = Breadcrumbs::begin(folder.path()).unwrap();
        assert!(traces.is_empty());
        crumbs.end();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "the two files of the other");
        drop(running);
        other.end();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
