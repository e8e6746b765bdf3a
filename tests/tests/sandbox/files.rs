//! What becomes of files.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{ACCESS, PERMISSION, both, denied};

#[test]
fn files_are_there_as_far_as_the_sandbox_lists_them_and_nothing_happens_to_others() {
    let places = tempfile::tempdir().unwrap();
    let place = |name: &str| {
        let folder = places.path().join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("file"), "inside").unwrap();
        folder
    };
    let (read, write, outside) = (place("read"), place("write"), place("outside"));
    let settings = format!("read = ['{}', '/not/there']\nwrite = ['{}']", read.display(), write.display());
    for (confined, host) in both(&settings) {
        let data = PathBuf::from(host.call(json!({ "cmd": "data" })).unwrap().as_str().unwrap());
        let ok = |message: Value| {
            let text = message.to_string();
            host.call(message).unwrap_or_else(|error| panic!("{text}: {error}"))
        };
        for folder in [&read, &write] {
            assert_eq!(ok(json!({ "cmd": "read", "path": folder.join("file") })), "inside");
            assert_eq!(ok(json!({ "cmd": "list", "path": folder })), 1);
        }
        for folder in [&write, &data] {
            let file = folder.join("new");
            ok(json!({ "cmd": "write", "path": file, "text": "new" }));
            assert_eq!(fs::read_to_string(&file).unwrap(), "new");
            ok(json!({ "cmd": "hardLink", "from": file, "to": folder.join("linked") }));
            ok(json!({ "cmd": "rename", "from": file, "to": folder.join("renamed") }));
            ok(json!({ "cmd": "truncate", "path": folder.join("renamed") }));
            assert_eq!(fs::read_to_string(folder.join("linked")).unwrap(), "");
            ok(json!({ "cmd": "copy", "from": read.join("file"), "to": folder.join("copied") }));
            assert_eq!(fs::read_to_string(folder.join("copied")).unwrap(), "inside");
            for file in ["linked", "renamed", "copied"] {
                ok(json!({ "cmd": "remove", "path": folder.join(file) }));
            }
        }
        let temporary = PathBuf::from(ok(json!({ "cmd": "temporary" })).as_str().unwrap());
        assert_eq!(temporary.parent() == Some(&*std::env::temp_dir()), !confined);
        ok(json!({ "cmd": "numberOfNull" }));

        let file = outside.join("file");
        let again = || fs::write(&file, "inside").unwrap();
        let deny = |message: Value, error: &str| denied(&host, confined, message, error);
        deny(json!({ "cmd": "read", "path": "/etc/passwd" }), ACCESS);
        deny(json!({ "cmd": "read", "path": file }), ACCESS);
        deny(json!({ "cmd": "list", "path": "/etc" }), ACCESS);
        deny(json!({ "cmd": "list", "path": host.folder.path() }), ACCESS);
        deny(json!({ "cmd": "read", "path": host.folder.path().join("config.toml") }), ACCESS);
        let link = data.join("link");
        ok(json!({ "cmd": "symlink", "from": file, "to": link }));
        deny(json!({ "cmd": "read", "path": link }), ACCESS);
        deny(json!({ "cmd": "write", "path": link, "text": "changed" }), ACCESS);
        assert_eq!(fs::read_to_string(&file).unwrap() == "inside", confined);
        again();
        for written in [file.clone(), outside.join("new"), read.join("new"), read.join("file")] {
            let before = fs::read_to_string(&written).ok();
            deny(json!({ "cmd": "write", "path": written, "text": "changed" }), ACCESS);
            assert_eq!(fs::read_to_string(&written).ok() == before, confined, "{}", written.display());
            match before {
                Some(before) => fs::write(&written, before).unwrap(),
                None => drop(fs::remove_file(&written)),
            }
        }
        deny(json!({ "cmd": "truncate", "path": file }), ACCESS);
        assert_eq!(fs::read_to_string(&file).unwrap() == "inside", confined);
        again();
        // In, and out again under a name by which it could be changed.
        deny(json!({ "cmd": "hardLink", "from": file, "to": data.join("hard") }), "(os error");
        deny(json!({ "cmd": "rename", "from": file, "to": data.join("moved") }), "(os error");
        assert_eq!((file.exists(), data.join("hard").exists()), (confined, !confined));
        again();
        ok(json!({ "cmd": "write", "path": data.join("own"), "text": "own" }));
        deny(json!({ "cmd": "hardLink", "from": data.join("own"), "to": outside.join("own") }), "(os error");
        assert_eq!(outside.join("own").exists(), !confined);
        let _ = fs::remove_file(outside.join("own"));
        deny(json!({ "cmd": "remove", "path": file }), ACCESS);
        again();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        deny(json!({ "cmd": "changeMode", "path": file }), PERMISSION);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777 == 0o600, confined);
        deny(json!({ "cmd": "touch", "path": file }), PERMISSION);
        deny(json!({ "cmd": "watch", "path": outside }), PERMISSION);
        let open = ok(json!({ "cmd": "threads", "path": file }));
        assert_eq!(open, json!(vec![!confined; 4]), "threads are in it as well");
        let parent = std::process::id();
        deny(json!({ "cmd": "read", "path": format!("/proc/{parent}/environ") }), ACCESS);
        deny(json!({ "cmd": "list", "path": format!("/proc/{parent}/fd") }), ACCESS);
    }
}

