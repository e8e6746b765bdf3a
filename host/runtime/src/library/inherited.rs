//! Leaves behind what a child process was given without being meant for it: the host's own files are closed by the system when the
//! child begins, but not those that the host was given itself by who has started it.
//!
//! Nothing is closed here. The libraries of a window start threads before `main`, and nobody can say of an open file whether it was
//! inherited or is theirs. So all that are open get the mark with which the system closes them where a program begins, and the process
//! begins again, if there was one without it: what is open then was opened since.

use std::os::fd::RawFd;

use crate::again;

/// The first after the standard files.
const FIRST: RawFd = 3;

/// The variable by which a process knows that it has begun again.
const BEGUN: &str = "PLUGIN_HOST_BEGUN";

/// Begins again without the files that were inherited, but for the standard ones. Returns where there are none, or with the exit code
/// where that did not succeed. To be called before anything of a plugin's is opened.
pub fn leave_behind() -> Option<i32> {
    // One in a sandbox has marked them, too, and begun again since.
    let has_begun = [BEGUN, again::SANDBOX_FILES].into_iter().any(|name| std::env::var_os(name).is_some());
    (!has_begun && mark()).then(|| again::begin(BEGUN, "1"))
}

/// Has the system close all files but the standard ones in what this process becomes or starts. Whether there was one that it would
/// have left open. A program that calls this at its start spares each process with plugin code the time to begin twice; what it has
/// been given by who has started it reaches no program that it starts itself, either.
pub fn mark() -> bool {
    let Ok(files) = std::fs::read_dir("/dev/fd") else { return false };
    let numbers: Vec<RawFd> =
        files.flatten().filter_map(|file| file.file_name().to_str()?.parse().ok()).collect();
    let marked = numbers.into_iter().filter(|number| *number >= FIRST && mark_one(*number));
    marked.count() > 0
}

/// Whether the file has got the mark now.
fn mark_one(number: RawFd) -> bool {
    // SAFETY: it touches no memory and changes nothing, whoever has the file; of a number without one it returns an error.
    let flags = unsafe { libc::fcntl(number, libc::F_GETFD) };
    if flags < 0 || flags & libc::FD_CLOEXEC != 0 {
        return false;
    }
    // SAFETY: it touches no memory, and leaves the file open. Whoever has it, or gets the number meanwhile, uses it as before until
    // this program ends.
    unsafe { libc::fcntl(number, libc::F_SETFD, flags | libc::FD_CLOEXEC) == 0 }
}
