//! Keeps files from this process, with Landlock: what is not listed here can neither be opened nor made, removed, renamed or linked.
//!
//! Nothing may be executed but the program itself, which has to begin again, and what it is linked with. What Landlock does not know of
//! (modes, owners, times) is refused by [`calls`](super::calls).
//!
//! Variables that the host was started with may open a little, and never what is the user's own: of the folders in `LD_LIBRARY_PATH`
//! the libraries alone, which lie in them directly; and with a network the certificates, unless their folder holds the user's own, the
//! configuration or the plugins' data.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, BitFlags, LandlockStatus, PathBeneath, PathFd, RestrictionStatus, Ruleset,
    RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, Scope, make_bitflags,
};

use super::{Cell, Half};
use crate::words;

/// The newest version whose rights are known here. Older kernels keep to those that they know.
const NEWEST: ABI = ABI::V10;

/// From this version on a file that may not be written cannot be emptied either.
const NEEDED: ABI = ABI::V3;

/// Where the loader finds libraries, and what the C library reads: the same on every machine of a kind, and nobody's secret.
const SYSTEM: [&str; 21] = [
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/nix/store",
    "/gnu/store",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/sys/devices/system/cpu",
    // The process's own.
    "/proc/self/fd",
    "/proc/self/maps",
    "/proc/self/stat",
    "/proc/self/statm",
    "/proc/self/status",
    "/dev/random",
    "/dev/urandom",
];

/// Devices without a state, which are written to as well.
const DEVICES: [&str; 2] = ["/dev/null", "/dev/zero"];

/// What it takes to find another machine and to know whether it is the right one.
const NETWORK: [&str; 14] = [
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust",
    "/etc/ca-certificates",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
];

/// Folders that the environment names, for the loader.
const LIBRARIES: &str = "LD_LIBRARY_PATH";

/// What the name of a library has in it.
const LIBRARY: &str = ".so";

/// The folder beside libraries for those of newer processors.
const NEWER: &str = "glibc-hwcaps";

/// Files and folders for those who check certificates.
const CERTIFICATES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

fn reading() -> BitFlags<AccessFs> {
    make_bitflags!(AccessFs::{ReadFile | ReadDir})
}

/// No devices, and no programs.
fn writing() -> BitFlags<AccessFs> {
    reading()
        | make_bitflags!(AccessFs::{
            WriteFile | Truncate | Refer | RemoveDir | RemoveFile | MakeDir | MakeReg | MakeSym | MakeSock | MakeFifo
        })
}

/// See the module.
pub fn close(cell: &Cell) -> Half {
    match restrict(cell) {
        Err(error) => Half::Open(words::landlock_failed(&error.to_string())),
        Ok(status) => judge(status.landlock),
    }
}

fn judge(landlock: LandlockStatus) -> Half {
    match landlock {
        LandlockStatus::Available { effective_abi, .. } if effective_abi >= NEEDED => Half::Closed,
        LandlockStatus::Available { effective_abi, .. } => {
            Half::WithGap(words::old_landlock(effective_abi as i32, NEEDED as i32))
        }
        _ => Half::Open(words::no_landlock()),
    }
}

fn restrict(cell: &Cell) -> Result<RestrictionStatus, RulesetError> {
    let Cell { confinement, library, folders, .. } = cell;
    let ruleset = Ruleset::default().handle_access(AccessFs::from_all(NEWEST))?;
    // Filters of calls do the same, and more; but these hold for processes that are forked, too.
    let mut rules = Rules(ruleset.scope(Scope::from_all(NEWEST))?.create()?);
    for path in SYSTEM {
        rules.allow(Path::new(path), reading());
    }
    for path in DEVICES {
        rules.allow(Path::new(path), make_bitflags!(AccessFs::{ReadFile | WriteFile}));
    }
    for folder in named(LIBRARIES) {
        rules.allow_libraries(&folder);
    }
    if confinement.network {
        for path in NETWORK {
            rules.allow(Path::new(path), reading());
        }
        for (_, path) in certificates().filter(|(_, path)| !holds_more(path, cell)) {
            rules.allow(&path, reading());
        }
    }
    // The program, its libraries, and the loader.
    for path in mapped() {
        rules.allow(&path, make_bitflags!(AccessFs::{ReadFile | Execute}));
    }
    rules.allow(Path::new(library), reading());
    for path in &confinement.read {
        rules.allow(Path::new(path), reading());
    }
    for path in folders.iter().chain(&confinement.write) {
        rules.allow(Path::new(path), writing());
    }
    rules.0.restrict_self()
}

struct Rules(landlock::RulesetCreated);