#[test]
fn modes_owners_times_and_attributes_of_open_files_stay_as_they_are_though_a_change_of_mode_is_told_to_have_succeeded()
 {
    let places = tempfile::tempdir().unwrap();
    let file = places.path().join("file");
    let settings = format!("read = ['{}']", places.path().display());
    for (confined, host) in both(&settings) {
        let data = PathBuf::from(host.call(json!({ "cmd": "data" })).unwrap().as_str().unwrap());
        for file in [&file, &data.join("own")] {
            fs::write(file, "inside").unwrap();
            fs::set_permissions(file, fs::Permissions::from_mode(0o640)).unwrap();
            let before = fs::metadata(file).unwrap();
            assert_eq!(host.call(json!({ "cmd": "changeModeOfOpen", "path": file })), Ok(Value::Null));
            let mode = fs::metadata(file).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, if confined { 0o640 } else { 0o777 });
            for kept in ["owner", "times"] {
                let message = json!({ "cmd": "changeKept", "path": file, "kept": kept });
                denied(&host, confined, message, PERMISSION);
            }
            let after = fs::metadata(file).unwrap();
            assert_eq!(before.modified().unwrap() == after.modified().unwrap(), confined);
            // Not every file system has these.
            for kept in ["attribute", "removedAttribute", "flags", "project"] {
                let message = json!({ "cmd": "changeKept", "path": file, "kept": kept });
                if confined {
                    denied(&host, true, message, PERMISSION);
                }
            }
        }
    }
}

#[test]
fn the_folders_of_the_application_are_told_and_opened_where_they_are_listed() {
    let found = |settings: &str| {
        let (confined, host) = both(settings).pop().unwrap();
        let folders = host.call(json!({ "cmd": "ofTheApplication" })).unwrap();
        let [app, resources]: [PathBuf; 2] = serde_json::from_value(folders).unwrap();
        assert_eq!(
            (&*app, &*resources),
            (&*host.folder.path().join("data/app"), &*host.folder.path().join("resources"))
        );
        fs::create_dir_all(resources.join("inner")).unwrap();
        fs::write(resources.join("inner/picture"), "brought along").unwrap();
        (confined, host, app, resources)
    };
    let (confined, host, app, resources) = found("");
    denied(&host, confined, json!({ "cmd": "write", "path": app.join("kept"), "text": "kept" }), ACCESS);
    denied(&host, confined, json!({ "cmd": "read", "path": resources.join("inner/picture") }), ACCESS);
    let (confined, host, app, _) = found("write = ['$APP']");
    assert_eq!(
        host.call(json!({ "cmd": "write", "path": app.join("kept"), "text": "kept" })),
        Ok(json!(null))
    );
    assert_eq!(fs::read_to_string(app.join("kept")).unwrap(), "kept");
    let beside = app.parent().unwrap().join("other");
    denied(&host, confined, json!({ "cmd": "write", "path": beside, "text": "not this one" }), ACCESS);
}
