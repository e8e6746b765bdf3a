//! Marks the slots of a thread that dies by a fatal signal or ends the process by `exit`.
//!
//! The table of sheets and the handlers before ours are static: a signal handler can be given nothing else. What runs in
//! the handler is atomic loads and stores, and calls that are safe in one.

use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use super::{EXIT, Sheet};

/// Runtimes of one process whose deaths are told at most; a program has one.
const MOST_SHEETS: usize = 64;

static SHEETS: [AtomicPtr<Sheet>; MOST_SHEETS] = [const { AtomicPtr::new(ptr::null_mut()) }; MOST_SHEETS];

/// The signals by which a process dies of its own doing.
const SIGNALS: [i32; 7] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGABRT, libc::SIGTRAP, libc::SIGSYS];

/// The handlers before ours, at the places of [`SIGNALS`]. Written before ours are installed.
static BEFORE: [AtomicPtr<libc::sigaction>; SIGNALS.len()] =
    [const { AtomicPtr::new(ptr::null_mut()) }; SIGNALS.len()];

/// How often this process was told to watch; for the place of the next sheet.
static WATCHED: AtomicU32 = AtomicU32::new(0);

/// Watches over a sheet for the rest of the process's life.
pub fn watch(sheet: &'static Sheet) {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(install);
    let place = WATCHED.fetch_add(1, Ordering::Relaxed) as usize % MOST_SHEETS;
    SHEETS[place].store(ptr::from_ref(sheet).cast_mut(), Ordering::Release);
}

/// Does something with every sheet. Safe in a signal handler if `work` is.
pub fn for_each_sheet(work: impl Fn(&Sheet)) {
    for sheet in &SHEETS {
        // SAFETY: only sheets that are never unmapped were put there.
        if let Some(sheet) = unsafe { sheet.load(Ordering::Acquire).as_ref() } {
            work(sheet);
        }
    }
}

fn install() {
    for (signal, before) in SIGNALS.iter().zip(&BEFORE) {
        // SAFETY: an all-zero `sigaction` is a valid value of the C struct.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        // On the alternate stack that the standard library gives its threads: one of the causes is a full stack.
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        action.sa_sigaction = on_signal as *const () as usize;
        // SAFETY: as above.
        let old = Box::leak(Box::new(unsafe { std::mem::zeroed::<libc::sigaction>() }));
        // SAFETY: asking for the present action writes a valid one into `old`.
        unsafe { libc::sigaction(*signal, ptr::null(), old) };
        before.store(old, Ordering::Release);
        // SAFETY: `action` is valid, and its handler does only what a handler may.
        unsafe { libc::sigaction(*signal, &raw const action, ptr::null_mut()) };
    }
    // SAFETY: the function takes nothing and stays in memory as long as this code, which is the executable's.
    unsafe { libc::atexit(on_exit) };
}

extern "C" fn on_signal(signal: i32, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    mark(signal.unsigned_abs());
    // What was there before decides: mostly it ends the process, after a word about a full stack.
    let place = SIGNALS.iter().position(|one| *one == signal);
    let before = place.map_or(ptr::null_mut(), |place| BEFORE[place].load(Ordering::Acquire));
    // SAFETY: `before` is null or a valid action that is never freed; a null one only asks.
    unsafe { libc::sigaction(signal, before, ptr::null_mut()) };
    // SAFETY: the system passes a valid `info`.
    let code = unsafe { (*info).si_code };
    // One that somebody sent does not come again by itself, as the fault of an instruction does.
    if code <= 0 {
        // SAFETY: `raise` may be called in a handler. The signal waits until this handler has returned.
        unsafe { libc::raise(signal) };
    }
}

extern "C" fn on_exit() {
    mark(EXIT);
}

fn mark(cause: u32) {
    let thread = dying_thread();
    for_each_sheet(|sheet| {
        let mut found = false;
        for slot in &sheet.slots {
            let here = slot.running.load(Ordering::Acquire) != 0
                && thread.is_some_and(|thread| slot.thread.load(Ordering::Relaxed) == thread);
            if here {
                found = true;
                // The first cause counts: the abort that follows it is its consequence.
                let _ = slot.cause.compare_exchange(0, cause, Ordering::Release, Ordering::Relaxed);
            }
        }
        // Whoever ends a process by `exit` in a thread without a slot may well be the program itself.
        if !found && thread.is_some() && cause != EXIT {
            mark_stray(sheet, cause);
        }
    });
}

/// Notes a thread that runs no plugin's code as far as is known: a plugin has probably started it.
fn mark_stray(sheet: &Sheet, cause: u32) {
    if sheet.stray.compare_exchange(0, cause, Ordering::Release, Ordering::Relaxed).is_ok() {
        let name = thread_name();
        for (word, bytes) in sheet.stray_name.iter().zip(name.chunks_exact(8)) {
            word.store(bytes.try_into().map_or(0, u64::from_ne_bytes), Ordering::Relaxed);
        }
    }
}

#[cfg(target_os = "linux")]
fn thread_name() -> [u8; 16] {
    let mut name = [0_u8; 16];
    // SAFETY: the call writes at most 16 bytes, and may be made in a handler.
    unsafe { libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr()) };
    name
}

#[cfg(not(target_os = "linux"))]
fn thread_name() -> [u8; 16] {
    [0; 16]
}

/// The system's number of this thread, asked anew: thread-local values are nothing for a handler.
#[cfg(target_os = "linux")]
fn dying_thread() -> Option<u32> {
    // SAFETY: the call takes nothing and may be made in a handler.
    u32::try_from(unsafe { libc::syscall(libc::SYS_gettid) }).ok()
}

#[cfg(not(target_os = "linux"))]
fn dying_thread() -> Option<u32> {
    None
}
