//! The plugin `log`.

use plugin_api::{command, export_plugin};

/// Nothing yet.
#[command]
fn nothing() {}

export_plugin! { name: "log", commands: [nothing] }
