use plugin_api::{Context, export_plugin};

fn open(_context: &Context) -> u64 {
    1
}

export_plugin! { commands: [], state: open }

fn main() {}
