use plugin_api::{command, export_plugin};

#[command]
fn count() -> u64 {
    1
}

export_plugin! { commands: [cuont] }

fn main() {}
