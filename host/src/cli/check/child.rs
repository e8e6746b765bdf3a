//! A process that was started to make one check.

use std::fs;

use plugin_host_runtime::die_with_parent;

use super::checks;
use super::room::{FOUND, Room};
use super::task::{FOLDER, TASK, Task};

/// Makes the check that this process was started for, and returns its exit code; nothing for a process that was not.
pub fn if_asked() -> Option<i32> {
    let task = std::env::var(TASK).ok()?;
    let room = Room::at(std::env::var_os(FOLDER)?.into());
    die_with_parent();
    let Ok(task) = serde_json::from_str::<Task>(&task) else { return Some(2) };
    let Some(check) = checks::ALL.iter().find(|check| check.name == task.check) else { return Some(2) };
    let found = (check.make)(&task, &room);
    match fs::write(room.path(FOUND), serde_json::to_vec(&found).unwrap_or_default()) {
        Ok(()) => Some(0),
        Err(_) => Some(2),
    }
}
