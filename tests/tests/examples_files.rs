//! The examples `files` and `tauri-0x` in the real window, with their own configurations, on a desktop of their own, and a user who has
//! a keyboard. What the page reports says when it has come to something; nothing waits for a while.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::desktop::Desktop;
use tests::program::Program;
use tests::user::User;
use tests::{HANGS, built, notifications, plugin_folder, repository, server};

/// Long enough that it can be cancelled while it is copied.
const LONG: u64 = 1_500_000_000;

/// An example's window, a home folder for it, and somebody who sits there.
struct Example {
    program: Program,
    user: User,
    home: TempDir,
    _plugins: TempDir,
    _desktop: Desktop,
}

impl Example {
    /// Opens an example that calls these plugins. `prepare` fills the home folder, and may start the program with more.
    fn open(name: &str, title: &str, plugins: &[&str], prepare: impl FnOnce(&Path, &mut Command)) -> Self {
        let (desktop, home, plugins) =
            (Desktop::start(), tempfile::tempdir().unwrap(), plugin_folder(plugins));
        let folder = repository().join("examples").join(name);
        let mut command = Command::new(built().join("plugin-host"));
        command.args(["run", "--report=stay", "--title", title, "--frontend"]).arg(folder.join("page"));
        command.arg("--only").arg("--plugins").arg(plugins.path());
        command.arg("--data").arg(home.path().join(".data"));
        command.env("DISPLAY", desktop.display()).env("GDK_BACKEND", "x11").env_remove("WAYLAND_DISPLAY");
        command.env("HOME", home.path()).env("GSETTINGS_BACKEND", "memory").env("PLUGIN_HOST_LOG", "info");
        for folder in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"] {
            command.env_remove(folder);
        }
        fs::create_dir_all(home.path().join(".config")).unwrap();
        let mut folders = String::new();
        for (key, name) in [
            ("DOCUMENTS", "Documents"),
            ("DOWNLOAD", "Downloads"),
            ("PICTURES", "Pictures"),
            ("MUSIC", "Music"),
        ] {
            fs::create_dir(home.path().join(name)).unwrap();
            folders += &format!("XDG_{key}_DIR=\"$HOME/{name}\"\n");
        }
        fs::write(home.path().join(".config/user-dirs.dirs"), folders).unwrap();
        let configuration = home.path().join("config.toml");
        fs::copy(folder.join("config.toml"), &configuration).unwrap();
        command.arg("--config").arg(&configuration);
        prepare(home.path(), &mut command);
        let mut program = Program::start(&mut command);
        program.wait_for("report: ok");
        Self { program, user: User::at(Some(desktop.display())), home, _plugins: plugins, _desktop: desktop }
    }

    fn files(prepare: impl FnOnce(&Path)) -> Self {
        let opened = Self::open("files", "Files", &["dialog", "fs", "path"], |home, _command| prepare(home));
        opened.user.turns_to("Files");
        opened
    }

    fn path(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    #[track_caller]
    fn hears(&mut self, text: &str) {
        self.program.wait_for(text);
    }

    /// Jumps to a name by typing how it begins.
    #[track_caller]
    fn jumps_to(&mut self, typed: &str, name: &str) {
        self.user.presses(&["Home"]);
        self.user.types(typed);
        self.hears(&format!("report: at {name},"));
    }

    /// Goes into a folder of the one that is shown, and waits until it is seen.
    #[track_caller]
    fn enters(&mut self, typed: &str, name: &str, path: &str) {
        self.jumps_to(typed, name);
        self.user.presses(&["Return"]);
        let path = self.path(path).display().to_string();
        self.hears(&format!("report: folder {path}: "));
    }

    #[track_caller]
    fn ends(self) {
        self.program.signal("INT");
        let ended = self.program.end();
        ended.check(0, "", "");
        for mistake in ["nobody caught it", "content security policy", "CRITICAL", "may not call"] {
            assert!(!ended.log.contains(mistake), "{}", ended.log);
        }
    }
}

/// Looks until it is so.
#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let (end, never) = (Instant::now() + HANGS, crossbeam_channel::never::<()>());
    while !is_so() {
        assert!(Instant::now() < end, "{what} does not come to be");
        // What happens on the disk tells nobody.
        let _ = never.recv_timeout(Duration::from_millis(20));
    }
}

