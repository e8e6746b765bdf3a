//! The commands as a page calls them: by Tauri's client, beyond it, under way, and by who means harm.

mod beyond;
mod client;
#[cfg(unix)]
mod hostile;
mod underway;

use std::fs;
use std::path::PathBuf;

use plugin_api::test_host;
use plugin_api::testing::TestHost;
use serde_json::{Value, json};

/// A host with the plugin, which may read and write in one folder.
struct Page {
    host: TestHost,
    folder: tempfile::TempDir,
}

impl Page {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        let own = folder.path().join("in");
        let host = test_host!(json!({ "write": [own] })).unwrap();
        Self { host, folder }
    }

    /// A path in the folder.
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("in").join(name)
    }

    /// Calls a command with what is in `message`; `path`, `source` and the like are names in the folder.
    fn call(&self, cmd: &str, message: Value) -> Result<Value, String> {
        self.host.call(&self.message(cmd, message))
    }

    fn message(&self, cmd: &str, mut message: Value) -> Value {
        for key in ["path", "source", "destination", "oldPath", "newPath"] {
            if let Some(name) = message[key].as_str() {
                message[key] = json!(self.path(name));
            }
        }
        message["cmd"] = json!(cmd);
        message
    }

    fn refusal(&self, cmd: &str, message: Value) -> String {
        self.call(cmd, message).expect_err("it should be refused")
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The names in the folder.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path(""))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

#[test]
fn without_a_configuration_the_applications_folder_is_all_there_is() {
    let host = test_host!().unwrap();
    let app = json!({ "dir": 18 });
    let write = json!({ "cmd": "writeFile", "path": "notes.txt", "contents": "milk", "options": app });
    assert_eq!(host.call(&write), Ok(json!(null)));
    assert_eq!(
        host.call(&json!({ "cmd": "readTextFile", "path": "notes.txt", "options": app })),
        Ok(json!("milk"))
    );
    for message in [
        json!({ "cmd": "readTextFile", "path": "/etc/hostname" }),
        json!({ "cmd": "readTextFile", "path": "x", "options": { "dir": 11 } }),
        json!({ "cmd": "readTextFile", "path": "Cargo.toml" }),
        json!({ "cmd": "readTextFile", "path": "../x", "options": app }),
        json!({ "cmd": "writeFile", "path": "/tmp/x", "contents": "" }),
    ] {
        let refusal = host.call(&message).unwrap_err();
        assert!(refusal.contains("in none of the folders that may be used"), "{message}: {refusal}");
    }
}

#[test]
fn a_configuration_that_is_not_well_written_is_refused_by_its_key() {
    let refusal = |settings: Value| test_host!(settings).err().expect("it should not start");
    assert!(refusal(json!({ "read": ["$MUSIC"] })).starts_with("config.toml: `plugins.fs.read[0]`: "));
    assert!(refusal(json!({ "write": ["$APP", "x"] })).starts_with("config.toml: `plugins.fs.write[1]`: "));
    assert!(refusal(json!({ "reads": [] })).contains("`reads`"));
    assert!(refusal(json!({ "read": "$APP" })).contains("`plugins.fs.read`"));
}

#[test]
fn the_readme_tells_what_the_commands_do() {
    let host = test_host!().unwrap();
    let app = host.app_folder();
    plugin_api::testing::check_transcripts(
        include_str!("../README.md"),
        &host,
        &[("/app/", &format!("{}/", app.display()))],
    );
}
