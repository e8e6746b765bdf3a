//! Files that change, go or cannot be read at the very moment when the host looks at them.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use plugin_host_runtime::{ChangeKind, Stopped};
use serde_json::json;
use tests::versions::{Starts, check, place, put, version, which};
use tests::{Host, built, library, places_with_script, plugin_folder};

/// A host whose trials begin when the test has read from one pipe, and go on when it has written to another.
struct Trials {
    host: Host,
    begun: PathBuf,
    go_on: PathBuf,
}

impl Trials {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (begun, go_on) = (folder.path().join("begun"), folder.path().join("go-on"));
        for pipe in [&begun, &go_on] {
            assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
        }
        let script = format!("echo > '{}'\ncat '{}'", begun.display(), go_on.display());
        let places = places_with_script(folder.path(), &script);
        let host = Host::in_places(folder, places, |builder| builder.load_limit(Duration::from_secs(60)));
        host.status();
        Self { host, begun, go_on }
    }

    /// Does something in the middle of a trial.
    fn during(&self, work: impl FnOnce()) {
        // A pipe cannot be waited for with a limit, so another thread waits.
        let (sender, begun) = std::sync::mpsc::channel();
        let pipe = self.begun.clone();
        std::thread::spawn(move || sender.send(fs::read(pipe)));
        begun.recv_timeout(Duration::from_secs(60)).expect("a trial begins").unwrap();
        work();
        fs::write(&self.go_on, "").unwrap();
    }
}

#[test]
fn a_file_that_is_written_over_while_it_is_tried_serves_as_it_was_and_then_as_it_is() {
    let trials = Trials::new();
    let file = place(trials.host.folder.path());
    put(&file, &version(1, Starts::Well));
    trials.during(|| fs::write(&file, version(2, Starts::Well)).unwrap());
    check(trials.host.change(), ChangeKind::Added, Some(1), "");
    assert_eq!(which(&trials.host), Ok(1));
    trials.during(|| {});
    check(trials.host.change(), ChangeKind::Replaced, Some(2), "");
    assert_eq!(which(&trials.host), Ok(2));
    // Cut off, after somebody has begun to replace it.
    put(&file, &version(3, Starts::Well));
    trials.during(|| fs::File::options().write(true).open(&file).unwrap().set_len(5000).unwrap());
    check(trials.host.change(), ChangeKind::Replaced, Some(3), "");
    check(trials.host.change(), ChangeKind::Refused, Some(3), "is cut off");
    assert_eq!(which(&trials.host), Ok(3));
}

#[test]
fn a_file_that_is_removed_or_renamed_while_it_is_tried_is_gone_afterwards() {
    let trials = Trials::new();
    let file = place(trials.host.folder.path());
    put(&file, &version(1, Starts::Well));
    trials.during(|| fs::remove_file(&file).unwrap());
    check(trials.host.change(), ChangeKind::Added, Some(1), "");
    check(trials.host.change(), ChangeKind::Removed, None, "");
    assert!(which(&trials.host).unwrap_err().contains("was removed"));

    let renamed = file.with_file_name(format!("zzz.{}", std::env::consts::DLL_EXTENSION));
    put(&file, &version(2, Starts::Well));
    trials.during(|| fs::rename(&file, &renamed).unwrap());
    check(trials.host.change(), ChangeKind::Added, Some(2), "");
    // The old name is gone before the new one is looked at, or later.
    while trials.host.status().plugins.first().is_none_or(|one| one.file != renamed.display().to_string()) {
        trials.host.change();
    }
    assert_eq!(which(&trials.host), Ok(2));
    assert_eq!(trials.host.runtime.stop(Duration::from_secs(30)), Stopped::Cleanly);
}

#[test]
fn whatever_happens_to_a_file_in_between_the_last_one_serves_in_the_end() {
    const STEPS: u64 = 400;
    let host = Host::with(&[]);
    host.status();
    let file = place(host.folder.path());
    let elsewhere = file.with_extension("away");
    let versions: Vec<_> = (1..4).map(|number| version(number, Starts::Well)).collect();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for step in 0..STEPS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let bytes = &versions[(random >> 8) as usize % versions.len()];
        // What fails does so because the file is not there, which is one of the things that may be.
        let _ = match random % 7 {
            0 => fs::write(&file, bytes),
            1 => fs::write(&file, &bytes[..(random >> 16) as usize % bytes.len()]),
            2 => fs::write(&file, random.to_le_bytes()),
            3 => fs::remove_file(&file),
            4 => fs::rename(&file, &elsewhere),
            5 => fs::rename(&elsewhere, &file),
            _ => {
                put(&file, bytes);
                Ok(())
            }
        };
        if step % 8 == 0 {
            // Whoever serves at this moment, or the sentence that nobody does.
            assert!(which(&host).map_or_else(|error| error.contains("plugin"), |number| number < 4));
        }
    }
    put(&file, &version(9999, Starts::Well));
    while which(&host) != Ok(9999) {
        host.change();
    }
    assert_eq!(host.runtime.stop(Duration::from_secs(30)), Stopped::Cleanly);
}

