//! The library `ordinary`, built with a plugin-api that is not this one: an older, a newer, one that crosses the boundary
//! in another way.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::{built, library, repository};

static BUILDS: Mutex<()> = Mutex::new(());

/// A text in a file, and what stands in its place in the other plugin-api.
pub type Edit = (&'static str, &'static str, &'static str);

/// Builds the library with the edits, in a workspace of its own that stays for the next time. `name` is for people.
///
/// # Panics
/// When an edited text is not there, or what comes out does not compile.
pub fn ordinary_with(name: &str, edits: &[Edit]) -> Vec<u8> {
    // One after another in one place: what they have in common is compiled once, and Cargo takes equal workspaces for one.
    let _one_at_a_time = BUILDS.lock().unwrap_or_else(PoisonError::into_inner);
    let root = built().join("other-api");
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for folder in ["plugin-api", "tests/fixtures/ordinary"] {
        collect(&repository().join(folder), Path::new(folder), &mut files);
    }
    for file in ["Cargo.toml", "Cargo.lock"] {
        files.push((
            file.into(),
            fs::read_to_string(repository().join(file)).expect("it is in the repository"),
        ));
    }
    for (path, text) in &mut files {
        if path == Path::new("Cargo.toml") {
            *text = with_members(text, r#""plugin-api", "plugin-api/macros", "tests/fixtures/ordinary""#);
        }
    }
    for (file, from, to) in edits {
        let (_, text) = files.iter_mut().find(|(path, _)| path == Path::new(file)).expect("a file to edit");
        assert!(text.contains(from), "{file} has no `{from}`");
        *text = text.replace(from, to);
    }
    for (path, text) in files {
        let path = root.join(path);
        // One that is as it was is left alone, so that it need not be compiled again.
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
            fs::write(path, text).expect("a folder");
        }
    }
    let target = root.join("target");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--offline", "--quiet", "-p", "ordinary", "--target-dir"]).arg(&target);
    assert!(cargo.current_dir(&root).status().expect("cargo is there").success(), "{name} does not compile");
    let library = library("ordinary");
    let file = library.file_name().expect("a library has a name");
    fs::read(target.join("debug").join(file)).expect("it was built")
}

fn collect(folder: &Path, name: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).expect("it is in the repository").flatten() {
        let (path, name) = (entry.path(), name.join(entry.file_name()));
        if path.is_dir() {
            collect(&path, &name, files);
        } else if let Ok(text) = fs::read_to_string(&path) {
            files.push((name, text));
        }
    }
}

/// A workspace with these members alone.
fn with_members(text: &str, members: &str) -> String {
    let begin = text.find("members = [").expect("a workspace has members");
    let end = begin + text[begin..].find(']').expect("their list ends");
    format!("{}members = [{members}{}", &text[..begin], &text[end..])
}
