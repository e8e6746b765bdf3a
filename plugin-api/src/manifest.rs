//! What a library says about itself without being run: a section of the file, written when the plugin is compiled.
//!
//! The section holds [`MAGIC`], the number of this [format](FORMAT), the length of the text, and the text: a [`Manifest`]
//! as JSON. A host reads it from the file; `strip` leaves it, because it is data that the library exports.
//!
//! Nothing here runs when the library is loaded.

use serde::{Deserialize, Serialize};

use crate::abi::ABI_NUMBER;
use crate::command::{ArgumentInfo, CommandInfo};
use crate::table::{CommandEntry, Place};

/// The section's name in an ELF file.
pub const ELF_SECTION: &str = ".plugin_host";
/// The section's name in a PE file, which has room for eight bytes.
pub const PE_SECTION: &str = ".plghost";
/// The section's name in a Mach-O file, in the segment `__DATA`.
pub const MACH_O_SECTION: &str = "__plugin_host";

/// What the section begins with.
pub const MAGIC: [u8; 16] = *b"plugin-host\0mani";

/// The number of this format. It is raised when the bytes around the text change their meaning; the text may get new
/// fields at any time.
pub const FORMAT: u32 = 1;

/// The version of this crate, by which people know it. Whether two fit is told by [`ABI_NUMBER`] and the layout.
pub const API_VERSION: &str = env!("PLUGIN_API_VERSION");

/// Bytes before the text: the magic, the format and the text's length, both as `u32` in little endian.
pub const HEADER_BYTES: usize = MAGIC.len() + 4 + 4;

/// The longest text, in bytes: 10,000 commands with a few hundred bytes each.
pub const LONGEST_TEXT: usize = 16 * 1024 * 1024;

/// Identity and command table of a plugin, as the file tells them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`ABI_NUMBER`] of the `plugin-api` the library was built with.
    pub abi_number: u32,
    /// The plugin's name: that of its crate.
    pub name: String,
    /// The plugin's version: that of its crate.
    pub version: String,
    /// Its crate's description; may be empty.
    #[serde(default)]
    pub description: String,
    /// The version of `plugin-api` it was built with.
    pub api_version: String,
    /// The compiler it was built with, as `rustc --version` tells.
    #[serde(default)]
    pub rustc: String,
    /// Whether panics unwind in it. One built with `panic = "abort"` ends the whole process when it panics.
    pub unwinds: bool,
    /// The command table, in the order the plugin lists it; nothing where only the running plugin knows it, as with an
    /// enum of commands.
    #[serde(default)]
    pub commands: Option<Vec<CommandEntry>>,
}

/// What `export_plugin!` knows when it compiles.
#[doc(hidden)]
pub struct Source {
    pub name: &'static str,
    pub version: &'static str,
    pub description: &'static str,
    pub commands: Option<&'static [&'static CommandInfo]>,
}

impl Source {
    /// How long the section is, in bytes.
    pub const fn bytes(&self) -> usize {
        HEADER_BYTES + self.text::<0>().length
    }

    /// The section, which is `N` bytes long, as [`bytes`](Self::bytes) tells.
    pub const fn write<const N: usize>(&self) -> [u8; N] {
        let text = self.text::<N>();
        let mut section = Writer::<N>::new();
        section.bytes(&MAGIC);
        section.bytes(&FORMAT.to_le_bytes());
        section.bytes(&(text.length as u32).to_le_bytes());
        section.bytes(text.bytes.split_at(text.length).0);
        section.bytes
    }

    const fn text<const N: usize>(&self) -> Writer<N> {
        let mut json = Writer::new();
        json.raw("{\"abi_number\":");
        json.number(ABI_NUMBER as u64);
        json.raw(",\"name\":");
        json.text(self.name);
        json.raw(",\"version\":");
        json.text(self.version);
        json.raw(",\"description\":");
        json.text(self.description);
        json.raw(",\"api_version\":");
        json.text(API_VERSION);
        json.raw(",\"rustc\":");
        json.text(env!("PLUGIN_API_RUSTC"));
        json.raw(if cfg!(panic = "unwind") { ",\"unwinds\":true" } else { ",\"unwinds\":false" });
        if let Some(commands) = self.commands {
            json.raw(",\"commands\":[");
            let mut index = 0;
            while index < commands.len() {
                json.raw(if index == 0 { "" } else { "," });
                json.command(commands[index]);
                index += 1;
            }
            json.raw("]");
        }
        json.raw("}");
        json
    }
}

/// Writes bytes while the compiler runs. What does not fit is counted and not kept, so the first pass, with room for
/// nothing, tells how much room the second one needs.
struct Writer<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Writer<N> {
    const fn new() -> Self {
        Self { bytes: [0; N], length: 0 }
    }

    const fn byte(&mut self, byte: u8) {
        if self.length < N {
            self.bytes[self.length] = byte;
        }
        self.length += 1;
    }

    const fn bytes(&mut self, bytes: &[u8]) {
        let mut index = 0;
        while index < bytes.len() {
            self.byte(bytes[index]);
            index += 1;
        }
    }

    const fn raw(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    const fn number(&mut self, number: u64) {
        if number >= 10 {
            self.number(number / 10);
        }
        self.byte(b'0' + (number % 10) as u8);
    }

    const fn text(&mut self, text: &str) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let bytes = text.as_bytes();
        self.byte(b'"');
        let mut index = 0;
        while index < bytes.len() {
            let byte = bytes[index];
            match byte {
                b'"' | b'\\' => {
                    self.byte(b'\\');
                    self.byte(byte);
                }
                0..0x20 => {
                    self.raw("\\u00");
                    self.byte(DIGITS[(byte >> 4) as usize]);
                    self.byte(DIGITS[(byte & 15) as usize]);
                }
                _ => self.byte(byte),
            }
            index += 1;
        }
        self.byte(b'"');
    }

