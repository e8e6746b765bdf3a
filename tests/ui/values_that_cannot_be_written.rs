use plugin_api::{Channel, Progress, command};

struct Line;

#[command]
fn read(lines: Channel<Line>) -> plugin_api::Result<()> {
    lines.send(&Line)
}

#[command]
fn copy(_progress: Progress<Line>) {}

fn main() {}
