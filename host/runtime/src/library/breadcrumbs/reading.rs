//! Reads what a process has left that died.

use std::fs::{self, File};
use std::path::Path;

use super::{Cause, EXIT, Names, ON_PURPOSE, Phase, Running, Trace};

/// Reads and removes the files of the processes that have died.
pub fn collect(folder: &Path) -> Vec<Trace> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut traces = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        let ours = path.extension().is_some_and(|extension| extension == "crumbs");
        let Some(file) = ours.then(|| File::open(&path).ok()).flatten() else { continue };
        // Locked means that its process lives.
        if file.try_lock().is_ok() {
            traces.extend(read(&path));
            let _ = fs::remove_file(path.with_extension("names"));
            let _ = fs::remove_file(&path);
        }
    }
    traces
}

/// Reads the files of one process, as they are.
pub fn read(path: &Path) -> Vec<Trace> {
    let (Ok(sheet), Ok(names)) = (fs::read(path), fs::read_to_string(path.with_extension("names"))) else {
        return Vec::new();
    };
    let names: Vec<Option<Names>> = names.lines().map(|line| serde_json::from_str(line).ok()).collect();
    traces(&sheet, &names)
}

fn traces(sheet: &[u8], names: &[Option<Names>]) -> Vec<Trace> {
    let mut words = sheet.chunks_exact(16).map(|slot| {
        let (running, rest) = slot.split_at(8);
        let cause = rest[4..].try_into().map_or(0, u32::from_ne_bytes);
        (running.try_into().map_or(0, u64::from_ne_bytes), cause)
    });
    if words.next().is_none_or(|(left, _)| left == ON_PURPOSE) {
        return Vec::new();
    }
    let found: Vec<Trace> = words.filter_map(|(running, cause)| trace(running, cause, names)).collect();
    match found.iter().find(|trace| trace.cause != Cause::Unknown) {
        Some(died) => vec![died.clone()],
        None => found,
    }
}

fn trace(running: u64, cause: u32, names: &[Option<Names>]) -> Option<Trace> {
    let Running { phase, plugin, index } = Running::from_number(running)?;
    let names = names.get(plugin as usize)?.as_ref()?;
    let detail = match phase {
        Phase::Open | Phase::Start => names.hash.clone(),
        Phase::Call => names.commands.get(index as usize).cloned().unwrap_or_default(),
        Phase::Promise | Phase::Stop => String::new(),
    };
    let cause = match cause {
        0 => Cause::Unknown,
        EXIT => Cause::Exit,
        signal => Cause::Signal(signal),
    };
    Some(Trace { phase, plugin: names.plugin.clone(), detail, cause })
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
        fn what_runs_is_read_as_it_was_written(phase in 0..5_usize, plugin in 0..0x100_0000_u32, index in any::<u32>()) {
            let running = Running { phase: Phase::ALL[phase], plugin, index };
            prop_assert_eq!(Running::from_number(running.to_number()), Some(running));
        }
    }
}
