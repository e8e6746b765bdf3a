//! An async function on the main thread.

use plugin_api::command;

#[command(main_thread)]
async fn later() -> u8 {
    1
}

fn main() {}
