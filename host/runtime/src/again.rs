//! Lets this process begin again: the same program with the same arguments and variables, and one more that says what has been done.
//!
//! What holds from a program's start on (marks of files, a sandbox on every thread) holds so for the threads as well that libraries
//! have started before `main`.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// The variable by which a process that has begun again knows what has come of the first half.
pub const SANDBOX_FILES: &str = "PLUGIN_HOST_SANDBOX_FILES";

/// The exit code of a process that could not begin again.
pub const NOT_AGAIN: i32 = 126;

/// Begins again with a variable. Returns only where that did not succeed, with the exit code.
pub fn begin(variable: &str, value: &str) -> i32 {
    let Ok(program) = std::env::current_exe() else { return NOT_AGAIN };
    let mut arguments = std::env::args_os();
    let mut command = Command::new(program);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    // There is only an error to return, of which nobody would hear.
    drop(command.args(arguments).env(variable, value).exec());
    NOT_AGAIN
}
