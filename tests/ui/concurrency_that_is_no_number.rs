#[plugin_api::command(concurrency = "one")]
fn draw() {}

fn main() {}
