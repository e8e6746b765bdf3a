//! The program itself: its command line and, where there is a display, its window.

use std::path::Path;
use std::process::{Command, Output};

use tests::{built, plugin_folder, repository};

fn host(arguments: &[&str], plugins: Option<&Path>) -> Output {
    let mut command = Command::new(built().join("plugin-host"));
    command.args(arguments);
    let data = tempfile::tempdir().unwrap();
    if let Some(plugins) = plugins {
        command.arg("--plugins").arg(plugins).arg("--data").arg(data.path());
    }
    command.output().unwrap()
}

#[track_caller]
fn check(output: &Output, code: i32, stdout: &str, stderr: &str) {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
    assert!(out.contains(stdout), "{out}\n{err}");
    assert!(err.contains(stderr), "{out}\n{err}");
}

#[test]
fn call_prints_the_reply_and_its_exit_code_tells_ok_from_error() {
    let folder = plugin_folder(&["hello-functions"]);
    let call = |message: &str| host(&["call", message], Some(folder.path()));
    check(
        &call(r#"{"cmd":"doSomething","count":6,"payload":{"state":"","data":1}}"#),
        0,
        "async response!",
        "",
    );
    check(
        &call(r#"{"cmd":"doSomething","count":1,"payload":{"state":"","data":1}}"#),
        1,
        "",
        "count should be > 5",
    );
    check(&call(r#"{"cmd":"doSomethingSync","argument":"x"}"#), 0, "null", "");
    let behind = r#"{"cmd":"doSomethingSync","argument":"the message behind the folder"}"#;
    let data = tempfile::tempdir().unwrap();
    let (plugins, data) = (folder.path().to_str().unwrap(), data.path().to_str().unwrap());
    check(&host(&["call", "--data", data, "--plugins", plugins, behind], None), 0, "null", "");
    check(&call("nonsense"), 1, "", "not JSON");
    check(&call("[]"), 1, "", "not an object");
    check(&call(r#"{"cmd":"a","cmd":"b"}"#), 1, "", "two `cmd`");
}

#[test]
fn list_tells_plugins_commands_and_refusals() {
    let folder = plugin_folder(&["hello-functions"]);
    std::fs::write(folder.path().join(format!("x.{}", std::env::consts::DLL_EXTENSION)), "text").unwrap();
    check(&host(&["list"], Some(folder.path())), 0, "doSomething(count, payload)", "");
    let output = host(&["list", "--json"], Some(folder.path()));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["plugins"][0]["name"], "hello-functions");
    assert_eq!(json["plugins"][0]["commands"][1]["place"], "mainThread");
    assert!(json["refused"][0]["reason"].as_str().unwrap().contains("not a library"));
}

#[test]
fn what_is_not_there_is_a_sentence_and_exit_code_two() {
    let empty = tempfile::tempdir().unwrap();
    check(&host(&["list"], Some(Path::new("no/such/folder"))), 2, "", "no/such/folder does not exist");
    check(&host(&["list"], Some(empty.path())), 0, "no plugins", "");
    check(
        &host(&["run", "--frontend", "no/such/page"], Some(empty.path())),
        2,
        "",
        "no/such/page is no folder",
    );
    check(&host(&["call", r#"{"cmd":"x"}"#], Some(empty.path())), 1, "", "no plugin is loaded");
}

/// Runs a page that reports, in a real window.
#[track_caller]
fn page(folder: &str, plugins: &[&str]) {
    let page = repository().join(folder);
    let plugins = plugin_folder(plugins);
    let output = host(&["run", "--report", "--frontend", page.to_str().unwrap()], Some(plugins.path()));
    check(&output, 0, "report: ok", "");
}

#[test]
fn the_hello_page_gets_the_documented_answers_in_a_window() {
    page("examples/hello/page", &["hello-functions", "hello-handler"]);
}

#[test]
fn the_desk_gets_an_answer_from_each_command_of_both_plugins_in_a_window() {
    page("examples/desk/page", &["store", "system"]);
}

#[test]
fn the_contract_with_the_page_holds_in_a_window() {
    page("tests/window/contract", &["hello-functions", "misbehaving", "ordinary"]);
}
