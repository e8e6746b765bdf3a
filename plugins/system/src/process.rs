//! The list of processes. Knows nothing of commands.

use std::sync::{Mutex, PoisonError};

use plugin_api::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use sysinfo::{Error, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System};

/// The most processes that are given at once.
pub const MOST_PROCESSES: usize = 10_000;

/// What the list is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SortBy {
    /// The most memory first.
    #[default]
    Memory,
    /// The most processor time first.
    Processor,
    /// By name.
    Name,
    /// By id.
    Id,
}

/// Some of the processes, and how many there are.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Processes {
    /// All of them.
    pub total: usize,
    /// The first ones by the chosen order.
    pub processes: Vec<Process>,
}

/// One process.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Process {
    /// The system's number for it.
    pub id: u32,
    /// Its program's name. What is not Unicode in it is replaced.
    pub name: String,
    /// The memory that it occupies, in bytes.
    pub memory_bytes: u64,
    /// Processor time since the list was last read, in percent of one processor: 200 is two of them. 0 the first time.
    pub processor_percent: f32,
    /// Seconds since it was started.
    pub run_seconds: u64,
}

/// Reads the list; it remembers the last one, to tell processor time by.
pub struct ProcessTable(Mutex<System>);

impl ProcessTable {
    /// An empty one.
    ///
    /// # Errors
    /// Where the system tells nothing.
    pub fn new() -> Result<Self, Error> {
        System::new_with_specifics(RefreshKind::nothing()).map(|system| Self(Mutex::new(system)))
    }

    /// The first `limit` processes in this order.
    pub fn read(&self, sort: SortBy, limit: usize) -> Processes {
        let mut system = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = ProcessRefreshKind::nothing().with_cpu().with_memory().without_tasks();
        system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
        let mut processes: Vec<Process> = system
            .processes()
            .values()
            // On Linux threads are in the list too.
            .filter(|process| process.thread_kind().is_none())
            .map(|process| Process {
                id: process.pid().as_u32(),
                name: process.name().to_string_lossy().into_owned(),
                memory_bytes: process.memory(),
                processor_percent: process.cpu_usage(),
                run_seconds: process.run_time(),
            })
            .collect();
        drop(system);
        order(&mut processes, sort);
        let total = processes.len();
        processes.truncate(limit);
        Processes { total, processes }
    }
}

/// Equal ones by id, so that a page that draws the list every second shows no jumping lines.
fn order(processes: &mut [Process], sort: SortBy) {
    processes.sort_by(|left, right| {
        let chosen = match sort {
            SortBy::Memory => right.memory_bytes.cmp(&left.memory_bytes),
            SortBy::Processor => right.processor_percent.total_cmp(&left.processor_percent),
            SortBy::Name => left.name.to_lowercase().cmp(&right.name.to_lowercase()),
            SortBy::Id => std::cmp::Ordering::Equal,
        };
        chosen.then(left.id.cmp(&right.id))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_in_the_list_and_occupies_memory() {
        let processes = ProcessTable::new().unwrap().read(SortBy::Id, MOST_PROCESSES);
        let own = processes.processes.iter().find(|process| process.id == std::process::id()).unwrap();
        assert!(own.memory_bytes > 0);
        assert_eq!(processes.total, processes.processes.len());
    }

    #[test]
    fn threads_are_no_processes() {
        let processes = ProcessTable::new().unwrap().read(SortBy::Id, MOST_PROCESSES);
        // The test runs on a thread beside the main one.
        let threads = format!("/proc/{}/task", std::process::id());
        let Ok(threads) = std::fs::read_dir(threads) else { return };
        let ids = threads.map(|thread| thread.unwrap().file_name().to_string_lossy().parse().unwrap());
        let listed =
            ids.filter(|id: &u32| processes.processes.iter().any(|process| process.id == *id)).count();
        assert_eq!(listed, 1);
    }

    #[test]
    fn the_limit_shortens_the_list_and_not_the_count() {
        let processes = ProcessTable::new().unwrap().read(SortBy::Memory, 1);
        assert_eq!(processes.processes.len(), 1);
        assert!(processes.total > 1);
    }

    #[test]
    fn each_order_puts_the_right_process_first() {
        let process = |id, name: &str, memory_bytes, processor_percent| Process {
            id,
            name: name.to_owned(),
            memory_bytes,
            processor_percent,
            run_seconds: 0,
        };
        let mut list = vec![process(3, "b", 5, 1.0), process(1, "A", 5, 9.0), process(2, "c", 7, 0.5)];
        for (sort, expected) in [
            (SortBy::Memory, [2, 1, 3]),
            (SortBy::Processor, [1, 3, 2]),
            (SortBy::Name, [1, 3, 2]),
            (SortBy::Id, [1, 2, 3]),
        ] {
            order(&mut list, sort);
            assert_eq!(list.iter().map(|process| process.id).collect::<Vec<_>>(), expected, "{sort:?}");
        }
    }
}
