//! The plugin `system`: commands that tell about the machine. The measuring is in the files beside this one.
//!
//! Bytes are JSON numbers; a page reads them exactly up to 2^53, which is 9 petabytes.

mod disk;
mod identity;
mod load;
mod network;
mod process;

use plugin_api::{Context, Result, State, anyhow, command, export_plugin};

use crate::disk::Disk;
use crate::identity::Machine;
use crate::load::{Memory, Meter, Processors};
use crate::network::{NetworkMeter, Traffic};
use crate::process::{MOST_PROCESSES, ProcessTable, Processes, SortBy};

/// What the commands measure with. Each part has its own lock: a slow list of processes does not hold up the rest.
struct Measuring {
    meter: Meter,
    processes: ProcessTable,
    network: NetworkMeter,
}

fn start(_: &Context) -> Result<Measuring> {
    let unreadable = |error| anyhow!("the system tells nothing about itself: {error}");
    Ok(Measuring {
        meter: Meter::new().map_err(unreadable)?,
        processes: ProcessTable::new().map_err(unreadable)?,
        network: NetworkMeter::new().map_err(unreadable)?,
    })
}

/// The machine's name, system, processor and age.
#[command]
fn machine() -> Machine {
    Machine::read()
}

/// Memory and swap, in bytes.
#[command]
fn memory(measuring: State<'_, Measuring>) -> Memory {
    measuring.meter.memory()
}

/// Load of each processor since the last call, in percent; null where nothing has been measured yet.
#[command]
fn processors(measuring: State<'_, Measuring>) -> Processors {
    measuring.meter.processors()
}

/// The processes, by memory, processor, name or id; 50 of them unless `limit` says otherwise.
#[command]
fn processes(
    measuring: State<'_, Measuring>,
    sort: Option<SortBy>,
    limit: Option<usize>,
) -> Result<Processes> {
    let limit = limit.unwrap_or(50);
    if limit > MOST_PROCESSES {
        return Err(anyhow!("`limit` is {limit}, and at most {MOST_PROCESSES} are given"));
    }
    Ok(measuring.processes.read(sort.unwrap_or_default(), limit))
}

/// The mounted disks and their space, in bytes.
#[command]
fn disks() -> Result<Vec<Disk>> {
    disk::read().map_err(|error| anyhow!("the disks cannot be listed: {error}"))
}

/// What each network interface has received and sent since the system counts, in bytes.
/// When that was read is told in milliseconds of a clock that never goes back: from two answers the page has a speed of its own, whoever
/// else asks.
#[command]
fn networks(measuring: State<'_, Measuring>) -> Traffic {
    measuring.network.read()
}

export_plugin! {
    commands: [machine, memory, processors, processes, disks, networks],
    state: start,
}

#[cfg(test)]
mod tests {
    use plugin_api::test_host;
    use plugin_api::testing::check_transcripts;

    #[test]
    fn the_readme_tells_what_happens() {
        check_transcripts(include_str!("../README.md"), &test_host!().unwrap(), &[]);
    }
}
