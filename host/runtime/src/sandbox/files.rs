//! Keeps files from this process, with Landlock: what is not listed here can neither be opened nor made, removed, renamed or linked.
//!
//! Nothing may be executed but the program itself, which has to begin again, and what it is linked with. What Landlock does not know of (modes, owners, times) is refused by [`calls`](super::calls).

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

/// Folders and files that the environment names, for the loader.
const LIBRARIES: &str = "LD_LIBRARY_PATH";

/// And for those who check certificates.
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
    let Cell { confinement, library, folders } = cell;
    let ruleset = Ruleset::default().handle_access(AccessFs::from_all(NEWEST))?;
    // Filters of calls do the same, and more; but these hold for processes that are forked, too.
    let mut rules = Rules(ruleset.scope(Scope::from_all(NEWEST))?.create()?);
    for path in SYSTEM {
        rules.allow(Path::new(path), reading());
    }
    for path in DEVICES {
        rules.allow(Path::new(path), make_bitflags!(AccessFs::{ReadFile | WriteFile}));
    }
    rules.allow_all_of(LIBRARIES);
    if confinement.network {
        for path in NETWORK {
            rules.allow(Path::new(path), reading());
        }
        CERTIFICATES.iter().for_each(|name| rules.allow_all_of(name));
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

    /// Allows to read what a variable lists.
    fn allow_all_of(&mut self, variable: &str) {
        let listed = std::env::var_os(variable).unwrap_or_default();
        for path in std::env::split_paths(&listed).filter(|path| path.is_absolute()) {
            self.allow(&path, reading());
        }
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
    fn nothing_may_be_executed_and_no_device_made() {
        for right in [AccessFs::Execute, AccessFs::MakeBlock, AccessFs::MakeChar, AccessFs::IoctlDev] {
            assert!(!writing().contains(right) && !reading().contains(right), "{right:?}");
        }
    }
}