fn names(folder: &Path) -> Vec<String> {
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut all: Vec<String> = all.collect();
    all.sort();
    all
}

#[test]
fn the_explorer_shows_what_is_there_and_what_comes_and_says_what_it_may_not() {
    let secret = tempfile::tempdir().unwrap();
    fs::write(secret.path().join("secret.txt"), "of somebody else").unwrap();
    let mut files = Example::files(|home| {
        fs::write(home.join("Documents/letter.txt"), "Dear reader").unwrap();
        fs::write(home.join("Documents/broken.png"), "no picture").unwrap();
        fs::copy(repository().join("docs/desk.png"), home.join("Documents/desk.png")).unwrap();
        symlink(secret.path(), home.join("Documents/elsewhere")).unwrap();
    });
    files.enters("doc", "Documents", "Documents");

    // What is in it is shown beside the list.
    files.jumps_to("letter", "letter.txt");
    files.hears("report: preview letter.txt: 11 bytes of text");
    files.jumps_to("desk", "desk.png");
    files.hears("report: preview desk.png: picture of 1");
    files.jumps_to("broken", "broken.png");
    files.hears("report: preview broken.png: file");

    // A link that leads out.
    files.jumps_to("else", "elsewhere");
    files.user.presses(&["Return"]);
    files.hears("report: notice: ");
    let said = files.program.said().last().unwrap().clone();
    assert!(said.contains("elsewhere` cannot be read: it leads out of its folder by a link"), "{said}");

    // What others do on the disk.
    fs::write(files.path("Documents/from-outside.txt"), "new").unwrap();
    files.hears(&format!("report: folder {}: 5 entries", files.path("Documents").display()));
    files.jumps_to("from", "from-outside.txt");
    files.hears("report: preview from-outside.txt: 3 bytes of text");
    fs::remove_file(files.path("Documents/from-outside.txt")).unwrap();
    files.hears(&format!("report: folder {}: 4 entries", files.path("Documents").display()));

    // Upwards, to where nothing is listed.
    files.user.presses(&["BackSpace"]);
    files.hears(&format!("report: folder {}: 5 entries", files.home.path().display()));
    files.user.presses(&["BackSpace"]);
    let above = files.home.path().parent().unwrap().display().to_string();
    files.hears(&format!("report: folder {above}: `{above}` may not be read"));
    let said = files.program.said().last().unwrap().clone();
    assert!(said.contains("`read = [") && said.contains("under `[plugins.fs]`"), "{said}");
    files.ends();
}

#[test]
fn the_explorer_makes_names_and_deletes_when_the_user_has_said_so() {
    let mut files = Example::files(|home| {
        fs::create_dir(home.join("Documents/Old")).unwrap();
        fs::write(home.join("Documents/Old/letter.txt"), "Dear reader").unwrap();
        fs::write(home.join("Documents/taken"), "").unwrap();
    });
    files.enters("doc", "Documents", "Documents");

    files.user.presses(&["ctrl+shift+n"]);
    files.hears("report: made New folder");
    files.hears("report: naming New folder");
    files.user.enters("taken");
    files.hears("report: rename: There is already a taken.");
    files.user.presses(&["ctrl+a"]);
    files.user.enters("Letters");
    files.hears("report: renamed New folder to Letters");
    assert_eq!(names(&files.path("Documents")), ["Letters", "Old", "taken"]);

    files.jumps_to("old", "Old");
    files.user.presses(&["Delete"]);
    files.user.turns_to("Delete");
    files.user.presses(&["alt+n"]);
    files.hears("report: not deleted");
    assert!(files.path("Documents/Old/letter.txt").exists());
    files.user.turns_to("Files");
    files.user.presses(&["Delete"]);
    files.user.turns_to("Delete");
    files.user.presses(&["alt+y"]);
    files.hears("report: deleted Old");
    assert_eq!(names(&files.path("Documents")), ["Letters", "taken"]);

    // The home folder may be read and no more.
    files.user.turns_to("Files");
    files.user.presses(&["BackSpace"]);
    files.hears(&format!("report: folder {}: ", files.home.path().display()));
    files.user.presses(&["ctrl+shift+n"]);
    files.hears("report: notice: ");
    let said = files.program.said().last().unwrap().clone();
    assert!(said.contains("may not be written") && said.contains("`write = ["), "{said}");
    files.ends();
}

