use plugin_api::{State, command, export_plugin};

#[derive(Default)]
struct Counter(u64);

#[command]
fn count(counter: State<'_, Counter>) -> u64 {
    counter.0
}

export_plugin! { commands: [count], state: Counter::default() }

fn main() {}
