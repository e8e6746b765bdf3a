//! One plugin alone, called on the caller's thread: what crossing the boundary costs, without routes, queues and
//! threads. For benchmarks; no part of the promise to those who embed the runtime.

use std::path::{Path, PathBuf};

use crate::executor::{Limits, Watch};
use crate::library::copy::PrivateCopies;
use crate::library::reply_handle;
use crate::plugin::{Loader, Plugin};
use crate::reply::Replier;

/// A started plugin.
pub struct Alone {
    plugin: Plugin,
    loader: Loader,
}

impl Alone {
    /// Loads and starts the plugin in `file`.
    ///
    /// # Errors
    /// A sentence about the file, or about what the system refuses.
    pub fn load(file: &Path, data_root: PathBuf) -> Result<Self, String> {
        let text = |error: std::io::Error| error.to_string();
        let copies = PrivateCopies::new().map_err(text)?;
        let loader =
            Loader { copies, data_root, limits: Limits::default(), watch: Watch::start().map_err(text)? };
        let plugin = loader.load(file, |_| None)?;
        Ok(Self { plugin, loader })
    }

    /// Where the command stands in the plugin's table.
    pub fn index_of(&self, cmd: &str) -> Option<u32> {
        let place = self.plugin.description.commands.iter().position(|command| command.name == cmd);
        place.and_then(|place| place.try_into().ok())
    }

    /// Runs a command here and now.
    pub fn call(&self, index: u32, message: &str, replier: Replier) {
        self.plugin.started.call(index, message, reply_handle(replier));
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        self.loader.copies.remove();
    }
}
