#[plugin_api::command]
fn add((left, right): (u64, u64)) -> u64 {
    left + right
}

fn main() {}
