//! An application that embeds the host. Its own commands, written as in Tauri 0.x, stand beside those of the plugins in
//! the folder `plugins`, and its page is in the folder `page`, both beside the executable.

use anyhow::Context as _;
use plugin_host::{AppBuilder, Frontend, ReportMode, execute_promise, execute_promise_sync};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(tag = "cmd", rename_all = "camelCase")]
enum Cmd {
    /// How often the page has greeted. The counter lives on the main thread.
    Greet { callback: String, error: String },
    /// The sum of the squares up to `limit`, on a thread of the host's.
    Squares { limit: u64, callback: String, error: String },
    /// A line on the standard output.
    Say { line: String },
}

fn main() -> anyhow::Result<()> {
    let executable = std::env::current_exe()?;
    let folder = executable.parent().context("an executable lies in a folder")?;
    let page = folder.join("page");
    let mut greetings = 0_u64;
    let mut app = AppBuilder::new()
        .title("An application of one's own")
        .size(640.0, 480.0)
        .plugin_folder(folder.join("plugins"))
        .frontend(Frontend::from_argument(&page.to_string_lossy()).map_err(anyhow::Error::msg)?)
        // What the page may call: its own application, and what it shows of the system.
        .allow(["app/*", "system/*"])
        .invoke_handler(move |webview, arg| {
            match serde_json::from_str(arg).map_err(|error| error.to_string())? {
                Cmd::Greet { callback, error } => {
                    greetings += 1;
                    let answer = format!("hello, number {greetings}");
                    execute_promise_sync(webview, move || Ok(answer), callback, error)
                        .map_err(|error| error.to_string())?;
                }
                Cmd::Squares { limit, callback, error } => execute_promise(
                    webview,
                    move || {
                        anyhow::ensure!(limit <= 1_000_000, "{limit} is too far");
                        Ok((1..=limit).map(|number| number * number).sum::<u64>())
                    },
                    callback,
                    error,
                ),
                Cmd::Say { line } => println!("{line}"),
            }
            Ok(())
        });
    // For those who run it without looking; see `host/report`.
    match std::env::args().nth(1).as_deref() {
        Some("--report=exit") => app = app.report(ReportMode::Exit),
        Some("--report=stay") => app = app.report(ReportMode::Stay),
        _ => {}
    }
    std::process::exit(app.build()?.run())
}
