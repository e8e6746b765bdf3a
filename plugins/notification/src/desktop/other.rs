//! The notifications of macOS and Windows, by notify-rust. They read no markup.

use plugin_api::{Result, anyhow};
use tokio::time::timeout;

use super::PATIENCE;
use crate::notice::Notice;

/// The desktop of this session.
pub struct Desktop;

impl Desktop {
    /// The desktop.
    pub fn new() -> Self {
        Self
    }

    /// Shows a notification in the name of `application`.
    ///
    /// # Errors
    /// A sentence, when the system does not take it or does not answer.
    pub async fn show(&self, notice: &Notice, application: &str) -> Result<()> {
        let mut notification = notify_rust::Notification::new();
        notification
            .appname(application)
            .summary(&notice.title)
            .body(&notice.body(false))
            .icon(notice.icon());
        let shown = tokio::task::spawn_blocking(move || {
            notification.show().map(drop).map_err(|error| error.to_string())
        });
        let shown = timeout(PATIENCE, shown).await;
        let shown =
            shown.map_err(|_| anyhow!("the system has not taken the notification within {PATIENCE:?}"))?;
        shown?.map_err(|error| anyhow!("the system has not taken the notification: {error}"))
    }
}
