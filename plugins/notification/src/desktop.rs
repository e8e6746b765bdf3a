//! The desktop that shows notifications. Waits for it a while, never for ever.

#[cfg(all(unix, not(target_os = "macos")))]
mod freedesktop;
#[cfg(not(all(unix, not(target_os = "macos"))))]
mod other;

use std::time::Duration;

#[cfg(all(unix, not(target_os = "macos")))]
pub use self::freedesktop::Desktop;
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub use self::other::Desktop;

/// How long a desktop may take: a service that is started for it needs a second or two.
const PATIENCE: Duration = Duration::from_secs(5);
