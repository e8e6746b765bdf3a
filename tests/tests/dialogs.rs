//! The plugin `dialog` in the real window, with a user who types. Needs a display and xdotool: `scripts/under-xvfb.sh` gives one,
//! `scripts/system-packages.sh` the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;
use tests::dialogs::{Dialogue, is_there};
use tests::notifications::Desktop;
use tests::program::{Program, host};
use tests::{built, plugin_folder, repository};

/// There is one keyboard.
static KEYBOARD: Mutex<()> = Mutex::new(());

/// An open window with a page of dialogues, and a folder of files to choose from.
struct Asking {
    program: Program,
    room: TempDir,
    _plugins: TempDir,
    _keyboard: MutexGuard<'static, ()>,
}

impl Asking {
    /// Opens a page of the repository. It is served from a copy, into which the test writes what the page is to know.
    fn with(page: &str, plugins: &[&str], configuration: &str) -> Self {
        Self::set_up(page, plugins, configuration, |_| {})
    }

    /// The same, with what else the program is to have.
    fn set_up(page: &str, plugins: &[&str], configuration: &str, more: impl FnOnce(&mut Command)) -> Self {
        let keyboard = KEYBOARD.lock().unwrap_or_else(PoisonError::into_inner);
        let room = tempfile::tempdir().unwrap();
        let (copy, files) = (room.path().join("page"), room.path().join("files"));
        fs::create_dir(&copy).unwrap();
        fs::create_dir(&files).unwrap();
        for name in ["a.txt", "b.txt", "c.png"] {
            fs::write(files.join(name), name).unwrap();
        }
        let all = fs::read_dir(repository().join(page)).unwrap().flatten();
        for file in all.filter(|entry| entry.path().is_file()) {
            fs::copy(file.path(), copy.join(file.file_name())).unwrap();
        }
        fs::write(
            copy.join("folder.js"),
            format!("export const folder = {:?}\n", files.display().to_string()),
        )
        .unwrap();
        fs::write(copy.join("seen.txt"), "").unwrap();
        let data = room.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::write(data.join("config.toml"), configuration).unwrap();
        let plugins = plugin_folder(plugins);
        let mut command = Command::new(built().join("plugin-host"));
        command.args(["run", "--report=stay", "--allow-all", "--frontend"]).arg(&copy);
        command.arg("--only").arg("--plugins").arg(plugins.path()).arg("--data").arg(&data);
        // What GTK remembers of windows and of the files that were chosen is not the user's.
        command.env("GSETTINGS_BACKEND", "memory");
        command
            .env("XDG_DATA_HOME", room.path().join("home"))
            .env("XDG_CONFIG_HOME", room.path().join("home"));
        more(&mut command);
        Self { program: Program::start(&mut command), room, _plugins: plugins, _keyboard: keyboard }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.room.path().join("files").join(name)
    }

    /// Waits for a dialogue, and says so to the page.
    #[track_caller]
    fn sees(&self, title: &str) -> Dialogue {
        let dialogue = Dialogue::appears(title);
        let (seen, new) = (self.room.path().join("page/seen.txt"), self.room.path().join("new"));
        let text = fs::read_to_string(&seen).unwrap() + title + "\n";
        fs::write(&new, text).unwrap();
        fs::rename(new, seen).unwrap();
        dialogue
    }

    /// The same, and waits until the page has had its other calls answered while it is open.
    #[track_caller]
    fn finds_busy(&mut self, title: &str) -> Dialogue {
        let dialogue = self.sees(title);
        self.program.wait_for(&format!("{title}: others are answered"));
        dialogue
    }

    #[track_caller]
    fn hears(&mut self, title: &str, answer: &str) {
        self.program.wait_for(&format!("{title}: "));
        let said = self.program.said().last().unwrap();
        assert!(said.starts_with(&format!("report: {title}: {answer}")), "{said}");
    }

    #[track_caller]
    fn ends(self) {
        self.program.signal("INT");
        let ended = self.program.end();
        ended.check(0, "", "");
        // What GTK has against what was done to it.
        assert!(!ended.log.contains("CRITICAL"), "{}", ended.log);
        assert!(!ended.output.contains("failed"), "{}", ended.output);
    }
}

fn quoted(path: &Path) -> String {
    format!("{:?}", path.to_str().unwrap())
}

