//! What many files and large files in a plugin folder cost.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use plugin_host_runtime::{Offline, Selection};
use tests::files::Files;
use tests::{built, library, places};

use crate::Line;

/// All lines about folders.
///
/// # Errors
/// When something that is measured does not run.
pub fn lines() -> Result<Vec<Line>> {
    let mut lines = vec![many_bad_files(), large_file()?];
    lines.extend(many_plugins()?);
    Ok(lines)
}

fn many_bad_files() -> Line {
    let files = Files::make();
    let milliseconds = looking(files.folder.path());
    let what = format!("looking at {} files (100 ms)", files.expected.len());
    Line::new(&what, milliseconds, 100.0, "ms", Some(1.0))
}

fn large_file() -> Result<Line> {
    let folder = tempfile::tempdir()?;
    let mut bytes = fs::read(library("ordinary"))?;
    bytes.resize(50 * 1024 * 1024, 0);
    fs::write(folder.path().join(library("ordinary").file_name().context("a name")?), bytes)?;
    Ok(Line::new("listing a library of 50 MB (5 ms)", looking(folder.path()), 5.0, "ms", Some(1.0)))
}

/// How long looking at a folder takes, in milliseconds: the middle of nine looks.
fn looking(folder: &Path) -> f64 {
    let offline = Offline::new(vec![folder.to_owned()], places(folder));
    let look = || {
        let begin = Instant::now();
        offline.status(&Selection::All);
        begin.elapsed().as_secs_f64() * 1000.0
    };
    let mut looks: Vec<f64> = (0..9).map(|_| look()).collect();
    looks.sort_by(f64::total_cmp);
    looks[looks.len() / 2]
}

/// A hundred plugins beside a thousand: what each of them costs must be the same.
fn many_plugins() -> Result<Vec<Line>> {
    let (few, many) = (folder_of(100)?, folder_of(1000)?);
    eprintln!("starting with 1000 unknown plugins; each is tried in a child process");
    let (few_new, many_new) = (start(few.path(), None)?, start(many.path(), None)?);
    eprintln!("starting with 1000 known plugins");
    let replaced = few.path().join(file_name(0));
    let (few_known, many_known) = (start(few.path(), Some(&replaced))?, start(many.path(), None)?);
    let each = |run: &HashMap<String, f64>, what: &str, plugins: f64| run[what] / plugins;
    Ok(vec![
        Line::new(
            "start with 1000 new plugins, each (with 100)",
            each(&many_new, "milliseconds", 1000.0),
            each(&few_new, "milliseconds", 100.0),
            "ms",
            None,
        ),
        Line::new(
            "start with 1000 known plugins, each (with 100)",
            each(&many_known, "milliseconds", 1000.0),
            each(&few_known, "milliseconds", 100.0),
            "ms",
            None,
        ),
        Line::new(
            "memory of 1000 plugins, each (of 100)",
            each(&many_known, "kilobytes", 1000.0),
            each(&few_known, "kilobytes", 100.0),
            "KB",
            None,
        ),
        Line::new("a call among 13000 commands (1300)", many_known["call"], few_known["call"], "ns", None),
        Line::new(
            "memory of a replaced generation (of a plugin)",
            few_known["generation"],
            each(&few_known, "kilobytes", 100.0),
            "KB",
            None,
        ),
    ])
}

fn file_name(number: usize) -> String {
    format!("p{number:07}.{}", std::env::consts::DLL_EXTENSION)
}

/// A folder of plugins that are alike but for their names.
fn folder_of(count: usize) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let stripped = folder.path().join("stripped");
    let status =
        Command::new("strip").arg("-s").arg("-o").arg(&stripped).arg(library("ordinary")).status()?;
    ensure!(status.success(), "strip failed");
    let bytes = fs::read(&stripped)?;
    fs::remove_file(stripped)?;
    let name = b"ordinary";
    let places: Vec<usize> =
        (0..bytes.len() - name.len()).filter(|at| bytes[*at..].starts_with(name)).collect();
    for number in 0..count {
        let mut bytes = bytes.clone();
        for at in &places {
            bytes[*at..at + name.len()].copy_from_slice(format!("p{number:07}").as_bytes());
        }
        fs::write(folder.path().join(file_name(number)), bytes)?;
    }
    Ok(folder)
}

fn start(folder: &Path, replace: Option<&PathBuf>) -> Result<HashMap<String, f64>> {
    let mut command = Command::new(built().join("many"));
    command.arg(folder);
    if let Some(file) = replace {
        command.arg("--replace").arg(file);
    }
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let number = |line: &str| {
        let (name, number) = line.split_once(' ')?;
        Some((name.to_owned(), number.parse().ok()?))
    };
    Ok(text.lines().filter_map(number).collect())
}
