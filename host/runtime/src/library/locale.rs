//! The locale of the process, which a plugin may have changed for everybody.

/// What the C library's functions go by at this moment; nothing where that cannot be known.
pub fn locale() -> Option<String> {
    #[cfg(unix)]
    {
        // SAFETY: asked with no name, it changes nothing; nobody else changes the locale at the same time, as its caller sees to.
        let name = unsafe { libc::setlocale(libc::LC_ALL, std::ptr::null()) };
        if name.is_null() {
            return None;
        }
        // SAFETY: it is a text of the C library's, good until the locale is changed.
        let name = unsafe { std::ffi::CStr::from_ptr(name) };
        Some(name.to_string_lossy().into_owned())
    }
    #[cfg(not(unix))]
    None
}
