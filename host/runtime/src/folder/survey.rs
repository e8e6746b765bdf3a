//! What is in the plugin folders, told without running any of it: for those who list them, or try again what was refused,
//! while no host runs.

use std::collections::HashMap;
use std::path::PathBuf;

use super::messages::Which;
use super::{Choices, Selection};
use crate::library::copy::ContentHash;
use crate::library::discovery::{self, Stamp};
use crate::library::intake::{self, Intake, Looked, Refusal};
use crate::library::trust::Trust;
use crate::library::verdicts::Verdicts;
use crate::plugin::Crashed;
use crate::status::{LeftOut, PluginStatus, Refused, Status};
use crate::words;

/// Why the plugin with this name and content is to run in a process of its own, if it is; or why that cannot be known.
pub type WhyIsolated<'a> = &'a dyn Fn(&str, Option<ContentHash>) -> Result<Option<String>, String>;

/// What would serve, what is refused or was refused by an earlier try, and what is left out. Runs nothing and writes
/// nothing.
pub fn survey(
    folders: &[PathBuf],
    verdicts: &Verdicts,
    trust: &Trust,
    choices: &Choices,
    selection: &Selection,
    why_isolated: WhyIsolated<'_>,
) -> Status {
    let mut status = Status::default();
    let mut taken: HashMap<String, PathBuf> = HashMap::new();
    let mut seen: HashMap<(u64, u64), PathBuf> = HashMap::new();
    for (path, stamp) in files(folders, &mut status) {
        let file = path.display().to_string();
        if let Some(identity) = stamp.identity() {
            if let Some(other) = seen.get(&identity) {
                status.refused.push(refused(file, words::same_file(other).into()));
                continue;
            }
            seen.insert(identity, path.clone());
        }
        let Looked { manifest, hash, tried } = match intake::look(&path, &stamp, verdicts, trust) {
            Ok(Some(looked)) => looked,
            Ok(None) => {
                status.strangers.push(file);
                continue;
            }
            Err(refusal) => {
                status.refused.push(refused(file, refusal));
                continue;
            }
        };
        let name = manifest.name.clone();
        let unwanted = match selection.refuses(&name) {
            Some(reason) => Some((reason, false)),
            None if choices.is_disabled(&name) => Some((words::disabled(&name), true)),
            None => taken.get(&name).map(|first| (words::shadowed(&name, first), false)),
        };
        if let Some((reason, disabled)) = unwanted {
            status.left_out.push(LeftOut { name, file, reason, disabled });
            continue;
        }
        if let Some(reason) = hash.and_then(|hash| verdicts.last_start(hash)) {
            let reason = words::last_start_failed(&reason);
            status.refused.push(refused(file, Refusal { name: Some(name), ..reason.into() }));
            continue;
        }
        let isolated = match why_isolated(&name, hash) {
            Ok(isolated) => isolated,
            Err(reason) => {
                status.refused.push(refused(file, Refusal { name: Some(name), ..reason.into() }));
                continue;
            }
        };
        taken.insert(name.clone(), path.clone());
        status.plugins.push(PluginStatus {
            isolated,
            name,
            version: manifest.version,
            description: manifest.description,
            file,
            generation: None,
            tried,
            commands: manifest.commands.unwrap_or_default(),
            replacement_refused: None,
            live: None,
            numbers: Vec::new(),
        });
    }
    status.find_duplicates();
    status
}

/// Tries again what was refused. Returns the files, and what came of each: nothing for one that is taken now. One that did not
/// start is tried in a child process, as the others are, and its start is forgotten; so is the crash of one that has crashed a
/// host, if it is called by name.
pub fn try_again(
    folders: &[PathBuf],
    intake: &Intake,
    crashed: &Crashed,
    which: &Which,
) -> Vec<(PathBuf, Option<String>)> {
    let mut outcomes = Vec::new();
    for (path, stamp) in files(folders, &mut Status::default()) {
        let refusal = match intake::look(&path, &stamp, &intake.verdicts, &intake.trust) {
            Err(refusal) => refusal,
            Ok(Some(Looked { manifest, hash: Some(hash), .. }))
                if intake.verdicts.last_start(hash).is_some() =>
            {
                Refusal { name: Some(manifest.name), hash: Some(hash), ..Refusal::default() }
            }
            Ok(Some(Looked { manifest, hash: Some(hash), .. })) => {
                let called = matches!(which, Which::Called(_)) && which.means_plugin(&path, &manifest.name);
                if called && crashed.forget(hash) {
                    outcomes.push((path, None));
                }
                continue;
            }
            Ok(_) => continue,
        };
        if !which.means(&path, &refusal, None) {
            continue;
        }
        if let Some(hash) = refusal.hash {
            intake.forget(hash);
        }
        let outcome = intake.take(&path, &stamp).err().map(|refusal| refusal.reason);
        outcomes.push((path, outcome));
    }
    outcomes
}

fn files(folders: &[PathBuf], status: &mut Status) -> Vec<(PathBuf, Stamp)> {
    let mut files = Vec::new();
    for folder in folders {
        match discovery::libraries(folder) {
            Ok(paths) => files.extend(paths.into_iter().map(|path| {
                // One that cannot be read says so when it is opened.
                let stamp = Stamp::of(&path).unwrap_or_default();
                (path, stamp)
            })),
            Err(reason) => status.refused.push(refused(folder.display().to_string(), reason.into())),
        }
    }
    files
}

fn refused(file: String, refusal: Refusal) -> Refused {
    Refused {
        file,
        name: refusal.name,
        reason: refusal.reason,
        output: refusal.output,
        commands: refusal.commands.to_vec(),
    }
}
