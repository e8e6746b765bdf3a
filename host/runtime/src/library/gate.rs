//! The static gate: what can be known of a file without running any of it.
//!
//! A file passes when it is whole, of this system and this machine, and holds a manifest that this host understands. A
//! sound library without a manifest is somebody else's business. Nothing is mapped into memory: a file that shrinks
//! while it is read is an error here, and not the end of the process.

mod elf;
mod other_formats;

use std::fs::File;

use object::FileKind;
use object::read::{ReadCache, ReadRef};
use plugin_api::abi::ABI_NUMBER;
use plugin_api::manifest::{FORMAT, HEADER_BYTES, LONGEST_TEXT, MACH_O_SECTION, MAGIC, Manifest, PE_SECTION};
use serde::Deserialize;

use super::names;
use crate::words;

/// The longest manifest, in bytes.
const MOST_BYTES: u64 = (HEADER_BYTES + LONGEST_TEXT) as u64;

/// The longest file that is looked at, in bytes. It would be copied, and no plugin is so large.
const LARGEST_FILE: u64 = 1 << 30;

/// What a file turned out to be.
#[derive(Debug)]
pub enum Found {
    /// A plugin that may be tried.
    Plugin(Box<Manifest>),
    /// A library for this system that is no plugin.
    Stranger,
}

/// Why a file does not pass.
#[derive(Debug)]
pub struct Refused {
    /// A sentence, to follow the file's name.
    pub reason: String,
    /// Whether a file that is still being written looks like this.
    pub may_grow: bool,
    /// Who the file says it is, if that can be read.
    pub manifest: Option<Box<Manifest>>,
}

impl Refused {
    /// What another file would have to be put in place of.
    fn for_good(reason: String) -> Self {
        Self { reason, may_grow: false, manifest: None }
    }

    /// What the rest of the file may mend.
    fn for_now(reason: String) -> Self {
        Self { reason, may_grow: true, manifest: None }
    }
}

/// Looks at an opened file of `length` bytes.
///
/// # Errors
/// Why it does not pass.
pub fn examine(file: &File, length: u64) -> Result<Found, Refused> {
    if length == 0 {
        return Err(Refused::for_now(words::empty_file()));
    }
    if length > LARGEST_FILE {
        return Err(Refused::for_good(words::file_too_large(length, LARGEST_FILE)));
    }
    let data = ReadCache::new(file);
    let section = match FileKind::parse(&data) {
        Ok(kind @ (FileKind::Elf32 | FileKind::Elf64)) if cfg!(all(unix, not(target_vendor = "apple"))) => {
            elf::manifest(kind, &data, length)?
        }
        Ok(FileKind::Pe32 | FileKind::Pe64) if cfg!(windows) => {
            other_formats::manifest(&data, length, PE_SECTION)?
        }
        Ok(FileKind::MachO32 | FileKind::MachO64) if cfg!(target_vendor = "apple") => {
            other_formats::manifest(&data, length, MACH_O_SECTION)?
        }
        Ok(FileKind::MachOFat32 | FileKind::MachOFat64) if cfg!(target_vendor = "apple") => {
            other_formats::manifest_of_fat(&data, length)?
        }
        Ok(kind) => match system_of(kind) {
            Some(system) => return Err(Refused::for_good(words::other_system(system))),
            None => return Err(Refused::for_good(words::not_a_library())),
        },
        Err(_) => {
            return Err(Refused {
                may_grow: may_begin_later(&data),
                ..Refused::for_good(words::not_a_library())
            });
        }
    };
    match section {
        Some(section) => read(section).map(|manifest| Found::Plugin(Box::new(manifest))),
        None => Ok(Found::Stranger),
    }
}

/// Whether the first bytes are still to come, in a file that was given its length before.
fn may_begin_later<'data>(data: impl ReadRef<'data>) -> bool {
    data.read_bytes_at(0, 16).map_or(true, |bytes| bytes.iter().all(|byte| *byte == 0))
}

/// Whose libraries have this format.
fn system_of(kind: FileKind) -> Option<&'static str> {
    match kind {
        FileKind::Elf32 | FileKind::Elf64 => Some("Linux"),
        FileKind::Pe32 | FileKind::Pe64 => Some("Windows"),
        FileKind::MachO32 | FileKind::MachO64 | FileKind::MachOFat32 | FileKind::MachOFat64 => Some("macOS"),
        _ => None,
    }
}

/// What a manifest of any version says, whatever else has changed.
#[derive(Deserialize)]
struct Head {
    abi_number: u32,
    api_version: String,
}

