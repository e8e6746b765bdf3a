//! One plugin alone, called on the caller's thread: what crossing the boundary costs, without routes, queues and
//! threads. For benchmarks; no part of the promise to those who embed the runtime.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use plugin_api::abi::ReplyHandle;

use crate::configuration::ConfigurationFile;
use crate::executor::{Limits, Watch};
use crate::ledger::Ledger;
use crate::library::breadcrumbs::Breadcrumbs;
use crate::library::copy::PrivateCopies;
use crate::library::intake::Candidate;
use crate::library::probe::LIMIT;
use crate::library::{NoServices, discovery, opening};
use crate::plugin::{Lanes, Loader, Plugin, Surroundings};
use crate::reply::Replier;

/// A started plugin.
pub struct Alone {
    plugin: Plugin,
    copies: PrivateCopies,
}

impl Alone {
    /// Loads and starts the plugin in `file`, which the caller has built and trusts: it is not tried before.
    ///
    /// # Errors
    /// A sentence about the file, or about what the system refuses.
    pub fn load(file: &Path, data_root: PathBuf) -> Result<Self, String> {
        let text = |error: std::io::Error| error.to_string();
        let copies = PrivateCopies::new().map_err(text)?;
        let (opened, length) = discovery::open(file)?;
        let copy = copies.copy(&opened, length)?;
        let manifest = opening::open(&copy.path)?.module.describe()?;
        let (crumbs, _) = Breadcrumbs::begin(&data_root.join("running")).map_err(text)?;
        let surroundings = Surroundings {
            cache: data_root.join("cache"),
            app: data_root.join("app"),
            resources: data_root.join("resources"),
            configuration: ConfigurationFile::at(data_root.join("config.toml")),
            data: data_root,
            services: Arc::new(NoServices),
            limits: Limits::default(),
            ledger: Ledger::default(),
            deadlines: Arc::default(),
            lanes: Lanes::none(),
            watch: Watch::start(Limits::default().all_threads).map_err(text)?,
            crumbs,
        };
        let loader = Loader::new(surroundings, LIMIT);
        let plugin = loader.load_here(Candidate { manifest, copy }, 1).map_err(|error| error.reason)?;
        Ok(Self { plugin, copies })
    }

    /// Where the command stands in the plugin's table.
    pub fn index_of(&self, cmd: &str) -> Option<u32> {
        let place = self.plugin.commands().iter().position(|command| command.name == cmd);
        place.and_then(|place| place.try_into().ok())
    }

    /// Runs a command here and now.
    pub fn call(&self, index: u32, message: &str, replier: Replier) {
        self.plugin.call_here(index, message, ReplyHandle::of(replier));
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        self.copies.remove();
    }
}
