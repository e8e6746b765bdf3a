#[plugin_api::command(mainthread)]
fn draw() {}

fn main() {}
