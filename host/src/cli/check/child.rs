//! A process that was started to make one check.

use std::fs;

use plugin_host_runtime::{die_with_parent, leave_at_once};

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
    let written = fs::write(room.path(FOUND), serde_json::to_vec(&found).unwrap_or_default());
    let code = if written.is_ok() { 0 } else { 2 };
    if room.is_left_running() {
        leave_at_once(code);
    }
    Some(code)
}
