//! What does not change while the machine runs, and how long it has. Knows nothing of commands.

use plugin_api::schemars::{self, JsonSchema};
use serde::Serialize;
use sysinfo::System;

/// The machine. What the system does not tell is null.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    /// Its name in the network.
    pub host_name: Option<String>,
    /// The system and its version, as the system calls itself.
    pub system: Option<String>,
    /// The kernel's version.
    pub kernel: Option<String>,
    /// The processor's instruction set, such as `x86_64`.
    pub architecture: String,
    /// Processor cores, without those that exist by threading alone.
    pub cores: Option<usize>,
    /// Seconds since the machine was started.
    pub uptime_seconds: Option<u64>,
    /// How many processes wished to run, on average of 1, 5 and 15 minutes. Null on Windows.
    pub load_average: Option<[f64; 3]>,
}

impl Machine {
    /// Asks the system.
    pub fn read() -> Self {
        let load = System::load_average().ok().filter(|_| cfg!(unix));
        Self {
            host_name: System::host_name().ok(),
            system: System::long_os_version().ok(),
            kernel: System::kernel_version().ok(),
            architecture: System::cpu_arch(),
            cores: System::physical_core_count().ok(),
            uptime_seconds: System::uptime().ok(),
            load_average: load.map(|load| [load.one, load.five, load.fifteen]),
        }
    }
}
