//! Small files that outlive the host, as JSON: read whole, and written in one step, so that another host that reads one at the
//! same moment finds the old text or the new one.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use plugin_api::manifest::LONGEST_TEXT;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longer than anything that is kept, of which a verdict with the longest manifest is the longest.
const LONGEST: u64 = 4 * LONGEST_TEXT as u64;

/// Reads a file.
///
/// # Errors
/// When it cannot be read, as when it is not there, or holds something else.
pub fn read<T: DeserializeOwned>(file: &Path) -> io::Result<T> {
    // There may be a pipe in its place, which would make us wait, or something without an end.
    if !fs::metadata(file)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not a regular file"));
    }
    let mut text = Vec::new();
    fs::File::open(file)?.take(LONGEST).read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

/// Writes a file, and makes its folder.
///
/// # Errors
/// When the disk does not allow that; then the file is as it was.
pub fn write(file: &Path, value: &impl Serialize) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(&serde_json::to_vec(value)?)?;
    temporary.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_what_is_something_else_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deeper/file.json");
        assert_eq!(read::<u32>(&file).unwrap_err().kind(), io::ErrorKind::NotFound);
        write(&file, &7).unwrap();
        assert_eq!(read::<u32>(&file).unwrap(), 7);
        assert_ne!(read::<String>(&file).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing else is left");
    }
}
