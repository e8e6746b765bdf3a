#[plugin_api::command]
struct NotAFunction;

fn main() {}
