use plugin_api::{command, export_plugin};

#[command]
fn count() -> u64 {
    1
}

fn forgotten() -> u64 {
    1
}

mod more {
    pub fn another() {}
}

export_plugin! { commands: [count, forgotten, more::another] }

fn main() {}
