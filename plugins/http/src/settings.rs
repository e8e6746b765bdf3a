//! The plugin's table in the host's configuration. Reads it; what the entries mean is decided where they are used.

use plugin_api::{Result, ensure};
use serde::Deserialize;

/// The most that `longest_body` may be: a page gets a body as text of up to four times its length.
const MOST_HELD: usize = 128 * 1024 * 1024;

/// `[plugins.http]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The hosts that may be asked.
    pub hosts: Vec<String>,
    /// Where files may be read that are sent.
    pub read: Vec<String>,
    /// Where downloads may be written.
    pub write: Vec<String>,
    /// `system`, `none`, or the address of a proxy.
    pub proxy: String,
    /// The most bytes of a body that is held in memory, unpacked.
    pub longest_body: usize,
    /// The most bytes of a download, unpacked.
    pub longest_download: u64,
}

impl Default for Settings {
    fn default() -> Self {
        let app = vec!["$APP".to_owned()];
        Self {
            hosts: Vec::new(),
            read: app.clone(),
            write: app,
            proxy: "system".to_owned(),
            longest_body: 16 * 1024 * 1024,
            longest_download: 4 * 1024 * 1024 * 1024,
        }
    }
}

impl Settings {
    /// Whether the numbers can be worked with.
    ///
    /// # Errors
    /// A sentence that names the key.
    pub fn check(&self) -> Result<()> {
        ensure!(
            self.longest_body <= MOST_HELD,
            "`longest_body` under `[plugins.http]` is {}, and {MOST_HELD} bytes are held at most; have `download` write \
             what is longer to a file",
            self.longest_body
        );
        Ok(())
    }
}
