#[plugin_api::command(deadline = 5)]
fn draw() {}

fn main() {}
