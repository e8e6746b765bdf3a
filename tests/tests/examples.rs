//! The applications in `examples/` in the real window, driven with the keyboard as somebody who uses them would, with the permissions
//! and settings of their own `config.toml`. Each test has a display of its own.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::desktop::Desktop;
use tests::dialogs::Dialogue;
use tests::program::Program;
use tests::{built, plugin_folder, repository};

/// An application of `examples/`, and what it runs with.
struct Example {
    name: &'static str,
    title: &'static str,
    desktop: Desktop,
    plugins: TempDir,
    room: TempDir,
}

impl Example {
    fn new(name: &'static str, title: &'static str, plugins: &[&str]) -> Self {
        let room = tempfile::tempdir().unwrap();
        // Dialogues begin in it.
        std::fs::create_dir(room.path().join("home")).unwrap();
        Self { name, title, desktop: Desktop::start(), plugins: plugin_folder(plugins), room }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(built().join("plugin-host"));
        command.args(words).arg("--only").arg("--plugins").arg(self.plugins.path());
        command.arg("--data").arg(self.data()).env("DISPLAY", self.desktop.display());
        command
    }

    fn data(&self) -> PathBuf {
        self.room.path().join("data")
    }

    /// A file in the user's folder.
    fn file(&self, name: &str) -> PathBuf {
        self.room.path().join("home").join(name)
    }

    /// Opens it, and waits until its page has said that there is something to see.
    fn open(&self) -> (Program, Dialogue) {
        let folder = repository().join("examples").join(self.name);
        let mut command = self.command(&["run", "--report=stay", "--title", self.title]);
        command.arg("--config").arg(folder.join("config.toml"));
        command.arg("--frontend").arg(folder.join("page"));
        // What GTK remembers of windows and of the files that were chosen is not the user's.
        let (home, kept) = (self.room.path().join("home"), self.room.path().join("kept"));
        command
            .env("GDK_BACKEND", "x11")
            .env("GSETTINGS_BACKEND", "memory")
            .env("LIBGL_ALWAYS_SOFTWARE", "1");
        command
            .current_dir(&home)
            .env("HOME", &home)
            .env("XDG_DATA_HOME", &kept)
            .env("XDG_CONFIG_HOME", &kept)
            .env("XDG_CACHE_HOME", &kept)
            .env_remove("WAYLAND_DISPLAY");
        let mut program = Program::start(&mut command);
        program.wait_for("report: ok");
        (program, self.window(self.title))
    }

    fn window(&self, title: &str) -> Dialogue {
        Dialogue::appears_on(self.desktop.display(), title)
    }

    /// Calls a command besides the application.
    fn call(&self, message: &Value) -> Value {
        let ended = Program::start(&mut self.command(&["call", &message.to_string()])).end();
        ended.check(0, "", "");
        serde_json::from_str(&ended.output).unwrap()
    }

    /// Waits until the application says that it has kept a note, and the note is this one.
    fn wait_until_kept(&self, program: &mut Program, id: u64, title: &str, text: &str) {
        loop {
            // As one types, what there is so far is kept as well.
            program.wait_for(&format!("saved note {id}"));
            let note = self.call(&json!({ "cmd": "noteGet", "id": id }));
            if note["title"] == title && note["text"] == text {
                return;
            }
        }
    }

    /// The titles of the notes that are kept.
    fn titles(&self) -> Vec<String> {
        let kept = self.call(&json!({ "cmd": "notes" }));
        let notes = kept["notes"].as_array().unwrap().iter();
        notes.map(|note| note["title"].as_str().unwrap().to_owned()).collect()
    }
}

/// Ends with 0, and nothing that the page asked for was refused.
#[track_caller]
fn ends_well(program: Program) {
    program.signal("INT");
    let ended = program.end();
    ended.check(0, "", "");
    for bad in ["may not call", "failed", "CRITICAL"] {
        assert!(!ended.log.contains(bad), "{bad}: {}", ended.log);
    }
}

