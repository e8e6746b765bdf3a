//! One folder that may be used, or one file that the user has chosen. Tells whether a path is within, and opens the folder; what is
//! opened below it is no matter of this file.

use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::Access;

/// See the module.
#[derive(Debug)]
pub struct Root {
    /// As it was written or chosen: absolute, without `..`.
    written: PathBuf,
    /// The same without links; known once it exists.
    real: OnceLock<PathBuf>,
    pub access: Access,
    pub kind: Kind,
}

/// How much of it may be used, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All that is below a folder of the configuration.
    Listed,
    /// All that is below a folder that the user has chosen.
    Folder,
    /// A file alone that the user has chosen; it need not exist, but its folder does.
    File,
}

impl Root {
    /// `written` is absolute.
    pub fn new(written: PathBuf, access: Access, kind: Kind) -> Self {
        let root = Self { written, real: OnceLock::new(), access, kind };
        root.real();
        root
    }

    pub fn written(&self) -> &Path {
        &self.written
    }

    /// Without links, as soon as it exists.
    fn real(&self) -> Option<&Path> {
        if let Some(real) = self.real.get() {
            return Some(real);
        }
        let real = match self.kind {
            Kind::Listed | Kind::Folder => self.written.canonicalize().ok()?,
            Kind::File => real_file(&self.written).ok()?,
        };
        Some(self.real.get_or_init(|| real))
    }

    /// What of `path` comes after this folder, where it is within by its words: `..` may stand in it as far as it does not lead above
    /// the folder by the words. What lies behind the words is judged when it is opened.
    pub fn rest(&self, path: &Path) -> Option<PathBuf> {
        [Some(self.written()), self.real()].into_iter().flatten().find_map(|own| {
            let rest = path.strip_prefix(own).ok()?;
            (!climbs(rest)).then(|| rest.components().collect())
        })
    }

    /// How many steps it takes from the top of the tree: the longest of several folders is the closest.
    pub fn length(&self) -> usize {
        self.written.components().count()
    }

    /// Opens the folder, or that of the file. `others` are all that may be used.
    ///
    /// A folder within another one that may be written is opened from there, and so never leads out of that: who may write there could
    /// have put a link in its place.
    pub fn open(&self, others: &[&Self], make: bool) -> io::Result<Dir> {
        let make = make && self.kind == Kind::Listed;
        // What the user has chosen is where it was at that time, whatever a link says later.
        let folder = match self.kind {
            Kind::Listed => Some(self.written.as_path()),
            Kind::Folder => self.real(),
            Kind::File => self.real().and_then(Path::parent),
        };
        let folder = folder.ok_or(io::ErrorKind::NotFound)?;
        let mut spellings = vec![folder.to_owned()];
        if let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) {
            spellings.extend(parent.canonicalize().ok().map(|parent| parent.join(name)));
        }
        let around = others
            .iter()
            .filter(|other| other.access == Access::Write && other.kind != Kind::File)
            .filter(|other| other.written != self.written && other.real() != Some(folder))
            .filter_map(|other| {
                let rest = spellings.iter().find_map(|spelling| other.rest(spelling))?;
                (!rest.as_os_str().is_empty()).then_some((other, rest))
            })
            // The outermost: nothing that may be written lies around it.
            .min_by_key(|(other, _)| other.length());
        if let Some((other, rest)) = around {
            let outer = Dir::open_ambient_dir(&other.written, ambient_authority())?;
            if make {
                outer.create_dir_all(&rest)?;
            }
            return outer.open_dir(rest);
        }
        match Dir::open_ambient_dir(folder, ambient_authority()) {
            Err(error) if make && error.kind() == io::ErrorKind::NotFound => {
                Dir::create_ambient_dir_all(folder, ambient_authority())?;
                Dir::open_ambient_dir(folder, ambient_authority())
            }
            opened => opened,
        }
    }

    /// The path of what [`open`](Self::open) has opened, without links.
    pub fn real_folder(&self) -> PathBuf {
        let real = match self.kind {
            Kind::Listed | Kind::Folder => self.real(),
            Kind::File => self.real().and_then(Path::parent),
        };
        real.unwrap_or(&self.written).to_owned()
    }

    /// The path to use below what [`open`](Self::open) has opened.
    pub fn path(&self, rest: PathBuf) -> PathBuf {
        match self.kind {
            Kind::Listed | Kind::Folder if rest.as_os_str().is_empty() => {
                Component::CurDir.as_os_str().into()
            }
            Kind::Listed | Kind::Folder => rest,
            Kind::File => self.real().and_then(Path::file_name).unwrap_or_default().into(),
        }
    }
}

/// The file without links; or where it does not exist, its folder without them, and the name.
fn real_file(written: &Path) -> io::Result<PathBuf> {
    match written.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let (Some(parent), Some(name)) = (written.parent(), written.file_name()) else {
                return Err(error);
            };
            Ok(parent.canonicalize()?.join(name))
        }
        real => real,
    }
}

/// Whether `..` leads above the beginning, by the words.
fn climbs(rest: &Path) -> bool {
    let mut depth = 0_usize;
    rest.components().any(|component| match component {
        Component::ParentDir => match depth.checked_sub(1) {
            Some(less) => {
                depth = less;
                false
            }
            None => true,
        },
        Component::Normal(_) => {
            depth += 1;
            false
        }
        Component::CurDir => false,
        Component::Prefix(_) | Component::RootDir => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(root: &str, path: &str) -> Option<String> {
        let root = Root::new(root.into(), Access::Read, Kind::Listed);
        root.rest(Path::new(path)).map(|rest| rest.to_str().unwrap().to_owned())
    }

    #[cfg(unix)]
    #[test]
    fn a_path_is_within_by_whole_names_and_not_by_letters() {
        assert_eq!(rest("/a/b", "/a/b/c").as_deref(), Some("c"));
        assert_eq!(rest("/a/b", "/a/b").as_deref(), Some(""));
        assert_eq!(rest("/a/b", "/a//b/./c/").as_deref(), Some("c"));
        assert_eq!(rest("/", "/etc").as_deref(), Some("etc"));
        for path in ["/a/bc", "/a", "/", "a/b", "/b", ""] {
            assert_eq!(rest("/a/b", path), None, "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn two_points_are_not_taken_away_and_do_not_lead_above() {
        // What `link` is decides where this leads, so it is left to whoever opens it.
        assert_eq!(rest("/a/b", "/a/b/link/../x").as_deref(), Some("link/../x"));
        for path in ["/a/b/..", "/a/b/../b/x", "/a/b/c/../../x", "/a/../a/b/x", "/x/../a/b/c"] {
            assert_eq!(rest("/a/b", path), None, "{path}");
        }
    }
}
