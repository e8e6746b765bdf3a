//! The program's command line.

use std::path::Path;

use tests::plugin_folder;
use tests::program::host;

#[test]
fn call_prints_the_reply_and_its_exit_code_tells_ok_from_error() {
    let folder = plugin_folder(&["hello-functions"]);
    let call = |message: &str| host(&["call", message], Some(folder.path()));
    call(r#"{"cmd":"doSomething","count":6,"payload":{"state":"","data":1}}"#).check(
        0,
        "async response!",
        "",
    );
    call(r#"{"cmd":"doSomething","count":1,"payload":{"state":"","data":1}}"#).check(
        1,
        "",
        "count should be > 5",
    );
    call(r#"{"cmd":"doSomethingSync","argument":"x"}"#).check(0, "null", "");
    let behind = r#"{"cmd":"doSomethingSync","argument":"the message behind the folder"}"#;
    let data = tempfile::tempdir().unwrap();
    let (plugins, data) = (folder.path().to_str().unwrap(), data.path().to_str().unwrap());
    host(&["call", "--data", data, "--plugins", plugins, behind], None).check(0, "null", "");
    call("nonsense").check(1, "", "not JSON");
    call("[]").check(1, "", "not an object");
    call(r#"{"cmd":"a","cmd":"b"}"#).check(1, "", "two `cmd`");
}

#[test]
fn call_prints_bytes_as_they_come_and_what_is_answered_beside_them() {
    let folder = plugin_folder(&["underway"]);
    let call = host(&["call", r#"{"cmd":"parts","length":70,"each":9}"#], Some(folder.path()));
    call.check(0, "ABCDE", "8");
    assert_eq!(call.output.bytes().collect::<Vec<_>>(), (0..70).collect::<Vec<u8>>());
}

#[test]
fn list_tells_plugins_commands_and_refusals() {
    let folder = plugin_folder(&["hello-functions"]);
    std::fs::write(folder.path().join(format!("x.{}", std::env::consts::DLL_EXTENSION)), "text").unwrap();
    host(&["list"], Some(folder.path())).check(0, "doSomething(count, payload)", "");
    let output = host(&["list", "--json"], Some(folder.path()));
    let json: serde_json::Value = serde_json::from_str(&output.output).unwrap();
    assert_eq!(json["plugins"][0]["name"], "hello-functions");
    assert_eq!(json["plugins"][0]["commands"][1]["place"], "mainThread");
    assert!(json["refused"][0]["reason"].as_str().unwrap().contains("not a library"));
}

#[test]
fn docs_prints_what_commands_say_of_themselves_as_markdown() {
    let folder = plugin_folder(&["ordinary", "store"]);
    let docs = host(&["docs", "store"], Some(folder.path()));
    docs.check(0, "# store 0.3.0\n\nKeeps values and notes in a database of its own\n", "");
    let command = "## `storeKeys`\n\nThe keys in order, all or those that begin with `prefix`.\n\n| argument | type | |\n| --- | --- | --- |\n| `prefix` | `Option<String>` | may be left out |\n";
    docs.check(0, command, "");
    assert!(!docs.output.contains("# ordinary"));
    let ordinary = host(&["docs", "ordinary"], Some(folder.path()));
    ordinary.check(
        0,
        "## `echo`\n\nGives back what it gets.\n\nWhatever it is:\n\n- text,\n- numbers.\n",
        "",
    );
    ordinary.check(0, "Runs on the main thread.", "");
    host(&["docs", "nobody"], Some(folder.path())).check(
        2,
        "",
        "no file in the plugin folders has a plugin nobody",
    );
}

#[cfg(unix)]
#[test]
fn docs_knows_the_commands_that_the_host_itself_has() {
    let folder = plugin_folder(&[]);
    host(&["docs", "window"], Some(folder.path())).check(0, "## `setTitle`", "").check(0, "| `title` |", "");
    host(&["docs", "cli"], Some(folder.path())).check(0, "## `cliMatches`", "");
}

#[test]
fn what_a_file_is_called_does_not_control_the_terminal_of_who_lists_it() {
    let folder = tempfile::tempdir().unwrap();
    let name = format!("a\u{1b}[2J\nok: all is well.{}", std::env::consts::DLL_EXTENSION);
    std::fs::write(folder.path().join(name), "text").unwrap();
    let listed = host(&["list"], Some(folder.path()));
    listed.check(0, "a\\u{1b}[2J\\nok: all is well", "");
}

#[test]
fn what_is_not_there_is_a_sentence_and_exit_code_two() {
    let empty = tempfile::tempdir().unwrap();
    host(&["list"], Some(Path::new("no/such/folder"))).check(2, "", "no/such/folder does not exist");
    host(&["list"], Some(empty.path())).check(0, "no plugins", "");
    host(&["run", "--frontend", "no/such/page"], Some(empty.path())).check(
        2,
        "",
        "no/such/page is no folder",
    );
    host(&["call", r#"{"cmd":"x"}"#], Some(empty.path())).check(1, "", "no plugin is loaded");
}

#[cfg(target_os = "linux")]
#[test]
fn a_panic_that_nobody_can_be_told_of_changes_no_exit_code() {
    let folder = plugin_folder(&["misbehaving"]);
    let data = folder.path().join("data");
    std::fs::create_dir_all(data.join("misbehaving")).unwrap();
    std::fs::write(data.join("misbehaving/panic-in-stop"), "").unwrap();
    let call = |message: &str| {
        let mut command = std::process::Command::new(tests::built().join("plugin-host"));
        command.args(["call", message, "--only", "--plugins"]).arg(folder.path()).arg("--data").arg(&data);
        // Everything that is written to it is an error.
        command.stderr(std::fs::File::create("/dev/full").unwrap());
        command.output().unwrap().status.code()
    };
    assert_eq!(call(r#"{"cmd":"open"}"#), Some(0));
    assert_eq!(call(r#"{"cmd":"panics"}"#), Some(1));
}

#[test]
fn an_applications_own_arguments_are_read_before_the_window_opens() {
    let data = tempfile::tempdir().unwrap();
    let run = |configuration: &str, arguments: &[&str]| {
        std::fs::write(data.path().join("config.toml"), configuration).unwrap();
        let all = [&["run", "--data", data.path().to_str().unwrap(), "--"], arguments].concat();
        host(&all, None)
    };
    let good = "[host.cli]\ndescription = 'Counts.'\n[[host.cli.args]]\nname = 'verbose'\nshort = 'v'";
    run(good, &["--help"]).check(0, "Counts.", "").check(0, "-v, --verbose", "");
    run(good, &["--colour"]).check(2, "", "unexpected argument '--colour'").check(
        2,
        "",
        "[[host.cli.args]] in ",
    );
    run("", &["file.txt"]).check(2, "", "unexpected argument 'file.txt'");
    run("[[host.cli.args]]\nname = 'a b'", &[]).check(
        2,
        "",
        "config.toml: [host.cli]: an argument cannot be called `a b`",
    );
    run("[[host.cli.args]]\nnames = 'a'", &[]).check(2, "", "unknown field `names`");
}

#[test]
fn a_command_of_a_plugin_that_did_not_start_says_whose_it_is_and_why() {
    let (folder, data) = (plugin_folder(&["fs"]), tempfile::tempdir().unwrap());
    std::fs::write(data.path().join("config.toml"), "[plugins.fs]\nreed = ['$HOME']").unwrap();
    let message = r#"{"cmd":"readTextFile","path":"x"}"#;
    let (plugins, data) = (folder.path().to_str().unwrap(), data.path().to_str().unwrap());
    let ended = host(&["call", message, "--only", "--plugins", plugins, "--data", data], None);
    ended.check(1, "", "`readTextFile` belongs to plugin `fs`, which does not serve").check(
        1,
        "",
        "unknown field `reed`",
    );
}
