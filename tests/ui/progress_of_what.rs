#[plugin_api::command]
fn copy(progress: plugin_api::Progress) {}

fn main() {}