/// From the text of a note back to a button, as the keyboard goes: over the title and the buttons above it.
const BACK_TO_DELETE: [&str; 2] = ["shift+Tab"; 2];
const BACK_TO_IMPORT: [&str; 7] = ["shift+Tab"; 7];
const ON_TO_TEXT_FROM_READ: [&str; 5] = ["Tab"; 5];

#[test]
fn a_note_is_written_found_exported_read_elsewhere_deleted_taken_back_and_there_the_next_time() {
    let example = Example::new("notes", "Notes", &["store", "fs", "dialog", "clipboard"]);
    let (mut program, window) = example.open();
    assert_eq!(example.titles(), ["Welcome"]);

    // Kept while it is typed, and nobody says so.
    window.presses(&["ctrl+n"]);
    window.types("Milk");
    window.presses(&["Return"]);
    window.types("two litres");
    example.wait_until_kept(&mut program, 2, "Milk", "two litres");

    // Found by what is in it, and opened. Enter leaves nothing in the text.
    window.presses(&["ctrl+f"]);
    window.types("LITRES");
    program.wait_for("found 1 by LITRES");
    window.presses(&["Return"]);
    program.wait_for("opened note 2");

    // Exported to where the user says.
    window.presses(&BACK_TO_DELETE);
    window.presses(&["shift+Tab", "space"]);
    let milk = example.file("milk list.md");
    let dialogue = example.window("Export note");
    // In place of the whole name that is offered: GTK selects what comes before its ending.
    dialogue.presses(&["ctrl+a"]);
    dialogue.types("milk list.md");
    dialogue.presses_until_gone(&["Return"]);
    program.wait_for("exported to");
    assert!(program.said().last().unwrap().ends_with(milk.to_str().unwrap()), "{:?}", program.said());
    assert_eq!(std::fs::read_to_string(&milk).unwrap(), "# Milk\n\ntwo litres\n");

    // Copied, from the button before.
    window.takes_the_keyboard();
    window.presses(&["shift+Tab", "space"]);
    program.wait_for("copied note 2");
    assert_eq!(example.call(&json!({ "cmd": "readText" })), "# Milk\n\ntwo litres\n");

    // Read in a window of its own, which follows what is written here.
    window.presses(&["shift+Tab", "space"]);
    program.wait_for("reader of note 2: shows Milk: two litres");
    example.window("Milk");
    window.takes_the_keyboard();
    window.presses(&ON_TO_TEXT_FROM_READ);
    window.presses(&["ctrl+End"]);
    window.types(", cold");
    program.wait_for("reader of note 2: shows Milk: two litres, cold");

    // Deleted, there and in the other window, and taken back.
    window.presses(&BACK_TO_DELETE);
    window.presses(&["space"]);
    program.wait_for("deleted note 2");
    assert_eq!(example.titles(), ["Welcome"]);
    program.wait_for("reader of note 2: it was deleted");
    window.presses(&["space"]);
    program.wait_for("took back note 3");
    let note = example.call(&json!({ "cmd": "noteGet", "id": 3 }));
    assert_eq!((&note["title"], &note["text"]), (&json!("Milk"), &json!("two litres, cold")));

    // A file becomes a note.
    let bread = example.file("bread.md");
    std::fs::remove_file(milk).unwrap();
    std::fs::write(&bread, "# Bread\n\nflour and water\n").unwrap();
    window.presses(&BACK_TO_IMPORT);
    window.presses(&["space"]);
    // All that can be chosen in the user's folder.
    let dialogue = example.window("Import notes");
    dialogue.presses(&["alt+Home"]);
    dialogue.presses_until_gone(&["ctrl+a", "Return"]);
    program.wait_for("imported note ");
    let note = example.call(&json!({ "cmd": "noteGet", "id": 4 }));
    assert_eq!((&note["title"], &note["text"]), (&json!("Bread"), &json!("flour and water")));
    ends_well(program);

    // The next time it is all there.
    let (mut program, window) = example.open();
    assert!(program.said().iter().any(|line| line == "report: notes: 3"), "{:?}", program.said());
    window.presses(&["ctrl+f"]);
    window.types("litres, cold");
    program.wait_for("found 1 by litres, cold");
    ends_well(program);
}