impl Rules {
    /// Allows this below `path`, if that is there: of the system's own places no machine has all, and what else is missing is told
    /// later.
    fn allow(&mut self, path: &Path, what: BitFlags<AccessFs>) {
        let Ok(metadata) = std::fs::metadata(path) else { return };
        let what = if metadata.is_dir() { what } else { what & AccessFs::from_file(NEWEST) };
        if let Ok(opened) = PathFd::new(path) {
            // One rule less allows less.
            let _ = (&mut self.0).add_rule(PathBeneath::new(opened, what));
        }
    }

    /// Allows to read the libraries in a folder, and nothing else there.
    fn allow_libraries(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if !is_library(Path::new(&entry.file_name())) {
                continue;
            }
            // A link could lead to anything.
            let real = std::fs::canonicalize(entry.path()).unwrap_or_default();
            if is_library(&real) && real.is_file() {
                self.allow(&real, reading());
            }
        }
        let newer = folder.join(NEWER);
        if std::fs::symlink_metadata(&newer).is_ok_and(|metadata| metadata.is_dir()) {
            self.allow(&newer, reading());
        }
    }
}

fn is_library(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains(LIBRARY))
}

/// What a variable lists.
fn named(variable: &str) -> Vec<PathBuf> {
    let listed = std::env::var_os(variable).unwrap_or_default();
    std::env::split_paths(&listed).filter(|path| path.is_absolute()).collect()
}

fn certificates() -> impl Iterator<Item = (&'static str, PathBuf)> {
    CERTIFICATES
        .into_iter()
        .flat_map(|variable| named(variable).into_iter().map(move |path| (variable, path)))
}

/// Whether a place that was named for something else holds the user's folder, or what is of all plugins.
fn holds_more(path: &Path, cell: &Cell) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let path = real(path);
    let mut kept = cell.of_all.iter().map(PathBuf::from).chain(std::env::home_dir());
    kept.any(|kept| real(&kept).starts_with(&path))
}

/// Says which places a variable names that are not allowed for it.
pub fn tell_of_variables(cell: &Cell) {
    let wanted = if cell.confinement.network { certificates().collect() } else { Vec::new() };
    for (variable, path) in wanted.into_iter().filter(|(_, path)| holds_more(path, cell)) {
        tracing::warn!("{}", words::not_opened_for_variable(variable, &path));
    }
}

/// The files that the system has mapped into this process by now.
fn mapped() -> BTreeSet<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let paths = maps.lines().filter_map(|line| line.find('/').map(|start| PathBuf::from(&line[start..])));
    paths.chain(std::env::current_exe()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Confinement;
    use super::*;

    #[test]
    fn a_kernel_without_landlock_or_with_an_old_one_leaves_a_gap() {
        let of = |effective_abi| judge(LandlockStatus::Available { effective_abi, kernel_abi: None });
        assert_eq!(of(ABI::V3), Half::Closed);
        assert_eq!(of(ABI::V10), Half::Closed);
        for old in [ABI::V1, ABI::V2] {
            let Half::WithGap(what) = of(old) else { panic!("{old:?}") };
            assert!(what.contains(&format!("is of version {}, and below 3", old as i32)), "{what}");
        }
        for none in [LandlockStatus::NotEnabled, LandlockStatus::NotImplemented] {
            assert!(matches!(judge(none), Half::Open(what) if what.contains("no Landlock")));
        }
    }

    #[test]
    fn a_place_for_certificates_that_holds_what_is_of_the_user_or_of_all_plugins_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let place = |below: &str| {
            let place = folder.path().join(below);
            std::fs::create_dir_all(&place).unwrap();
            place
        };
        let (data, certificates) = (place("a/data"), place("a/certificates"));
        std::os::unix::fs::symlink(folder.path(), folder.path().join("link")).unwrap();
        let confinement = Confinement { demanded: true, network: true, read: Vec::new(), write: Vec::new() };
        let cell = Cell {
            confinement,
            library: "/l".into(),
            folders: Vec::new(),
            of_all: vec![data.clone().into()],
        };
        assert!(!holds_more(&certificates, &cell));
        assert!(!holds_more(&data.join("own"), &cell));
        let home = std::env::home_dir().unwrap();
        for path in [&data, &place("a"), folder.path(), &folder.path().join("link"), &home, Path::new("/")] {
            assert!(holds_more(path, &cell), "{}", path.display());
        }
    }

    #[test]
    fn nothing_may_be_executed_and_no_device_made() {
        for right in [AccessFs::Execute, AccessFs::MakeBlock, AccessFs::MakeChar, AccessFs::IoctlDev] {
            assert!(!writing().contains(right) && !reading().contains(right), "{right:?}");
        }
    }
}
