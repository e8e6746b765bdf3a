//! Whether notifications are allowed: what the configuration says, and else what the user has answered, which is kept in a file. Asks nobody.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use plugin_api::{Result, anyhow};
use serde::{Deserialize, Serialize};

/// What the configuration says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// Always.
    Granted,
    /// Never.
    Denied,
    /// As the user answers.
    #[default]
    Ask,
}

/// What is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Notifications are shown.
    Granted,
    /// They are not.
    Denied,
}

/// Where it stands.
pub struct Permissions {
    rule: Rule,
    file: PathBuf,
}

impl Permissions {
    /// What `rule` says; else what is kept in this folder.
    pub fn new(rule: Rule, folder: &Path) -> Self {
        Self { rule, file: folder.join("permission") }
    }

    /// What is allowed; nothing before the user has been asked.
    ///
    /// # Errors
    /// When the file cannot be read, or somebody has written something else into it.
    pub fn now(&self) -> Result<Option<Permission>> {
        match self.rule {
            Rule::Granted => return Ok(Some(Permission::Granted)),
            Rule::Denied => return Ok(Some(Permission::Denied)),
            Rule::Ask => {}
        }
        let file = self.file.display();
        let text = match std::fs::read_to_string(&self.file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => {
                read.map_err(|error| anyhow!("{file} cannot be read: {error}; remove it to be asked again"))?
            }
        };
        match text.trim() {
            "granted" => Ok(Some(Permission::Granted)),
            "denied" => Ok(Some(Permission::Denied)),
            _ => Err(anyhow!("{file} says neither `granted` nor `denied`; remove it to be asked again")),
        }
    }

    /// Keeps what the user has answered, in one step: no reader finds half of it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&self, permission: Permission) -> Result<()> {
        let text = match permission {
            Permission::Granted => "granted\n",
            Permission::Denied => "denied\n",
        };
        let write = || {
            let folder = self.file.parent().unwrap_or(Path::new("."));
            let mut new = tempfile::NamedTempFile::new_in(folder)?;
            new.write_all(text.as_bytes())?;
            new.as_file().sync_all()?;
            new.persist(&self.file).map(drop).map_err(|error| error.error)
        };
        write().map_err(|error| anyhow!("the answer cannot be kept in {}: {error}", self.file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_and_the_configuration_goes_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let asking = Permissions::new(Rule::Ask, folder.path());
        assert_eq!(asking.now().unwrap(), None);
        for permission in [Permission::Denied, Permission::Granted] {
            asking.keep(permission).unwrap();
            assert_eq!(Permissions::new(Rule::Ask, folder.path()).now().unwrap(), Some(permission));
        }
        assert_eq!(Permissions::new(Rule::Denied, folder.path()).now().unwrap(), Some(Permission::Denied));
        asking.keep(Permission::Denied).unwrap();
        assert_eq!(Permissions::new(Rule::Granted, folder.path()).now().unwrap(), Some(Permission::Granted));
    }

    #[test]
    fn a_file_that_says_something_else_allows_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let asking = Permissions::new(Rule::Ask, folder.path());
        for text in ["", "Granted", "granted denied", "\u{1f375}"] {
            std::fs::write(folder.path().join("permission"), text).unwrap();
            assert!(asking.now().unwrap_err().to_string().contains("remove it"), "{text}");
        }
    }

    #[test]
    fn an_answer_that_cannot_be_kept_is_told_with_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let said = Permissions::new(Rule::Ask, &folder.path().join("missing")).keep(Permission::Granted);
        assert!(said.unwrap_err().to_string().contains("missing/permission"));
    }
}
