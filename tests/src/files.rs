//! Bad files, made from one good library: more than two hundred, each with what the host must say of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::library;

/// What must become of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// It serves.
    Serves,
    /// It is nobody's business.
    Stranger,
    /// Another file comes first; the reason has this in it.
    LeftOut(&'static str),
    /// It is refused; the reason has this in it.
    Refused(&'static str),
}

use Expected::{LeftOut, Refused, Serves, Stranger};

/// A folder of files, and what must become of each.
pub struct Files {
    /// Where they are.
    pub folder: tempfile::TempDir,
    /// What they are.
    pub expected: Vec<(PathBuf, Expected)>,
}

impl Files {
    /// All of them.
    ///
    /// # Panics
    /// When a library has not been built, or the system has no `strip`.
    pub fn make() -> Self {
        let mut files =
            Self { folder: tempfile::tempdir().expect("a folder for temporary files"), expected: Vec::new() };
        let good = stripped("ordinary", files.folder.path());
        // First by name, so that it is the one that serves.
        files.add("00-good", &good, Serves);
        files.others(&good);
        files.cut(&good);
        files.headers(&good);
        files.manifests(&good);
        files.sparse(&good);
        files.random();
        #[cfg(unix)]
        files.no_files(&good);
        files.constructors();
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.{}", std::env::consts::DLL_EXTENSION))
    }

    fn add(&mut self, name: &str, bytes: &[u8], expected: Expected) {
        let path = self.path(name);
        fs::write(&path, bytes).expect("a folder");
        self.expected.push((path, expected));
    }

    /// Files of other kinds.
    fn others(&mut self, good: &[u8]) {
        let not_a_library = Refused("is not a library");
        self.add("empty", b"", Refused("is empty"));
        for (name, bytes) in [
            ("text", &b"This is the readme of a plugin, saved under the wrong name."[..]),
            ("one-byte", b"\x7f"),
            ("page", b"<!doctype html><title>404 Not Found</title>"),
            ("script", b"#!/bin/sh\necho hello from a script\n"),
            ("picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01"),
            ("zip", b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0"),
            ("gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\0\0\0"),
            ("archive", b"!<arch>\nplugin.o/       0           0     0     644     8         `\n"),
            ("zeros", &[0; 4096]),
            ("ones", &[0xff; 4096]),
            ("json", br#"{"plugin":"ordinary","version":"0.1.0"}"#),
        ] {
            self.add(name, bytes, not_a_library.clone());
        }
        self.add("windows", &windows(), Refused("is a library for Windows"));
        self.add(
            "mac",
            b"\xcf\xfa\xed\xfe\x07\0\0\x01\x03\0\0\0\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            Refused("is a library for macOS"),
        );
        self.add("program", &fs::read("/bin/true").expect("a program"), Refused("is a program"));
        self.add("stranger", &fs::read(library("stranger")).expect("it was built"), Stranger);
        self.add("copy", good, LeftOut("calls itself `ordinary`"));
        self.add(&"long".repeat(63), good, LeftOut("calls itself `ordinary`"));
        self.add("new\nline", good, LeftOut("calls itself `ordinary`"));
        self.add("quote\"'`$(x)<b>", good, LeftOut("calls itself `ordinary`"));
        // Of another plugin, because one whose name is taken is not even tried.
        let other = stripped("changing", self.folder.path());
        // A symbol that nobody has, in place of one that the library needs.
        let symbol = replaced(&other, b"\0memcpy\0", b"\0memcpx\0");
        self.add("symbol", &symbol, Refused("is not a library this system can load"));
        // And another library that it needs.
        let needs = replaced(&other, b"\0libgcc_s.so.1\0", b"\0libgcc_x.so.1\0");
        self.add("needs", &needs, Refused("needs another library that the system does not find"));
        // The words stand twice in the file: in the manifest, and in the table of the running plugin.
        let doc = replaced(&other, b"Tells which version has answered", b"Tells which version has a number");
        self.add("manifest-other-doc", &doc, Refused("says one thing about itself"));
    }

    /// Cut off, every four kilobytes.
    fn cut(&mut self, good: &[u8]) {
        for length in (64..good.len()).step_by(4096) {
            self.add(&format!("cut-{length:08}"), &good[..length], Refused("is cut off"));
        }
        self.add("cut-by-one", &good[..good.len() - 1], Refused("is cut off"));
        self.add("cut-in-the-header", &good[..40], Refused("is cut off"));
        let mut longer = good.to_vec();
        longer.extend([0; 1000]);
        self.add("longer", &longer, LeftOut("calls itself `ordinary`"));
    }

    /// With other words in the header.
    fn headers(&mut self, good: &[u8]) {
        let mut with = |name: &str, at: usize, word: &[u8], expected| {
            let mut bytes = good.to_vec();
            bytes[at..at + word.len()].copy_from_slice(word);
            self.add(name, &bytes, expected);
        };
        for machine in [2_u16, 3, 8, 20, 21, 22, 40, 183, 243, 258] {
            let own = if cfg!(target_arch = "x86_64") { 62 } else { 183 };
            if machine != own {
                with(&format!("machine-{machine}"), 18, &machine.to_le_bytes(), Refused("is a library for"));
            }
        }
        with("width", 4, &[1], Refused("is a 32-bit library"));
        with("order", 5, &[2], Refused("is a library for"));
        for kind in [0_u16, 1, 2, 4] {
            with(&format!("kind-{kind}"), 16, &kind.to_le_bytes(), Refused("is a program or a part of one"));
        }
        with("no-segments", 56, &0_u16.to_le_bytes(), Refused("is damaged"));
        with("segments-far-away", 32, &u64::MAX.to_le_bytes(), Refused("is cut off"));
        with("many-segments", 56, &u16::MAX.to_le_bytes(), Refused("is damaged"));
        with("wide-segments", 54, &u16::MAX.to_le_bytes(), Refused("is damaged"));
        with("sections-far-away", 40, &(u64::MAX / 2).to_le_bytes(), Refused("is cut off"));
        with("no-sections", 40, &0_u64.to_le_bytes(), Stranger);
        with("many-sections", 60, &u16::MAX.to_le_bytes(), Refused("is damaged"));
        with("names-nowhere", 62, &1000_u16.to_le_bytes(), Refused("is damaged"));
    }

    /// Longer than memory, with little on the disk.
    fn sparse(&mut self, good: &[u8]) {
        let mut add = |name: &str, bytes: &[u8], length: u64, expected| {
            self.add(name, bytes, expected);
            let file = fs::File::options().write(true).open(self.path(name)).expect("it was made");
            file.set_len(length).expect("a disk with holes");
        };
        add("very-long", good, 30 << 30, Refused("is too large for a plugin"));
        // The section's header says that it holds a gigabyte.
        let word = |at: usize| u64::from_le_bytes(good[at..at + 8].try_into().expect("eight bytes"));
        let (sections, count) = (word(40) as usize, usize::from(good[60]));
        let magic = b"plugin-host\0mani";
        let at = good.windows(magic.len()).position(|window| window == magic).expect("a manifest") as u64;
        let section = (0..count).map(|number| sections + number * 64).find(|header| word(header + 24) == at);
        let mut bytes = good.to_vec();
        let size = section.expect("a section") + 32;
        bytes[size..size + 8].copy_from_slice(&(1_u64 << 29).to_le_bytes());
        add("manifest-of-half-a-gigabyte", &bytes, 1 << 30, Refused("is damaged: what it says about itself"));
    }

    /// With other words in the manifest.
    fn manifests(&mut self, good: &[u8]) {
        let magic = b"plugin-host\0mani";
        let at = good.windows(magic.len()).position(|window| window == magic).expect("a manifest");
        let mut with = |name: &str, from: &[u8], to: &[u8], expected| {
            let manifest = replaced(&good[at..], from, to);
            self.add(name, &[&good[..at], &manifest].concat(), expected);
        };
        let damaged = Refused("is damaged: what it says about itself");
        with("manifest-magic", magic, b"plugin-host\0mono", damaged.clone());
        with(
            "manifest-format",
            b"mani\x01\0\0\0",
            b"mani\x09\0\0\0",
            Refused("describes itself in format 9"),
        );
        with("manifest-brace", b"{\"abi_number\"", b"[\"abi_number\"", damaged.clone());
        with("manifest-key", b"\"unwinds\":true", b"\"unwound\":true", damaged.clone());
        with(
            "manifest-abi",
            b"\"abi_number\":1",
            b"\"abi_number\":7",
            Refused("(ABI 7), and this host with plugin-api"),
        );
        with("manifest-abort", b"true,\"commands\"", b"false,\"commnds\"", Refused("panic = \"abort\""));
        with(
            "manifest-name",
            b"\"name\":\"ordinary\"",
            b"\"name\":\"ordin/ry\"",
            Refused("calls itself `ordin/ry`"),
        );
        with(
            "manifest-twice",
            b"\"name\":\"echoMain\"",
            b"\"name\":\"echo\"    ",
            Refused("lists the command `echo` twice"),
        );
        with(
            "manifest-slash",
            b"\"name\":\"echoMain\"",
            b"\"name\":\"echo/ain\"",
            Refused("has a command named `echo/ain`"),
        );
        with(
            "manifest-other-name",
            b"\"name\":\"ordinary\"",
            b"\"name\":\"ordinarz\"",
            Refused("says one thing about itself"),
        );
        let mut long = good.to_vec();
        long[at + 20..at + 24].copy_from_slice(&u32::MAX.to_le_bytes());
        self.add("manifest-length", &long, damaged);
    }

    /// Nothing that makes sense, behind the first bytes of a library.
    fn random(&mut self) {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        for number in 0..30 {
            let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0".to_vec();
            while bytes.len() < 3000 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                bytes.extend(state.to_le_bytes());
            }
            self.add(&format!("random-{number}"), &bytes, Refused("; copy it again"));
        }
    }

    /// What is no regular file.
    #[cfg(unix)]
    fn no_files(&mut self, good: &[u8]) {
        use std::os::unix::ffi::OsStringExt as _;
        let no_file = Refused("is not a regular file");
        let add = |files: &mut Self, name: &str, expected| {
            let path = files.path(name);
            files.expected.push((path.clone(), expected));
            path
        };
        fs::create_dir(add(self, "directory", no_file.clone())).expect("a folder");
        let pipe = add(self, "pipe", no_file.clone());
        assert!(Command::new("mkfifo").arg(pipe).status().expect("mkfifo is there").success());
        let socket = add(self, "socket", no_file.clone());
        drop(std::os::unix::net::UnixListener::bind(socket).expect("a socket"));
        let link = |to: &Path, at: PathBuf| std::os::unix::fs::symlink(to, at).expect("a folder");
        link(Path::new("/dev/zero"), add(self, "device", no_file));
        link(Path::new("nowhere"), add(self, "dangling", Refused("cannot be read")));
        let circle = add(self, "circle", Refused("cannot be read"));
        link(&circle, circle.clone());
        let first = self.path("00-good");
        link(&first, add(self, "link", Refused("is the same file as")));
        fs::hard_link(&first, add(self, "hard-link", Refused("is the same file as"))).expect("a folder");
        let mut name = b"not-\xff\xfe-text.".to_vec();
        name.extend(std::env::consts::DLL_EXTENSION.as_bytes());
        let path = self.folder.path().join(std::ffi::OsString::from_vec(name));
        fs::write(&path, good).expect("a folder");
        self.expected.push((path, LeftOut("calls itself `ordinary`")));
    }

    /// Libraries that do something when they are opened.
    fn constructors(&mut self) {
        let library = stripped("constructor", self.folder.path());
        let does = |letter: u8| {
            replaced(&library, b"constructor does: n", &[&b"constructor does: "[..], &[letter]].concat())
        };
        let mut with = |name: &str, letter, expected| self.add(name, &does(letter), expected);
        let died = "ended the process that tried to open it, by an abort";
        with("constructor-abort", b'a', Refused(died));
        with("constructor-exit-0", b'x', Refused("ended the process that tried to open it, by exit(0)"));
        with("constructor-exit-3", b'y', Refused("by exit(3)"));
        with("constructor-sleeps", b's', Refused("did not finish opening within"));
        with("constructor-loops", b'l', Refused("did not finish opening within"));
        with("constructor-complains", b'c', Refused(died));
        with("constructor-puts-a-pipe", b'p', Refused("ended the process that tried to open it, by exit(0)"));
        with("constructor-leaves-somebody", b'f', Refused(died));
        with("start-abort", b'A', Refused("ended the process that tried to start it, by an abort"));
        with("start-exit", b'X', Refused("ended the process that tried to start it, by exit(0)"));
        with("start-sleeps", b'S', Refused("did not start within"));
        with("start-loops", b'L', Refused("did not start within"));
        with(
            "start-closes-standard-files",
            b'F',
            Refused("closed files that are not its own in the process that tried to start it"),
        );
        with(
            "start-closes-files",
            b'C',
            Refused("closed files that are not its own in the process that tried to start it"),
        );
        // The system tells it by an abort, after the standard library has said why.
        with("start-overflows", b'O', Refused("ended the process that tried to start it, by an abort"));
        with("stop-abort", b'Z', Refused("ended the process that tried to stop it, by an abort"));
        // The last by name, as all have one name.
        with("writes", b'w', Serves);
    }
}

/// The library `faulty` with this fault, in a folder.
///
/// # Panics
/// When it has not been built.
pub fn faulty(letter: u8) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let mut bytes = fs::read(library("faulty")).expect("it was built");
    let mark = b"the only fault is: ";
    let place = bytes.windows(mark.len()).position(|window| window == mark).expect("its mark") + mark.len();
    bytes[place] = letter;
    fs::write(folder.path().join("libfaulty.so"), bytes).expect("a folder");
    folder
}

/// The library of a crate without symbols, which is smaller.
fn stripped(name: &str, folder: &Path) -> Vec<u8> {
    let file = folder.join("stripped");
    let status = Command::new("strip").arg("-s").arg("-o").arg(&file).arg(library(name)).status();
    assert!(status.expect("strip is there").success());
    let bytes = fs::read(&file).expect("a folder");
    fs::remove_file(file).expect("a folder");
    bytes
}

/// The first place where `from` stands, written over.
///
/// # Panics
/// When it stands nowhere, or the two are not equally long.
pub fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = bytes.windows(from.len()).position(|window| window == from).expect("a place to write over");
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

/// The first bytes of a library for Windows.
fn windows() -> Vec<u8> {
    let mut bytes = vec![0; 1024];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[0x3c] = 0x80;
    bytes[0x80..0x84].copy_from_slice(b"PE\0\0");
    bytes[0x84..0x86].copy_from_slice(&0x8664_u16.to_le_bytes());
    bytes[0x94] = 240;
    bytes[0x96..0x98].copy_from_slice(&0x2022_u16.to_le_bytes());
    bytes[0x98..0x9a].copy_from_slice(&0x20b_u16.to_le_bytes());
    bytes
}
