//! Signatures from the command line: what one signs the other verifies, and minisign understands both.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use tests::signing::{asks_for, expect, generate, program, sign};
use tests::versions::{Starts, version};

#[test]
fn what_sign_signs_verify_verifies() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let run = |arguments: &[&str], input: &str| program(home, arguments, input);
    let library = home.join("libx.so");
    fs::write(&library, version(1, Starts::Well)).unwrap();
    let made = expect(&run(&["sign", "--generate"], "secret\n"), 0, ".minisign/minisign.key");
    let public = made.split('"').nth(1).unwrap();
    assert!(!made.contains("no password"), "{made}");
    assert_eq!(
        fs::metadata(home.join(".minisign/minisign.key")).unwrap().permissions().mode() & 0o777,
        0o600
    );
    expect(&run(&["sign", "--generate"], "secret\n"), 2, "is there already, and stays");
    expect(&run(&["sign", "libx.so"], "wrong\n"), 2, "cannot be used: Wrong password");
    expect(&run(&["verify", "libx.so", "--key", public], ""), 1, "there is no libx.so.minisig");
    expect(&run(&["sign", "libx.so"], "secret\n"), 0, &format!("ok: libx.so.minisig by the key {public}"));
    expect(&run(&["verify", "libx.so", "--key", public], ""), 0, "file:libx.so");
    expect(&run(&["verify", "libx.so", "--key", ".minisign/minisign.pub"], ""), 0, "is signed");
    expect(&run(&["verify", "libx.so", "--key", "libx.so"], ""), 2, "");
    expect(&run(&["verify", "libx.so", "--key", "RWnonsense"], ""), 2, "is no public key of minisign");
    expect(&run(&["verify", "liby.so", "--key", public], ""), 2, "liby.so is no file");
    expect(&run(&["sign", "liby.so"], ""), 2, "liby.so is no file");
    expect(&run(&["sign", "libx.so", "--key", "none.key"], ""), 2, "none.key does not exist");

    fs::write(home.join("config.toml"), asks_for(&[public])).unwrap();
    let by_configuration = ["verify", "libx.so", "--config", "config.toml"];
    expect(&run(&by_configuration, ""), 0, "is signed");
    fs::write(home.join("config.toml"), "").unwrap();
    expect(&run(&by_configuration, ""), 2, "config.toml names no keys");
    fs::write(&library, version(2, Starts::Well)).unwrap();
    expect(&run(&["verify", "libx.so", "--key", public], ""), 1, "is not what was signed");
}

#[test]
fn minisign_and_the_program_understand_each_other() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let minisign = |arguments: &[&str]| {
        Command::new("minisign").args(arguments).current_dir(home).stdin(Stdio::null()).output()
    };
    if minisign(&["-v"]).is_err() {
        println!("skipped: minisign is not installed");
        return;
    }
    fs::write(home.join("libx.so"), "x").unwrap();
    let public = generate(home, "ours.key");
    assert!(minisign(&["-GW", "-p", "theirs.pub", "-s", "theirs.key"]).unwrap().status.success());
    for (secret, public) in [("ours.key", &*public), ("theirs.key", "theirs.pub")] {
        sign(home, &home.join("libx.so"), secret);
        let key = if public.starts_with("RW") { "-P" } else { "-p" };
        expect(&minisign(&["-Vm", "libx.so", key, public]).unwrap(), 0, "comment signature verified");
        for kind in ["-Sm", "-Slm"] {
            expect(&minisign(&[kind, "libx.so", "-s", secret]).unwrap(), 0, "");
            expect(&program(home, &["verify", "libx.so", "--key", public], ""), 0, "is signed");
        }
    }
}