#[test]
fn each_dialogue_answers_with_what_the_user_does_and_the_page_goes_on_meanwhile() {
    let mut asking = Asking::with("tests/window/dialog", &["dialog", "ordinary"], "");
    let (a, b, new) = (asking.file("a.txt"), asking.file("b.txt"), asking.file("new.txt"));

    let dialogue = asking.finds_busy("One file");
    dialogue.types(a.to_str().unwrap());
    dialogue.presses_until_gone(&["Return"]);
    asking.hears("One file", &quoted(&a));

    let dialogue = asking.finds_busy("Some files");
    dialogue.types(b.to_str().unwrap());
    dialogue.presses_until_gone(&["Return"]);
    asking.hears("Some files", &format!("[{}]", quoted(&b)));

    asking.finds_busy("All files").presses_until_gone(&["ctrl+a", "Return"]);
    asking.hears("All files", &format!("[{},{}]", quoted(&a), quoted(&b)));

    asking.finds_busy("No file").presses_until_gone(&["Escape"]);
    asking.hears("No file", "error: user cancelled the dialog");

    asking.finds_busy("A folder").presses_until_gone(&["alt+s"]);
    asking.hears("A folder", &quoted(&asking.file("").parent().unwrap().join("files")));

    asking.finds_busy("A new file").presses_until_gone(&["Return"]);
    asking.hears("A new file", &quoted(&new));

    let dialogue = asking.finds_busy("An old file");
    dialogue.presses(&["Return"]);
    let question = Dialogue::appears("Replace");
    question.presses(&["alt+n"]);
    question.goes();
    assert!(is_there("An old file"));
    dialogue.presses_until_gone(&["Escape"]);
    asking.hears("An old file", "error: user cancelled the dialog");

    asking.finds_busy("An old file after all").presses(&["Return"]);
    Dialogue::appears("Replace").presses(&["alt+y"]);
    asking.hears("An old file after all", &quoted(&a));

    asking.finds_busy("Nowhere").presses_until_gone(&["Escape"]);
    asking.hears("Nowhere", "error: user cancelled the dialog");

    asking.finds_busy("Yes").presses(&["alt+y"]);
    asking.hears("Yes", "true");
    asking.finds_busy("No").presses(&["alt+n"]);
    asking.hears("No", "false");
    asking.finds_busy("Never mind").presses(&["Escape"]);
    asking.hears("Never mind", "false");

    asking.finds_busy("A message").presses(&["Return"]);
    asking.hears("A message", "null");

    drop(asking.sees("Given up"));
    asking.hears("given up", "error: enough");
    let after = asking.finds_busy("After it");
    assert!(!is_there("Given up"));
    after.presses(&["alt+y"]);
    asking.hears("After it", "true");

    let first = asking.finds_busy("1 of 2");
    assert!(!is_there("2 of 2"));
    first.presses(&["alt+y"]);
    asking.hears("1 of 2", "true");
    asking.finds_busy("2 of 2").presses(&["alt+n"]);
    asking.hears("2 of 2", "false");
    asking.program.wait_for("all of them");
    asking.ends();
}

#[test]
fn dialogues_that_come_and_go_beside_a_busy_page_leave_nothing_behind() {
    let mut asking = Asking::with("tests/window/dialog/many", &["dialog", "ordinary"], "");
    asking.program.wait_for("120 dialogues were given up, and");
    // The last one is as good as the first.
    let dialogue = asking.sees("The last");
    dialogue.types(asking.file("a.txt").to_str().unwrap());
    dialogue.presses_until_gone(&["Return"]);
    asking.hears("The last", &quoted(&asking.file("a.txt")));
    for title in ["A file", "A folder", "Save", "A question", "A message"] {
        assert!(!is_there(title), "{title}");
    }
    asking.ends();
}

#[test]
fn a_dialogue_goes_with_the_page_that_has_opened_it() {
    let mut asking = Asking::with("tests/window/dialog/left", &["dialog", "ordinary"], "");
    // The page loads anew when it is seen.
    asking.sees("Before").goes();
    asking.sees("After").presses(&["alt+y"]);
    asking.hears("After", "true");
    asking.ends();
}

#[test]
fn a_window_that_is_ended_does_not_wait_for_its_dialogue() {
    let asking = Asking::with("tests/window/dialog/left", &["dialog", "ordinary"], "");
    let _dialogue = Dialogue::appears("Before");
    asking.program.signal("INT");
    let ended = asking.program.end();
    // The page has reported nothing.
    assert_eq!(ended.status.code(), Some(1), "{}", ended.log);
    assert!(!ended.log.contains("did not stop in time"), "{}", ended.log);
    assert!(!ended.log.contains("CRITICAL"), "{}", ended.log);
}

#[test]
fn apart_from_the_window_and_without_one_a_sentence_says_that_nobody_can_be_asked() {
    let apart = "[host.plugins.dialog]\nisolation = 'process'\nenvironment = ['DISPLAY', 'XAUTHORITY']\n";
    let mut asking = Asking::with("tests/window/dialog/apart", &["dialog", "ordinary"], apart);
    asking.hears("apart", "error: \"there is no window here to ask in");
    asking.ends();
    let plugins = plugin_folder(&["dialog"]);
    let ended = host(&["call", r#"{"cmd":"askDialog","message":"?"}"#], Some(plugins.path()));
    ended.check(1, "", "there is no window here to ask in");
}

#[test]
fn notifications_come_when_the_user_has_said_yes_to_them() {
    let desktop = Desktop::start(true);
    let plugins = ["dialog", "notification", "ordinary"];
    let mut asking = Asking::set_up("tests/window/dialog/notifying", &plugins, "", |command| {
        command.env("DBUS_SESSION_BUS_ADDRESS", &desktop.bus.address);
    });
    asking.hears("before", "null and notifications are not allowed");
    assert!(!desktop.has_been_told_more());
    Dialogue::appears("Notifications").presses(&["alt+y"]);
    asking.hears("asked", "granted and true");
    for number in 1..=3 {
        assert_eq!(desktop.is_told().title, format!("Tea {number}"));
    }
    asking.hears("after", "[null,null,null]");
    asking.ends();
}

#[test]
fn what_the_user_has_chosen_and_nothing_else_is_read_and_written_by_the_page() {
    let mut asking = Asking::with("tests/window/dialog/granted", &["dialog", "fs"], "");
    asking.hears("before", "refused and refused");
    let dialogue = Dialogue::appears("Read");
    dialogue.types(asking.file("a.txt").to_str().unwrap());
    dialogue.presses_until_gone(&["Return"]);
    asking.hears("opened", "\"a.txt\", refused, refused");
    Dialogue::appears("Write").presses_until_gone(&["Return"]);
    asking.hears("saved", "null, \"by the page\", refused");
    assert_eq!(fs::read_to_string(asking.file("new.txt")).unwrap(), "by the page");
    assert_eq!(fs::read_to_string(asking.file("b.txt")).unwrap(), "b.txt");
    asking.ends();
}
