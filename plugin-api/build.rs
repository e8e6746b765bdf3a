//! Notes the compiler's version, which the manifest of a plugin tells.

use std::process::Command;

fn main() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().ok();
    let version = version.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    println!("cargo:rustc-env=PLUGIN_API_RUSTC={}", version.trim());
    println!("cargo:rerun-if-changed=build.rs");
}
