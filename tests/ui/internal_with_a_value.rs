#[plugin_api::command(internal = true)]
fn grant() {}

fn main() {}