    const fn command(&mut self, command: &CommandInfo) {
        self.raw("{\"name\":");
        self.text(command.name);
        self.raw(match command.place {
            Place::Worker => ",\"place\":\"worker\"",
            Place::MainThread => ",\"place\":\"mainThread\"",
        });
        self.raw(",\"doc\":");
        self.text(command.doc);
        self.raw(",\"more\":");
        self.text(command.more);
        self.raw(",\"arguments\":[");
        let mut index = 0;
        while index < command.arguments.len() {
            self.raw(if index == 0 { "" } else { "," });
            self.argument(&command.arguments[index]);
            index += 1;
        }
        self.raw("],\"returns\":");
        self.text(command.returns);
        self.raw(",\"sends\":");
        self.text(command.sends);
        self.raw(",\"reports\":");
        self.text(command.reports);
        if let Some(deadline) = command.deadline_ms {
            self.raw(",\"deadline_ms\":");
            self.number(deadline);
        }
        if let Some(concurrency) = command.concurrency {
            self.raw(",\"concurrency\":");
            self.number(concurrency as u64);
        }
        if command.dangerous {
            self.raw(",\"dangerous\":true");
        }
        if command.internal {
            self.raw(",\"internal\":true");
        }
        self.raw("}");
    }

    const fn argument(&mut self, argument: &ArgumentInfo) {
        self.raw("{\"name\":");
        self.text(argument.name);
        self.raw(",\"kind\":");
        self.text(argument.kind);
        self.raw(if argument.optional { ",\"optional\":true}" } else { ",\"optional\":false}" });
    }
}

/// Names that are the host's own, and no plugin's.
pub const RESERVED_NAMES: [&str; 4] = ["host", "app", "window", "cli"];

/// Whether a plugin may be given this name. The host takes some more, which are names of crates.
#[doc(hidden)]
pub const fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        if !matches!(bytes[index], b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_') {
            return false;
        }
        index += 1;
    }
    let mut own = 0;
    while own < RESERVED_NAMES.len() {
        if is_same(bytes, RESERVED_NAMES[own].as_bytes()) {
            return false;
        }
        own += 1;
    }
    !bytes.is_empty() && bytes.len() <= 64
}

const fn is_same(left: &[u8], right: &[u8]) -> bool {
    let mut index = 0;
    while index < left.len() && index < right.len() && left[index] == right[index] {
        index += 1;
    }
    index == left.len() && index == right.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::CommandSchemas;

    const COMMANDS: &[&CommandInfo] = &[
        &CommandInfo {
            name: "a\"\\\n\u{1}é",
            place: Place::MainThread,
            doc: "",
            more: "",
            arguments: &[
                ArgumentInfo { name: "x", kind: "u64", optional: false },
                ArgumentInfo { name: "y", kind: "Option<u64>", optional: true },
            ],
            returns: "Result<u64>",
            sends: "",
            reports: "f64",
            deadline_ms: Some(u64::MAX),
            concurrency: Some(12),
            dangerous: true,
            internal: true,
            schemas: CommandSchemas::default,
        },
        &CommandInfo {
            name: "b",
            place: Place::Worker,
            doc: "Does b.",
            more: "In two\n\nparts.",
            arguments: &[],
            returns: "",
            sends: "String",
            reports: "",
            deadline_ms: None,
            concurrency: None,
            dangerous: false,
            internal: false,
            schemas: CommandSchemas::default,
        },
    ];

    const SOURCE: Source =
        Source { name: "me", version: "1.2.3", description: "d", commands: Some(COMMANDS) };
    static SECTION: [u8; SOURCE.bytes()] = SOURCE.write();

    #[test]
    fn what_is_written_while_compiling_is_what_serde_reads() {
        assert_eq!(SECTION[..16], MAGIC);
        let number = |at: usize| u32::from_le_bytes(SECTION[at..at + 4].try_into().unwrap());
        assert_eq!((number(16), number(20) as usize), (FORMAT, SECTION.len() - HEADER_BYTES));
        let read: Manifest = serde_json::from_slice(&SECTION[HEADER_BYTES..]).unwrap();
        let expected = Manifest {
            abi_number: ABI_NUMBER,
            name: "me".to_owned(),
            version: "1.2.3".to_owned(),
            description: "d".to_owned(),
            api_version: API_VERSION.to_owned(),
            rustc: env!("PLUGIN_API_RUSTC").to_owned(),
            unwinds: true,
            commands: Some(COMMANDS.iter().map(|command| command.entry()).collect()),
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn a_name_is_of_few_letters_and_not_the_hosts_own() {
        for name in ["http", "a", "my_plugin-2", "hosts", "ap", "0", &"x".repeat(64)] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "host", "app", "window", "cli", "Http", "a b", "a/b", "..", "é", &"x".repeat(65)] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn a_plugin_that_does_not_know_its_commands_says_so() {
        const SILENT: Source = Source { name: "n", version: "1", description: "", commands: None };
        static SECTION: [u8; SILENT.bytes()] = SILENT.write();
        let read: Manifest = serde_json::from_slice(&SECTION[HEADER_BYTES..]).unwrap();
        assert_eq!(read.commands, None);
    }
}
