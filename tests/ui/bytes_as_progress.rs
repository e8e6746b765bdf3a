use plugin_api::{Bytes, Progress, command};

#[command]
fn copy(_progress: Progress<Bytes>) {}

fn main() {}