#[test]
fn a_note_that_cannot_be_kept_says_so_stays_open_and_is_kept_later() {
    let example = Example::new("notes", "Notes", &["store"]);
    let (mut program, window) = example.open();
    window.presses(&["ctrl+n"]);
    window.types("Before");
    example.wait_until_kept(&mut program, 2, "Before", "");
    let library = std::fs::read_dir(example.plugins.path()).unwrap().next().unwrap().unwrap().path();
    let aside = example.file("aside");
    std::fs::rename(&library, &aside).unwrap();
    // Until the plugin has gone, what is typed is still kept.
    let not_kept = loop {
        window.types("x");
        program.wait_for("saved");
        let said = program.said().last().unwrap();
        if said.contains("not saved") {
            break said.clone();
        }
    };
    assert!(not_kept.contains("noteUpdate"), "{not_kept}");
    // It is not left for another one.
    window.presses(&["ctrl+n"]);
    program.wait_for("not saved");
    std::fs::rename(aside, library).unwrap();
    // And kept when that is possible again.
    loop {
        window.types("y");
        program.wait_for("saved");
        if program.said().last().unwrap().contains(": saved note 2") {
            break;
        }
    }
    let title = example.call(&json!({ "cmd": "noteGet", "id": 2 }))["title"].as_str().unwrap().to_owned();
    assert!(title.starts_with("Beforex") && title.ends_with('y'), "{title}");
    // The page has reported a failure, and then that all is well.
    program.signal("INT");
    program.end().check(0, "", "");
}

/// How often the plugin `system` has been asked, by the numbers of the host that runs.
fn asked(example: &Example) -> u64 {
    let ended = Program::start(&mut example.command(&["list", "--json"])).end();
    ended.check(0, "", "");
    let status: Value = serde_json::from_str(&ended.output).unwrap();
    let plugins = status["hosts"][0]["plugins"].as_array().unwrap();
    let system = plugins.iter().find(|plugin| plugin["name"] == "system").unwrap();
    system["commands"].as_array().unwrap().iter().map(|command| command["calls"].as_u64().unwrap()).sum()
}

#[test]
fn charts_have_their_samples_the_table_has_this_process_and_nobody_asks_for_a_hidden_or_paused_page() {
    let example = Example::new("monitor", "Monitor", &["system", "store"]);
    let (mut program, window) = example.open();
    let said = program.said().join("\n");
    for chart in ["processors ", "memory ", "network "] {
        let (_, count) = said.split_once(chart).unwrap_or_else(|| panic!("{chart}: {said}"));
        let count: u32 = count.split([',', '\n']).next().unwrap().parse().unwrap();
        assert!(count >= 6, "{said}");
    }

    // Over the three choices above to the filter.
    window.presses(&["Tab", "Tab", "Tab", "Tab"]);
    window.types("plugin-host");
    program.wait_for("filter plugin-host: ");
    let filtered = program.said().last().unwrap().split(' ').any(|word| word == program.id().to_string());
    assert!(filtered, "{}: {:?}", program.id(), program.said());

    // Longer than the interval and what is asked less often; there is nothing to wait for, as nothing should happen.
    let stays = |what: &str| {
        let before = asked(&example);
        let _ = crossbeam_channel::after(Duration::from_millis(2500)).recv();
        assert_eq!(asked(&example), before, "{what}");
    };
    window.becomes_an_icon();
    program.wait_for("hidden after");
    let hidden = program.said().last().unwrap().split_once("after").unwrap().1.to_owned();
    // What was under way then has come to its end by the second look.
    stays("hidden");
    window.comes_back();
    program.wait_for("seen again after");
    let seen = program.said().last().unwrap().split_once("after").unwrap().1.to_owned();
    assert_eq!(hidden, seen);

    window.presses(&["shift+Tab", "space"]);
    program.wait_for("paused after");
    stays("paused");
    window.presses(&["space"]);
    program.wait_for("goes on after");
    ends_well(program);
}
