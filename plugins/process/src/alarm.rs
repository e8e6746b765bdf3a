//! Something that is set once and wakes whoever waits for a pipe. Knows nothing of processes.

#[cfg(unix)]
pub use self::unix::{Alarm, wait};

#[cfg(not(unix))]
pub use self::other::Alarm;

#[cfg(unix)]
mod unix {
    use std::io::{self, Write as _};
    use std::os::fd::{AsFd, BorrowedFd};
    use std::os::unix::net::UnixStream;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    /// Set once, for good.
    #[derive(Debug)]
    pub struct Alarm {
        bell: UnixStream,
        ear: UnixStream,
    }

    impl Alarm {
        /// One that is not set.
        ///
        /// # Errors
        /// When the system gives no more files.
        pub fn new() -> io::Result<Self> {
            let (bell, ear) = UnixStream::pair()?;
            // A second sound need not wait for room.
            bell.set_nonblocking(true)?;
            Ok(Self { bell, ear })
        }

        /// Sets it.
        pub fn set(&self) {
            // Where there is no room any more, it has been set.
            let _ = (&self.bell).write(&[1]);
        }
    }

    impl AsFd for Alarm {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.ear.as_fd()
        }
    }

    /// Waits until one of these can be read (or written, where it says so), or has come to its end; or does not wait, but looks.
    /// Tells which.
    ///
    /// # Errors
    /// When the system cannot wait.
    pub fn wait(of: &[(BorrowedFd<'_>, PollFlags)], look: bool) -> io::Result<Vec<bool>> {
        let mut files: Vec<_> =
            of.iter().map(|&(file, flags)| PollFd::from_borrowed_fd(file, flags)).collect();
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        loop {
            match poll(&mut files, look.then_some(&at_once)) {
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => return Ok(files.iter().map(|file| !file.revents().is_empty()).collect()),
            }
        }
    }
}

#[cfg(not(unix))]
mod other {
    use std::io;

    /// Where pipes cannot be waited for together, their end is that of the processes that hold them.
    #[derive(Debug)]
    pub struct Alarm;

    impl Alarm {
        /// One that is not set.
        ///
        /// # Errors
        /// Never.
        pub fn new() -> io::Result<Self> {
            Ok(Self)
        }

        /// Does nothing.
        pub fn set(&self) {}
    }
}
