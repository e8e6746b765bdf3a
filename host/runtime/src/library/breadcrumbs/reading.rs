//! Reads what a process has left that died.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::super::discovery;
use super::{ANSWER, Cause, EXIT, Names, ON_PURPOSE, Phase, Running, Trace};

/// Reads and removes the files of the processes that have died.
pub fn collect(folder: &Path) -> Vec<Trace> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut traces = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        let ours = path.extension().is_some_and(|extension| extension == "crumbs");
        // Opened without waiting: there may be a pipe in its place.
        let Some((file, _)) = ours.then(|| discovery::open(&path).ok()).flatten() else { continue };
        // Locked means that its process lives.
        if file.try_lock().is_ok() {
            traces.extend(read(&path));
            let _ = fs::remove_file(path.with_extension("names"));
            let _ = fs::remove_file(path.with_extension(ANSWER));
            let _ = fs::remove_file(&path);
        }
    }
    traces
}

/// The files of the processes that live.
pub fn living(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "crumbs"));
    let lives = |path: &PathBuf| discovery::open(path).is_ok_and(|(file, _)| file.try_lock().is_err());
    files.filter(lives).collect()
}

/// Reads the files of one process, as they are.
pub fn read(path: &Path) -> Vec<Trace> {
    let (Ok(sheet), Ok(names)) = (bounded(path), bounded(&path.with_extension("names"))) else {
        return Vec::new();
    };
    let names = String::from_utf8_lossy(&names);
    let names: Vec<Option<Names>> = names.lines().map(|line| serde_json::from_str(line).ok()).collect();
    traces(&sheet, &names)
}

/// What a file holds, as far as a host may have written it.
fn bounded(path: &Path) -> Result<Vec<u8>, String> {
    /// A sheet is 16 KB long; the names of a thousand plugins with all the commands they may have are less than this.
    const LONGEST: u64 = 256 << 20;
    let mut bytes = Vec::new();
    let (file, _) = discovery::open(path)?;
    file.take(LONGEST).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn traces(sheet: &[u8], names: &[Option<Names>]) -> Vec<Trace> {
    let mut words = sheet.chunks_exact(16).map(|slot| {
        let (running, rest) = slot.split_at(8);
        let first = rest[..4].try_into().map_or(0, u32::from_ne_bytes);
        let cause = rest[4..].try_into().map_or(0, u32::from_ne_bytes);
        (running.try_into().map_or(0, u64::from_ne_bytes), first, cause)
    });
    let Some((left, stray, _)) = words.next() else { return Vec::new() };
    if left == ON_PURPOSE {
        return Vec::new();
    }
    // The row of the name.
    words.next();
    let found: Vec<Trace> = words.filter_map(|(running, _, cause)| trace(running, cause, names)).collect();
    if let Some(died) = found.iter().find(|trace| trace.cause != Cause::Unknown) {
        return vec![died.clone()];
    }
    match stray {
        0 => found,
        cause => vec![stray_trace(sheet.get(16..32).unwrap_or_default(), cause, names)],
    }
}

/// A thread that somebody has started and not named has the name of the one that started it.
fn stray_trace(name: &[u8], cause: u32, names: &[Option<Names>]) -> Trace {
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    let thread = String::from_utf8_lossy(name).into_owned();
    let own = thread.strip_prefix("start ").or(thread.strip_prefix("end ")).unwrap_or(&thread);
    // A worker's name has its plugin's before the command's.
    let own = own.split(':').next().unwrap_or_default();
    let fits = |names: &&Names| !own.is_empty() && names.plugin.starts_with(own);
    let mut found: Vec<&Names> = names.iter().flatten().filter(fits).collect();
    // Of several generations the last one.
    found.reverse();
    found.dedup_by_key(|names| &names.plugin);
    let (plugin, hash) = match found[..] {
        [one] => (one.plugin.clone(), one.hash.clone()),
        _ => Default::default(),
    };
    Trace { phase: Phase::OwnThread, plugin, hash, detail: thread, cause: Cause::Signal(cause) }
}

fn trace(running: u64, cause: u32, names: &[Option<Names>]) -> Option<Trace> {
    let Running { phase, plugin, index } = Running::from_number(running)?;
    let names = names.get(plugin as usize)?.as_ref()?;
    let detail = match phase {
        Phase::Call => names.commands.get(index as usize).cloned().unwrap_or_default(),
        _ => String::new(),
    };
    let cause = match cause {
        0 => Cause::Unknown,
        EXIT => Cause::Exit,
        signal => Cause::Signal(signal),
    };
    Some(Trace { phase, plugin: names.plugin.clone(), hash: names.hash.clone(), detail, cause })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_file_is_read_without_a_panic(mut sheet in prop::collection::vec(any::<u8>(), 0..2000), names in ".{0,200}") {
            let names: Vec<Option<Names>> = names.lines().map(|line| serde_json::from_str(line).ok()).collect();
            traces(&sheet, &names);
            if sheet.len() >= 8 {
                sheet[..8].fill(0);
                traces(&sheet, &names);
            }
        }

        #[test]
        fn what_runs_is_read_as_it_was_written(phase in 0..6_usize, plugin in 0..0x100_0000_u32, index in any::<u32>()) {
            let running = Running { phase: Phase::ALL[phase], plugin, index };
            prop_assert_eq!(Running::from_number(running.to_number()), Some(running));
        }
    }
}
