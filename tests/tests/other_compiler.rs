//! A library that another compiler has built than the one that has built the host.

use std::fs;
use std::time::Duration;

use plugin_host_runtime::Stopped;
use serde_json::json;
use tests::other_compiler::{OtherCompiler, check_that_ordinary_serves, manifest, skipped};
use tests::versions::which;
use tests::{Host, library, plugin_folder};

#[test]
fn a_library_that_another_compiler_has_built_serves_beside_one_of_the_hosts_compiler() {
    let compiler = match OtherCompiler::find() {
        Ok(compiler) => compiler,
        Err(reason) => return skipped(&format!("there is no second compiler: {reason}")),
    };
    let bytes = compiler.ordinary();
    let said = manifest(&bytes);
    assert_eq!(said["rustc"], compiler.version, "the file tells who has built it");
    let folder = plugin_folder(&["changing"]);
    let ours = manifest(&fs::read(library("changing")).unwrap());
    assert_ne!(said["rustc"], ours["rustc"], "two compilers");
    fs::write(folder.path().join(library("ordinary").file_name().unwrap()), bytes).unwrap();
    eprintln!("a plugin of {} in a host of {}", said["rustc"], ours["rustc"]);

    let host = Host::on(folder);
    let status = host.status();
    let plugins: Vec<_> = status.plugins.iter().map(|plugin| (&*plugin.name, plugin.generation)).collect();
    assert_eq!(plugins, [("changing", Some(1)), ("ordinary", Some(1))], "{:?}", status.refused);
    let ordinary = &status.plugins[1];
    assert_eq!(json!(ordinary.version), said["version"]);
    let in_the_file = said["commands"].as_array().unwrap().iter().map(|command| &command["name"]);
    assert!(
        in_the_file.eq(ordinary.commands.iter().map(|command| &*command.name)),
        "{:?}",
        ordinary.commands
    );

    check_that_ordinary_serves(&host, &compiler.version);
    assert!(which(&host).is_ok(), "and so does the other");

    let words = host.folder.path().join("words");
    assert_eq!(host.call(json!({ "cmd": "lastWords", "file": words })), Ok(json!(null)));
    assert_eq!(host.runtime.stop(Duration::from_secs(30)), Stopped::Cleanly);
    assert_eq!(fs::read_to_string(words).unwrap(), "was stopped");
}
