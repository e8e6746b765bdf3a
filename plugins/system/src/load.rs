//! How much of memory and processors is in use. Knows nothing of commands.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use plugin_api::schemars::{self, JsonSchema};
use serde::Serialize;
use sysinfo::{CpuRefreshKind, Error, MINIMUM_CPU_UPDATE_INTERVAL, MemoryRefreshKind, RefreshKind, System};

/// Memory and swap, in bytes.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Memory {
    /// All memory.
    pub total_bytes: u64,
    /// What is in use and cannot be taken back at once.
    pub used_bytes: u64,
    /// What programs can still have.
    pub available_bytes: u64,
    /// All swap; 0 without.
    pub swap_total_bytes: u64,
    /// The swap in use.
    pub swap_used_bytes: u64,
}

/// The processors and their load.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Processors {
    /// What the maker calls them.
    pub brand: String,
    /// The load of all together, 0 to 100; null until there are two measurements to compare.
    pub usage_percent: Option<f32>,
    /// One entry each.
    pub processors: Vec<Processor>,
}

/// One processor, as the system schedules on it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Processor {
    /// The system's name for it.
    pub name: String,
    /// Its load, 0 to 100; null until there are two measurements to compare.
    pub usage_percent: Option<f32>,
    /// Its present speed, in MHz; 0 where the system does not tell.
    pub frequency_mhz: u64,
}

/// Measures memory and processors.
pub struct Meter(Mutex<Measured>);

struct Measured {
    system: System,
    /// When the processors were last measured.
    at: Instant,
    /// Whether there have been two measurements.
    compared: bool,
}

impl Meter {
    /// Takes the first measurement.
    ///
    /// # Errors
    /// Where the system tells nothing.
    pub fn new() -> Result<Self, Error> {
        let kind = RefreshKind::nothing().with_cpu(CpuRefreshKind::everything());
        let system = System::new_with_specifics(kind)?;
        Ok(Self(Mutex::new(Measured { system, at: Instant::now(), compared: false })))
    }

    fn lock(&self) -> MutexGuard<'_, Measured> {
        // A measurement that panicked has left old numbers, which the next one replaces.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Memory now.
    pub fn memory(&self) -> Memory {
        let system = &mut self.lock().system;
        system.refresh_memory_specifics(MemoryRefreshKind::everything());
        Memory {
            total_bytes: system.total_memory(),
            used_bytes: system.used_memory(),
            available_bytes: system.available_memory(),
            swap_total_bytes: system.total_swap(),
            swap_used_bytes: system.used_swap(),
        }
    }

    /// The processors' load since the last measurement. Asked again too soon to measure (200 ms on Linux), it tells what
    /// it told before.
    pub fn processors(&self) -> Processors {
        let mut measured = self.lock();
        if measured.at.elapsed() >= MINIMUM_CPU_UPDATE_INTERVAL {
            measured.system.refresh_cpu_all();
            measured.at = Instant::now();
            measured.compared = true;
        }
        let Measured { system, compared, .. } = &*measured;
        let known = |percent: f32| compared.then_some(percent);
        Processors {
            brand: system.cpus().first().map(|cpu| cpu.brand().to_owned()).unwrap_or_default(),
            usage_percent: known(system.global_cpu_usage()),
            processors: system
                .cpus()
                .iter()
                .map(|cpu| Processor {
                    name: cpu.name().to_owned(),
                    usage_percent: known(cpu.usage()),
                    frequency_mhz: cpu.frequency(),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_in_use_is_a_part_of_all_memory() {
        let memory = Meter::new().unwrap().memory();
        assert!(memory.total_bytes > 0);
        assert!(memory.used_bytes <= memory.total_bytes && memory.available_bytes <= memory.total_bytes);
    }

    #[test]
    fn a_load_is_told_only_after_two_measurements() {
        let meter = Meter::new().unwrap();
        assert_eq!(meter.processors().usage_percent, None);
        assert!(!meter.processors().processors.is_empty());
        // As if the first measurement had been taken long ago.
        meter.lock().at = Instant::now().checked_sub(MINIMUM_CPU_UPDATE_INTERVAL).unwrap();
        let usage = meter.processors().usage_percent.unwrap();
        assert!((0.0..=100.0).contains(&usage), "{usage}");
    }
}
