struct Payload;

#[plugin_api::command]
fn store(payload: Payload) -> u64 {
    1
}

fn main() {}
