#[plugin_api::command]
fn wait(cancellation: &plugin_api::Cancellation) {}

fn main() {}
