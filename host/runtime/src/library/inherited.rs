//! Closes what a child process was given without being meant for it: the host's own files are closed by the system when the child
//! begins, but not those that the host was given itself by who has started it.

use std::os::fd::{FromRawFd as _, IntoRawFd as _, OwnedFd, RawFd};

use rustix::io::{FdFlags, fcntl_getfd};

/// The first after the standard files.
const FIRST: RawFd = 3;

/// Closes the files that were open when this process began, but for the standard ones. To be called before anything else, on its only
/// thread.
pub fn close() {
    let Ok(files) = std::fs::read_dir("/dev/fd") else { return };
    let numbers: Vec<RawFd> =
        files.flatten().filter_map(|file| file.file_name().to_str()?.parse().ok()).collect();
    for number in numbers.into_iter().filter(|number| *number >= FIRST) {
        // SAFETY: nothing runs in this process by now that could have the file for its own, and what is not closed below is let go
        // of again.
        let file = unsafe { OwnedFd::from_raw_fd(number) };
        // What has this mark does not outlive the start of a program, so it was opened here. The folder itself is closed already.
        match fcntl_getfd(&file) {
            Ok(flags) if !flags.contains(FdFlags::CLOEXEC) => drop(file),
            _ => drop(file.into_raw_fd()),
        }
    }
}
