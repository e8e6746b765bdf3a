use plugin_api::State;

#[plugin_api::command]
fn count(state: State) -> u64 {
    1
}

fn main() {}
