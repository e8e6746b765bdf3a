//! The plugin folders while no host runs: what is in them, and what somebody wants to be tried again or switched off.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Places;
use super::questions;
use crate::configuration::ConfigurationFile;
use crate::folder::{Choices, RETRY, Selection, Which, survey};
use crate::kept;
use crate::library::copy::ContentHash;
use crate::library::copy::PrivateCopies;
use crate::library::probe::LIMIT;
use crate::library::trust::SignatureKeys;
use crate::plugin::{Crashed, Lanes};
use crate::status::{Health, Lane, PluginStatistics, PluginStatus, RunningHost, Status};

/// Plugin folders, looked at from outside.
pub struct Offline {
    folders: Vec<PathBuf>,
    places: Places,
}

impl Offline {
    /// The folders, in the order of their precedence, of a host that keeps what it remembers in `places`.
    pub fn new(folders: Vec<PathBuf>, places: Places) -> Self {
        // As the runtime does: what is remembered of a file is remembered by this path.
        let folders =
            folders.into_iter().map(|folder| std::path::absolute(&folder).unwrap_or(folder)).collect();
        Self { folders, places: places.absolute() }
    }

    /// What would serve, and what is refused or left out. Runs no plugin code, and starts no process.
    pub fn status(&self, selection: &Selection) -> Status {
        let configuration = ConfigurationFile::at(self.places.configuration.clone());
        let lanes = Lanes::remembered(Crashed::read(&self.places.state));
        let why_isolated = |name: &str, hash: Option<ContentHash>| {
            let settings = configuration.settings(name)?;
            Ok(lanes.why_isolated(name, hash.unwrap_or_else(|| ContentHash::of(b"")), &settings))
        };
        let choices = Choices::read(&self.places.state);
        let (verdicts, trust) = (self.places.verdicts(), self.places.trust());
        survey::survey(&self.folders, &verdicts, &trust, &choices, selection, &why_isolated)
    }

    /// The keys whose signatures count here, if the configuration names any.
    ///
    /// # Errors
    /// A sentence about the configuration.
    pub fn signature_keys(&self) -> Result<Option<SignatureKeys>, String> {
        self.places.trust().keys()
    }

    /// The hosts that run with the same state, each with how its plugins are. One that does not answer in time is left out.
    pub fn hosts(&self) -> Vec<RunningHost> {
        questions::ask(&self.places.state)
    }

    /// Whether a file has a plugin of this name, whatever becomes of it.
    pub fn knows(&self, name: &str) -> bool {
        let Status { plugins, refused, left_out, .. } = self.status(&Selection::All);
        plugins.iter().any(|one| one.name == name)
            || left_out.iter().any(|one| one.name == name)
            || refused.iter().any(|one| one.name.as_deref() == Some(name))
    }

    /// Forgets why files were refused, and tries each of them in a child process; a host that runs does the same. Returns the files, and why one is still
    /// refused.
    ///
    /// # Errors
    /// When the system's folder for temporary files cannot be written.
    pub fn try_again(&self, which: &Which) -> std::io::Result<Vec<(PathBuf, Option<String>)>> {
        let copies = Arc::new(PrivateCopies::new()?);
        let (intake, crashed) =
            (self.places.intake(Arc::clone(&copies), LIMIT), Crashed::read(&self.places.state));
        let mut outcomes = survey::try_again(&self.folders, &intake, &crashed, which);
        for file in self.left_to_hosts(which) {
            if outcomes.iter().all(|(other, _)| *other != file) {
                outcomes.push((file, None));
            }
        }
        copies.remove();
        // A host that runs goes by what it has found itself; where this cannot be written, none is there.
        let _ = kept::write(&self.places.state.join(RETRY), which);
        Ok(outcomes)
    }

    /// The files of which nothing is wrong here, while a host that runs has given their plugins up, or refuses them: it does not
    /// know yet that they were put right.
    fn left_to_hosts(&self, which: &Which) -> Vec<PathBuf> {
        let is_given_up =
            |one: &PluginStatistics| matches!(one.live.lane, Lane::Isolated { health: Health::GivenUp, .. });
        let hosts = self.hosts();
        let given_up: HashSet<&str> = hosts
            .iter()
            .flat_map(|host| &host.plugins)
            .filter(|one| is_given_up(one))
            .map(|one| &*one.name)
            .collect();
        let refused: HashSet<&str> =
            hosts.iter().flat_map(|host| &host.refused).map(|file| &**file).collect();
        if given_up.is_empty() && refused.is_empty() {
            return Vec::new();
        }
        let meant = |one: &PluginStatus| {
            let concerned = given_up.contains(&*one.name) || refused.contains(&*one.file);
            concerned && which.means_plugin(Path::new(&one.file), &one.name)
        };
        self.status(&Selection::All)
            .plugins
            .iter()
            .filter(|one| meant(one))
            .map(|one| (&one.file).into())
            .collect()
    }

    /// Switches a plugin off, or on again, for every start to come; a host that runs follows at once. Whether that changes
    /// anything.
    ///
    /// # Errors
    /// A sentence, when the choice cannot be kept.
    pub fn set_disabled(&self, name: &str, disabled: bool) -> Result<bool, String> {
        Choices::read(&self.places.state).set(name, disabled)
    }
}
