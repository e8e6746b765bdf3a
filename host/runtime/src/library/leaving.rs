//! Ends the process while plugin code may still run, or when the one ends that has started it.
//!
//! `std::process::exit` runs the destructors of all libraries, under the threads that use what they destroy.

/// Ends the process at once with `code`; no destructor runs.
pub fn leave_at_once(code: i32) -> ! {
    super::breadcrumbs::leave_on_purpose();
    #[cfg(unix)]
    {
        // SAFETY: `_exit` takes any number and does not return.
        unsafe { libc::_exit(code) }
    }
    #[cfg(not(unix))]
    {
        // Windows ends all other threads before it runs destructors.
        std::process::exit(code)
    }
}

/// Has the system end this process when its parent ends: a library that hangs in a child must not outlive a host that was killed.
/// Nor should one that crashes leave a memory image. On Linux only.
pub fn die_with_parent() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};
        // Where the system refuses, the time limit remains.
        let _ = set_parent_process_death_signal(Some(Signal::KILL));
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
}
