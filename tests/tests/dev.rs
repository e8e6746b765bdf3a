//! `plugin-host dev` in a real window: what is written into the sources is what the page gets.

use std::fs;
use std::process::Command;

use tests::program::{Program, host};
use tests::{built, repository};

#[test]
fn a_change_in_the_sources_reaches_the_page_and_one_that_does_not_compile_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    host(&["new", "hot-reload", "--in", folder.path().to_str().unwrap()], None).check(0, "", "");
    let plugin = folder.path().join("hot-reload");
    let sources = plugin.join("src/lib.rs");
    let text = fs::read_to_string(&sources).unwrap();

    let mut command = Command::new(built().join("plugin-host"));
    // Where the libraries it needs have been built by another test, or will be found by one.
    command.env("CARGO_TARGET_DIR", built().join("scaffold")).arg("dev").arg(&plugin);
    command.args(["--report=stay", "--only", "--frontend"]).arg(repository().join("tests/window/dev"));
    let mut program = Program::start(command.arg("--data").arg(folder.path().join("data")));
    program.wait_for("built ");
    program.wait_for("report: Hello, World! 1");

    fs::write(&sources, text.replace("\"Hello\"", "\"Servus\"")).unwrap();
    program.wait_for("built ");
    program.wait_for("report: Servus, World! 1");

    fs::write(&sources, text.replace("\"Hello\"", "Hello")).unwrap();
    program.wait_for("the plugin does not build; the last one that did goes on serving");

    // As most editors do it: another file takes the name.
    let part = plugin.join("src/.lib.rs.part");
    fs::write(&part, text.replace("\"Hello\"", "\"Moin\"")).unwrap();
    fs::rename(part, &sources).unwrap();
    program.wait_for("built ");
    program.wait_for("report: Moin, World! 1");
    program.signal("INT");
    let ended = program.end();
    ended.check(0, "", "cannot find value `Hello` in this scope");
}

#[test]
fn what_is_no_plugin_is_told_before_a_window_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    host(&["dev", path], None).check(2, "", "has no Cargo.toml");
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/lib.rs"), "//! Nothing.\n").unwrap();
    let manifest = "[package]\nname = \"nothing\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    host(&["dev", path], None).check(2, "", "builds no library to load; write crate-type");
}
