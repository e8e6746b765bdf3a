#[plugin_api::command(deadline = "soon")]
fn draw() {}

fn main() {}