/// The system's loader knows a library by its place on the disk. Where a copy had the place of one that is loaded, it would give
/// back the old one without a word.
#[test]
fn when_the_system_gives_back_the_library_that_was_there_before_the_host_says_so() {
    let host = Host::with(&[]);
    host.status();
    let (before, after) = (version(7701, Starts::Well), version(7702, Starts::Well));
    let name = |bytes: &[u8]| format!("{}{}", blake3::hash(bytes).to_hex(), std::env::consts::DLL_SUFFIX);
    put(&place(host.folder.path()), &before);
    check(host.change(), ChangeKind::Added, Some(1), "");
    let folders = fs::read_dir(std::env::temp_dir()).unwrap().flatten();
    let copy = folders.map(|folder| folder.path().join(name(&before))).find(|copy| copy.exists()).unwrap();
    fs::hard_link(&copy, copy.with_file_name(name(&after))).unwrap();
    put(&place(host.folder.path()), &after);
    check(
        host.change(),
        ChangeKind::Refused,
        Some(1),
        "the system gave back the library that was loaded before",
    );
    assert_eq!(which(&host), Ok(7701));
}

/// Runs the program as somebody who may not read everything; whoever runs the tests may.
fn as_nobody(arguments: &[&str], plugins: &Path, program: &Path) -> String {
    let mut command = Command::new(program);
    // The owner of the folder, if that is not the one who may do anything.
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if root {
        std::os::unix::process::CommandExt::uid(&mut command, 65534);
    }
    let data = plugins.join("data");
    command.args(arguments).arg("--only").arg("--plugins").arg(plugins).arg("--data").arg(data);
    let output = command.current_dir("/").output().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn what_may_not_be_read_is_refused_with_that_reason_and_the_others_serve() {
    let may = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let folder = plugin_folder(&["ordinary", "changing"]);
    let path = |name: &str| folder.path().join(name);
    // Where others could write the libraries would be refused for that.
    may(folder.path(), 0o755);
    fs::create_dir(path("data")).unwrap();
    may(&path("data"), 0o777);
    let program = path("plugin-host");
    // By another process: one that is forked by another test at this moment would hold the file open for writing.
    let copied = Command::new("cp").arg(built().join("plugin-host")).arg(&program).status().unwrap();
    assert!(copied.success());
    let secret = path(library("changing").file_name().unwrap().to_str().unwrap());
    may(&secret, 0o000);
    let list = as_nobody(&["list"], folder.path(), &program);
    let reason = format!("refused: {} cannot be read: Permission denied", secret.display());
    assert!(list.contains(&reason) && list.contains("echo("), "{list}");
    let echo = json!({ "cmd": "echo", "value": 1 }).to_string();
    assert_eq!(as_nobody(&["call", &echo], folder.path(), &program).trim(), "1");
    let closed = path("closed");
    fs::create_dir(&closed).unwrap();
    may(&closed, 0o000);
    let list = as_nobody(&["list"], &closed, &program);
    assert!(
        list.contains(&format!("the plugin folder {} cannot be read: Permission", closed.display())),
        "{list}"
    );
    may(&closed, 0o700);
}

#[test]
fn a_pipe_in_the_place_of_what_the_host_remembers_does_not_make_it_wait() {
    let folder = plugin_folder(&["ordinary"]);
    let state = folder.path().join("state");
    fs::create_dir_all(state.join("running")).unwrap();
    for pipe in ["disabled.json", "retry.json", "running/host-1.crumbs", "running/host-1.names"] {
        assert!(Command::new("mkfifo").arg(state.join(pipe)).status().unwrap().success());
    }
    let host = Host::on(folder);
    assert_eq!(host.call(json!({ "cmd": "echo", "value": 1 })), Ok(json!(1)));
    assert_eq!(host.runtime.stop(Duration::from_secs(30)), Stopped::Cleanly);
}
