//! Where a dialogue begins: what a page's `defaultPath` means on this disk. Tells the page nothing of what is there.

use std::path::{Path, PathBuf};

use plugin_api::{Result, ensure};

use super::Choice;

/// The longest path, in bytes, as Linux has it.
const LONGEST_PATH: usize = 4096;

/// Where a dialogue begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Start {
    /// The folder that is shown; the system decides where there is none.
    pub folder: Option<PathBuf>,
    /// The file or folder in it that is chosen to begin with, or the name that is proposed for a new one.
    pub name: Option<String>,
}

impl Start {
    /// Looks at the disk, which may take its time. What is not there is left out: it is a wish of the page's, and an error would
    /// tell it what is there.
    pub fn find(path: Option<&str>, home: Option<&Path>, choice: Choice) -> Result<Self> {
        // One that is empty is none, as pages send what is in a field.
        let Some(text) = path.filter(|text| !text.is_empty()) else { return Ok(Self::default()) };
        ensure!(
            text.len() <= LONGEST_PATH,
            "`defaultPath` has {} bytes, and {LONGEST_PATH} are allowed",
            text.len()
        );
        ensure!(!text.contains('\0'), "`defaultPath` has a NUL in it, which no path has");
        let given = Path::new(text);
        let proposes = choice == Choice::Save;
        if proposes && given.components().count() == 1 && given.file_name() == Some(given.as_os_str()) {
            return Ok(Self { folder: None, name: Some(text.to_owned()) });
        }
        let Some(path) =
            (if given.is_absolute() { Some(given.to_owned()) } else { home.map(|home| home.join(given)) })
        else {
            return Ok(Self::default());
        };
        if path.is_dir() {
            return Ok(Self { folder: Some(path), name: None });
        }
        let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let folder = path.parent().filter(|folder| folder.is_dir()).map(Path::to_owned);
        // A name for a file that is not there is of use where it is to be written.
        let name = name.filter(|_| proposes || path.exists());
        Ok(if folder.is_none() && !proposes { Self::default() } else { Self { folder, name } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(path: &str, home: Option<&Path>, choice: Choice) -> Start {
        Start::find(Some(path), home, choice).unwrap()
    }

    fn start(folder: Option<&Path>, name: Option<&str>) -> Start {
        Start { folder: folder.map(Path::to_owned), name: name.map(str::to_owned) }
    }

    #[test]
    fn it_begins_in_a_folder_at_a_file_or_with_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        std::fs::write(folder.join("here.txt"), "").unwrap();
        let within = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        assert_eq!(find(folder.to_str().unwrap(), None, Choice::File), start(Some(folder), None));
        assert_eq!(find(&within("here.txt"), None, Choice::File), start(Some(folder), Some("here.txt")));
        assert_eq!(find(&within("new.txt"), None, Choice::Save), start(Some(folder), Some("new.txt")));
        assert_eq!(find("new.txt", None, Choice::Save), start(None, Some("new.txt")));
        // Beside the home folder, not beside wherever the program was started.
        assert_eq!(find("here.txt", Some(folder), Choice::File), start(Some(folder), Some("here.txt")));
        assert_eq!(
            find("./new.txt", Some(folder), Choice::Save),
            start(Some(&folder.join(".")), Some("new.txt"))
        );
    }

    #[test]
    fn what_is_not_there_is_left_out_without_a_word() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("a/b.txt").to_str().unwrap().to_owned();
        assert_eq!(find(&missing, None, Choice::File), Start::default());
        assert_eq!(find(&missing, None, Choice::Save), start(None, Some("b.txt")));
        let beside = folder.path().join("b.txt").to_str().unwrap().to_owned();
        assert_eq!(find(&beside, None, Choice::File), start(Some(folder.path()), None));
        assert_eq!(find("a/b", None, Choice::File), Start::default());
        assert_eq!(find("..", None, Choice::Save), Start::default());
        assert_eq!(Start::find(None, None, Choice::File).unwrap(), Start::default());
        assert_eq!(find("", Some(folder.path()), Choice::File), Start::default());
    }

    #[test]
    fn no_path_is_longer_than_a_path_or_has_a_nul() {
        let refusal = |path: &str| Start::find(Some(path), None, Choice::Save).unwrap_err().to_string();
        assert!(refusal(&"x".repeat(4097)).contains("4096 are allowed"));
        assert!(refusal("/tmp/a\0").contains("NUL"));
    }
}
