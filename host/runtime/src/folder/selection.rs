//! Which plugins this run of the host is to do without.

use crate::words;

/// Which plugins are started at all, whatever the folders hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Selection {
    /// All may be.
    #[default]
    All,
    /// All but these.
    Without(Vec<String>),
    /// None: the safe mode.
    None,
}

impl Selection {
    /// The names it is about.
    pub fn names(&self) -> &[String] {
        match self {
            Self::Without(names) => names,
            Self::All | Self::None => &[],
        }
    }

    /// Why the plugin called `name` is not to be started; nothing, if it may be.
    pub fn refuses(&self, name: &str) -> Option<String> {
        match self {
            Self::All => None,
            Self::Without(names) => names.iter().any(|one| one == name).then(|| words::without(name)),
            Self::None => Some(words::safe_mode()),
        }
    }
}
