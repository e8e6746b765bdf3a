struct Plugin;

impl Plugin {
    #[plugin_api::command]
    fn count(&self) -> u64 {
        1
    }
}

fn main() {}
