#[plugin_api::command(concurrency = 0)]
fn draw() {}

fn main() {}
