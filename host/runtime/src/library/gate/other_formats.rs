//! PE and Mach-O files, through the general reader: whole, of this machine, and where their manifest is.

use object::macho::FatHeader;
use object::read::macho::{FatArch as _, MachOFatFile32, MachOFatFile64};
use object::read::{ReadCache, ReadCacheOps, ReadRef};
use object::{Architecture, FileKind, Object as _, ObjectKind, ObjectSection as _, ObjectSegment as _};
use plugin_api::manifest::{MACH_O_SECTION, PE_SECTION};

use super::{MOST_BYTES, Refused};
use crate::words;

/// The bytes of the manifest; nothing for a sound library without one.
pub fn manifest<'data, R: ReadRef<'data>>(data: R, length: u64) -> Result<Option<&'data [u8]>, Refused> {
    let damaged = || Refused::for_now(words::damaged_library());
    let file = object::File::parse(data).map_err(|_| damaged())?;
    if ARCHITECTURE.is_some_and(|own| own != file.architecture()) {
        return Err(Refused::for_good(words::other_machine(machine(file.architecture()))));
    }
    if file.kind() != ObjectKind::Dynamic {
        return Err(Refused::for_good(words::not_a_shared_library()));
    }
    for segment in file.segments() {
        let (offset, bytes) = segment.file_range();
        let end = offset.saturating_add(bytes);
        if end > length {
            return Err(Refused::for_now(words::cut_off(length, end)));
        }
    }
    let name = if cfg!(windows) { PE_SECTION } else { MACH_O_SECTION };
    let Some(section) = file.section_by_name(name) else { return Ok(None) };
    if section.size() > MOST_BYTES {
        return Err(Refused::for_good(words::damaged_manifest()));
    }
    section.data().map(Some).map_err(|_| Refused::for_good(words::damaged_manifest()))
}

/// The same for a file that holds a library for each of several machines.
pub fn manifest_of_fat<R: ReadCacheOps>(data: &ReadCache<R>, length: u64) -> Result<Option<&[u8]>, Refused> {
    let damaged = || Refused::for_now(words::damaged_library());
    let own = |architecture| ARCHITECTURE.is_none_or(|own| own == architecture);
    let range = match FileKind::parse(data) {
        Ok(FileKind::MachOFat32) => {
            let file = MachOFatFile32::parse(data).map_err(|_| damaged())?;
            file.arches().iter().find(|one| own(one.architecture())).map(|one| one.file_range())
        }
        _ => {
            let file = MachOFatFile64::parse(data).map_err(|_| damaged())?;
            file.arches().iter().find(|one| own(one.architecture())).map(|one| one.file_range())
        }
    };
    let Some((offset, bytes)) = range else {
        return Err(Refused::for_good(words::other_machine("other machines")));
    };
    let end = offset.saturating_add(bytes);
    if end > length || offset < size_of::<FatHeader>() as u64 {
        return Err(Refused::for_now(words::cut_off(length, end)));
    }
    manifest(data.range(offset, bytes), bytes)
}

/// What this host was built for; nothing for a machine that has no name here, where the loader must tell.
const ARCHITECTURE: Option<Architecture> = if cfg!(target_arch = "x86_64") {
    Some(Architecture::X86_64)
} else if cfg!(target_arch = "aarch64") {
    Some(Architecture::Aarch64)
} else if cfg!(target_arch = "x86") {
    Some(Architecture::I386)
} else {
    None
};

fn machine(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Aarch64 => "aarch64",
        Architecture::I386 => "x86",
        Architecture::Arm => "arm",
        _ => "another machine",
    }
}
