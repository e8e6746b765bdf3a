//! The command of the Tauri 0.x documentation, written as a plain function.

use plugin_api::schemars::{self, JsonSchema};
use plugin_api::{Context, Result, command, ensure, export_plugin};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
struct Payload {
    state: String,
    data: u64,
}

#[derive(Serialize, JsonSchema)]
struct Response {
    value: u64,
    message: &'static str,
}

/// Answers when the count is above five.
#[command]
fn do_something(context: &Context, count: u64, payload: Payload) -> Result<Response> {
    ensure!(count > 5, "count should be > 5");
    context.info(&format!("{} {}", payload.state, payload.data));
    Ok(Response { value: 5, message: "async response!" })
}

/// Writes a line to the log, on the main thread.
#[command(main_thread)]
fn do_something_sync(context: &Context, argument: &str) {
    context.info(argument);
}

export_plugin! { commands: [do_something, do_something_sync] }

#[cfg(test)]
mod tests {
    use plugin_api::test_host;
    use serde_json::json;

    #[test]
    fn it_answers_when_the_count_is_above_five() {
        let host = test_host!().unwrap();
        let payload = json!({ "state": "some string data", "data": 17 });
        let call =
            |count: u64| host.call(&json!({ "cmd": "doSomething", "count": count, "payload": payload }));
        assert_eq!(call(6), Ok(json!({ "value": 5, "message": "async response!" })));
        assert_eq!(call(5), Err("count should be > 5".to_owned()));
        assert_eq!(host.log()[0].1, "some string data 17");
    }
}
