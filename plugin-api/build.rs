//! Tells the crate which compiler builds it, and gives its types the version of the boundary in place of the crate's.

use std::process::Command;

/// abi_stable compares the versions of the packages that two types come from, by the rules of Cargo: any 0.2 of this crate would
/// not fit a host of any 0.1. The boundary has a version of its own, whose first part is `ABI_NUMBER` of `src/abi.rs`.
const BOUNDARY: &str = "1.0.0";

fn main() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().ok();
    let version = version.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    println!("cargo:rustc-env=PLUGIN_API_RUSTC={}", version.trim());
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    println!("cargo:rustc-env=PLUGIN_API_VERSION={version}");
    println!("cargo:rustc-env=CARGO_PKG_VERSION={BOUNDARY}");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=CARGO_PKG_VERSION");
}
