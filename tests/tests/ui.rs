//! What the compiler says to an author who misuses `#[command]` or `export_plugin!`, word for word.
//!
//! `TRYBUILD=overwrite cargo test -p tests --test ui` writes the expected words anew; read them before you commit them.

/// The compiler whose words are expected: the oldest that the workspace takes.
const COMPILER: &str = env!("CARGO_PKG_RUST_VERSION");

#[test]
fn misuse_is_told_where_it_stands_and_with_the_remedy() {
    let version =
        std::process::Command::new("rustc").arg("--version").output().expect("rustc is there").stdout;
    let version = String::from_utf8_lossy(&version);
    if version.starts_with(&format!("rustc {COMPILER}.")) {
        trybuild::TestCases::new().compile_fail("ui/*.rs");
    } else {
        // Each compiler has words of its own around ours.
        eprintln!("not compared: the words are those of rustc {COMPILER}, and this is {version}");
    }
}
