//! Who may call what, by what the configuration and the application say.

use std::fs;
use std::path::Path;

use super::*;

const OWN: &str = "plugin-host://localhost";

fn page(origin: &str, window: &str) -> Caller {
    let origin = Origin::parse(origin).unwrap();
    let is_own = origin.to_string() == OWN;
    Caller::Page(Arc::new(Page { origin, window: window.to_owned(), is_own }))
}

fn subject(name: &str) -> Subject<'_> {
    let (plugin, command) = name.split_once('/').unwrap();
    let internal = command.starts_with("grant");
    Subject { plugin, command, dangerous: command.starts_with("wipe") || internal, internal }
}

/// The permissions of a configuration, and the folder it is in.
fn listed(text: &str) -> (tempfile::TempDir, Permissions) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, text).unwrap();
    (folder, Permissions::new(false, Vec::new(), ConfigurationFile::at(file)))
}

/// What a sentence says to add.
fn lines_of(denied: &str) -> String {
    let (_, lines) = denied.split_once("these lines to ").unwrap();
    lines.split('`').skip(1).step_by(2).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_page_may_call_what_is_listed_for_its_origin_and_window_and_nothing_else() {
    let (_folder, permissions) = listed(
        "[[host.permissions]]\ncommands = ['store/get*', 'disk/wipe']\n\
         [[host.permissions]]\ncommands = ['system/*']\norigins = ['https://example.com']\n\
         [[host.permissions]]\ncommands = ['notes/*']\nwindows = ['second']\n\
         [[host.permissions]]\ncommands = ['store/set']\nplugins = ['reader']\n",
    );
    let confined = |name: &str| Caller::Confined(name.into());
    for (caller, name, may) in [
        (page(OWN, "main"), "store/getAll", true),
        (page(OWN, "main"), "store/set", false),
        (page(OWN, "main"), "disk/wipe", true),
        (page(OWN, "main"), "disk/wipeAll", false),
        (page(OWN, "main"), "system/load", false),
        (page(OWN, "main"), "notes/add", false),
        (page(OWN, "second"), "notes/add", true),
        (page("https://example.com", "main"), "system/load", true),
        (page("https://example.com", "main"), "system/wipe", false),
        (page("https://example.com:444", "main"), "system/load", false),
        (page("http://example.com", "main"), "system/load", false),
        (page("https://example.com", "main"), "store/getAll", false),
        (page("https://example.com", "second"), "notes/add", false),
        (page(OWN, "main"), "host/status", true),
        (page(OWN, "main"), "host/disable", false),
        (page(OWN, "main"), "host/emit", false),
        (page(OWN, "main"), "host/events", true),
        (page("https://example.com", "main"), "host/events", false),
        (page("https://example.com", "main"), "host/status", false),
        (confined("reader"), "store/set", true),
        (confined("reader"), "store/get", false),
        (confined("reader"), "reader/anything", true),
        (confined("writer"), "store/set", false),
        (Caller::Trusted, "disk/wipeAll", true),
    ] {
        assert_eq!(permissions.judge(&caller, subject(name)).is_ok(), may, "{caller:?} {name}");
    }
}

#[test]
fn without_a_list_nothing_of_a_plugin_may_be_called_and_the_sentence_names_the_line_to_add() {
    let (folder, permissions) = listed("");
    let denied = permissions.judge(&page(OWN, "main"), subject("store/get")).unwrap_err();
    let file = folder.path().join("config.toml");
    assert!(denied.contains("`store/get`") && denied.contains(&*file.display().to_string()), "{denied}");
    // The very lines that it names are what is wanted, and they count at once.
    fs::write(&file, lines_of(&denied)).unwrap();
    assert_eq!(permissions.judge(&page(OWN, "main"), subject("store/get")), Ok(()), "{denied}");
    fs::write(&file, "").unwrap();
    permissions.refresh();
    assert!(permissions.judge(&page(OWN, "main"), subject("store/get")).is_err());
}

#[test]
fn the_line_for_a_page_from_elsewhere_or_a_plugin_says_for_whom_it_is() {
    let (folder, permissions) = listed("");
    for caller in [page("https://example.com", "main"), Caller::Confined("reader".into())] {
        let denied = permissions.judge(&caller, subject("disk/wipe")).unwrap_err();
        fs::write(folder.path().join("config.toml"), lines_of(&denied)).unwrap();
        assert_eq!(permissions.judge(&caller, subject("disk/wipe")), Ok(()), "{denied}");
    }
}

#[test]
fn it_is_known_which_windows_a_permission_is_for_even_when_it_was_added_just_now() {
    let (folder, permissions) =
        listed("[[host.permissions]]\ncommands = ['store/*']\nwindows = ['settings']\n");
    assert!(permissions.are_for_window("settings"));
    assert!(!permissions.are_for_window("main") && !permissions.are_for_window("setting"));
    fs::write(
        folder.path().join("config.toml"),
        "[[host.permissions]]\ncommands = ['a/b']\nwindows = ['x', 'y2']",
    )
    .unwrap();
    assert!(permissions.are_for_window("y2") && !permissions.are_for_window("settings"));
}

#[test]
fn a_slip_in_the_list_allows_nothing_and_is_told_with_each_denial() {
    for (text, part) in [
        ("[[host.permissions]]\ncommands = ['store']", "plugin/command"),
        ("[[host.permissions]]\ncommands = ['store/*']\norigin = 'x'", "unknown field `origin`"),
        ("[[host.permissions]]\ncommands = ['store/*']\norigins = ['example.com']", "scheme://host"),
        ("[host.permissions]\ncommands = ['store/*']", "host.permissions"),
        ("[[host.permissions]]\ncommands = ['store/*']\norigins = []", "somebody in it"),
        ("[[host.permissions]]\ncommands = ['store/*']\nplugins = []", "somebody in it"),
        ("[[host.permission]]\ncommands = ['store/*']", "there is no such key"),
        ("[[host.permissions]\n", "is not TOML in line 1"),
    ] {
        let (_folder, permissions) = listed(text);
        let denied = permissions.judge(&page(OWN, "main"), subject("store/get")).unwrap_err();
        assert!(denied.contains(part), "{denied}");
    }
}

#[test]
fn an_internal_command_is_for_no_page_whatever_is_listed_and_for_a_plugin_in_a_sandbox_where_its_name_is() {
    let (folder, permissions) = listed(
        "[[host.permissions]]\ncommands = ['fs/grant', 'fs/*', '*/*']\n\
         [[host.permissions]]\ncommands = ['fs/grant']\norigins = ['https://example.com']\n\
         [[host.permissions]]\ncommands = ['fs/*']\nplugins = ['dialog', 'other']\n\
         [[host.permissions]]\ncommands = ['fs/grant']\nplugins = ['dialog']\n",
    );
    let file = folder.path().join("config.toml");
    let everything = Permissions::new(true, Vec::new(), ConfigurationFile::at(file));
    for pages in [&permissions, &everything] {
        for caller in [page(OWN, "main"), page("https://example.com", "main")] {
            let denied = pages.judge(&caller, subject("fs/grant")).unwrap_err();
            assert!(
                denied.contains("`fs/grant` is for other plugins") && !denied.contains("these lines"),
                "{denied}"
            );
        }
    }
    assert_eq!(permissions.judge(&Caller::Trusted, subject("fs/grant")), Ok(()));
    assert_eq!(permissions.judge(&Caller::Confined("dialog".into()), subject("fs/grant")), Ok(()));
    assert!(permissions.judge(&Caller::Confined("other".into()), subject("fs/grant")).is_err());
    assert_eq!(permissions.judge(&Caller::Confined("fs".into()), subject("fs/grant")), Ok(()), "its own");
}

#[test]
fn everything_is_for_pages_and_not_for_plugins_in_a_sandbox() {
    let file = ConfigurationFile::at("none.toml".into());
    let permissions = Permissions::new(true, Vec::new(), file.clone());
    assert!(permissions.judge(&page(OWN, "main"), subject("disk/wipeAll")).is_ok());
    assert!(permissions.judge(&Caller::Confined("a".into()), subject("disk/get")).is_err());
    let given = Permission::of_own_page(["app/*"]).unwrap();
    let permissions = Permissions::new(false, vec![given], file);
    assert!(permissions.judge(&page(OWN, "main"), subject("app/hello")).is_ok());
    assert!(permissions.judge(&page("https://example.com", "main"), subject("app/hello")).is_err());
}

#[test]
#[cfg(unix)]
fn a_configuration_that_is_mended_from_outside_counts_for_the_next_page() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, permissions) = listed("[[host.permissions]]\ncommands = ['store/*']\n");
    let mode = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
    mode(0o777);
    permissions.refresh();
    let denied = permissions.judge(&page(OWN, "main"), subject("store/get")).unwrap_err();
    assert!(denied.contains("can be changed by others"), "{denied}");
    mode(0o700);
    permissions.refresh();
    assert_eq!(permissions.judge(&page(OWN, "main"), subject("store/get")), Ok(()));
}

