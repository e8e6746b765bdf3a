//! The plugin `dialog`: commands that ask the user. What may be asked and how it is shown is in the files beside this one; here is who
//! waits for whom. Nothing is asked of the user unless a page or a plugin calls, and nothing is read or written but by others.

mod toolkit;
mod turn;
mod wish;

use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use plugin_api::schemars::{self, JsonSchema};
use plugin_api::{Cancellation, Context, Result, State, anyhow, bail, command, ensure, export_plugin};
use serde::Serialize;
use serde_json::{Value, json};

use crate::toolkit::{Answer, News};
use crate::turn::Turns;
use crate::wish::{Kind, OpenOptions, SaveOptions, Wish};

/// The most files that are chosen at once: each is granted by itself.
const MOST_FILES: usize = 10_000;

/// What is said of a dialogue that was closed, in the words of Tauri 0.x: pages may compare them.
const CANCELLED: &str = "user cancelled the dialog";

/// How long a closed dialogue may take to leave the screen before the next one comes anyway.
const FAREWELL: Duration = Duration::from_secs(1);

/// Asks the user for a file, files, or a folder, and answers with the path; with a list of paths where `multiple` is wanted.
/// Rejects with `user cancelled the dialog` when the user chooses nothing. What was chosen may then be read by the commands of `fs`
/// and `http`, until the host ends.
#[command]
fn open_dialog(
    context: &Context,
    turns: State<'_, Turns>,
    cancellation: Cancellation,
    options: Option<OpenOptions>,
) -> Result<Chosen> {
    let options = options.unwrap_or_default();
    let several = options.wants_several();
    let wish = options.wish(std::env::home_dir().as_deref())?;
    let paths = choose(context, &turns, &cancellation, wish, Access::Read)?;
    if several { Ok(Chosen::Several(paths)) } else { the_one(paths).map(Chosen::One) }
}

/// Asks the user where to save a file, and before an existing one is chosen whether that is meant. Answers with the path.
/// Rejects with `user cancelled the dialog` when the user chooses nothing. What was chosen may then be written by the commands of `fs`
/// and `http`, until the host ends.
#[command]
fn save_dialog(
    context: &Context,
    turns: State<'_, Turns>,
    cancellation: Cancellation,
    options: Option<SaveOptions>,
) -> Result<String> {
    let wish = options.unwrap_or_default().wish(std::env::home_dir().as_deref())?;
    choose(context, &turns, &cancellation, wish, Access::Write).and_then(the_one)
}

/// Shows a message of 2000 characters at most, and answers with null when it has been closed.
/// `title` stands above it; `kind` is `info`, `warning` or `error`.
#[command]
fn message_dialog(
    context: &Context,
    turns: State<'_, Turns>,
    cancellation: Cancellation,
    message: String,
    title: Option<String>,
    kind: Option<Kind>,
) -> Result<()> {
    ask(context, &turns, &cancellation, wish::message(message, title, kind)?).map(drop)
}

/// Asks a question of 2000 characters at most, and answers with true for yes, and with false for no or when it has been closed.
/// `title` stands above it.
#[command]
fn ask_dialog(
    context: &Context,
    turns: State<'_, Turns>,
    cancellation: Cancellation,
    message: String,
    title: Option<String>,
) -> Result<bool> {
    let answer = ask(context, &turns, &cancellation, wish::question(message, title)?)?;
    Ok(matches!(answer, Answer::Yes))
}

/// What the user has chosen.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Chosen {
    /// One path.
    One(String),
    /// Some, where `multiple` was wanted.
    Several(Vec<String>),
}

/// What the page will do with what is chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

/// Asks for files or folders, and lets others know what was chosen.
fn choose(
    context: &Context,
    turns: &Turns,
    cancellation: &Cancellation,
    wish: Wish,
    access: Access,
) -> Result<Vec<String>> {
    let Answer::Paths(paths) = ask(context, turns, cancellation, wish)? else { bail!(CANCELLED) };
    ensure!(
        paths.len() <= MOST_FILES,
        "{} files were chosen, and {MOST_FILES} are allowed; choose their folder",
        paths.len()
    );
    let names = paths.iter().map(name).collect::<Result<Vec<_>>>()?;
    grant(context, &names, access);
    Ok(names)
}

/// The one path that was asked for. GTK answers with none where what is chosen is no file of this machine.
fn the_one(paths: Vec<String>) -> Result<String> {
    paths.into_iter().next().ok_or_else(|| anyhow!(CANCELLED))
}

