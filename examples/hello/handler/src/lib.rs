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

#[cfg(test)]
mod tests {
    use plugin_api::test_host;
    use serde_json::json;

    #[test]
    fn it_answers_when_the_count_is_above_five() {
        let host = test_host!().unwrap();
        let payload = json!({ "state": "some string data", "data": 17 });
        // What the page's script adds to a message.
        let (callback, error) = ("callback", "error");
        let call = |count: u64| {
            host.call(&json!({
                "cmd": "doSomething", "count": count, "payload": payload, "callback": callback, "error": error,
            }))
        };
        assert_eq!(call(6), Ok(json!({ "value": 5, "message": "async response!" })));
        assert_eq!(call(5), Err("count should be > 5".to_owned()));
    }
}
