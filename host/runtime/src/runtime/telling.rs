//! What the runtime tells of its plugins: what is there, how each is at this moment, and what its calls have come to.

use std::sync::Arc;

use super::{Inner, lock};
use crate::plugin::Plugin;
use crate::status::{PluginStatistics, RunningHost, Status};
use crate::{kept, words};

impl Inner {
    /// Tells of what the configuration says for plugins that nobody has, when loading has ended: whoever misspelt a name believes that it
    /// counts.
    pub(super) fn warn_of_tables_of_nobody(&self, status: &Status) {
        let serving = status.plugins.iter().map(|plugin| &*plugin.name);
        let refused = status.refused.iter().filter_map(|refused| refused.name.as_deref());
        let left_out = status.left_out.iter().map(|left_out| &*left_out.name);
        let known = serving.chain(refused).chain(left_out).collect();
        let file = self.permissions.file();
        for table in file.strangers(&known) {
            tracing::warn!("{}", words::table_of_nobody(file.path(), &table));
        }
    }

    /// What is loaded and what was refused, with how each plugin is at this moment. Nothing while loading goes on.
    pub(super) fn status(&self) -> Option<Status> {
        let mut status = lock(&self.status).clone()?;
        let serving = lock(&self.serving).clone();
        for one in &mut status.plugins {
            one.live = serving.iter().find(|plugin| *plugin.name == *one.name).map(|plugin| plugin.live());
            one.numbers = self.ledger.numbers(&one.name);
        }
        Some(status)
    }

    /// How each plugin is at this moment, and what its calls have come to.
    pub(super) fn statistics(&self) -> Vec<PluginStatistics> {
        let serving = lock(&self.serving).clone();
        let of = |plugin: &Arc<Plugin>| PluginStatistics {
            name: plugin.name.to_string(),
            generation: plugin.generation,
            live: plugin.live(),
            commands: self.ledger.numbers(&plugin.name),
        };
        serving.iter().map(of).collect()
    }

    /// The files that are not taken, those included in whose place an older one goes on.
    fn refused_files(&self) -> Vec<String> {
        const MOST: usize = 1000;
        let status = lock(&self.status);
        let Some(Status { plugins, refused, .. }) = &*status else { return Vec::new() };
        let replacements =
            plugins.iter().filter(|one| one.replacement_refused.is_some()).map(|one| &one.file);
        refused.iter().map(|one| &one.file).chain(replacements).take(MOST).cloned().collect()
    }

    /// Answers who asks from outside how the plugins are.
    pub(super) fn answer(&self, asked: u64) {
        let Some(file) = &self.answers else { return };
        let host = RunningHost {
            process: std::process::id(),
            plugins: self.statistics(),
            refused: self.refused_files(),
        };
        if let Err(error) = kept::write(file, &(asked, host)) {
            tracing::warn!("{}", words::unanswered(file, &error.to_string()));
        }
    }
}
