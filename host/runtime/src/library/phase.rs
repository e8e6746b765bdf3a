//! The phases of a plugin's life, in which its code runs.

/// What plugin code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The library's constructors.
    Open,
    /// The plugin's start.
    Start,
    /// A command.
    Call,
    /// A promise's work, which has no name.
    Promise,
    /// The plugin's stop, or the freeing of its state.
    Stop,
    /// A thread that a plugin has started itself, as its name makes one think.
    OwnThread,
}

impl Phase {
    /// All of them, each at the place of its number.
    pub const ALL: [Self; 6] =
        [Self::Open, Self::Start, Self::Call, Self::Promise, Self::Stop, Self::OwnThread];
}