/// Reads the manifest's section, and refuses what this host does not understand or could not keep apart.
fn read(section: &[u8]) -> Result<Manifest, Refused> {
    let damaged = || Refused::for_good(words::damaged_manifest());
    let (head, rest) = section.split_at_checked(HEADER_BYTES).ok_or_else(damaged)?;
    let (magic, numbers) = head.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(damaged());
    }
    let number = |index: usize| numbers[index..][..4].try_into().map_or(0, u32::from_le_bytes);
    let (format, length) = (number(0), number(4) as usize);
    let text = rest.get(..length).filter(|_| length <= LONGEST_TEXT);
    let head = || text.and_then(|text| serde_json::from_slice::<Head>(text).ok());
    if format != FORMAT {
        let built_with = head().map(|head| head.api_version);
        return Err(Refused::for_good(words::other_manifest(format, built_with.as_deref())));
    }
    let Ok(manifest) = serde_json::from_slice::<Manifest>(text.ok_or_else(damaged)?) else {
        // With another number it may say things that are unknown here, and is not damaged.
        return Err(match head().filter(|head| head.abi_number != ABI_NUMBER) {
            Some(head) => Refused::for_good(words::other_abi(head.abi_number, &head.api_version)),
            None => damaged(),
        });
    };
    let reason = if manifest.abi_number == ABI_NUMBER {
        names::check(&manifest).err()
    } else {
        Some(words::other_abi(manifest.abi_number, &manifest.api_version))
    };
    match reason {
        None => Ok(manifest),
        Some(reason) => Err(Refused { reason, may_grow: false, manifest: Some(Box::new(manifest)) }),
    }
}

#[cfg(test)]
mod tests {
    use plugin_api::manifest::API_VERSION;
    use proptest::prelude::*;

    use super::*;

    fn section(format: u32, length: u32, text: &[u8]) -> Vec<u8> {
        [&MAGIC[..], &format.to_le_bytes(), &length.to_le_bytes(), text].concat()
    }

    fn manifest(more: &str) -> String {
        format!(
            r#"{{"abi_number":{ABI_NUMBER},"name":"a","version":"1","api_version":"1","unwinds":true{more}}}"#
        )
    }

    #[test]
    fn what_a_newer_plugin_api_says_besides_is_passed_over() {
        let text = manifest(r#","a_new_field":[1],"commands":[{"name":"a","place":"worker","new":1}]"#);
        let read = read(&section(FORMAT, text.len() as u32, text.as_bytes())).unwrap();
        assert_eq!((read.name.as_str(), read.commands.unwrap().len()), ("a", 1));
    }

    #[test]
    fn what_another_plugin_api_says_in_another_way_is_refused_with_both_versions_and_is_no_damage() {
        let number = ABI_NUMBER + 1;
        let text = format!(r#"{{"abi_number":{number},"api_version":"9.8.7","commands":"elsewhere"}}"#);
        for (format, other) in
            [(FORMAT, format!("ABI {number}")), (FORMAT + 1, format!("format {}", FORMAT + 1))]
        {
            let refused = read(&section(format, text.len() as u32, text.as_bytes())).unwrap_err();
            for part in ["plugin-api 9.8.7", &format!("plugin-api {API_VERSION}"), &other, "get a newer host"]
            {
                assert!(refused.reason.contains(part), "{part}: {}", refused.reason);
            }
            // Three lines of a terminal.
            assert!(refused.reason.len() < 240, "{}", refused.reason);
        }
        let older = text.replace(&format!(":{number},"), &format!(":{},", ABI_NUMBER - 1));
        let reason = read(&section(FORMAT, older.len() as u32, older.as_bytes())).unwrap_err().reason;
        assert!(reason.ends_with("rebuild it with this host's plugin-api"), "{reason}");
        let unknown = read(&section(FORMAT + 1, 3, b"new")).unwrap_err().reason;
        assert!(unknown.contains("as another plugin-api does"), "{unknown}");
        let broken = text.replace("api_version", "version");
        let reason = read(&section(FORMAT, broken.len() as u32, broken.as_bytes())).unwrap_err().reason;
        assert_eq!(reason, words::damaged_manifest());
    }

    #[test]
    fn a_length_beyond_the_section_is_damage() {
        let text = manifest("");
        for length in [text.len() as u32 + 1, u32::MAX] {
            assert!(read(&section(FORMAT, length, text.as_bytes())).is_err());
        }
    }

    proptest! {
        #[test]
        fn any_section_is_read_without_a_panic(text in prop::collection::vec(any::<u8>(), 0..200), length in 0..300_u32) {
            let _ = read(&text);
            let _ = read(&section(FORMAT, length, &text));
        }
    }

    #[cfg(target_os = "linux")]
    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn a_program_with_any_damage_is_no_plugin(
            damage in prop::collection::vec((0..2000_usize, any::<u8>()), 1..20),
            at_the_end in prop::collection::vec((0..3000_usize, any::<u8>()), 0..20),
            cut in 0..5000_usize,
        ) {
            let mut bytes = std::fs::read("/bin/true").unwrap();
            for (at, byte) in damage {
                bytes[at] = byte;
            }
            let length = bytes.len();
            for (from_the_end, byte) in at_the_end {
                bytes[length - 1 - from_the_end] = byte;
            }
            bytes.truncate(length - cut.saturating_sub(2500));
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), &bytes).unwrap();
            let found = examine(&File::open(file.path()).unwrap(), bytes.len() as u64);
            prop_assert!(!matches!(found, Ok(Found::Plugin(_))));
        }
    }

    proptest! {
        #![proptest_config(corpus::config())]
        #[test]
        fn a_mutation_of_a_manifest_is_one_that_can_be_kept_apart_or_a_sentence(section in corpus::mutated("manifest")) {
            match read(&section) {
                Ok(manifest) => prop_assert!(names::check(&manifest).is_ok() && manifest.abi_number == ABI_NUMBER),
                Err(refused) => prop_assert!(!refused.reason.is_empty() && refused.reason.len() < 2000, "{}", refused.reason),
            }
        }
    }
}
