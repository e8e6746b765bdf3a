#[plugin_api::command(main_thread, concurrency = 2)]
fn draw() {}

fn main() {}
