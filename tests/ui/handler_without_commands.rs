plugin_api::export_plugin! {
    invoke_handler: |_webview, _arg| Ok(()),
}

fn main() {}
