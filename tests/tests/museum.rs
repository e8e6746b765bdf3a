//! Libraries that were built with earlier versions of plugin-api and have been kept since: each still serves, or is refused with
//! a sentence that names both sides.

use std::fs;
use std::path::{Path, PathBuf};

use plugin_api::abi::ABI_NUMBER;
use plugin_api::manifest::API_VERSION;
use tests::files::replaced;
use tests::other_compiler::{check_that_ordinary_serves, manifest, skipped};
use tests::{Host, library, repository};

/// A library in the museum, by the name of its folder.
#[derive(Debug)]
struct Exhibit {
    name: String,
    api_version: String,
    abi_number: u32,
    target: String,
    file: PathBuf,
}

impl Exhibit {
    /// The one in this folder, whose name is the version, `-abi`, the number, `-` and the target.
    fn in_folder(folder: &Path) -> Self {
        let name = folder.file_name().unwrap().to_str().expect("a name in letters").to_owned();
        let parts =
            name.split_once("-abi").and_then(|(version, rest)| Some((version, rest.split_once('-')?)));
        let Some((version, (number, target))) = parts else { panic!("{name} is no name of an exhibit") };
        Self {
            api_version: version.to_owned(),
            abi_number: number.parse().unwrap_or_else(|_| panic!("{name} has no number")),
            target: target.to_owned(),
            file: folder.join(library("ordinary").file_name().unwrap()),
            name,
        }
    }

    fn check(&self) {
        let name = &self.name;
        let bytes = fs::read(&self.file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let said = manifest(&bytes);
        assert_eq!(said["abi_number"], self.abi_number, "{name}: the folder's name tells something else");
        assert_eq!(said["api_version"], *self.api_version, "{name}: the folder's name tells something else");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(self.file.file_name().unwrap()), bytes).unwrap();
        let host = Host::on(folder);
        if self.abi_number == ABI_NUMBER {
            return check_that_ordinary_serves(&host, name);
        }
        let status = host.status();
        let reasons: Vec<_> = status.refused.iter().map(|one| &*one.reason).collect();
        let [reason] = reasons[..] else { panic!("{name} is not refused: {:?}", status.plugins) };
        for (version, number) in [(&*self.api_version, self.abi_number), (API_VERSION, ABI_NUMBER)] {
            let side = format!("plugin-api {version} (ABI {number})");
            assert!(reason.contains(&side), "{name}: no {side}: {reason}");
        }
    }
}

fn museum() -> PathBuf {
    repository().join("tests/museum")
}

/// As rustc calls this machine, where it is one that exhibits are made on.
fn target() -> String {
    let system = if cfg!(all(target_os = "linux", target_env = "gnu")) {
        "unknown-linux-gnu"
    } else if cfg!(target_os = "macos") {
        "apple-darwin"
    } else if cfg!(all(windows, target_env = "msvc")) {
        "pc-windows-msvc"
    } else {
        "unknown"
    };
    format!("{}-{system}", std::env::consts::ARCH)
}

#[test]
fn every_library_in_the_museum_serves_or_is_refused_by_its_number() {
    let folders = fs::read_dir(museum()).unwrap().flatten().map(|entry| entry.path());
    let mut exhibits: Vec<_> =
        folders.filter(|path| path.is_dir()).map(|path| Exhibit::in_folder(&path)).collect();
    exhibits.retain(|exhibit| exhibit.target == target());
    exhibits.sort_by(|one, other| one.name.cmp(&other.name));
    if exhibits.is_empty() {
        let must = target() == "x86_64-unknown-linux-gnu";
        assert!(!must, "the museum has nothing for {}; scripts/museum.sh makes it", target());
        skipped(&format!("the museum has nothing for {}", target()));
    }
    for exhibit in exhibits {
        exhibit.check();
        eprintln!("{} is as it should be", exhibit.name);
    }
}

/// The other way through the test above, which no exhibit may go yet.
#[test]
fn a_library_of_another_number_is_refused_with_both_numbers() {
    let bytes = fs::read(library("ordinary")).unwrap();
    let said = manifest(&bytes);
    let version = said["api_version"].as_str().unwrap();
    let number = |number: u32| format!("\"abi_number\":{number}").into_bytes();
    // Of the same length in the file.
    let other = ABI_NUMBER ^ 1;
    let folder = tempfile::tempdir().unwrap();
    let name = format!("{version}-abi{other}-{}", target());
    let exhibit = Exhibit::in_folder(&folder.path().join(name));
    fs::create_dir(exhibit.file.parent().unwrap()).unwrap();
    fs::write(&exhibit.file, replaced(&bytes, &number(ABI_NUMBER), &number(other))).unwrap();
    exhibit.check();
}
