//! The npm module of Tauri 0.x, bundled unchanged, against the standard plugins in the real window: each function is called, and what it
//! says is held against the system. Needs a display, and what `scripts/npm-page.sh` makes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use tests::dialogs::Dialogue;
use tests::echo::Echo;
use tests::notifications::{Desktop, Notification};
use tests::program::Program;
use tests::{STANDARD, built, plugin_folder, repository};

/// What the page may call, listed as a packaged application would: nothing is open because it is a test.
const PERMISSIONS: &str = "
[[host.permissions]]
commands = [
    'fs/*', 'fs/removeDir', 'fs/removeFile', 'fs/renameFile', 'path/*', 'dialog/*', 'notification/*', 'http/*',
    'process/execute', 'process/spawn', 'clipboard/*', 'clipboard/readText', 'log/*', 'store/*', 'window/*', 'cli/*',
    'host/emit', 'underway/hear',
]
[host.page]
browser = ['https://example.com']
[[host.cli.args]]
name = 'verbose'
short = 'v'
[[host.cli.args]]
name = 'file'
index = 1
[plugins.process.programs.printf]
args = 'any'
[plugins.process.programs.fails]
command = 'ls'
args = [['/there/is/no/such/folder']]
";

/// A folder for everything that the page and the plugins see.
struct Room {
    folder: tempfile::TempDir,
}

/// What may be in a process of its own is: all but what shows dialogues. Notifications need the bus, which such a process is not told of.
const APART: &str = "
[host.plugins.'*']
isolation = 'process'
[host.plugins.dialog]
isolation = 'in-process'
[host.plugins.notification]
environment = ['DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR']
[host.plugins.clipboard]
environment = ['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY']
";

impl Room {
    fn new(server: &str, more: &str) -> Self {
        // By its real name: that is how plugins tell of it.
        let folder = tempfile::tempdir_in(fs::canonicalize(std::env::temp_dir()).unwrap()).unwrap();
        let room = Self { folder };
        for name in ["page", "data/app", "files", "home", "programs"] {
            fs::create_dir_all(room.path(name)).unwrap();
        }
        for file in ["index.html", "page.js"] {
            let built = repository().join("build/npm-page/api").join(file);
            fs::copy(built, room.path("page").join(file))
                .expect("run scripts/npm-page.sh build/npm-page first");
        }
        let text = |name: &str| room.path(name).display().to_string();
        let lane = if more.is_empty() { "in-process" } else { "isolated" };
        let given = json!({ "lane": lane, "server": server, "app": text("data/app"), "home": text("home"), "files": text("files") });
        fs::write(room.path("page/given.json"), given.to_string()).unwrap();
        fs::write(room.path("files/chosen.txt"), "chosen").unwrap();
        fs::write(room.path("files/other.txt"), "other").unwrap();
        std::os::unix::fs::symlink("/etc/hostname", room.path("data/app/link")).unwrap();
        let hosts = format!("[plugins.http]\nhosts = ['{server}']\n");
        fs::write(room.path("data/config.toml"), format!("{PERMISSIONS}{hosts}{more}")).unwrap();
        // Whatever opens addresses in the browser writes them down.
        let opened = text("opened");
        for name in ["xdg-open", "gio", "gnome-open", "kde-open"] {
            let program = room.path("programs").join(name);
            fs::write(
                &program,
                format!("#!/bin/sh\nfor last; do :; done\nprintf '%s\\n' \"$last\" > '{opened}'\n"),
            )
            .unwrap();
            fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        // A pipe, so that the address can be waited for.
        assert!(Command::new("mkfifo").arg(room.path("opened")).status().unwrap().success());
        room
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn start(&self, plugins: &Path, bus: &str) -> Program {
        let mut command = Command::new(built().join("plugin-host"));
        command.args(["run", "--report=stay", "--only", "--frontend"]).arg(self.path("page"));
        command.arg("--plugins").arg(plugins).arg("--data").arg(self.path("data"));
        command.args(["--", "-vv", "a file.txt"]);
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{path}", self.path("programs").display()));
        command.env("HOME", self.path("home")).env("GSETTINGS_BACKEND", "memory");
        for variable in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
            command.env(variable, self.path("home"));
        }
        command.env("DBUS_SESSION_BUS_ADDRESS", bus).env("PLUGIN_HOST_LOG", "info");
        Program::start(&mut command)
    }
}

#[test]
fn every_function_of_the_old_module_does_to_the_system_what_it_says_in_both_lanes() {
    // One after the other: there is one keyboard.
    for lanes in ["", APART] {
        every_function_is_called(lanes);
    }
}

fn every_function_is_called(lanes: &str) {
    let (server, desktop) = (Echo::start(), Desktop::start(true));
    let room = Room::new(&server.address, lanes);
    let plugins = plugin_folder(&[&STANDARD[..], &["underway"]].concat());
    let opened = room.path("opened");
    let (sender, address) = crossbeam_channel::bounded(1);
    std::thread::spawn(move || sender.send(fs::read_to_string(opened)));
    let mut program = room.start(plugins.path(), &desktop.bus.address);

    program.wait_for("asks: open");
    let dialogue = Dialogue::appears("Open a file");
    dialogue.types(room.path("files/chosen.txt").to_str().unwrap());
    dialogue.presses_until_gone(&["Return"]);
    program.wait_for("asks: open none");
    Dialogue::appears("Open a file").presses_until_gone(&["Escape"]);
    program.wait_for("asks: save");
    let dialogue = Dialogue::appears("Save");
    dialogue.types("saved.txt");
    dialogue.presses_until_gone(&["Return"]);
    program.wait_for("asks: notifications");
    Dialogue::appears("Notifications").presses(&["alt+y"]);
    program.wait_for("that was all");
    let said = program.said().join("\n");
    assert!(!said.contains("FAILED"), "{said}");

    // What is in the files, what the server was asked, and what the desktop was told.
    let app = |name: &str| fs::read(room.path("data/app").join(name)).unwrap();
    assert_eq!(app("deep/text.txt"), "grün\n".as_bytes());
    assert_eq!(app("deep/er/renamed.txt"), "grün\n".as_bytes());
    assert_eq!(app("sent.bin"), b"AP8H");
    assert_eq!(app("bytes.bin"), [0, 255, 7]);
    assert_eq!(app("large.bin").len(), 3 << 20);
    assert_eq!(app("down.txt"), b"plain text");
    assert!(!room.path("data/app/gone.txt").exists() && !room.path("data/app/empty").exists());
    assert_eq!(fs::read_to_string(room.path("files/saved.txt")).unwrap(), "saved");
    let asked = server.asked();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        assert!(asked.iter().any(|line| line.starts_with(&format!("{method} /echo"))), "{method}: {asked:?}");
    }
    // They are calls of their own, and may come in either order.
    let mut told = [desktop.is_told(), desktop.is_told()];
    told.sort_by_key(|one| one.title.len());
    let Notification { icon, title, body, .. } = &told[0];
    assert_eq!(
        (&**icon, &**title, &**body),
        ("dialog-information", "A title", "The &lt;b&gt;body&lt;/b&gt;")
    );
    assert_eq!((&*told[1].title, &*told[1].body), ("A title alone", ""));
    let address = address.recv_timeout(std::time::Duration::from_secs(60)).unwrap().unwrap();
    assert_eq!(address.trim(), "https://example.com/page?a=b");

