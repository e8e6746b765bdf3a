#[plugin_api::command]
fn fail(error: String) -> String {
    error
}

fn main() {}
