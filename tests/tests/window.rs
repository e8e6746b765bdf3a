//! The real window. Needs a display: `scripts/under-xvfb.sh` gives one.

use std::process::Command;
use std::time::{Duration, Instant};

use tests::desktop::Desktop;
use tests::program::{OpenWindow, Program, host, page};
use tests::versions::{Starts, place, put, version};
use tests::{built, display, library, plugin_folder, repository, server};

#[test]
fn the_hello_page_gets_the_documented_answers() {
    page("examples/hello/page", &["hello-functions", "hello-handler"]);
}

#[test]
fn the_desk_gets_an_answer_from_each_command_of_both_plugins() {
    page("examples/desk/page", &["store", "system"]);
}

#[test]
fn the_contract_with_the_page_holds() {
    let ended = page("tests/window/contract", &["asking", "hello-functions", "misbehaving", "ordinary"]);
    // What goes wrong with an `invoke` is in the log.
    ended.check(0, "", "the invoked one failed").check(0, "", "unknown command `nobodys`");
}

#[test]
fn the_contract_holds_for_a_page_from_a_development_server() {
    let address = server::serve("tests/window/contract");
    page(&address, &["asking", "hello-functions", "misbehaving", "ordinary"]);
}

#[test]
fn a_page_follows_its_calls_cancels_them_and_passes_bytes() {
    page("tests/window/underway", &["underway"]);
}

#[test]
fn a_page_from_a_development_server_follows_its_calls_and_passes_bytes() {
    page(&server::serve("tests/window/underway"), &["underway"]);
}

#[test]
fn a_page_goes_on_while_a_plugin_apart_from_it_dies_and_hangs_and_learns_what_happened() {
    let (folder, data) = (plugin_folder(&["unruly", "ordinary"]), tempfile::tempdir().unwrap());
    let settings = "[host.plugins.unruly]\nisolation = 'process'\npatience = '200 ms'";
    std::fs::write(data.path().join("config.toml"), settings).unwrap();
    let mut command = Command::new(built().join("plugin-host"));
    command
        .args(["run", "--report", "--allow-all", "--frontend"])
        .arg(repository().join("tests/window/isolated"));
    command.args(["--only", "--plugins"]).arg(folder.path()).arg("--data").arg(data.path());
    let ended = Program::start(&mut command).end();
    ended.check(0, "report: ok", "`holdMainThread` of plugin `ordinary` held the main thread up for 30");
    println!("{}", ended.output);
}

#[test]
fn a_page_that_is_left_and_returned_to_begins_anew() {
    page("tests/window/return", &["misbehaving", "ordinary"]);
}

#[test]
fn a_page_follows_what_is_put_into_the_folder_replaced_and_removed() {
    let mut window = OpenWindow::with("tests/window/live", &[]);
    let file = place(window.plugins.path());
    put(&file, &version(1, Starts::Well));
    window.program.wait_for("host/plugins: added changing, generation 1: 1");
    put(&file, &version(2, Starts::Well));
    window.program.wait_for("host/plugins: replaced changing, generation 2: 2");
    std::fs::remove_file(file).unwrap();
    window.program.wait_for("host/plugins: removed changing, generation null: plugin `changing` was removed");
    window.program.wait_for("in the end: 0 open, 0 settled twice");
    window.program.signal("INT");
    window.program.end().check(0, "", "");
}

#[test]
fn the_built_in_page_tells_what_is_loaded() {
    for (plugins, said) in
        [(&[][..], "report: 0 plugins"), (&["ordinary", "misbehaving"], "report: 2 plugins")]
    {
        let folder = plugin_folder(plugins);
        host(&["run", "--report"], Some(folder.path())).check(0, said, "").check(0, "report: ok", "");
    }
}

#[test]
fn the_npm_module_of_tauri_works_unchanged() {
    let built = "build/npm-page";
    assert!(repository().join(built).join("page.js").exists(), "run scripts/npm-page.sh {built} first");
    page(built, &["hello-functions", "hello-handler", "ordinary"]);
}

#[test]
fn the_npm_module_of_tauri_2_calls_hears_and_takes_channels_unchanged() {
    let built = "build/npm-page/v2";
    assert!(
        repository().join(built).join("page.js").exists(),
        "run scripts/npm-page.sh build/npm-page first"
    );
    page(built, &["hello-handler", "ordinary", "underway"]);
}

#[test]
fn an_application_has_commands_of_its_own_beside_the_plugins() {
    let folder = tempfile::tempdir().unwrap();
    let executable = folder.path().join("embed");
    std::fs::copy(built().join("embed"), &executable).unwrap();
    let page = folder.path().join("page");
    std::fs::create_dir(&page).unwrap();
    for file in ["index.html", "embed.js"] {
        std::fs::copy(repository().join("examples/embed/page").join(file), page.join(file)).unwrap();
    }
    let plugins = folder.path().join("plugins");
    std::fs::create_dir(&plugins).unwrap();
    let system = library("system");
    std::fs::copy(&system, plugins.join(system.file_name().unwrap())).unwrap();
    let data = folder.path().join("data");
    let ended =
        Program::start(Command::new(executable).arg("--report=exit").env("XDG_DATA_HOME", data)).end();
    ended.check(0, "report: ok", "").check(0, "the page says hello", "");
}

