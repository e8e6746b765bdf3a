//! The command of the Tauri 0.x documentation, as it stands there: `tauri::` became `plugin_api::`, and `main`
//! became `export_plugin!`.

mod cmd;

use plugin_api::export_plugin;
use serde::Serialize;

#[derive(Debug, Clone)]
struct CommandError<'a> {
    message: &'a str,
}

impl<'a> CommandError<'a> {
    fn new(message: &'a str) -> Self {
        Self { message }
    }
}

impl std::fmt::Display for CommandError<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for CommandError<'_> {}

#[derive(Serialize)]
struct Response<'a> {
    value: u64,
    message: &'a str,
}

export_plugin! {
    commands: cmd::Cmd,
    invoke_handler: |_webview, arg| {
        use cmd::Cmd::*;
        match serde_json::from_str(arg) {
            Err(e) => Err(e.to_string()),
            Ok(command) => {
                match command {
                    DoSomethingSync { argument } => {
                        _webview.context().info(&argument);
                    }
                    DoSomething { count, payload, callback, error } => plugin_api::execute_promise(
                        _webview,
                        move || {
                            if count > 5 {
                                println!("{} {}", payload.state, payload.data);
                                let response = Response { value: 5, message: "async response!" };
                                Ok(response)
                            } else {
                                Err(CommandError::new("count should be > 5").into())
                            }
                        },
                        callback,
                        error,
                    ),
                }
                Ok(())
            }
        }
    },
}
