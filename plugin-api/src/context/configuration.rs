//! A plugin's own table in the host's configuration file, as a type of the plugin's.

use serde::de::DeserializeOwned;

use super::{Context, too_old};
use crate::table::Configuration;
use crate::{Result, anyhow, bail};

impl Context {
    /// What the user has written for this plugin into the host's configuration file (TOML), in the table `[plugins.NAME]`.
    /// Where there is none, `T` is read from an empty table: `#[serde(default)]` gives it its defaults. The file is read at each
    /// call.
    ///
    /// ```
    /// # use plugin_api::{Context, Result};
    /// #[derive(serde::Deserialize)]
    /// #[serde(default, deny_unknown_fields)]
    /// struct Settings { history: usize }
    ///
    /// impl Default for Settings {
    ///     fn default() -> Self { Self { history: 100 } }
    /// }
    ///
    /// fn start(context: &Context) -> Result<Settings> {
    ///     context.configuration()
    /// }
    /// ```
    ///
    /// # Errors
    /// When the file is not TOML or what stands there does not fit: the error names file and key.
    pub fn configuration<T: DeserializeOwned>(&self) -> Result<T> {
        let text = self.host.configuration().ok_or_else(too_old)?;
        let Configuration { file, table, value } = serde_json::from_slice(&text)
            .map_err(|error| anyhow!("the host's configuration cannot be read: {error}"))?;
        let value = match value {
            Ok(value) => value,
            Err(reason) => bail!("{file} {reason}"),
        };
        serde_path_to_error::deserialize(value).map_err(|error| {
            let path = error.path().to_string();
            // A path of its own for the whole table.
            let key = if path == "." { table.clone() } else { format!("{table}.{path}") };
            anyhow!("{file}: `{key}`: {}", error.inner())
        })
    }

    /// The file, and the name of the plugin's table there, as they stand in sentences.
    #[cfg(feature = "files")]
    pub(crate) fn place_of_configuration(&self) -> Result<(String, String)> {
        let text = self.host.configuration().ok_or_else(too_old)?;
        let Configuration { file, table, .. } = serde_json::from_slice(&text)
            .map_err(|error| anyhow!("the host's configuration cannot be read: {error}"))?;
        Ok((file, table))
    }
}
