//! What plugins use of the runtime, and what is made of that for one of them, in this process or for its own.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::lanes::Lanes;
use crate::configuration::ConfigurationFile;
use crate::executor::{Deadlines, Label, Limits, Watch, WorkerGroup};
use crate::ledger::Ledger;
use crate::library::breadcrumbs::{Breadcrumbs, Known};
use crate::library::{PluginHost, Services};
#[cfg(unix)]
use crate::words;

/// What plugins use of the runtime.
pub struct Surroundings {
    /// Each plugin has its data folder in this one.
    pub data: PathBuf,
    /// And its cache folder in this one.
    pub cache: PathBuf,
    /// The application's folder.
    pub app: PathBuf,
    /// The folder of what the application brings along.
    pub resources: PathBuf,
    /// Their configuration.
    pub configuration: ConfigurationFile,
    /// What the runtime does for them.
    pub services: Arc<dyn Services>,
    /// The bounds of each plugin's workers.
    pub limits: Limits,
    /// Lets blocked workers grow.
    pub watch: Watch,
    /// Says where their code runs.
    pub crumbs: Breadcrumbs,
    /// Counts their calls.
    pub ledger: Ledger,
    /// Asks calls that are settled whether they have returned.
    pub deadlines: Arc<Deadlines>,
    /// Decides on their lanes.
    pub lanes: Lanes,
}

impl Surroundings {
    /// What the process of a plugin is told in the beginning.
    #[cfg(unix)]
    pub fn errand(
        &self,
        copy: &crate::library::copy::Copy,
        manifest: &str,
        generation: u32,
        limits: Limits,
        memory: Option<u64>,
    ) -> crate::isolation::Errand {
        crate::isolation::Errand {
            library: copy.path.clone().into(),
            hash: copy.hash.to_string(),
            manifest: manifest.to_owned(),
            generation,
            data: self.data.clone().into(),
            cache: self.cache.clone().into(),
            app: self.app.clone().into(),
            resources: self.resources.clone().into(),
            configuration: self.configuration.path().into(),
            told: None,
            // Each process gets its own.
            room: Default::default(),
            threads: limits.threads as u64,
            // As many as the host lets through: it is the host that refuses.
            waiting: limits.waiting.saturating_add(limits.threads) as u64,
            waiting_bytes: limits.waiting_bytes as u64,
            idle: limits.idle,
            memory,
            log: crate::isolation::most_that_is_heard(),
        }
    }

    /// What tells of the denials of the plugin called `name`, in this sandbox.
    #[cfg(unix)]
    pub fn denials(
        &self,
        name: &Arc<str>,
        sandbox: &crate::sandbox::Confinement,
    ) -> crate::isolation::Denials {
        let own = [self.data.join(&**name), self.cache.join(&**name)];
        let own = [own[0].as_path(), own[1].as_path()];
        let allows = words::sandbox_allows(&own, &sandbox.write, &sandbox.read, sandbox.network);
        let (plugin, file) = (Arc::clone(name), self.configuration.path().to_owned());
        crate::isolation::Denials::new(Arc::clone(name), move |cmd, error| {
            words::denied(&plugin, cmd, error, &allows, &file)
        })
    }

    /// What the plugin called `name` may use of the host.
    pub fn host_for(&self, name: &Arc<str>, known: Known, limits: Limits) -> Arc<PluginHost> {
        let Self { data, cache, app, resources, configuration, services, watch, .. } = self;
        Arc::new(PluginHost {
            data_folder: data.join(&**name),
            cache_folder: cache.join(&**name),
            app_folder: app.clone(),
            resource_folder: resources.clone(),
            configuration: configuration.clone(),
            services: Arc::clone(services),
            workers: WorkerGroup::new(name, limits, watch.clone()),
            known,
            label: Label::of_plugin(name),
            is_trial: false,
            listening: Mutex::default(),
            stop_by: Mutex::default(),
            name: Arc::clone(name),
        })
    }
}
