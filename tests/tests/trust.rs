//! Which libraries are taken: by who can write to them, by what they hold, and by who has signed them. What is refused has run
//! nothing, and is taken as soon as it is put right.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use plugin_host_runtime::{ChangeKind, Offline, Places, Selection, Which};
use serde_json::json;
use tests::files::replaced;
use tests::signing::{asks_for, expect, generate, program, sign, signature_of};
use tests::versions::put;
use tests::{Host, library, places_with_script};

/// A plugin folder in a folder of its own, and beside it what a host keeps. Each trial of a library leaves a line in `trials`.
struct Ground {
    root: PathBuf,
    places: Places,
}

impl Ground {
    /// With this in the configuration, and where the host is to hold its folder.
    fn with(configuration: &str) -> (Self, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        // As the refusals name it.
        let root = fs::canonicalize(folder.path()).unwrap();
        let trials = root.join("trials");
        let places = places_with_script(&root, &format!("echo trial >> '{}'", trials.display()));
        // In a folder that is watched for nothing else.
        let places = Places { configuration: root.join("settings/config.toml"), ..places };
        let ground = Self { root, places };
        fs::create_dir_all(ground.path("outer/plugins")).unwrap();
        fs::create_dir(ground.path("settings")).unwrap();
        for name in ["outer", "outer/plugins"] {
            set_mode(&ground.path(name), 0o755);
        }
        ground.configure(configuration);
        (ground, folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A file in the plugin folder.
    fn plugin(&self, name: &str) -> PathBuf {
        self.path("outer/plugins").join(format!("{name}.{}", std::env::consts::DLL_EXTENSION))
    }

    fn configure(&self, text: &str) {
        put(&self.places.configuration, text.as_bytes());
    }

    fn start(&self, folder: tempfile::TempDir) -> Host {
        Host::in_places(folder, self.places.clone(), |builder| {
            builder.plugin_folder(self.path("outer/plugins"))
        })
    }

    fn offline(&self) -> Offline {
        Offline::new(vec![self.path("outer/plugins")], self.places.clone())
    }

    /// Why the only file is refused, as the host says, which has run nothing of it; those who list the folder say the same.
    #[track_caller]
    fn refused(&self, host: &Host) -> String {
        let listed = self.offline().status(&Selection::All);
        let status = host.status();
        let reasons = |status: &plugin_host_runtime::Status| -> Vec<String> {
            status.refused.iter().map(|one| one.reason.clone()).collect()
        };
        assert_eq!(reasons(&status), reasons(&listed));
        assert!(status.plugins.is_empty() && listed.plugins.is_empty());
        assert!(!self.path("trials").exists(), "it was tried");
        let [reason] = &reasons(&status)[..] else { panic!("{:?}", status.refused) };
        assert!(reason.len() < 600 && !reason.ends_with('.'), "{reason}");
        reason.clone()
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The library `constructor`, which ends its process as soon as it is opened.
fn ends_its_process() -> Vec<u8> {
    replaced(&fs::read(library("constructor")).unwrap(), b"constructor does: n", b"constructor does: a")
}

/// The library `constructor`, which does nothing.
fn does_nothing() -> Vec<u8> {
    fs::read(library("constructor")).unwrap()
}

/// Waits until it serves.
#[track_caller]
fn wait_until_it_serves(host: &Host) {
    let mut change = host.change();
    while change.kind == ChangeKind::Refused {
        change = host.change();
    }
    assert_eq!(change.kind, ChangeKind::Added, "{change:?}");
    assert_eq!(host.call(json!({ "cmd": "nothing" })), Ok(json!(null)));
}

/// Waits until it is refused for this reason.
#[track_caller]
fn wait_for_reason(host: &Host, part: &str) {
    let mut change = host.change();
    while !change.reason.as_deref().is_some_and(|reason| reason.contains(part)) {
        change = host.change();
    }
}

#[test]
fn what_others_can_write_to_is_refused_and_serves_as_soon_as_they_cannot() {
    for name in ["outer", "outer/plugins", "file"] {
        let (ground, folder) = Ground::with("");
        let file = ground.plugin("it");
        put(&file, &does_nothing());
        let place = if name == "file" { file } else { ground.path(name) };
        let before = fs::metadata(&place).unwrap().permissions();
        set_mode(&place, 0o777);
        let host = ground.start(folder);
        let reason = ground.refused(&host);
        let kind = if name == "file" { "file" } else { "folder" };
        for part in [
            format!("everybody may write to the {kind} {}", place.display()),
            format!("`chmod o-w {}`", place.display()),
            "writable-by-others = \"allow\"".to_owned(),
            ground.places.configuration.display().to_string(),
        ] {
            assert!(reason.contains(&part), "{part}: {reason}");
        }
        fs::set_permissions(&place, before).unwrap();
        wait_until_it_serves(&host);
    }
}

#[test]
fn a_link_through_a_folder_that_others_can_write_to_is_refused_until_they_cannot() {
    let (ground, folder) = Ground::with("");
    fs::create_dir_all(ground.path("aside/deeper")).unwrap();
    put(&ground.path("outer/file"), &does_nothing());
    symlink("../../outer/file", ground.path("aside/deeper/link")).unwrap();
    symlink(ground.path("aside/deeper/link"), ground.plugin("it")).unwrap();
    set_mode(&ground.path("aside"), 0o777);
    let host = ground.start(folder);
    let reason = ground.refused(&host);
    assert!(reason.contains(&format!("the folder {}", ground.path("aside").display())), "{reason}");
    set_mode(&ground.path("aside"), 0o755);
    wait_until_it_serves(&host);
}

#[test]
fn what_belongs_to_somebody_else_is_refused() {
    let (ground, folder) = Ground::with("");
    put(&ground.plugin("it"), &does_nothing());
    if std::os::unix::fs::chown(ground.plugin("it"), Some(54_321), None).is_err() {
        println!("skipped: only root can give a file to somebody else");
        return;
    }
    let host = ground.start(folder);
    let reason = ground.refused(&host);
    assert!(reason.contains("belongs to 54321; `chown root "), "{reason}");
    std::os::unix::fs::chown(ground.plugin("it"), Some(0), None).unwrap();
    wait_until_it_serves(&host);
}

#[test]
fn what_others_can_write_to_is_taken_where_the_configuration_says_so() {
    let (ground, folder) = Ground::with("");
    put(&ground.plugin("it"), &does_nothing());
    set_mode(&ground.path("outer"), 0o777);
    let host = ground.start(folder);
    ground.refused(&host);
    ground.configure("[host.libraries]\nwritable-by-others = 'allow'");
    wait_until_it_serves(&host);
}

#[test]
fn many_untrusted_libraries_are_not_tried_ahead_either() {
    let (ground, folder) = Ground::with("[host.libraries]\nsha256 = []");
    let bytes = ends_its_process();
    let names = |bytes: &[u8]| -> Vec<usize> {
        (0..bytes.len() - 11).filter(|at| bytes[*at..].starts_with(b"constructor")).collect()
    };
    let places = names(&bytes);
    for number in 0..5_u8 {
        let mut other = bytes.clone();
        places.iter().for_each(|at| other[at + 10] = b'0' + number);
        put(&ground.plugin(&format!("it{number}")), &other);
    }
    let host = ground.start(folder);
    let status = host.status();
    assert_eq!(status.refused.len(), 5);
    assert!(status.refused.iter().all(|one| one.reason.contains("is not among `host.libraries.sha256`")));
    assert!(!ground.path("trials").exists());
}

#[test]
fn a_list_of_contents_lets_these_pass_and_no_others() {
    let (ground, folder) = Ground::with(&format!("[host.libraries]\nsha256 = ['{}']", "0".repeat(64)));
    put(&ground.plugin("it"), &does_nothing());
    let host = ground.start(folder);
    let reason = ground.refused(&host);
    let sum = Command::new("sha256sum").arg(ground.plugin("it")).output().unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap()[..64].to_owned();
    assert!(reason.contains(&format!("its SHA-256 is {sum}")), "{reason}");
    ground.configure(&format!("[host.libraries]\nsha256 = ['{}']", sum.to_uppercase()));
    wait_until_it_serves(&host);
    // What serves goes on.
    put(&ground.plugin("it"), &ends_its_process());
    wait_for_reason(&host, "is not among `host.libraries.sha256`");
    assert_eq!(host.call(json!({ "cmd": "nothing" })), Ok(json!(null)));
}

#[test]
fn a_mistake_in_the_configuration_trusts_nothing_until_it_is_mended() {
    let (ground, folder) = Ground::with("[host.libraries]\nsha256 = ['1234']");
    put(&ground.plugin("it"), &does_nothing());
    let host = ground.start(folder);
    let reason = ground.refused(&host);
    assert!(reason.contains("has a mistake in `host.libraries.sha256[0]`"), "{reason}");
    assert!(ground.offline().try_again(&Which::Refused).unwrap()[0].1.is_some());
    ground.configure("");
    wait_until_it_serves(&host);
}

#[test]
fn a_library_without_a_good_signature_is_refused_until_one_arrives() {
    let (ground, folder) = Ground::with("");
    let (mine, other) = (generate(&ground.root, "mine.key"), generate(&ground.root, "other.key"));
    ground.configure(&asks_for(&[&mine]));
    let file = ground.plugin("it");
    put(&file, &does_nothing());
    let host = ground.start(folder);
    let reason = ground.refused(&host);
    assert!(reason.contains(&format!("there is no {}", signature_of(&file).display())), "{reason}");

    let apart = ground.path("apart");
    fs::write(&apart, does_nothing()).unwrap();
    let signature = |key| {
        sign(&ground.root, &apart, key);
        fs::read_to_string(signature_of(&apart)).unwrap()
    };
    let good = signature("mine.key");
    let offered = |bytes: &[u8], part: &str| {
        put(&signature_of(&file), bytes);
        wait_for_reason(&host, part);
        assert!(ground.refused(&host).contains(part));
    };
    offered(b"garbage", "is no signature as minisign writes them");
    offered(signature("other.key").as_bytes(), "is signed by somebody else");
    offered(&vec![b'x'; 10 << 20], "is no signature as minisign writes them");
    offered(good.replace("file:apart", "file:other").as_bytes(), "is not what was signed");
    fs::write(&apart, ends_its_process()).unwrap();
    offered(b"", "is no signature as minisign writes them");
    offered(signature("mine.key").as_bytes(), "is not what was signed");

    put(&signature_of(&file), good.as_bytes());
    wait_until_it_serves(&host);
    assert_eq!(ground.offline().status(&Selection::All).plugins.len(), 1);

    // What is tampered with is not taken, and what serves goes on.
    put(&file, &ends_its_process());
    wait_for_reason(&host, "is not what was signed");
    assert_eq!(host.call(json!({ "cmd": "nothing" })), Ok(json!(null)));
    assert_eq!(fs::read_to_string(ground.path("trials")).unwrap(), "trial\n");
    // Two keys count both.
    ground.configure(&asks_for(&[&other, &mine]));
    put(&file, &does_nothing());
    sign(&ground.root, &file, "other.key");
    while !ground.offline().status(&Selection::All).refused.is_empty() {
        host.change();
    }
}

#[test]
fn the_signature_of_a_link_lies_beside_the_link() {
    let (ground, folder) = Ground::with("");
    let key = generate(&ground.root, "a.key");
    ground.configure(&asks_for(&[&key]));
    let built = ground.path("built");
    put(&built, &does_nothing());
    sign(&ground.root, &built, "a.key");
    symlink(&built, ground.plugin("it")).unwrap();
    let host = ground.start(folder);
    ground.refused(&host);
    symlink(signature_of(&built), signature_of(&ground.plugin("it"))).unwrap();
    wait_until_it_serves(&host);
}

#[test]
fn retry_takes_what_was_put_right_where_nobody_noticed() {
    let (mut ground, folder) = Ground::with("");
    ground.places.configuration = ground.path("later/config.toml");
    put(&ground.plugin("it"), &does_nothing());
    set_mode(&ground.plugin("it"), 0o666);
    let host = ground.start(folder);
    ground.refused(&host);
    let again = || ground.offline().try_again(&Which::Called("constructor".to_owned())).unwrap();
    assert!(again()[0].1.as_deref().is_some_and(|reason| reason.contains("everybody may write")));
    // A folder that was not there is not watched.
    fs::create_dir(ground.path("later")).unwrap();
    ground.configure("[host.libraries]\nwritable-by-others = 'allow'");
    // A host that hears of the first wish as late as this needs no second one.
    let taken = again();
    assert!(taken.is_empty() || taken == [(ground.plugin("it"), None)], "{taken:?}");
    wait_until_it_serves(&host);
}

#[test]
fn a_library_is_examined_whoever_can_write_to_it() {
    let folder = tests::plugin_folder(&["hello-functions"]);
    let library = folder.path().join(library("hello-functions").file_name().unwrap());
    set_mode(&library, 0o666);
    expect(&program(folder.path(), &["check", library.to_str().unwrap(), "--level", "1"], ""), 0, "passed");
}
