//! The plugin `notification` and a desktop: what arrives there, and what is said where there is none or where it does not answer.

use std::fs;
use std::os::unix::net::UnixListener;
use std::process::Command;

use tests::notifications::{Bus, Desktop, Notification};
use tests::program::{Ended, Program};
use tests::{built, plugin_folder};

/// Calls a command of the plugin, as a program whose session's bus is there.
fn call(message: &str, configuration: &str, bus: &str) -> Ended {
    let (plugins, data) = (plugin_folder(&["notification"]), tempfile::tempdir().unwrap());
    fs::write(data.path().join("config.toml"), configuration).unwrap();
    let mut command = Command::new(built().join("plugin-host"));
    command.args(["call", message, "--only", "--plugins"]).arg(plugins.path()).arg("--data").arg(data.path());
    // Nor is there one where a bus is otherwise.
    command.env("XDG_RUNTIME_DIR", data.path());
    Program::start(command.env("DBUS_SESSION_BUS_ADDRESS", bus)).end()
}

const GRANTED: &str = "[plugins.notification]\npermission = 'granted'\n";
const TEA: &str = r#"{"cmd":"notification","options":{"title":"Tea & <b>","body":"<b>1 & 2</b>","icon":"dialog-information"}}"#;

#[test]
fn a_desktop_is_told_title_body_icon_and_whose_it_is() {
    for (reads_markup, body) in [(true, "&lt;b&gt;1 &amp; 2&lt;/b&gt;"), (false, "<b>1 & 2</b>")] {
        let desktop = Desktop::start(reads_markup);
        call(TEA, GRANTED, &desktop.bus.address).check(0, "null", "");
        let expected = Notification {
            application: "plugin-host".to_owned(),
            icon: "dialog-information".to_owned(),
            title: "Tea & <b>".to_owned(),
            body: body.to_owned(),
        };
        assert_eq!(desktop.is_told(), expected);
        let named = format!("{GRANTED}name = 'Tea timer'\n");
        let bare = r#"{"cmd":"notification","options":{"title":"Tea"}}"#;
        call(bare, &named, &desktop.bus.address).check(0, "null", "");
        let told = desktop.is_told();
        assert_eq!((&*told.application, &*told.icon, &*told.body), ("Tea timer", "", ""));
    }
}

#[test]
fn a_desktop_hears_nothing_of_what_is_not_allowed() {
    let desktop = Desktop::start(true);
    call(TEA, "", &desktop.bus.address).check(1, "", "the user has not been asked yet");
    call(TEA, "[plugins.notification]\npermission = 'denied'\n", &desktop.bus.address).check(
        1,
        "",
        "has denied them",
    );
    assert!(!desktop.has_been_told_more());
}

#[test]
fn without_a_bus_and_without_a_desktop_on_it_a_sentence_says_so() {
    call(TEA, GRANTED, "unix:path=/nowhere/bus").check(1, "", "the session's bus is not there");
    call(TEA, GRANTED, "no address").check(1, "", "the session's bus is not there");
    call(TEA, GRANTED, &Bus::start().address).check(
        1,
        "",
        "nothing on the session's bus shows notifications",
    );
}

#[test]
fn a_bus_that_never_answers_is_waited_for_a_while_and_not_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("bus");
    // Connections are taken by the system, and nobody reads from them.
    let _listener = UnixListener::bind(&socket).unwrap();
    let ended = call(TEA, GRANTED, &format!("unix:path={}", socket.display()));
    ended.check(1, "", "has not taken the notification within 5 s");
}

#[test]
fn a_process_of_its_own_needs_the_address_listed() {
    let desktop = Desktop::start(true);
    let apart = format!("{GRANTED}[host.plugins.notification]\nisolation = 'process'\n");
    call(TEA, &apart, &desktop.bus.address).check(1, "", "the session's bus is not there");
    assert!(!desktop.has_been_told_more());
    let listed = format!("{apart}environment = ['DBUS_SESSION_BUS_ADDRESS']\n");
    call(TEA, &listed, &desktop.bus.address).check(0, "null", "");
    assert_eq!(desktop.is_told().icon, "dialog-information");
}
