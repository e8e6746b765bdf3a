//! Ends the process while plugin code may still run.
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
