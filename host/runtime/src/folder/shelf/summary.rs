//! What is to be said of all files: the status, from what the shelf knows.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Entry, Spot, State};
use crate::plugin::Plugin;
use crate::plugin::retirement::Retirement;
use crate::status::{LeftOut, PluginStatus, Refused, Retiring, Status};

/// The status of all files, of the folders that cannot be read, and of the generations that end.
pub(super) fn of(
    unreadable: &BTreeMap<PathBuf, String>,
    entries: &BTreeMap<Spot, Entry>,
    retirements: &[Retirement],
    leaving: &[Arc<Plugin>],
) -> Status {
    let mut status = Status::default();
    for (folder, reason) in unreadable {
        status.refused.push(Refused {
            file: folder.display().to_string(),
            name: None,
            reason: reason.clone(),
            output: String::new(),
            commands: Vec::new(),
        });
    }
    for (spot, entry) in entries {
        let file = spot.path.display().to_string();
        match &entry.state {
            State::Serving(plugin) => status.plugins.push(PluginStatus {
                name: plugin.name.to_string(),
                version: plugin.manifest.version.clone(),
                description: plugin.manifest.description.clone(),
                file,
                generation: Some(plugin.generation),
                tried: true,
                commands: plugin.commands().to_vec(),
                replacement_refused: entry.replacement.as_ref().map(|refusal| refusal.reason.clone()),
                isolated: plugin.why_isolated(),
                // Filled in when somebody asks.
                live: None,
                numbers: Vec::new(),
            }),
            State::Refused(refusal) => status.refused.push(Refused {
                file,
                name: refusal.name.clone(),
                reason: refusal.reason.clone(),
                output: refusal.output.clone(),
                commands: refusal.commands.to_vec(),
            }),
            State::LeftOut { name, reason, disabled } => status.left_out.push(LeftOut {
                name: name.clone(),
                file,
                reason: reason.clone(),
                disabled: *disabled,
            }),
            State::Stranger => status.strangers.push(file),
        }
    }
    let retiring =
        |name: &str, generation, in_flight| Retiring { name: name.to_owned(), generation, in_flight };
    status.retiring = retirements
        .iter()
        .map(|one| retiring(&one.plugin, one.generation, one.calls_in_flight()))
        .chain(
            leaving.iter().map(|plugin| retiring(&plugin.name, plugin.generation, plugin.calls.in_flight())),
        )
        .collect();
    status
}
