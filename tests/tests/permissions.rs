//! Who may call what, with real plugins: judged is what the message has been routed to, in both lanes.

use std::fs;
use std::sync::Arc;

use plugin_host_runtime::{Origin, Page, Permission, Replier};
use serde_json::{Value, json};
use tests::{Host, plugin_folder};

fn page(origin: &str) -> Arc<Page> {
    let origin = Origin::parse(origin).unwrap();
    let is_own = origin.scheme() == "plugin-host";
    Arc::new(Page { origin, window: "main".to_owned(), is_own })
}

fn own() -> Arc<Page> {
    page("plugin-host://localhost")
}

/// A host whose configuration lists this, and what the application gives.
fn host(plugins: &[&str], configuration: &str, given: &[&str]) -> Host {
    let folder = plugin_folder(plugins);
    fs::write(folder.path().join("config.toml"), configuration).unwrap();
    let given = Permission::of_own_page(given.iter().copied()).unwrap();
    let host = Host::set_up(folder, |builder| builder.permit(given));
    host.status();
    host
}

fn call(host: &Host, page: &Arc<Page>, message: impl ToString) -> Result<Value, String> {
    let (replier, reply) = Replier::channel();
    host.runtime.submit_from(page, message.to_string(), replier);
    host.finish(&reply)
}

#[test]
fn a_page_calls_what_is_listed_by_whatever_name_and_nothing_else() {
    let listed = "[[host.permissions]]\ncommands = ['counting/strike', 'counting/strikeH*']\n";
    let host = host(&["counting"], listed, &["counting/strikes"]);
    let own = own();
    assert_eq!(call(&host, &own, json!({ "cmd": "strike" })), Ok(json!(1)));
    assert_eq!(call(&host, &own, json!({ "cmd": "counting/strike" })), Ok(json!(2)));
    for cmd in ["strikeOnMain", "counting/strikeOnMain", "strikeHard", "counting/strikeHard", "counting/echo"]
    {
        let reason = call(&host, &own, json!({ "cmd": cmd })).unwrap_err();
        let bare = cmd.rsplit('/').next().unwrap();
        assert!(reason.starts_with(&format!("`counting/{bare}` may not be called by this page")), "{reason}");
        assert_eq!(reason.contains("it is dangerous"), bare == "strikeHard", "{reason}");
    }
    let other = page("https://example.com");
    assert!(
        call(&host, &other, json!({ "cmd": "strike" }))
            .unwrap_err()
            .contains("a page of https://example.com")
    );
    assert_eq!(call(&host, &own, json!({ "cmd": "strikes" })), Ok(json!(2)));
    // Whoever has the host in hand may do all.
    assert_eq!(host.call(json!({ "cmd": "strikeHard" })), Ok(json!(3)));
}

#[test]
fn a_message_that_says_two_things_is_judged_by_neither() {
    let host = host(&["counting"], "[[host.permissions]]\ncommands = ['counting/strikes']\n", &[]);
    for message in [
        r#"{"cmd":"strikes","cmd":"strike"}"#,
        r#"{"cmd":"strike","cmd":"strikes"}"#,
        r#"{"cmd":"strikes","\u0063md":"strike"}"#,
        r#"{"cmd":"strike","plugin":"counting","cmd ":"strikes"}"#,
        r#"[{"cmd":"strikes"}]"#,
        r#"{"cmd":["strikes"]}"#,
        r#""strikes""#,
    ] {
        assert!(call(&host, &own(), message).is_err(), "{message}");
    }
    assert_eq!(call(&host, &own(), json!({ "cmd": "strikes" })), Ok(json!(0)));
}

#[test]
fn what_somebody_lists_while_the_host_runs_counts_at_once_and_what_is_taken_away_for_the_next_page() {
    let host = host(&["counting"], "", &[]);
    let file = host.folder.path().join("config.toml");
    assert!(call(&host, &own(), json!({ "cmd": "strike" })).is_err());
    fs::write(&file, "[[host.permissions]]\ncommands = ['counting/*']\n").unwrap();
    assert_eq!(call(&host, &own(), json!({ "cmd": "strike" })), Ok(json!(1)));
    fs::write(&file, "").unwrap();
    host.runtime.refresh_permissions();
    assert!(call(&host, &own(), json!({ "cmd": "strike" })).is_err());
}

