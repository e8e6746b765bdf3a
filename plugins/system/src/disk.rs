//! The mounted disks; not those in memory or in the network. Knows nothing of commands.

use plugin_api::schemars::{self, JsonSchema};
use serde::Serialize;
use sysinfo::{DiskRefreshKind, Disks, Error};

/// A mounted disk.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Disk {
    /// The device's name. What is not Unicode in it is replaced.
    pub name: String,
    /// Where it is mounted.
    pub mount_point: String,
    /// The kind of its file system.
    pub file_system: String,
    /// All its space, in bytes.
    pub total_bytes: u64,
    /// What this user can still have of it, in bytes.
    pub available_bytes: u64,
    /// Whether it may be taken out.
    pub removable: bool,
    /// Whether it cannot be written to.
    pub read_only: bool,
}

/// Lists the disks, in order of their mount points.
///
/// # Errors
/// Where the system does not tell.
pub fn read() -> Result<Vec<Disk>, Error> {
    let disks = Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing().with_storage())?;
    let mut disks: Vec<Disk> = disks
        .iter()
        .map(|disk| Disk {
            name: disk.name().to_string_lossy().into_owned(),
            mount_point: disk.mount_point().to_string_lossy().into_owned(),
            file_system: disk.file_system().to_string_lossy().into_owned(),
            total_bytes: disk.total_space(),
            available_bytes: disk.available_space(),
            removable: disk.is_removable(),
            read_only: disk.is_read_only(),
        })
        .collect();
    disks.sort_by(|left, right| left.mount_point.cmp(&right.mount_point));
    Ok(disks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_space_is_a_part_of_all_space_and_the_list_is_in_order() {
        let disks = read().unwrap();
        assert!(disks.iter().all(|disk| disk.available_bytes <= disk.total_bytes));
        assert!(disks.is_sorted_by(|left, right| left.mount_point <= right.mount_point));
    }
}
