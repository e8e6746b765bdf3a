/// Answers.
#[plugin_api::command]
fn ping() {}

plugin_api::export_plugin! { name: "Http", commands: [ping] }

fn main() {}
