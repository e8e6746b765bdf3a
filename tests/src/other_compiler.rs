//! The library `ordinary` as others have built it: with a compiler that is not the host's, or long ago. What it must do then, and
//! what its file says of itself.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::{Host, built, library, repository};

/// The variable that names another rustc than the system's.
const NAMED: &str = "PLUGIN_HOST_OTHER_RUSTC";

/// Where Debian and others put the system's own; that of rustup lies in a home.
const OF_THE_SYSTEM: &str = "/usr/bin/rustc";

/// A compiler that has not built this host.
#[derive(Debug)]
pub struct OtherCompiler {
    /// As `rustc --version` tells.
    pub version: String,
    rustc: PathBuf,
    cargo: PathBuf,
}

impl OtherCompiler {
    /// The one that the environment names, or the system's.
    ///
    /// # Errors
    /// Why there is none, in words.
    ///
    /// # Panics
    /// When the named one does not run, or `ordinary` has not been built.
    pub fn find() -> Result<Self, String> {
        let named = std::env::var_os(NAMED).map(PathBuf::from);
        let rustc = named.clone().unwrap_or_else(|| OF_THE_SYSTEM.into());
        let Some(version) = version(&rustc) else {
            // Who names one wants it.
            assert!(named.is_none(), "{NAMED} names {}, which is no rustc", rustc.display());
            return Err(format!("{OF_THE_SYSTEM} is not there; install rustc-web, or name one with {NAMED}"));
        };
        let ours = manifest(&fs::read(library("ordinary")).expect("the library was built"));
        if ours["rustc"] == version {
            return Err(format!("{} is the host's own compiler, {version}", rustc.display()));
        }
        let oldest = env!("CARGO_PKG_RUST_VERSION");
        let release = version.split(' ').nth(1).unwrap_or_default();
        if numbers(release) < numbers(oldest) {
            return Err(format!("{} is {release}, and {oldest} is the oldest that will do", rustc.display()));
        }
        // They come together. Where they do not, any Cargo will do.
        let beside = rustc.with_file_name(format!("cargo{}", std::env::consts::EXE_SUFFIX));
        let cargo = if beside.is_file() { beside } else { env!("CARGO").into() };
        Ok(Self { version, rustc, cargo })
    }

    /// Builds the library, in a folder that stays for the next time.
    ///
    /// # Panics
    /// When it does not compile.
    pub fn ordinary(&self) -> Vec<u8> {
        let target = built().join("other-compiler");
        let mut cargo = clean(&self.cargo);
        cargo.args(["build", "--offline", "--locked", "--quiet", "-p", "ordinary", "--target-dir"]);
        cargo.arg(&target).env("RUSTC", &self.rustc).current_dir(repository()).stdin(Stdio::null());
        let output = cargo.output().expect("cargo is there");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} does not compile it: {said}", self.version);
        let library = library("ordinary");
        let file = library.file_name().expect("a library has a name");
        fs::read(target.join("debug").join(file)).expect("it was built")
    }
}

/// A command that knows nothing of the Cargo and the toolchain that run the tests: they tell each program that they start of
/// themselves, and what is said to them is not meant for another compiler.
fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        // The places of what has been fetched and installed stay.
        let stays = ["CARGO_HOME", "RUSTUP_HOME"].contains(&&*text);
        let theirs = text.starts_with("CARGO") || text.starts_with("RUST");
        // Cargo has put the toolchain's libraries in there.
        let finds_libraries = ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"].contains(&&*text);
        if (theirs && !stays) || finds_libraries {
            command.env_remove(&name);
        }
    }
    command
}

/// What a compiler says of itself, if it is one.
fn version(rustc: &Path) -> Option<String> {
    let output = clean(rustc).arg("--version").stdin(Stdio::null()).output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    version.starts_with("rustc ").then_some(version)
}

/// `1.95.0-nightly` as numbers, which compare as versions do.
fn numbers(version: &str) -> Vec<u32> {
    version.split(['.', '-']).map_while(|part| part.parse().ok()).collect()
}

/// Says that a test is left out, and why. Past the harness, which keeps what a test prints by macro to itself when all is well.
///
/// # Panics
/// When nothing can be said.
pub fn skipped(why: &str) {
    writeln!(std::io::stderr(), "SKIPPED: {why}").expect("a place to say it");
}

/// What the file of a library says of itself.
///
/// # Panics
/// When it says nothing.
pub fn manifest(library: &[u8]) -> Value {
    // Split, so that these tests' own programs do not hold it.
    let magic = [&b"plugin-host\0"[..], b"mani"].concat();
    let at = library.windows(magic.len()).position(|window| window == magic).expect("a manifest");
    let (length, text) = library[at + magic.len() + 4..].split_at(4);
    let length = u32::from_le_bytes(length.try_into().expect("four bytes")) as usize;
    serde_json::from_slice(&text[..length]).expect("a manifest is JSON")
}

/// Holds the library `ordinary` in a host to what it does since the first version: both threads, errors, a panic, large values.
/// `whose` is for people.
///
/// # Panics
/// When it does something else.
#[track_caller]
pub fn check_that_ordinary_serves(host: &Host, whose: &str) {
    let status = host.status();
    let names: Vec<_> = status.plugins.iter().map(|plugin| &*plugin.name).collect();
    assert!(names.contains(&"ordinary"), "{whose}: it does not serve: {:?} {names:?}", status.refused);
    let large = "ä\"\n".repeat(300_000);
    for value in [json!(null), json!({ "list": [1, 2.5, "text"] }), json!(large)] {
        let answer = host.call_on_workers(json!({ "cmd": "echo", "value": value }));
        assert!(answer.as_ref() == Ok(&value), "{whose}: echo on a worker: {answer:.300?}");
        let answer = host.call(json!({ "cmd": "echoMain", "value": value }));
        assert!(answer.as_ref() == Ok(&value), "{whose}: echo on the main thread: {answer:.300?}");
    }
    let long = host.call(json!({ "cmd": "letters", "count": 8 << 20 }));
    let length = long.map(|text| text.as_str().map(str::len));
    assert_eq!(length, Ok(Some(8 << 20)), "{whose}: an answer of 8 MB");

    let error =
        host.refused(json!({ "cmd": "doSomething", "count": 5, "payload": { "state": "", "data": 1 } }));
    assert_eq!(error, "count should be > 5", "{whose}: an error of a worker's command");
    let error = host.refused(json!({ "cmd": "markAndFail", "name": "one" }));
    assert_eq!(error, "one failed", "{whose}: an error of a main-thread command");
    // More letters than there is memory.
    let panic = host.refused(json!({ "cmd": "letters", "count": u64::MAX }));
    // Where it happened follows.
    let expected = "plugin `ordinary` panicked in `letters`: capacity overflow";
    assert!(panic.starts_with(expected), "{whose}: a panic: {panic}");
    let marks = host.call(json!({ "cmd": "marks", "name": "one" }));
    assert_eq!(marks, Ok(json!(1)), "{whose}: its state is there afterwards");
}
