#[plugin_api::command]
fn read(lines: plugin_api::Channel<String>, sizes: plugin_api::Channel<u64>) {}

fn main() {}
