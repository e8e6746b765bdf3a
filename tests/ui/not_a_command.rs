use plugin_api::export_plugin;

fn forgotten() -> u64 {
    1
}

export_plugin! { commands: [forgotten] }

fn main() {}
