use plugin_api::export_plugin;

fn stop() {}

export_plugin! { commands: [], stop: stop() }

fn main() {}
