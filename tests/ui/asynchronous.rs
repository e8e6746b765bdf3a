#[plugin_api::command]
async fn later() -> u64 {
    1
}

fn main() {}
