//! The plugins `fs` and `path` in a host: in whichever lane the tests run, and in a sandbox.

use std::fs;

use plugin_host_runtime::Wishes;
use serde_json::json;
use tests::{Host, plugin_folder};

#[test]
fn a_file_is_written_and_read_where_the_path_plugin_says_that_it_is() {
    let host = Host::with(&["fs", "path"]);
    let write = json!({ "cmd": "writeFile", "path": "a.txt", "contents": "milk", "options": { "dir": 18, "atomic": true } });
    assert_eq!(host.call(write), Ok(json!(null)));
    let path = host.call(json!({ "cmd": "resolvePath", "path": "a.txt", "directory": 18 })).unwrap();
    assert_eq!(fs::read_to_string(path.as_str().unwrap()).unwrap(), "milk");
    assert_eq!(host.call(json!({ "cmd": "readTextFile", "path": path })), Ok(json!("milk")));
    let refusal = host.refused(json!({ "cmd": "readTextFile", "path": "/etc/passwd" }));
    assert!(refusal.contains("`read = [\"/etc\"]` under `[plugins.fs]`"), "{refusal}");
}

#[test]
fn what_is_not_well_written_in_the_configuration_is_named_and_the_plugin_does_not_start() {
    let folder = plugin_folder(&["fs"]);
    fs::write(folder.path().join("config.toml"), "[plugins.fs]\nwrite = ['$APP', '$NOWHERE']").unwrap();
    let host = Host::on(folder);
    let refused = host.status().refused;
    assert!(refused[0].reason.contains("`plugins.fs.write[1]`"), "{refused:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn in_a_sandbox_files_are_read_and_written_where_both_lists_say_so() {
    let folder = plugin_folder(&["fs"]);
    let shared = folder.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::write(shared.join("file"), "shared").unwrap();
    let configuration = format!(
        "[plugins.fs]\nread = ['{0}', '/etc']\nwrite = ['$APP']\n\
         [host.plugins.fs]\nsandbox = 'if-possible'\nread = ['{0}']\nwrite = ['$APP']\n",
        shared.display()
    );
    fs::write(folder.path().join("config.toml"), configuration).unwrap();
    let host = Host::set_up(folder, |builder| builder.isolate(Wishes::default()));
    let app = json!({ "dir": 18 });
    for options in [json!({ "dir": 18, "atomic": true }), json!({ "dir": 18 })] {
        let write = json!({ "cmd": "writeFile", "path": "a", "contents": "own", "options": options });
        assert_eq!(host.call(write), Ok(json!(null)));
    }
    assert_eq!(host.call(json!({ "cmd": "readTextFile", "path": "a", "options": app })), Ok(json!("own")));
    let copy =
        json!({ "cmd": "copyFile", "source": shared.join("file"), "destination": "b", "options": app });
    assert_eq!(host.call(copy), Ok(json!(null)));
    let rename = json!({ "cmd": "renameFile", "oldPath": "b", "newPath": "a", "options": app });
    assert_eq!(host.call(rename), Ok(json!(null)));
    assert_eq!(host.call(json!({ "cmd": "readTextFile", "path": "a", "options": app })), Ok(json!("shared")));
    // Where the system has no sandboxes, it may be read.
    let read = host.call(json!({ "cmd": "readTextFile", "path": "/etc/passwd" }));
    assert!(
        read.as_ref().err().is_none_or(|refusal| refusal.contains("Permission denied (os error 13)")),
        "{read:?}"
    );
}
