#[derive(serde::Serialize)]
struct Denied;

#[plugin_api::command]
fn delete(path: String) -> Result<u64, Denied> {
    Err(Denied)
}

fn main() {}
