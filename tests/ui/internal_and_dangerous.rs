#[plugin_api::command(internal, dangerous)]
fn grant() {}

fn main() {}
