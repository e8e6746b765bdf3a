plugin_api::export_plugin! { state: |_| Ok(()), commands: [] }

fn main() {}
