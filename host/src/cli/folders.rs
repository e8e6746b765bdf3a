//! What most subcommands are told: the folders of plugins, which of them count and how, and where the host keeps what outlives it.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use plugin_host_runtime::Places;

use crate::{Selection, Wishes, places, words};

/// The arguments.
#[derive(Args)]
pub struct Folders {
    /// A folder of plugin libraries; may be given more than once. After these come the folders in PLUGIN_HOST_PATH, the
    /// user's own, and `plugins` beside this program; of two plugins with one name the first serves
    #[arg(long, value_name = "DIR", num_args = 1..)]
    pub plugins: Vec<PathBuf>,
    /// No other folders than those named with --plugins
    #[arg(long)]
    pub only: bool,
    /// Start no plugin
    #[arg(long)]
    pub safe_mode: bool,
    /// Do without this plugin; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub without: Vec<String>,
    /// Run this plugin in a process of its own, whatever the configuration says; may be given more than once, and `*` means
    /// all of them
    #[arg(long, value_name = "NAME")]
    pub isolate: Vec<String>,
    /// The folder in which each plugin has its data folder
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The configuration file, in TOML; a plugin reads its table [plugins.NAME]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl Folders {
    /// Takes in what was said elsewhere on the command line.
    pub fn join(&mut self, others: Self) {
        let Self { plugins, only, safe_mode, without, isolate, data, config } = others;
        self.plugins.splice(0..0, plugins);
        self.without.extend(without);
        self.isolate.extend(isolate);
        self.only |= only;
        self.safe_mode |= safe_mode;
        self.data = self.data.take().or(data);
        self.config = self.config.take().or(config);
    }

    /// All folders of plugin libraries, in the order of their precedence.
    pub fn all(&self) -> Vec<PathBuf> {
        places::plugin_folders(&self.plugins, self.only)
    }

    /// Where the host keeps what outlives it.
    pub fn places(&self) -> Result<Places> {
        places::places(self.data.clone(), self.config.clone())
    }

    pub fn isolated(&self) -> Wishes {
        let (all, names): (Vec<_>, Vec<_>) = self.isolate.iter().cloned().partition(|name| name == "*");
        Wishes { all: !all.is_empty(), names }
    }

    pub fn selection(&self) -> Selection {
        match (self.safe_mode, &*self.without) {
            (true, _) => Selection::None,
            (false, []) => Selection::All,
            (false, names) => Selection::Without(names.to_vec()),
        }
    }
}

/// A folder that was asked for and is not there is a slip of the one who typed it.
pub fn check_folders(folders: &Folders) -> Result<()> {
    for folder in &folders.plugins {
        if folder.is_file() {
            bail!(words::not_a_folder(folder));
        }
        if !folder.is_dir() {
            bail!(words::no_plugin_folder(folder));
        }
    }
    if let Some(file) = &folders.config
        && !file.is_file()
    {
        bail!(words::no_configuration(file));
    }
    Ok(())
}