#[test]
fn a_name_that_nobody_has_is_not_kept_however_long_it_is() {
    let (_folder, permissions) = listed("");
    let long = "x".repeat(1_000_000);
    let subject = Subject::harmless("app", &long);
    let denied = permissions.judge(&page(OWN, "main"), subject).unwrap_err();
    assert!(denied.len() < 1000 && permissions.told().is_empty(), "{denied}");
}

proptest::proptest! {
    #[test]
    fn the_lines_to_add_are_understood_and_are_what_is_wanted(plugin in "app|store|[a-z0-9_-]{1,9}", command in "\\PC{1,20}", guest: bool) {
        let is_plugins = plugin != "app";
        let has_no_stroke = !(is_plugins && command.contains('/'));
        proptest::prop_assume!(has_no_stroke && !command.contains('*'));
        let (folder, permissions) = listed("");
        let caller = page(if guest { "https://example.com" } else { OWN }, "main");
        let subject = Subject::harmless(&plugin, &command);
        let denied = words::permissions::denied(&caller, subject, Path::new("FILE"), None);
        // From behind the file's name on, as a command's name may have backticks in it.
        let (_, rest) = denied.split_once("these lines to FILE: ").unwrap();
        let lines = rest.replace("`[[host.permissions]]`, `", "[[host.permissions]]\n").replace("]`, `", "]\n");
        fs::write(folder.path().join("config.toml"), lines.strip_suffix('`').unwrap()).unwrap();
        permissions.refresh();
        proptest::prop_assert_eq!(permissions.judge(&caller, subject), Ok(()), "{}", lines);
    }
}