#[test]
fn a_long_copy_can_be_cancelled_and_others_arrive_whole() {
    let mut random = fastrand::Rng::with_seed(7);
    let content: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(30_000_000).collect();
    let mut files = Example::files(|home| {
        fs::write(home.join("Downloads/book.bin"), &content).unwrap();
        fs::create_dir_all(home.join("Downloads/album/best")).unwrap();
        for name in ["Downloads/film.bin", "Downloads/album/best/long.bin"] {
            fs::File::create(home.join(name)).unwrap().set_len(LONG).unwrap();
        }
        fs::write(home.join("Downloads/album/a.txt"), "first").unwrap();
    });
    let documents = files.path("Documents");
    let is_empty = || names(&documents).is_empty();
    files.enters("down", "Downloads", "Downloads");
    for (typed, name) in [("film", "film.bin"), ("album", "album")] {
        files.jumps_to(typed, name);
        files.user.presses(&["ctrl+c"]);
        files.hears("report: taken 1");
        files.user.presses(&["BackSpace"]);
        files.hears(&format!("report: folder {}: ", files.home.path().display()));
        files.enters("doc", "Documents", "Documents");
        files.user.presses(&["ctrl+v"]);
        files.hears(&format!("report: job Copy {name}: 25 %"));
        assert!(!is_empty(), "something is being written");
        // To the preview, and from there to the button of the copy.
        files.user.presses(&["F6", "F6", "Return"]);
        files.hears(&format!("report: job Copy {name}: cancelled"));
        until("an empty folder", is_empty);
        files.user.presses(&["BackSpace"]);
        files.hears(&format!("report: folder {}: ", files.home.path().display()));
        files.enters("down", "Downloads", "Downloads");
    }

    // One that goes through, and one more: the name is taken then.
    files.jumps_to("book", "book.bin");
    files.user.presses(&["ctrl+c", "ctrl+v"]);
    files.hears("report: job Copy book.bin as book (copy).bin: done");
    files.user.presses(&["ctrl+v"]);
    files.hears("report: job Copy book.bin as book (copy 2).bin: done");
    for copy in ["book (copy).bin", "book (copy 2).bin"] {
        assert!(fs::read(files.path("Downloads").join(copy)).unwrap() == content, "{copy} is the same");
    }
    // It is moved, and not copied.
    files.jumps_to("book.", "book.bin");
    files.user.presses(&["ctrl+x", "BackSpace"]);
    files.hears(&format!("report: folder {}: ", files.home.path().display()));
    files.enters("doc", "Documents", "Documents");
    files.user.presses(&["ctrl+v"]);
    files.hears("report: job Move book.bin: done");
    assert!(fs::read(files.path("Documents/book.bin")).unwrap() == content);
    assert!(!files.path("Downloads/book.bin").exists());
    files.ends();
}

#[test]
fn five_thousand_entries_are_scrolled_with_a_few_rows_in_the_page() {
    let mut files = Example::files(|home| {
        let folder = home.join("Documents/many");
        fs::create_dir(&folder).unwrap();
        for number in 0..5000 {
            fs::write(folder.join(format!("entry {number}.txt")), "").unwrap();
        }
    });
    files.enters("doc", "Documents", "Documents");
    files.enters("many", "many", "Documents/many");
    let mut rows = Vec::new();
    let mut at = |files: &mut Example, keys: &[&str], name: &str| {
        files.user.presses(keys);
        files.hears(&format!("report: at {name},"));
        let said = files.program.said().last().unwrap();
        let count = said.split(", ").last().unwrap().split(' ').next().unwrap();
        assert!(said.ends_with("rows of 5000 in the page"), "{said}");
        rows.push(count.parse::<usize>().unwrap());
    };
    // Numbers are in the order of numbers.
    at(&mut files, &["End"], "entry 4999.txt");
    at(&mut files, &["Up", "Up"], "entry 4997.txt");
    at(&mut files, &["Home"], "entry 0.txt");
    at(&mut files, &["Down"; 100], "entry 100.txt");
    assert!(rows.iter().all(|&rows| (10..60).contains(&rows)), "{rows:?}");
    files.user.presses(&["Home"]);
    files.user.types("entry 4321");
    files.hears("report: at entry 4321.txt,");
    // The listing of many follows as well.
    fs::remove_file(files.path("Documents/many/entry 17.txt")).unwrap();
    files.hears("many: 4999 entries");
    files.ends();
}

