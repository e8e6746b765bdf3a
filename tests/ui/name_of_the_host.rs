/// Answers.
#[plugin_api::command]
fn ping() {}

plugin_api::export_plugin! { name: "window", commands: [ping] }

fn main() {}
