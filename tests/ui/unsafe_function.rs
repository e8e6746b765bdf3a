#[plugin_api::command]
unsafe fn poke(address: usize) -> u8 {
    *(address as *const u8)
}

fn main() {}
