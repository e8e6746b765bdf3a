//! What `plugin-host types` prints, held against TypeScript's own compiler and against hostile plugins.

use std::fs;
use std::process::Command;

use tests::files::faulty;
use tests::program::host;
use tests::{STANDARD, plugin_folder, repository};

#[test]
fn pages_written_against_the_printed_types_compile_and_misuses_do_not() {
    let npm = repository().join("tests/window/npm");
    let compiler = npm.join("node_modules/.bin/tsc");
    assert!(compiler.exists(), "run scripts/npm-page.sh build/npm-page first");
    let folder = tempfile::tempdir().unwrap();
    let declarations = folder.path().join("plugin-host.d.ts");
    let plugins = plugin_folder(&["hello-functions", "ordinary"]);
    let out = declarations.to_str().unwrap();
    host(&["types", "--out", out], Some(plugins.path())).check(0, "", "");
    fs::copy(repository().join("host/js/plugin-host.js"), folder.path().join("plugin-host.js")).unwrap();
    fs::copy(npm.join("typed.ts"), folder.path().join("typed.ts")).unwrap();
    let mut tsc = Command::new(compiler);
    tsc.args(["--strict", "--noEmit", "--lib", "esnext,dom", "--module", "nodenext", "typed.ts"]);
    let output = tsc.current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    // The compiler is one that says no.
    fs::write(
        folder.path().join("typed.ts"),
        "import { invoke } from './plugin-host.js'\ninvoke({ cmd: 'markk' })\n",
    )
    .unwrap();
    let mut tsc = Command::new(npm.join("node_modules/.bin/tsc"));
    tsc.args(["--strict", "--noEmit", "--lib", "esnext,dom", "--module", "nodenext", "typed.ts"]);
    assert!(!tsc.current_dir(folder.path()).output().unwrap().status.success());
}

#[test]
fn every_kind_of_argument_and_result_has_its_type_and_the_authors_words() {
    let plugins = plugin_folder(&["underway", "hello-handler"]);
    let printed = host(&["types"], Some(plugins.path()));
    for text in [
        "\"nextNumber\": {",
        "number: string",
        "result: ArrayBuffer",
        "data: ArrayBuffer | ArrayBufferView | number[]",
        "values: number",
        "How many there are.",
        "Sends the numbers up to that one.",
    ] {
        printed.check(0, text, "");
    }
}

#[test]
fn a_folder_without_plugins_has_no_types() {
    let empty = tempfile::tempdir().unwrap();
    host(&["types"], Some(empty.path())).check(2, "", "no plugin");
    let plugins = plugin_folder(&["ordinary"]);
    host(&["types", "--out", "no/such/folder/a.d.ts"], Some(plugins.path())).check(2, "", "cannot write");
}

#[test]
fn a_plugin_that_does_not_stop_keeps_nobody_from_its_types() {
    let plugins = faulty(b'k');
    host(&["types"], Some(plugins.path())).check(0, "\"faulty/workOnMain\"", "");
}

/// Each plugin's types lie beside its sources. `UPDATE_TYPES=1` writes them anew.
#[test]
fn the_types_beside_each_plugin_are_those_of_its_commands() {
    for name in STANDARD {
        let plugins = plugin_folder(&[name]);
        let file = repository().join(format!("plugins/{name}/{name}.d.ts"));
        let made = host(&["types", name, "--commands"], Some(plugins.path()));
        made.check(0, "interface PluginHostCommands", "");
        let text = format!("{}\n", made.output);
        if std::env::var_os("UPDATE_TYPES").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let written = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(written, text, "{} is not up to date: UPDATE_TYPES=1 writes it anew", file.display());
    }
}
