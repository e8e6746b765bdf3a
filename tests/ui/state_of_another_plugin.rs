use plugin_api::{State, command, export_plugin};

struct Ours;
struct Others;

#[command]
fn count(_state: State<'_, Others>) -> u64 {
    1
}

export_plugin! { commands: [count], state: |_| Ok(Ours) }

fn main() {}