#[test]
fn a_page_of_tauri_0x_calls_every_function_with_the_permissions_it_lists() {
    let served = tempfile::tempdir().unwrap();
    fs::write(served.path().join("index.html"), r#"{"tea": "Darjeeling", "minutes": 3}"#).unwrap();
    let (server, notified) = (server::serve_folder(served.path()), notifications::Desktop::start(false));
    let plugins = ["dialog", "fs", "http", "notification", "path", "process", "store"];
    let mut page = Example::open("tauri-0x", "Tauri 0.x", &plugins, |home, command| {
        let file = home.join("config.toml");
        let text = fs::read_to_string(&file).unwrap();
        let mine = text.replace("hosts = []", &format!("hosts = [{:?}]", server.trim_end_matches('/')));
        assert_ne!(mine, text);
        fs::write(file, mine).unwrap();
        // What a link opens in the browser is written down by a program of the test's.
        let programs = home.join(".programs");
        fs::create_dir(&programs).unwrap();
        for name in ["xdg-open", "gio", "gnome-open", "kde-open"] {
            let program = programs.join(name);
            let script = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" >> '{}'\n", home.join("opened").display());
            fs::write(&program, script).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{path}", programs.display()));
        command.env("DBUS_SESSION_BUS_ADDRESS", &notified.bus.address);
        command.args(["--", "--server", &server, "-vv"]);
    });
    let said = page.program.said().join("\n");
    for line in [
        "fs.readBinaryFile: [1,2,255]",
        "fs.readTextFile elsewhere: refused: `/etc/shadow` may not be read",
        "http.request: ",
        "http.post: {\"tea\":\"Darjeeling\",\"minutes\":3}",
        "http.patch: {\"tea\"",
        "notification.isPermissionGranted: null",
        "process.execute: \"Linux\\n\"",
        "process.execute of another: refused: `rm` is no program that the configuration lists",
        "\"verbose\":{\"value\":true,\"occurrences\":2}",
        "store.remove: true",
        "tauri.invoke, tauri.transformCallback: \"tea.txt\"",
    ] {
        assert!(said.replace(['\n', ' '], "").contains(&line.replace(['\n', ' '], "")), "{line} in {said}");
    }

    // What needs somebody.
    let title = "Tauri 0.x – every function";
    let run = |page: &Example, name: &str| {
        page.user.turns_to(title);
        page.user.enters(name);
    };
    run(&page, "dialog.ask");
    page.user.turns_to("Tea");
    page.user.presses(&["alt+y"]);
    page.hears("report: dialog.ask: true");
    run(&page, "dialog.message");
    page.user.turns_to("Tea");
    page.user.presses(&["Return"]);
    page.hears("report: dialog.message: null");
    run(&page, "dialog.open");
    page.user.turns_to("Open tea");
    page.user.presses(&["Escape"]);
    page.hears("report: dialog.open: refused: user cancelled the dialog");
    run(&page, "window.create");
    page.hears("report: heard host/windows {\"kind\":\"opened\"");
    page.hears("report: window.create: \"window-2\"");
    run(&page, "notification.requestPermission");
    page.user.turns_to("Notifications");
    page.user.presses(&["alt+y"]);
    page.hears("report: notification.requestPermission: \"granted\"");
    run(&page, "notification.sendNotification");
    let shown = notified.is_told();
    assert_eq!((&*shown.application, &*shown.title), ("Tauri 0.x", "Tea"));
    run(&page, "new Notification");
    assert_eq!(notified.is_told().body, "It is getting cold.");
    run(&page, "window.open");
    let opened = page.path("opened");
    let has_opened = |address: &str| fs::read_to_string(&opened).unwrap_or_default().contains(address);
    until("an address in the browser", || has_opened("https://tauri.app/"));
    // The second of the links behind the field and its button.
    page.user.turns_to(title);
    page.user.presses(&["Tab", "Tab", "Tab", "Return"]);
    until("a link in the browser", || has_opened("https://github.com/tauri-apps/tauri"));
    page.ends();
}
