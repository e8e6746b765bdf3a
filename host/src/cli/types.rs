//! `plugin-host types`: a TypeScript declaration file for exactly the plugins in the folders. Starts them, as their schemas are
//! in their code.

mod declarations;
mod typescript;

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use declarations::PluginTypes;

use super::folders::Folders;
use super::headless;
use crate::words;

/// Prints the declarations, or writes them into `file`.
pub fn run(folders: &Folders, file: Option<&Path>) -> Result<i32> {
    headless::ask(folders, r#"{"cmd":"host/schemas"}"#, |schemas| {
        let plugins: Vec<PluginTypes> =
            serde_json::from_str(schemas).context("what the host says of its plugins")?;
        if plugins.is_empty() {
            bail!(words::no_plugins(&folders.all()));
        }
        write(&declarations::write(&plugins), file)?;
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
