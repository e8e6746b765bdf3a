//! `plugin-host sign` and `verify`, run as people do who sign libraries.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::built;

/// Where the signature of a file lies.
pub fn signature_of(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}.minisig", path.display()))
}

/// Runs the program with a home of its own, and says this to it.
///
/// # Panics
/// When it was not built.
pub fn program(home: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(built().join("plugin-host"));
    command.args(arguments).env("HOME", home).env_remove("MINISIGN_CONFIG_DIR").current_dir(home);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program was built");
    // Who does not ask for it does not wait for it.
    let _ = std::io::Write::write_all(&mut child.stdin.take().expect("it is piped"), input.as_bytes());
    child.wait_with_output().expect("a process has an end")
}

/// Holds it to its exit code and to what it must have said. Returns all of that.
///
/// # Panics
/// When it did not.
#[track_caller]
pub fn expect(output: &Output, code: i32, part: &str) -> String {
    let all = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(code), "{all}");
    assert!(all.contains(part), "{part}: {all}");
    all
}

/// Makes a key pair without a password. Returns the public key.
///
/// # Panics
/// When the program does not.
pub fn generate(home: &Path, name: &str) -> String {
    let said = expect(&program(home, &["sign", "--generate", "--key", name], ""), 0, "it has no password");
    said.split('"').nth(1).expect("a key").to_owned()
}

/// Signs a file.
///
/// # Panics
/// When the program does not.
pub fn sign(home: &Path, file: &Path, key: &str) {
    expect(
        &program(home, &["sign", file.to_str().expect("a name that is text"), "--key", key], ""),
        0,
        "ok: ",
    );
}

/// The configuration that asks for signatures by these keys.
pub fn asks_for(keys: &[&str]) -> String {
    format!("[host.libraries]\nkeys = {keys:?}")
}