/// A path as a page can name it.
fn name(path: &PathBuf) -> Result<String> {
    let named = path.to_str().map(str::to_owned);
    named.ok_or_else(|| anyhow!("the name of {path:?} is no Unicode, so a page cannot name it; rename it"))
}

/// Has the plugins that keep to listed folders know what the user has chosen. Where there are none, nobody needs to.
fn grant(context: &Context, paths: &[String], access: Access) {
    let write = access == Access::Write;
    for cmd in ["fs/grant", "http/grant"] {
        for path in paths {
            let granted: Result<Value> = context.call(&json!({ "cmd": cmd, "path": path, "write": write }));
            let Err(error) = granted else { continue };
            // The page has its path all the same, and hears from them what they do not allow.
            if !error.to_string().starts_with("unknown command") {
                context.warn(&format!("`{cmd}` does not take {path}: {error}"));
            }
            break;
        }
    }
}

/// What the one who waits hears.
enum Heard {
    Of(News),
    Cancelled,
}

/// Shows a dialogue when its turn has come, and waits for what the user does, on the thread of the command. The main thread only
/// shows it, and goes on. Closes it when nobody waits for the answer any more.
fn ask(context: &Context, turns: &Turns, cancellation: &Cancellation, wish: Wish) -> Result<Answer> {
    let _turn = turns.wait(cancellation)?;
    let (sender, heard) = mpsc::channel();
    let told = sender.clone();
    let hear = Box::new(move |news| {
        // Nobody listens to the end of what was cancelled.
        let _ = told.send(Heard::Of(news));
    });
    let shown = context.on_main_thread(move || toolkit::show(wish, hear))??;
    cancellation.when_cancelled(move || drop(sender.send(Heard::Cancelled)));
    let answer = match heard.recv() {
        Ok(Heard::Of(News::Answered(answer))) => Ok(answer),
        // Closed by who knows whom.
        Ok(Heard::Of(News::Gone)) | Err(mpsc::RecvError) => return Ok(Answer::No),
        Ok(Heard::Cancelled) => {
            context.on_main_thread(move || shown.close())?;
            Err(anyhow!("cancelled"))
        }
    };
    // So that the next one does not come above this one.
    while let Ok(Heard::Of(News::Answered(_)) | Heard::Cancelled) = heard.recv_timeout(FAREWELL) {}
    answer
}

export_plugin! {
    commands: [open_dialog, save_dialog, message_dialog, ask_dialog],
    state: |_| Ok(Turns::default()),
}

#[cfg(test)]
mod tests {
    use plugin_api::test_host;
    use plugin_api::testing::{TestHost, check_transcripts};
    use serde_json::{Value, json};

    fn refusal(host: &TestHost, message: &Value) -> String {
        host.call(message).expect_err("nothing can be asked here")
    }

    #[test]
    fn where_there_is_no_window_each_command_says_so_and_none_waits() {
        let host = test_host!().unwrap();
        for message in [
            json!({ "cmd": "openDialog" }),
            json!({ "cmd": "openDialog", "options": { "multiple": true, "filter": "png" } }),
            json!({ "cmd": "saveDialog", "options": { "defaultPath": "a.txt" } }),
            json!({ "cmd": "messageDialog", "message": "Done." }),
            json!({ "cmd": "askDialog", "message": "Really?", "title": "Away with it" }),
        ] {
            let said = refusal(&host, &message);
            assert!(said.contains("there is no window here to ask in"), "{said}");
        }
    }

    #[test]
    fn what_cannot_be_shown_is_refused_before_anything_is() {
        let host = test_host!().unwrap();
        let options = json!({ "filter": "p/g" });
        assert!(refusal(&host, &json!({ "cmd": "openDialog", "options": options })).contains("no ending"));
        let options = json!({ "multiple": true });
        assert!(refusal(&host, &json!({ "cmd": "saveDialog", "options": options })).contains("`multiple`"));
        let message = "x".repeat(2001);
        assert!(refusal(&host, &json!({ "cmd": "askDialog", "message": message })).contains("2000"));
        let kind = json!({ "cmd": "messageDialog", "message": "?", "kind": "loud" });
        assert!(refusal(&host, &kind).contains("`loud`"));
    }

    #[test]
    fn what_the_readme_shows_is_what_happens() {
        check_transcripts(include_str!("../README.md"), &test_host!().unwrap(), &[]);
    }
}