    // The title is that of a window, by which it is found.
    tests::display::click_close_button_of(program.id(), "All of it");
    let ended = program.end();
    ended.check(0, "", "from the page");
    assert!(!ended.log.lines().any(|line| line.starts_with("and its second line")), "{}", ended.log);
}

/// The commands that the functions of the old module send, as they stand in its sources.
fn sent_by_the_module() -> Vec<String> {
    let api = repository().join("tests/window/npm/node_modules/tauri/api-src");
    let mut sent = Vec::new();
    for file in fs::read_dir(api).expect("run scripts/npm-page.sh build/npm-page first").flatten() {
        let text = fs::read_to_string(file.path()).unwrap();
        let named = text.split("cmd: '").skip(1).filter_map(|rest| Some(rest.split_once('\'')?.0.to_owned()));
        sent.extend(named);
    }
    sent
}

#[test]
fn the_table_of_old_commands_has_each_that_the_module_sends_and_says_who_has_it() {
    let table = fs::read_to_string(repository().join("docs/tauri-0x.md")).unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let rows: Vec<(&str, Vec<&str>)> =
        rows.map(|(cmd, rest)| (cmd, rest.split(" | ").map(str::trim).collect())).collect();
    let sent = sent_by_the_module();
    assert!(sent.len() > 15, "{sent:?}");
    for cmd in &sent {
        assert!(rows.iter().any(|(row, _)| row == cmd), "`{cmd}` is in no row");
    }
    // Who is said to have a command has it, and it is dangerous where the table says so.
    for (cmd, cells) in &rows {
        let plugin = cells.get(2).copied().unwrap_or_default();
        if !STANDARD.contains(&plugin) {
            continue;
        }
        let folder = plugin_folder(&[plugin]);
        let listed = tests::program::host(&["list", "--json"], Some(folder.path()));
        let listed: serde_json::Value = serde_json::from_str(&listed.output).unwrap();
        let commands = listed["plugins"][0]["commands"].as_array().unwrap();
        let command = commands.iter().find(|command| command["name"] == *cmd);
        let command = command.unwrap_or_else(|| panic!("{plugin} has no `{cmd}`"));
        assert_eq!(command["dangerous"] == true, cells[0] == "!", "{plugin}/{cmd}");
    }
}
