#[plugin_api::command(rename = "")]
fn draw() {}

fn main() {}
