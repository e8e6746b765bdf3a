#[plugin_api::command]
fn copy(share: plugin_api::Progress<f64>, file: plugin_api::Progress<String>) {}

fn main() {}
