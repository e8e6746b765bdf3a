//! `plugin-host types`: a TypeScript declaration file for exactly the plugins in the folders. Starts them, as their schemas are
//! in their code.

mod declarations;
mod typescript;

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
pub use declarations::Extent;
use declarations::PluginTypes;

use super::folders::Folders;
use super::headless;
use crate::words;

/// Prints the declarations of the plugins with these names, or of all, or writes them into `file`.
pub fn run(folders: &Folders, names: &[String], extent: Extent, file: Option<&Path>) -> Result<i32> {
    headless::ask(folders, r#"{"cmd":"host/schemas"}"#, |schemas| {
        let mut plugins: Vec<PluginTypes> =
            serde_json::from_str(schemas).context("what the host says of its plugins")?;
        // The groups of the host are there without a plugin.
        let of_host = headless::groups();
        let is_of_host = |plugin: &PluginTypes| of_host.iter().any(|group| group.name() == plugin.name);
        if plugins.iter().all(is_of_host) && names.is_empty() {
            bail!(words::no_plugins(&folders.all()));
        }
        if let Some(name) = names.iter().find(|name| plugins.iter().all(|plugin| plugin.name != **name)) {
            bail!(words::nobody_called(name));
        }
        plugins.retain(|plugin| names.is_empty() || names.contains(&plugin.name));
        write(&declarations::write(&plugins, extent), file)?;
        Ok(0)
    })
}

fn write(text: &str, file: Option<&Path>) -> Result<()> {
    match file {
        Some(file) => std::fs::write(file, text).with_context(|| words::cannot_write(file)),
        None => {
            let mut output = std::io::stdout().lock();
            Ok(output.write_all(text.as_bytes()).and_then(|()| output.flush())?)
        }
    }
}
