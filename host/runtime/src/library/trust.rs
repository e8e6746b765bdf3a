//! Whether a library may be taken from where it lies: who can write there ([`ownership`](crate::ownership)), what it holds ([`content`]), and who
//! has signed it ([`signature`]), by the table `host.libraries` of the configuration.
//!
//! Asked before anything of a library runs, the trial included. Reads; runs nothing, and remembers nothing: the configuration is
//! read anew for each file, and where it cannot be understood no library is taken.

mod content;
mod signature;

use std::fs::File;
use std::path::Path;

use serde::Deserialize;

use self::content::Digest;
use self::signature::Key;
pub use self::signature::{SignatureKeys, Unsigned};
use crate::configuration::ConfigurationFile;
#[cfg(unix)]
use crate::ownership;
use crate::words;

/// The key below `host` that holds the rules.
const TABLE: &str = "libraries";

/// What the configuration says of libraries: the table `host.libraries`.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
struct LibrarySettings {
    writable_by_others: WritableByOthers,
    /// The contents that are taken, if not all are. An empty list is one as well.
    sha256: Option<Vec<Digest>>,
    /// Whose signatures count, if libraries need one. With none of them, no library has one.
    keys: Option<Vec<Key>>,
}

/// What becomes of a library that others can write to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum WritableByOthers {
    /// It is refused.
    #[default]
    Refuse,
    /// It is taken all the same.
    Allow,
}

/// What is trusted, as a configuration says at the moment when somebody asks.
#[derive(Debug)]
pub struct Trust {
    configuration: ConfigurationFile,
}

/// What a configuration said when it was asked.
#[derive(Debug)]
pub struct Rules<'a> {
    settings: LibrarySettings,
    configuration: &'a Path,
}

impl Trust {
    /// What this configuration trusts.
    pub fn new(configuration: ConfigurationFile) -> Self {
        Self { configuration }
    }

    /// Its file.
    pub fn configuration(&self) -> &Path {
        self.configuration.path()
    }

    /// What it says now.
    ///
    /// # Errors
    /// A sentence about the configuration: then nothing is trusted.
    pub fn rules(&self) -> Result<Rules<'_>, String> {
        Ok(Rules { settings: self.configuration.host(TABLE)?, configuration: self.configuration.path() })
    }

    /// The keys whose signatures count, if any are configured.
    ///
    /// # Errors
    /// A sentence about the configuration.
    pub fn keys(&self) -> Result<Option<SignatureKeys>, String> {
        let settings: LibrarySettings = self.configuration.host(TABLE)?;
        let whose = words::keys_of(self.configuration.path());
        Ok(settings.keys.map(|keys| SignatureKeys::new(keys, whose)))
    }
}

impl Rules<'_> {
    /// Refuses a file that others can write to, or replace, or lead elsewhere. `file` is what was opened at `path`. On systems
    /// without Unix's owners and modes nothing is asked.
    ///
    /// # Errors
    /// A sentence, to follow the file's name.
    pub fn check_place(&self, file: &File, path: &Path) -> Result<(), String> {
        #[cfg(unix)]
        if self.settings.writable_by_others == WritableByOthers::Refuse {
            ownership::check(file, path)
                .map_err(|fault| words::not_ours_alone(&fault, self.configuration))?;
        }
        #[cfg(not(unix))]
        let _ = (file, path);
        Ok(())
    }

    /// Refuses what is not on the list of contents, and what is not signed, where the configuration asks for that. `content` is
    /// what will be loaded; the signature lies beside `path`.
    ///
    /// # Errors
    /// A sentence, to follow the file's name.
    pub fn check_content(&self, content: &File, path: &Path) -> Result<(), String> {
        let unreadable = |error: std::io::Error| words::unreadable(&error.to_string());
        if let Some(allowed) = &self.settings.sha256 {
            let digest = Digest::of(content).map_err(unreadable)?;
            if !allowed.contains(&digest) {
                return Err(words::not_on_the_list(&digest, self.configuration));
            }
        }
        if let Some(keys) = &self.settings.keys {
            let whose = words::keys_of(self.configuration);
            let signed = signature::verify(keys, content, path);
            signed.map_err(|unsigned| words::not_signed(&unsigned, &whose))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";

    fn rules(text: &str) -> Result<LibrarySettings, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, text).unwrap();
        ConfigurationFile::at(file).host(TABLE)
    }

    #[test]
    fn what_is_said_is_told_from_what_is_not_said() {
        assert_eq!(rules(""), Ok(LibrarySettings::default()));
        let text = format!(
            "[host.libraries]\nwritable-by-others = 'allow'\nsha256 = ['{}']\nkeys = [' {KEY} ']",
            "aB".repeat(32)
        );
        let found = rules(&text).unwrap();
        assert_eq!(found.writable_by_others, WritableByOthers::Allow);
        assert_eq!((found.sha256.unwrap().len(), found.keys.unwrap().len()), (1, 1));
        let empty = rules("[host.libraries]\nsha256 = []\nkeys = []").unwrap();
        assert_eq!((empty.sha256, empty.keys), (Some(Vec::new()), Some(Vec::new())));
    }

    #[test]
    fn a_mistake_is_told_with_its_key_and_trusts_nothing() {
        for (text, parts) in [
            ("writable-by-others = 'no'", ["`host.libraries.writable-by-others`", "unknown variant `no`"]),
            ("writable_by_others = 'allow'", ["`host.libraries.writable_by_others`", "unknown field"]),
            ("sha256 = 'all'", ["`host.libraries.sha256`", "invalid type"]),
            ("sha256 = ['00', 'x']", ["`host.libraries.sha256[0]`", "64 hexadecimal digits"]),
            ("keys = ['RWQ']", ["`host.libraries.keys[0]`", "public key"]),
            ("keys = ['untrusted comment: x']", ["`host.libraries.keys[0]`", "begins with RW"]),
        ] {
            let reason = rules(&format!("[host.libraries]\n{text}")).unwrap_err();
            assert!(parts.iter().all(|part| reason.contains(part)), "{text}: {reason}");
        }
    }
}
