/// Answers.
#[plugin_api::command]
fn ping() {}

plugin_api::export_plugin! { commands: [ping], name: "http" }

fn main() {}
