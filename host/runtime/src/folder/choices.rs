//! Which plugins somebody has switched off: a small file that outlives the host.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::{kept, words};

/// The names of the plugins that are switched off.
#[derive(Debug, Default)]
pub struct Choices {
    file: PathBuf,
    disabled: BTreeSet<String>,
}

impl Choices {
    /// The choices kept in `folder`.
    pub fn read(folder: &Path) -> Self {
        Self { file: folder.join("disabled.json"), disabled: BTreeSet::new() }.read_anew()
    }

    /// The file they are kept in.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The same file as it is now. While it cannot be read, what was known before holds.
    pub fn read_anew(&self) -> Self {
        let disabled = kept::read(&self.file).unwrap_or_else(|error| {
            // Nobody has chosen yet, or has taken back all choices.
            if error.kind() == ErrorKind::NotFound {
                return BTreeSet::new();
            }
            tracing::warn!("{}", words::choices_unreadable(&self.file, &error.to_string()));
            self.disabled.clone()
        });
        Self { file: self.file.clone(), disabled }
    }

    /// The names about which two choices differ.
    pub fn differing(&self, other: &Self) -> Vec<String> {
        self.disabled.symmetric_difference(&other.disabled).cloned().collect()
    }

    /// Whether the plugin called `name` is switched off.
    pub fn is_disabled(&self, name: &str) -> bool {
        self.disabled.contains(name)
    }

    /// Switches a plugin off, or on again. Whether that changes anything.
    ///
    /// # Errors
    /// A sentence, when the choice cannot be kept; then nothing has changed.
    pub fn set(&mut self, name: &str, disabled: bool) -> Result<bool, String> {
        let unwritable = |error: std::io::Error| words::choices_unwritable(&self.file, &error.to_string());
        // Others choose as well: what they have chosen meanwhile is read, and nobody writes at the same time.
        let lock = lock(&self.file).map_err(unwritable)?;
        let mut names = self.read_anew().disabled;
        let changed = if disabled { names.insert(name.to_owned()) } else { names.remove(name) };
        if changed {
            kept::write(&self.file, &names).map_err(unwritable)?;
        }
        drop(lock);
        self.disabled = names;
        Ok(changed)
    }
}

fn lock(file: &Path) -> std::io::Result<fs::File> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let lock = fs::File::create(file.with_extension("lock"))?;
    lock.lock()?;
    Ok(lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_kept_until_it_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut choices = Choices::read(folder.path());
        assert_eq!(choices.set("a", true), Ok(true));
        assert_eq!(choices.set("a", true), Ok(false));
        assert!(Choices::read(folder.path()).is_disabled("a"));
        assert_eq!(choices.set("a", false), Ok(true));
        assert!(!Choices::read(folder.path()).is_disabled("a"));
        let together: Vec<_> = (0..8)
            .map(|number| {
                let folder = folder.path().to_owned();
                std::thread::spawn(move || Choices::read(&folder).set(&number.to_string(), true).unwrap())
            })
            .collect();
        together.into_iter().for_each(|one| assert!(one.join().unwrap()));
        let choices = Choices::read(folder.path());
        assert!((0..8).all(|number| choices.is_disabled(&number.to_string())), "nobody's choice is lost");
        fs::write(folder.path().join("disabled.json"), "garbage").unwrap();
        assert!(!Choices::read(folder.path()).is_disabled("1"), "nobody knows what it held");
        assert!(choices.read_anew().is_disabled("1"), "who knew it goes by that");
        fs::remove_file(folder.path().join("disabled.json")).unwrap();
        assert!(!choices.read_anew().is_disabled("1"));
    }
}
