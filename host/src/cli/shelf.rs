//! `plugin-host retry`, `disable` and `enable`: what people decide about the files in the plugin folders.

use std::io::Write as _;

use anyhow::{Error, Result, bail};
use plugin_host_runtime::{Offline, Which};

use super::folders::{Folders, check_folders};
use crate::words;

/// Tries again what was refused, and tells what came of each file.
pub fn retry(folders: &Folders, file: Option<String>) -> Result<i32> {
    let outcomes = offline(folders)?.try_again(&file.map_or(Which::Refused, Which::Called))?;
    if outcomes.is_empty() {
        bail!(words::nothing_to_retry());
    }
    let mut output = std::io::stdout().lock();
    let mut code = 0;
    for (file, refused) in outcomes {
        match refused {
            Some(reason) => {
                code = 1;
                writeln!(output, "{}", words::still_refused(&file, &reason))?;
            }
            None => writeln!(output, "{}", words::taken_now(&file))?,
        }
    }
    Ok(code)
}

/// Switches a plugin off, or on again.
pub fn switch(folders: &Folders, name: &str, disabled: bool) -> Result<i32> {
    let offline = offline(folders)?;
    let changed = offline.set_disabled(name, disabled).map_err(Error::msg)?;
    if disabled && !offline.knows(name) {
        // Its file may come later; a slip of the keyboard is more likely.
        writeln!(std::io::stderr(), "{}", words::nobody_called(name))?;
    }
    writeln!(std::io::stdout(), "{}", words::switched(name, disabled, changed))?;
    Ok(0)
}

/// The plugin folders, looked at from outside.
pub fn offline(folders: &Folders) -> Result<Offline> {
    check_folders(folders)?;
    Ok(Offline::new(folders.all(), folders.places()?))
}
