//! Loads the plugins of a folder in a process of its own, and prints what that took: `many FOLDER`. With `--replace FILE` it
//! then has that file replaced a hundred times.
//!
//! A line holds a name and a number, for the program that prints the table.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use plugin_host_runtime::{Change, MainThread, Replier, Reply, Runtime};
use tests::places;
use tests::versions::put;

/// Replacements whose memory is measured.
const GENERATIONS: usize = 100;

/// Calls whose mean is taken.
const CALLS: u32 = 20_000;

struct NoMainThread;

impl MainThread for NoMainThread {
    fn wake(&self) {}
}

fn main() -> Result<()> {
    // As the program does.
    #[cfg(unix)]
    let _ = plugin_host_runtime::keep_inherited_from_children();
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let folder = arguments.first().context("which folder?")?;
    let before = resident_kilobytes()?;
    let (sender, changes) = crossbeam_channel::unbounded();
    let begin = Instant::now();
    let runtime = Runtime::builder(Arc::new(NoMainThread), places(folder))
        .plugin_folder(folder)
        .on_change(move |change: &Change| drop(sender.send(change.clone())))
        .start()?;
    let plugins = runtime.wait_until_loaded().plugins;
    println!("milliseconds {}", begin.elapsed().as_secs_f64() * 1000.0);
    println!("plugins {}", plugins.len());
    println!("kilobytes {}", resident_kilobytes()?.saturating_sub(before));
    let last = &plugins.last().context("no plugin was loaded")?.name;
    println!("call {}", call(&runtime, &format!(r#"{{"cmd":"{last}/echo","value":1}}"#))?);
    while changes.try_recv().is_ok() {}
    if let Some(file) = arguments.get(2) {
        println!("generation {}", replace(file, &changes)?);
    }
    runtime.stop(Duration::from_secs(60));
    Ok(())
}

/// One call after another: nanoseconds of each.
fn call(runtime: &Runtime, message: &str) -> Result<f64> {
    let begin = Instant::now();
    for _ in 0..CALLS {
        let (replier, reply) = Replier::channel();
        runtime.submit(message.to_owned(), replier);
        ensure!(matches!(reply.recv()?, Reply::Value(_)), "the call failed");
    }
    Ok(begin.elapsed().as_nanos() as f64 / f64::from(CALLS))
}

/// Kilobytes that a generation leaves behind.
fn replace(file: &Path, changes: &crossbeam_channel::Receiver<Change>) -> Result<f64> {
    let mut bytes = fs::read(file)?;
    let before = resident_kilobytes()?;
    for _ in 0..GENERATIONS {
        // Behind all that is loaded: another content, and the same plugin.
        bytes.push(0);
        put(file, &bytes);
        changes.recv_timeout(Duration::from_secs(60))?;
    }
    Ok(resident_kilobytes()?.saturating_sub(before) as f64 / GENERATIONS as f64)
}

fn resident_kilobytes() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("the system does not tell")?;
    Ok(line.split_whitespace().nth(1).unwrap_or_default().parse()?)
}
