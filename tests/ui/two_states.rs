use plugin_api::{State, command};

struct One;
struct Two;

#[command]
fn both(_one: State<'_, One>, _two: State<'_, Two>) {}

fn main() {}
