#[plugin_api::command]
fn change(names: &mut Vec<String>) {
    names.clear();
}

fn main() {}