#[test]
fn the_commands_of_the_host_itself_are_judged_by_their_own_names() {
    let host = host(&["counting"], "[[host.permissions]]\ncommands = ['host/retry']\n", &[]);
    assert!(call(&host, &own(), json!({ "cmd": "host/status" })).is_ok());
    assert!(call(&host, &own(), json!({ "cmd": "host/retry" })).is_ok());
    let refused = |page: &Arc<Page>, cmd: &str| {
        call(&host, page, json!({ "cmd": cmd, "plugin": "counting", "event": "a" })).unwrap_err()
    };
    assert!(refused(&own(), "host/disable").contains("`host/disable` may not be called"));
    assert!(refused(&own(), "emit").contains("`host/emit` may not be called"));
    let other = page("https://example.com");
    for cmd in ["host/status", "emit", "host/retry"] {
        assert!(refused(&other, cmd).contains("may not be called by a page of https://example.com"), "{cmd}");
    }
}

#[test]
fn an_internal_command_is_for_other_plugins_and_who_owns_the_host_and_for_no_page() {
    let listed = "[[host.permissions]]\ncommands = ['counting/*', 'counting/strikeForPlugins', 'asking/*']\n";
    let host = host(
        &["counting", "asking", "handler"],
        listed,
        &["counting/strikeForPlugins", "handler/answerAndFail"],
    );
    for (cmd, plugin) in [
        ("strikeForPlugins", "counting"),
        ("counting/strikeForPlugins", "counting"),
        ("answerAndFail", "handler"),
    ] {
        let message = json!({ "cmd": cmd, "callback": "a", "error": "b" });
        let reason = call(&host, &own(), message).unwrap_err();
        assert!(
            reason.starts_with(&format!("`{plugin}/")) && reason.contains("is for other plugins"),
            "{reason}"
        );
    }
    assert_eq!(call(&host, &own(), json!({ "cmd": "strikes" })), Ok(json!(0)), "nothing has run");
    let message = json!({ "cmd": "ask", "message": { "cmd": "counting/strikeForPlugins" } });
    assert_eq!(call(&host, &own(), message), Ok(json!(1)), "what a plugin asks is the plugin's");
    assert_eq!(host.call(json!({ "cmd": "strikeForPlugins" })), Ok(json!(2)));
    let status = host.status();
    let of = |plugin: &str, cmd: &str| {
        let plugin = status.plugins.iter().find(|one| one.name == plugin).unwrap();
        plugin
            .commands
            .iter()
            .find(|command| command.name == cmd)
            .map(|command| (command.internal, command.dangerous))
    };
    assert_eq!(
        of("counting", "strikeForPlugins"),
        Some((true, true)),
        "an older host takes it for dangerous"
    );
    assert_eq!(of("handler", "answerAndFail"), Some((true, true)));
    assert_eq!(of("counting", "strikeHard"), Some((false, true)));
}

#[test]
fn an_internal_command_keeps_its_name_alone_from_nobody_whom_pages_may_call() {
    let listed = "[[host.permissions]]\ncommands = ['underway/strikeForPlugins']\n";
    let host = host(&["counting", "underway"], listed, &[]);
    assert_eq!(call(&host, &own(), json!({ "cmd": "strikeForPlugins" })), Ok(json!("for pages")));
    assert_eq!(host.call(json!({ "cmd": "counting/strikeForPlugins" })), Ok(json!(1)));
    assert!(host.status().duplicates.is_empty(), "{:?}", host.status().duplicates);
}

#[test]
fn everything_that_is_allowed_does_not_mean_what_is_for_plugins() {
    let folder = plugin_folder(&["counting"]);
    let host = Host::set_up(folder, |builder| builder.allow_everything(true));
    host.status();
    assert_eq!(call(&host, &own(), json!({ "cmd": "strikeHard" })), Ok(json!(1)));
    let reason = call(&host, &own(), json!({ "cmd": "strikeForPlugins" })).unwrap_err();
    assert!(reason.contains("is for other plugins and not for pages"), "{reason}");
}

#[test]
fn a_command_of_an_enum_can_be_dangerous_too() {
    let host = host(&["handler"], "", &["handler/*"]);
    let reason = call(&host, &own(), json!({ "cmd": "sayNothing" })).unwrap_err();
    assert!(reason.contains("`handler/sayNothing`") && reason.contains("it is dangerous"), "{reason}");
    assert_eq!(
        call(&host, &own(), json!({ "cmd": "answerTwice", "callback": "a", "error": "b" })),
        Ok(json!("first"))
    );
}
