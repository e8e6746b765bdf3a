//! Pages and frames that want what is not theirs, in the real window: each against a plugin that counts how often its commands have
//! run. Needs a display: `scripts/under-xvfb.sh` gives one.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use tests::program::{Ended, Program};
use tests::{HANGS, built, plugin_folder, repository, server};

/// A page of `tests/window/attacks` with what all of them share, in a folder of its own.
struct Attack {
    outer: TempDir,
    elsewhere: String,
}

impl Attack {
    fn by(page: &str) -> Self {
        let outer = tempfile::tempdir().unwrap();
        let elsewhere = server::serve("tests/window/attacks/frames");
        fs::create_dir(outer.path().join("page")).unwrap();
        for folder in ["common", page] {
            let from = repository().join("tests/window/attacks").join(folder);
            for file in fs::read_dir(from).unwrap().flatten() {
                fs::copy(file.path(), outer.path().join("page").join(file.file_name())).unwrap();
            }
        }
        let script = format!("export const elsewhere = {elsewhere:?}\n");
        fs::write(outer.path().join("page/elsewhere.js"), script).unwrap();
        Self { outer, elsewhere }
    }

    fn page(&self) -> std::path::PathBuf {
        self.outer.path().join("page")
    }

    /// The origin of the other server.
    fn other_origin(&self) -> &str {
        self.elsewhere.trim_end_matches('/')
    }

    /// Runs it, from its folder or from where `frontend` says, with a configuration and without `--allow-all`.
    #[track_caller]
    fn run(&self, frontend: &str, configuration: &str, set: impl FnOnce(&mut Command)) -> Ended {
        let (plugins, data) = (plugin_folder(&["counting"]), tempfile::tempdir().unwrap());
        fs::write(data.path().join("config.toml"), configuration).unwrap();
        let mut command = Command::new(built().join("plugin-host"));
        command.args(["run", "--report", "--only", "--frontend", frontend, "--plugins"]).arg(plugins.path());
        command.arg("--data").arg(data.path());
        set(&mut command);
        let ended = Program::start(&mut command).end();
        ended.check(0, "report: ok", "");
        ended
    }

    #[track_caller]
    fn run_from_folder(&self, configuration: &str) -> Ended {
        self.run(&self.page().display().to_string(), configuration, |_| {})
    }
}

const ALL: &str = "[[host.permissions]]\ncommands = ['counting/*']\n";

/// Says in the log what it has said often only once.
#[track_caller]
fn said_once(ended: &Ended, sentence: &str) {
    assert_eq!(ended.log.matches(sentence).count(), 1, "{}", ended.log);
}

#[test]
fn no_frame_worker_or_window_runs_a_command_and_each_attempt_is_counted_and_told_once() {
    let attack = Attack::by("frames");
    // Without a policy for contents, so that what is tried is what the host itself must refuse.
    let page =
        format!("[host.page]\ncontent-security-policy = 'none'\nframes = ['{}']\n", attack.other_origin());
    let ended = attack.run_from_folder(&format!("{page}{ALL}"));
    for sentence in [
        "something other than the page posted to the host",
        "something other than the page's script asked the host for a reply or sent a call",
    ] {
        said_once(&ended, sentence);
    }
    assert!(ended.log.contains("refused in all: "), "{}", ended.log);
}

#[test]
fn the_same_for_a_page_from_a_development_server() {
    let attack = Attack::by("frames");
    let frontend = server::serve_folder(&attack.page());
    let page = format!("[host.page]\nframes = ['{}']\n", attack.other_origin());
    let ended = attack.run(&frontend, &format!("{page}{ALL}"), |_| {});
    said_once(&ended, "something other than the page posted to the host");
}

#[test]
fn a_page_of_another_origin_is_heard_where_that_is_listed_and_may_call_what_is_listed_for_it() {
    let attack = Attack::by("guests");
    let [stranger, guest] = [(); 2].map(|()| server::serve_folder(&attack.page()));
    let script = format!("export const elsewhere = {stranger:?}\nexport const guests = {guest:?}\n");
    fs::write(attack.page().join("elsewhere.js"), script).unwrap();
    let [stranger, guest] = [&stranger, &guest].map(|address| address.trim_end_matches('/'));
    attack.run_from_folder(&format!(
        "[host.page]\norigins = ['{guest}']\nframes = ['{stranger}']\n{ALL}\
         [[host.permissions]]\ncommands = ['counting/strikes', 'counting/echo', 'counting/tell', 'host/report']\norigins = ['{guest}']\n"
    ));
}

#[test]
fn a_script_in_the_page_does_not_get_hold_of_the_secret() {
    let attack = Attack::by("theft");
    attack.run_from_folder(ALL);
    attack.run(&server::serve_folder(&attack.page()), ALL, |_| {});
}

