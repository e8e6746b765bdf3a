#[plugin_api::command]
fn fill<const N: usize>(value: u8) -> Vec<u8> {
    vec![value; N]
}

fn main() {}
