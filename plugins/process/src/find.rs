//! Where a program's file is. No shell and no current folder has a say in it, and nothing is started here.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use plugin_api::{Result, ensure};

/// The file of a program: an absolute path is taken as it is, a name is looked up in the folders of `path`.
///
/// # Errors
/// When there is none.
pub fn find(command: &str, path: Option<&OsStr>) -> Result<PathBuf> {
    let found = if Path::new(command).is_absolute() {
        let file = PathBuf::from(command);
        ensure!(
            is_program(&file),
            "{command} is no file that may be executed; see `command` in the configuration"
        );
        file
    } else {
        let folders = path.map(std::env::split_paths).into_iter().flatten();
        // A relative folder in PATH would be another one for each program.
        let mut files =
            folders.filter(|folder| folder.is_absolute()).flat_map(|folder| candidates(&folder, command));
        let found = files.find(|file| is_program(file));
        ensure!(
            found.is_some(),
            "`{command}` is in no folder of PATH; install it, or give its absolute path as `command` in the configuration"
        );
        found.unwrap_or_default()
    };
    // Windows hands these to its shell, which takes arguments apart by rules of its own.
    let shell = cfg!(windows)
        && found
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("bat") || end.eq_ignore_ascii_case("cmd"));
    ensure!(
        !shell,
        "{} is run by a shell, and none is started here; list the program itself",
        found.display()
    );
    Ok(found)
}

fn candidates(folder: &Path, name: &str) -> Vec<PathBuf> {
    let file = folder.join(name);
    if cfg!(windows) && file.extension().is_none() { vec![file.with_extension("exe")] } else { vec![file] }
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn put(folder: &Path, name: &str, mode: u32) -> PathBuf {
        let file = folder.join(name);
        std::fs::write(&file, "").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn the_first_folder_with_a_file_that_may_be_executed_has_it() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        put(first.path(), "tool", 0o644);
        let expected = put(second.path(), "tool", 0o755);
        std::fs::create_dir(first.path().join("folder")).unwrap();
        let path = std::env::join_paths([first.path(), second.path()]).unwrap();
        assert_eq!(find("tool", Some(&path)).unwrap(), expected);
        assert!(find("folder", Some(&path)).unwrap_err().to_string().contains("in no folder of PATH"));
    }

    #[test]
    fn relative_folders_and_an_empty_path_hold_nothing() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "tool", 0o755);
        let current = std::env::current_dir().unwrap();
        let up: PathBuf = current.components().skip(1).map(|_| "..").collect();
        let relative = up.join(folder.path().strip_prefix("/").unwrap());
        assert!(relative.join("tool").is_file(), "it is there, seen from here");
        assert!(find("tool", Some(relative.as_os_str())).is_err());
        for path in ["", ".", ":"] {
            assert!(find("tool", Some(OsStr::new(path))).is_err(), "{path}");
        }
        assert!(find("sh", None).is_err());
    }

    #[test]
    fn an_absolute_path_is_itself_or_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = put(folder.path(), "tool", 0o755);
        assert_eq!(find(&file.display().to_string(), None).unwrap(), file);
        let missing = folder.path().join("missing").display().to_string();
        assert!(find(&missing, None).unwrap_err().to_string().starts_with(&missing));
    }
}
