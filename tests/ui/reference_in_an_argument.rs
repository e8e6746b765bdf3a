#[plugin_api::command]
fn greet(name: Option<&str>, numbers: Vec<Option<&[u8]>>) -> u64 {
    1
}

fn main() {}