#[test]
fn pages_open_windows_talk_over_them_and_close_them() {
    let mut window = OpenWindow::with("tests/window/windows", &["ordinary"]);
    let said = window.program.said().join("\n");
    assert!(said.contains("passed: each page gets its own answers"), "{said}");
    // By the titles that the page has given them.
    display::click_close_button_of(window.program.id(), "The second window");
    window.program.wait_for("second was closed; left: main");
    display::click_close_button_of(window.program.id(), "The first window");
    window.program.end().check(0, "", "");
}

/// Nothing of windows that are closed is left: neither a thread of the program's, nor a process that the webview has for them.
#[cfg(target_os = "linux")]
#[test]
fn windows_that_are_closed_leave_neither_threads_nor_processes_behind() {
    let window = OpenWindow::with("tests/window/closing", &[]);
    let own = format!("/proc/{}/task", window.program.id());
    let named = |name: &str| {
        let threads = std::fs::read_dir(&own).unwrap().flatten();
        let names = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("comm")).ok());
        names.filter(|thread| thread.trim() == name).count()
    };
    let children = || {
        let threads = std::fs::read_dir(&own).unwrap().flatten();
        let lists = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
        lists.map(|list| list.split_whitespace().count()).sum::<usize>()
    };
    let end = Instant::now() + Duration::from_secs(30);
    // The first window has a thread for files, a process for its page, and one for the network.
    while named("page files") > 1 || children() > 2 {
        let left = (named("page files"), children());
        assert!(Instant::now() < end, "{left:?} threads and processes are left of 16 windows");
        std::thread::park_timeout(Duration::from_millis(20));
    }
    window.program.signal("INT");
    window.program.end().check(0, "", "");
}

#[test]
fn no_window_comes_while_the_application_ends() {
    let window = OpenWindow::with("tests/window/ending", &["misbehaving"]);
    window.program.end().check(0, "", "it was refused: the application is ending");
}

#[test]
fn a_page_gets_no_permissions_of_a_window_by_opening_one_of_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = folder.path().join("config.toml");
    std::fs::write(
        &configuration,
        "[[host.permissions]]\ncommands = ['window/create', 'window/close', 'host/emit']\n\
         [[host.permissions]]\ncommands = ['ordinary/*']\nwindows = ['settings', 'notes', 'window-2']\n\
         [host.windows]\nsettings = 'second.html'\n",
    )
    .unwrap();
    let plugins = plugin_folder(&["ordinary"]);
    let mut command = Command::new(built().join("plugin-host"));
    command.args(["run", "--report=exit", "--frontend"]).arg(repository().join("tests/window/labels"));
    command.arg("--only").arg("--plugins").arg(plugins.path()).arg("--data").arg(folder.path().join("data"));
    command.arg("--config").arg(configuration);
    Program::start(&mut command).end().check(0, "report: ok", "");
}

#[test]
fn a_window_takes_every_state_that_a_window_manager_knows() {
    let desktop = Desktop::start();
    let window = OpenWindow::prepared("tests/window/states", &[], |command| {
        command.args(["--title", "States"]).env("DISPLAY", desktop.display()).env("GDK_BACKEND", "x11");
    });
    let said = window.program.said().join("\n");
    assert!(said.contains("full screen: 1280 x 900") && said.contains("as before: 600 x 400"), "{said}");
    display::wait_until_iconic(desktop.display(), "States");
    window.program.signal("INT");
    window.program.end().check(0, "", "");
}

/// The window's program ended with 0; its plugins stopped in reverse order of their loading, and what they held is freed.
#[track_caller]
fn ended_in_order(window: OpenWindow) {
    let ended = window.program.end();
    ended.check(0, "", "");
    let place = |plugin: &str| {
        let said = |line: &str| line.contains("was stopped") && line.contains(plugin);
        ended.log.lines().position(said).unwrap_or_else(|| panic!("{plugin} was not stopped: {}", ended.log))
    };
    assert!(place("ordinary") < place("misbehaving"), "{}", ended.log);
    assert!(window.data.path().join("misbehaving/freed").exists());
}

#[test]
fn the_close_button_stops_the_plugins_in_order_and_ends_with_zero() {
    let window = OpenWindow::with("tests/window/open", &["misbehaving", "ordinary"]);
    display::click_close_button(window.program.id());
    ended_in_order(window);
}

#[test]
fn ctrl_c_stops_the_plugins_in_order_and_ends_with_zero() {
    let window = OpenWindow::with("tests/window/open", &["misbehaving", "ordinary"]);
    window.program.signal("INT");
    ended_in_order(window);
}

#[test]
fn a_call_that_never_ends_does_not_keep_the_window_open() {
    let window = OpenWindow::with("tests/window/busy", &["misbehaving", "ordinary"]);
    display::click_close_button(window.program.id());
    window.program.end().check(0, "", "a plugin did not stop in time");
}

#[test]
fn a_second_signal_ends_the_program_without_waiting_for_plugins() {
    let window = OpenWindow::with("tests/window/busy", &["misbehaving", "ordinary"]);
    // Two different ones: the system may make one of two equal ones.
    window.program.signal("INT");
    window.program.signal("TERM");
    window.program.end().check(130, "", "");
}
