//! Shows one dialogue with the toolkit of the system, and closes it. On the main thread alone; waits for nothing.

#[cfg(target_os = "linux")]
mod gtk;
#[cfg(not(target_os = "linux"))]
mod rfd;

use std::path::PathBuf;

#[cfg(target_os = "linux")]
pub use self::gtk::show;
#[cfg(not(target_os = "linux"))]
pub use self::rfd::show;

/// What becomes of a dialogue.
#[derive(Debug)]
pub enum News {
    /// What the user has done, said once.
    Answered(Answer),
    /// Its window is no more, so that another one can come.
    Gone,
}

/// What the user has done.
#[derive(Debug)]
pub enum Answer {
    /// Said yes, or that the message was read.
    Yes,
    /// Said no, or closed the dialogue.
    No,
    /// Chosen these.
    Paths(Vec<PathBuf>),
}

/// Hears the news, on the main thread; must not wait.
pub type Hear = Box<dyn Fn(News) + Send>;
