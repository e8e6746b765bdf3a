#[plugin_api::command(main_thread)]
fn read(lines: plugin_api::Channel<String>) {}

fn main() {}
