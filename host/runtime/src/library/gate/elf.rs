//! ELF files: whole, of this machine, and where their manifest is.
//!
//! Read header by header: what the general reader would read besides, such as the symbols of a large library, is not
//! wanted here.

use object::elf::{ET_DYN, FileHeader32, FileHeader64, Machine, PT_INTERP, PT_LOAD, SHT_NOBITS};
use object::endian::{Endian as _, Endianness};
use object::read::elf::{FileHeader, ProgramHeader as _, SectionHeader as _};
use object::read::{ReadCache, ReadCacheOps};
use object::{FileKind, elf};
use plugin_api::manifest::ELF_SECTION;

use super::{MOST_BYTES, Refused};
use crate::words;

/// More sections than any library has. Their names are read one by one.
const MOST_SECTIONS: usize = 10_000;

/// The bytes of the manifest; nothing for a sound library without one.
pub fn manifest<R: ReadCacheOps>(
    kind: FileKind,
    data: &ReadCache<R>,
    length: u64,
) -> Result<Option<&[u8]>, Refused> {
    let wide = kind == FileKind::Elf64;
    if wide != cfg!(target_pointer_width = "64") {
        return Err(Refused::for_good(words::other_width(if wide { 64 } else { 32 })));
    }
    if wide {
        manifest_in::<FileHeader64<Endianness>, R>(data, length)
    } else {
        manifest_in::<FileHeader32<Endianness>, R>(data, length)
    }
}

fn manifest_in<H: FileHeader<Endian = Endianness>, R: ReadCacheOps>(
    data: &ReadCache<R>,
    length: u64,
) -> Result<Option<&[u8]>, Refused> {
    let cut = |needs: u64| Refused::for_now(words::cut_off(length, needs));
    let damaged = || Refused::for_good(words::damaged_library());
    let header = H::parse(data).map_err(|_| cut(size_of::<H>() as u64))?;
    let endian = header.endian().map_err(|_| damaged())?;
    if endian.is_little_endian() != cfg!(target_endian = "little")
        || header.e_machine(endian) != MACHINE.unwrap_or(header.e_machine(endian))
    {
        return Err(Refused::for_good(words::other_machine(machine(header.e_machine(endian)))));
    }
    if header.e_type(endian) != ET_DYN {
        return Err(Refused::for_good(words::not_a_shared_library()));
    }
    // With very many entries their number stands elsewhere; nobody's plugin has so many.
    if header.e_phnum(endian) == u16::MAX
        || (header.e_shnum(endian) == 0 && header.e_shoff(endian).into() != 0)
    {
        return Err(damaged());
    }
    if usize::from(header.e_shnum(endian)) > MOST_SECTIONS {
        return Err(damaged());
    }
    let segments_end = table_end(
        header.e_phoff(endian).into(),
        header.e_phnum(endian).into(),
        header.e_phentsize(endian).into(),
    );
    if segments_end > length {
        return Err(cut(segments_end));
    }
    let segments = header.program_headers(endian, data).map_err(|_| damaged())?;
    let mut interpreted = false;
    let mut loads = 0;
    for segment in segments {
        interpreted |= segment.p_type(endian) == PT_INTERP;
        if segment.p_type(endian) == PT_LOAD {
            loads += 1;
            let end = segment.p_offset(endian).into().saturating_add(segment.p_filesz(endian).into());
            if end > length {
                return Err(cut(end));
            }
        }
    }
    if loads == 0 {
        return Err(damaged());
    }
    let sections_at: u64 = header.e_shoff(endian).into();
    let sections_end =
        table_end(sections_at, header.e_shnum(endian).into(), header.e_shentsize(endian).into());
    if sections_end > length {
        return Err(cut(sections_end));
    }
    let sections = header.sections(endian, data).map_err(|_| damaged())?;
    let Some((_, section)) = sections.section_by_name(endian, ELF_SECTION.as_bytes()) else {
        // Programs may be of the same type as libraries.
        return if interpreted { Err(Refused::for_good(words::not_a_shared_library())) } else { Ok(None) };
    };
    // Looked at before it is read: a file may say that it is larger than memory.
    if section.sh_type(endian) == SHT_NOBITS || section.sh_size(endian).into() > MOST_BYTES {
        return Err(Refused::for_good(words::damaged_manifest()));
    }
    section.data(endian, data).map(Some).map_err(|_| Refused::for_good(words::damaged_manifest()))
}

fn table_end(offset: u64, entries: u64, entry_bytes: u64) -> u64 {
    offset.saturating_add(entries * entry_bytes)
}

/// What this host was built for; nothing for a machine that has no name here, where the loader must tell.
const MACHINE: Option<Machine> = if cfg!(target_arch = "x86_64") {
    Some(elf::EM_X86_64)
} else if cfg!(target_arch = "aarch64") {
    Some(elf::EM_AARCH64)
} else if cfg!(target_arch = "x86") {
    Some(elf::EM_386)
} else if cfg!(target_arch = "arm") {
    Some(elf::EM_ARM)
} else if cfg!(any(target_arch = "riscv64", target_arch = "riscv32")) {
    Some(elf::EM_RISCV)
} else {
    None
};

fn machine(machine: Machine) -> &'static str {
    match machine {
        elf::EM_X86_64 => "x86_64",
        elf::EM_AARCH64 => "aarch64",
        elf::EM_386 => "x86",
        elf::EM_ARM => "arm",
        elf::EM_RISCV => "riscv",
        elf::EM_PPC64 => "powerpc64",
        elf::EM_S390 => "s390x",
        _ => "another machine",
    }
}