#[test]
fn the_window_goes_nowhere_else_and_the_browser_only_where_the_configuration_says() {
    let attack = Attack::by("elsewhere");
    // Stands in the place of the program that opens links.
    let programs = tempfile::tempdir().unwrap();
    let opened = programs.path().join("opened");
    assert!(Command::new("mkfifo").arg(&opened).status().unwrap().success());
    // Open for both, so that it has no end between two that write to it.
    let pipe = fs::File::options().read(true).write(true).open(&opened).unwrap();
    let (sender, addresses) = crossbeam_channel::unbounded();
    std::thread::spawn(move || {
        for address in std::io::BufRead::lines(std::io::BufReader::new(pipe)).map_while(Result::ok) {
            // A test that is over does not listen any more.
            let _ = sender.send(address);
        }
    });
    let script = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > '{}'\n", opened.display());
    for name in ["xdg-open", "gio", "gnome-open", "kde-open", "open"] {
        write_program(&programs.path().join(name), &script);
    }
    let configuration =
        format!("[host.page]\nbrowser = ['https://example.com']\ncontent-security-policy = 'none'\n{ALL}");
    let path = std::env::var("PATH").unwrap();
    let ended = attack.run(&attack.page().display().to_string(), &configuration, |command| {
        command.env("PATH", format!("{}:{path}", programs.path().display()));
    });
    said_once(&ended, "wanted to go to");
    // The way there, and the link; whoever opens them may come in either order, and after the end.
    let all: Vec<String> =
        (0..2).map(|_| addresses.recv_timeout(HANGS).unwrap()).chain(addresses.try_iter()).collect();
    assert!(all.iter().all(|address| address.starts_with("https://example.com/")), "{all:?}");
    assert!(all.iter().any(|address| address.contains("touch")), "{all:?}");
    assert!(!attack.page().join("x").exists());
}

#[test]
fn nothing_is_put_into_the_folder_of_downloads_unless_that_is_configured() {
    let attack = Attack::by("download");
    // Its own folder for that, in the place of the user's.
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("Downloads");
    fs::create_dir(&folder).unwrap();
    let ended = attack.run(&server::serve_folder(&attack.page()), ALL, |command| {
        command.env("HOME", home.path()).env("XDG_DOWNLOAD_DIR", &folder);
    });
    said_once(&ended, "into the folder of downloads");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
}

#[cfg(unix)]
fn write_program(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_page_calls_what_is_listed_and_nothing_by_another_name() {
    let attack = Attack::by("denied");
    let configuration = "[[host.permissions]]\ncommands = ['counting/echo', 'counting/strike', 'counting/strikes']\n\
                         [[host.permissions]]\ncommands = ['counting/strikeH*']\n";
    let ended = attack.run_from_folder(configuration);
    // Told once, however often it was tried.
    said_once(&ended, "permissions: `counting/strikeOnMain` may not be called by this page");
}

#[test]
fn names_and_values_of_either_side_are_data_whatever_they_say() {
    Attack::by("data").run_from_folder(ALL);
}

#[test]
fn files_are_served_from_the_folder_alone_and_pages_load_nothing_from_elsewhere() {
    let attack = Attack::by("files");
    fs::write(attack.outer.path().join("outside.txt"), "the outside").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(attack.outer.path().join("outside.txt"), attack.page().join("link.txt"))
        .unwrap();
    let (plugins, data) = (plugin_folder(&["counting"]), tempfile::tempdir().unwrap());
    let framed = server::serve("tests/window/attacks/frames");
    let script =
        format!("export const elsewhere = {:?}\nexport const framed = {framed:?}\n", attack.elsewhere);
    fs::write(attack.page().join("elsewhere.js"), script).unwrap();
    let page = format!("[host.page]\nframes = ['{}']\n", framed.trim_end_matches('/'));
    fs::write(data.path().join("config.toml"), format!("{page}{ALL}")).unwrap();
    let mut command = Command::new(built().join("plugin-host"));
    // What the policy does not allow is a mistake of the page, which is why the exit code says nothing here.
    command.args(["run", "--report=stay", "--only", "--frontend"]).arg(attack.page());
    command.arg("--plugins").arg(plugins.path()).arg("--data").arg(data.path());
    let mut program = Program::start(&mut command);
    program.wait_for("report: ok no command has run");
    program.wait_for("report: ok a command that runs is counted");
    program.wait_for("report: ok");
    program.signal("INT");
    let ended = program.end();
    assert!(!ended.output.contains("FAILED"), "{}\n{}", ended.output, ended.log);
    assert!(ended.log.contains("its content security policy does not allow"), "{}", ended.log);
}
