//! PE and Mach-O files, through the general reader: whole, of this machine, and where their manifest is.

use object::macho::FatHeader;
use object::read::macho::{FatArch as _, MachOFatFile32, MachOFatFile64};
use object::read::{ReadCache, ReadCacheOps, ReadRef};
use object::{Architecture, FileKind, Object as _, ObjectKind, ObjectSection as _, ObjectSegment as _};
use plugin_api::manifest::MACH_O_SECTION;

use super::{MOST_BYTES, Refused};
use crate::words;

/// The bytes of the manifest, in the section of that name; nothing for a sound library without one.
pub fn manifest<'data, R: ReadRef<'data>>(
    data: R,
    length: u64,
    section: &str,
) -> Result<Option<&'data [u8]>, Refused> {
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
    let Some(section) = file.section_by_name(section) else { return Ok(None) };
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
    manifest(data.range(offset, bytes), bytes, MACH_O_SECTION)
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

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use object::write::{self, pe};
    use object::{BinaryFormat, Endianness, SectionKind};
    use plugin_api::manifest::PE_SECTION;

    use super::*;

    const TEXT: &[u8] = b"what the library says about itself";

    /// A library for Windows with nothing but a manifest.
    fn windows(machine: object::pe::Machine, flags: object::pe::FileFlags) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = pe::Writer::new(true, 4096, 512, &mut bytes);
        writer.reserve_dos_header();
        writer.reserve_nt_headers(16);
        writer.reserve_section_headers(1);
        let mut name = [0; 8];
        name.copy_from_slice(PE_SECTION.as_bytes());
        let flags_of_data = object::pe::IMAGE_SCN_CNT_INITIALIZED_DATA | object::pe::IMAGE_SCN_MEM_READ;
        let range = writer.reserve_section(name, flags_of_data, TEXT.len() as u32, TEXT.len() as u32);
        writer.write_empty_dos_header().unwrap();
        writer.write_nt_headers(pe::NtHeaders {
            machine,
            time_date_stamp: 0,
            characteristics: flags,
            major_linker_version: 0,
            minor_linker_version: 0,
            address_of_entry_point: 0,
            image_base: 0x1_8000_0000,
            major_operating_system_version: 6,
            minor_operating_system_version: 0,
            major_image_version: 0,
            minor_image_version: 0,
            major_subsystem_version: 6,
            minor_subsystem_version: 0,
            subsystem: object::pe::IMAGE_SUBSYSTEM_WINDOWS_GUI,
            dll_characteristics: object::pe::DllFlags(0),
            size_of_stack_reserve: 0,
            size_of_stack_commit: 0,
            size_of_heap_reserve: 0,
            size_of_heap_commit: 0,
        });
        writer.write_section_headers();
        writer.write_section(range.file_offset, TEXT);
        bytes
    }

    /// A library for macOS with nothing but a manifest.
    fn mac(architecture: Architecture) -> Vec<u8> {
        let mut object = write::Object::new(BinaryFormat::MachO, architecture, Endianness::Little);
        let section =
            object.add_section(b"__DATA".to_vec(), MACH_O_SECTION.as_bytes().to_vec(), SectionKind::Data);
        object.append_section_data(section, TEXT, 8);
        let mut bytes = object.write().unwrap();
        // From a part of a program to a library.
        bytes[12..16].copy_from_slice(&6_u32.to_le_bytes());
        bytes
    }

    #[track_caller]
    fn check(bytes: &[u8], section: &str, expected: &str) {
        let found = match manifest(bytes, bytes.len() as u64, section) {
            // What stands behind it fills the section.
            Ok(Some(text)) => String::from_utf8_lossy(&text[..TEXT.len()]).into_owned(),
            Ok(None) => "nothing".to_owned(),
            Err(refused) => refused.reason,
        };
        assert!(found.contains(expected), "{found}");
    }

    #[test]
    fn a_library_for_windows_tells_what_it_is() {
        use object::pe::{
            IMAGE_FILE_DLL, IMAGE_FILE_EXECUTABLE_IMAGE, IMAGE_FILE_MACHINE_AMD64, IMAGE_FILE_MACHINE_ARM64,
        };
        let library = IMAGE_FILE_EXECUTABLE_IMAGE | IMAGE_FILE_DLL;
        let good = windows(IMAGE_FILE_MACHINE_AMD64, library);
        check(&good, PE_SECTION, "what the library says");
        check(&good, ".other", "nothing");
        check(&windows(IMAGE_FILE_MACHINE_ARM64, library), PE_SECTION, "is a library for aarch64");
        check(&windows(IMAGE_FILE_MACHINE_AMD64, IMAGE_FILE_EXECUTABLE_IMAGE), PE_SECTION, "is a program");
        // What fills the section up may be missing: that is an error of the system's loader, in the trial.
        let end = good.len() - 512 + TEXT.len();
        check(&good[..end], PE_SECTION, "what the library says");
        check(&good[..end - 1], PE_SECTION, "is cut off");
        for length in 0..end {
            let cut = manifest(&good[..length], length as u64, PE_SECTION);
            assert!(!matches!(cut, Ok(Some(_))), "{length}");
        }
    }

    #[test]
    fn a_library_for_macos_tells_what_it_is() {
        let good = mac(Architecture::X86_64);
        check(&good, MACH_O_SECTION, "what the library says");
        check(&mac(Architecture::Aarch64), MACH_O_SECTION, "is a library for aarch64");
        let mut part = good.clone();
        part[12..16].copy_from_slice(&1_u32.to_le_bytes());
        check(&part, MACH_O_SECTION, "is a program or a part of one");
        for length in 0..good.len() {
            let _ = manifest(&good[..length], length as u64, MACH_O_SECTION);
        }
    }
}
