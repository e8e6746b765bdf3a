//! The pipes of a program: what it writes, read as fast as it is taken and no faster, and what it reads. Decodes nothing.

use std::io::Read;
use std::process::{ChildStderr, ChildStdin, ChildStdout};

use plugin_api::{Result, bail};

use crate::alarm::Alarm;

/// The most that is read at once: what a pipe of Linux holds.
pub const PIECE: usize = 64 * 1024;

/// What may still lie in the pipes of processes that have been ended. One that has left its group could write for ever.
const REST: usize = 1 << 20;

/// Where a program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Its results.
    Stdout,
    /// Its complaints.
    Stderr,
}

/// Gives `take` what comes, until both pipes have ended, `alarm` is set, or `take` wants no more.
///
/// # Errors
/// What `take` says, or the system.
#[cfg(unix)]
pub fn follow(
    stdout: ChildStdout,
    stderr: ChildStderr,
    alarm: &Alarm,
    mut take: impl FnMut(Stream, &[u8]) -> Result<()>,
) -> Result<()> {
    use std::os::fd::{AsFd as _, OwnedFd};

    use rustix::event::PollFlags;

    let file = |pipe: OwnedFd| std::fs::File::from(pipe);
    let mut open = vec![(Stream::Stdout, file(stdout.into())), (Stream::Stderr, file(stderr.into()))];
    let mut piece = vec![0; PIECE];
    // Nothing until the alarm.
    let mut rest: Option<usize> = None;
    while !open.is_empty() {
        let mut files: Vec<_> = open.iter().map(|(_, file)| (file.as_fd(), PollFlags::IN)).collect();
        if rest.is_none() {
            files.push((alarm.as_fd(), PollFlags::IN));
        }
        let ready = crate::alarm::wait(&files, rest.is_some())?;
        if rest.is_none() && ready.last() == Some(&true) {
            rest = Some(REST);
            continue;
        }
        if !ready.contains(&true) {
            break;
        }
        let mut at = 0;
        let mut outcome = Ok(());
        open.retain_mut(|(stream, file)| {
            let is_ready = ready.get(at) == Some(&true);
            at += 1;
            if !is_ready || outcome.is_err() {
                return true;
            }
            // An error is the end of a pipe, too: there is nothing else to hear from it.
            let length = file.read(&mut piece).unwrap_or(0);
            if length > 0 {
                rest = rest.map(|rest| rest.saturating_sub(length));
                outcome = take(*stream, &piece[..length]);
            }
            length > 0
        });
        outcome?;
        if rest == Some(0) {
            break;
        }
    }
    Ok(())
}

/// The same with a thread for each pipe, which ends with it.
///
/// # Errors
/// What `take` says.
#[cfg(not(unix))]
pub fn follow(
    stdout: ChildStdout,
    stderr: ChildStderr,
    _alarm: &Alarm,
    mut take: impl FnMut(Stream, &[u8]) -> Result<()>,
) -> Result<()> {
    // No room: who reads waits until it has been taken.
    let (sender, pieces) = std::sync::mpsc::sync_channel::<(Stream, Vec<u8>)>(0);
    let read = |stream: Stream, mut pipe: Box<dyn Read + Send>| {
        let sender = sender.clone();
        std::thread::spawn(move || {
            let mut piece = vec![0; PIECE];
            while let Ok(length @ 1..) = pipe.read(&mut piece) {
                if sender.send((stream, piece[..length].to_owned())).is_err() {
                    break;
                }
            }
        })
    };
    read(Stream::Stdout, Box::new(stdout));
    read(Stream::Stderr, Box::new(stderr));
    drop(sender);
    pieces.iter().try_for_each(|(stream, piece)| take(stream, &piece))
}

/// The pipe that a program reads from.
#[derive(Debug)]
pub struct Input(ChildStdin);

/// What became of something that was written.
#[derive(Debug, PartialEq, Eq)]
pub enum Written {
    /// It is in the pipe.
    Whole,
    /// The program reads no more.
    Closed,
    /// One of the alarms was set meanwhile.
    Interrupted,
}

impl Input {
    /// Over this pipe.
    ///
    /// # Errors
    /// What the system says.
    pub fn new(pipe: ChildStdin) -> Result<Self> {
        // So that who writes can hear an alarm.
        #[cfg(unix)]
        rustix::io::ioctl_fionbio(&pipe, true)?;
        Ok(Self(pipe))
    }

    /// Writes all of it, waiting for the program to read; until one of `alarms` is set.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&mut self, mut bytes: &[u8], alarms: &[&Alarm]) -> Result<Written> {
        use std::io::{ErrorKind, Write as _};

        while !bytes.is_empty() {
            match self.0.write(bytes) {
                Ok(0) => return Ok(Written::Closed),
                Ok(length) => bytes = &bytes[length..],
                Err(error) => match error.kind() {
                    ErrorKind::BrokenPipe => return Ok(Written::Closed),
                    ErrorKind::Interrupted => {}
                    ErrorKind::WouldBlock => {
                        if !self.wait_for_room(alarms)? {
                            return Ok(Written::Interrupted);
                        }
                    }
                    _ => bail!("its input cannot be written: {error}"),
                },
            }
        }
        Ok(Written::Whole)
    }

    /// False where an alarm came first.
    #[cfg(unix)]
    fn wait_for_room(&self, alarms: &[&Alarm]) -> Result<bool> {
        use std::os::fd::AsFd as _;

        use rustix::event::PollFlags;

        let mut files: Vec<_> = alarms.iter().map(|alarm| (alarm.as_fd(), PollFlags::IN)).collect();
        files.push((self.0.as_fd(), PollFlags::OUT));
        let ready = crate::alarm::wait(&files, false)?;
        Ok(!ready[..alarms.len()].contains(&true))
    }

    #[cfg(not(unix))]
    fn wait_for_room(&self, _alarms: &[&Alarm]) -> Result<bool> {
        // Such a pipe waits by itself.
        Ok(true)
    }
}
