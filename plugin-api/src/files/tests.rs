//! What a scope lets through, on folders that are there, with links that lead out of them.

mod hostile;

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use super::{Access, BaseDirectory, Draft, Scope};
use crate::Context;
use crate::testing::bare_context;

/// A folder that may be used and one that may not, side by side, and a host.
struct Ground {
    _host: Box<dyn std::any::Any>,
    context: Context,
    folder: tempfile::TempDir,
}

impl Ground {
    fn new() -> Self {
        let (host, context) = bare_context();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("in/deep/deeper")).unwrap();
        fs::create_dir(folder.path().join("out")).unwrap();
        fs::write(folder.path().join("in/file"), "inside").unwrap();
        fs::write(folder.path().join("in/deep/file"), "deep inside").unwrap();
        fs::write(folder.path().join("out/file"), "SECRET").unwrap();
        Self { _host: Box::new(host), context, folder }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn text(&self, path: &str) -> String {
        self.path(path).to_str().unwrap().to_owned()
    }

    fn scope(&self, read: &[&str], write: &[&str]) -> Scope {
        let texts = |paths: &[&str]| -> Vec<String> { paths.iter().map(|path| self.text(path)).collect() };
        Scope::new(&self.context, &texts(read), &texts(write)).unwrap()
    }
}

fn read(scope: &Scope, path: &Path) -> Result<String, String> {
    let place = scope.at(path, Access::Read).map_err(|error| error.to_string())?;
    let mut text = String::new();
    place.open_for_reading().map_err(|error| error.to_string())?.read_to_string(&mut text).unwrap();
    Ok(text)
}

fn write(scope: &Scope, path: &Path, text: &str) -> Result<(), String> {
    let written = || {
        let mut draft = Draft::new(scope.at(path, Access::Write)?)?;
        draft.write_all(text.as_bytes())?;
        draft.keep()
    };
    written().map_err(|error: crate::Error| error.to_string())
}

#[test]
fn what_is_below_is_read_and_what_is_not_is_refused_with_the_line_to_add() {
    let ground = Ground::new();
    let scope = ground.scope(&["in"], &[]);
    assert_eq!(read(&scope, &ground.path("in/deep/file")).unwrap(), "deep inside");
    let refusal = read(&scope, &ground.path("out/file")).unwrap_err();
    assert!(refusal.contains(&ground.text("out/file")), "{refusal}");
    assert!(
        refusal.contains(&format!("`read = [\"{}\"]` under `[plugins.bare]`", ground.text("out"))),
        "{refusal}"
    );
}

#[test]
fn who_may_read_may_not_write_and_who_may_write_may_read() {
    let ground = Ground::new();
    let scope = ground.scope(&["in"], &["in/deep"]);
    let refusal = write(&scope, &ground.path("in/file"), "x").unwrap_err();
    assert!(refusal.contains("for reading alone") && refusal.contains("`write = ["), "{refusal}");
    assert_eq!(fs::read_to_string(ground.path("in/file")).unwrap(), "inside");
    write(&scope, &ground.path("in/deep/file"), "new").unwrap();
    assert_eq!(read(&scope, &ground.path("in/deep/file")).unwrap(), "new");
}

#[test]
fn links_lead_anywhere_within_and_nowhere_out() {
    let ground = Ground::new();
    symlink("deep/file", ground.path("in/near")).unwrap();
    symlink("../out/file", ground.path("in/far")).unwrap();
    symlink(ground.path("out"), ground.path("in/whole")).unwrap();
    symlink(ground.path("in/file"), ground.path("in/absolute")).unwrap();
    let scope = ground.scope(&[], &["in"]);
    assert_eq!(read(&scope, &ground.path("in/near")).unwrap(), "deep inside");
    for path in ["in/far", "in/whole/file", "in/absolute", "in/whole/../out/file"] {
        let refusal = read(&scope, &ground.path(path)).unwrap_err();
        assert!(refusal.contains("leads out of its folder by a link"), "{path}: {refusal}");
    }
    write(&scope, &ground.path("in/whole/new"), "x").unwrap_err();
    assert!(!ground.path("out/new").exists());
    // Beside a link that leads out stands a link to be replaced, and not what it leads to.
    write(&scope, &ground.path("in/far"), "x").unwrap_err();
    assert_eq!(fs::read_to_string(ground.path("out/file")).unwrap(), "SECRET");
}

#[test]
fn two_points_after_a_link_go_up_from_where_the_link_leads() {
    let ground = Ground::new();
    symlink("deep/deeper", ground.path("in/link")).unwrap();
    let scope = ground.scope(&["in"], &[]);
    // By the words it would be `in/file`.
    assert_eq!(read(&scope, &ground.path("in/link/../file")).unwrap(), "deep inside");
    assert_eq!(read(&scope, &ground.path("in/deep/../file")).unwrap(), "inside");
    assert!(read(&scope, &ground.path("in/../in/file")).unwrap_err().contains("without `..`"));
    assert!(read(&scope, &ground.path("in/link/../../../out/file")).unwrap_err().contains("without `..`"));
    assert!(read(&scope, &ground.path("in/deep/../../out/file")).unwrap_err().contains("without `..`"));
}

#[test]
fn a_folder_that_is_written_through_a_link_is_known_by_both_paths() {
    let ground = Ground::new();
    symlink("in", ground.path("also")).unwrap();
    let scope = ground.scope(&["also"], &[]);
    let real = ground.path("in").canonicalize().unwrap();
    assert_eq!(read(&scope, &ground.path("also/file")).unwrap(), "inside");
    assert_eq!(read(&scope, &real.join("file")).unwrap(), "inside");
}

#[test]
fn a_folder_that_is_not_there_yet_is_made_by_who_writes_and_not_by_who_reads() {
    let ground = Ground::new();
    let scope = ground.scope(&[], &["later/on"]);
    assert!(read(&scope, &ground.path("later/on/file")).unwrap_err().contains("later/on"));
    assert!(!ground.path("later").exists());
    write(&scope, &ground.path("later/on/file"), "x").unwrap();
    assert_eq!(read(&scope, &ground.path("later/on/file")).unwrap(), "x");
    fs::remove_dir_all(ground.path("later")).unwrap();
    write(&scope, &ground.path("later/on/file"), "again").unwrap();
    assert_eq!(read(&scope, &ground.path("later/on/file")).unwrap(), "again");
}

#[test]
fn a_listed_folder_within_one_that_is_written_to_does_not_lead_out_of_it() {
    let ground = Ground::new();
    let scope = ground.scope(&["in/deep"], &["in"]);
    assert_eq!(read(&scope, &ground.path("in/deep/file")).unwrap(), "deep inside");
    // As somebody could do who may rename within `in`.
    fs::remove_dir_all(ground.path("in/deep")).unwrap();
    symlink("../out", ground.path("in/deep")).unwrap();
    assert!(read(&scope, &ground.path("in/deep/file")).is_err());
}

#[test]
fn a_chosen_file_is_granted_by_its_name_alone() {
    let ground = Ground::new();
    let scope = ground.scope(&[], &[]);
    fs::write(ground.path("out/other"), "OTHER").unwrap();
    assert!(read(&scope, &ground.path("out/file")).is_err());
    scope.grant(&ground.path("out/file"), Access::Read).unwrap();
    assert_eq!(read(&scope, &ground.path("out/file")).unwrap(), "SECRET");
    assert!(write(&scope, &ground.path("out/file"), "x").unwrap_err().contains("for reading alone"));
    for path in ["out/other", "out", "out/file/../other", "out/file2", "out/file/x"] {
        assert!(read(&scope, &ground.path(path)).is_err(), "{path}");
    }
    // A link that has come in its place is not followed, not even to its neighbour.
    fs::remove_file(ground.path("out/file")).unwrap();
    symlink("other", ground.path("out/file")).unwrap();
    assert!(read(&scope, &ground.path("out/file")).unwrap_err().contains("has become a link"));
}

#[test]
fn a_file_that_is_to_be_saved_is_granted_before_it_exists() {
    let ground = Ground::new();
    let scope = ground.scope(&[], &[]);
    scope.grant(&ground.path("out/new"), Access::Write).unwrap();
    write(&scope, &ground.path("out/new"), "first").unwrap();
    write(&scope, &ground.path("out/new"), "second").unwrap();
    // Granted once more for less, it may be written as before.
    scope.grant(&ground.path("out/new"), Access::Read).unwrap();
    write(&scope, &ground.path("out/new"), "third").unwrap();
    assert_eq!(read(&scope, &ground.path("out/new")).unwrap(), "third");
    assert!(write(&scope, &ground.path("out/new2"), "x").is_err());
}

#[test]
fn a_chosen_link_grants_the_file_where_it_led_when_it_was_chosen() {
    let ground = Ground::new();
    fs::write(ground.path("out/other"), "OTHER").unwrap();
    symlink("../out/file", ground.path("in/chosen")).unwrap();
    let scope = ground.scope(&[], &[]);
    scope.grant(&ground.path("in/chosen"), Access::Read).unwrap();
    assert_eq!(read(&scope, &ground.path("in/chosen")).unwrap(), "SECRET");
    fs::remove_file(ground.path("in/chosen")).unwrap();
    symlink("../out/other", ground.path("in/chosen")).unwrap();
    assert_eq!(read(&scope, &ground.path("in/chosen")).unwrap(), "SECRET");
}

#[test]
fn a_chosen_folder_grants_what_is_below_it_also_through_a_link_out_of_a_listed_one() {
    let ground = Ground::new();
    symlink("../out", ground.path("in/chosen")).unwrap();
    let scope = ground.scope(&[], &["in"]);
    assert!(read(&scope, &ground.path("in/chosen/file")).is_err());
    scope.grant(&ground.path("in/chosen"), Access::Read).unwrap();
    assert_eq!(read(&scope, &ground.path("in/chosen/file")).unwrap(), "SECRET");
    assert!(write(&scope, &ground.path("out/file"), "x").is_err());
}

#[test]
fn of_many_choices_the_last_are_remembered() {
    let ground = Ground::new();
    let scope = ground.scope(&[], &[]);
    scope.grant(&ground.path("out/file"), Access::Read).unwrap();
    for number in 0..1023 {
        scope.grant(&ground.path(&format!("out/{number}")), Access::Read).unwrap();
        // The same again takes no other's place.
        scope.grant(&ground.path(&format!("out/{number}")), Access::Read).unwrap();
    }
    assert!(read(&scope, &ground.path("out/file")).is_ok());
    scope.grant(&ground.path("out/one-more"), Access::Read).unwrap();
    assert!(read(&scope, &ground.path("out/file")).is_err());
}

#[test]
fn what_cannot_be_granted_is_said() {
    let ground = Ground::new();
    let scope = ground.scope(&[], &[]);
    let refusal = |path: &Path| scope.grant(path, Access::Read).unwrap_err().to_string();
    assert!(refusal(Path::new("file")).contains("no absolute path"));
    assert!(refusal(&ground.path("in/../out/file")).contains("without `..`"));
    assert!(refusal(&ground.path("missing/file")).contains("its folder does not exist"));
}

#[test]
fn a_place_that_is_not_well_written_is_refused_by_file_and_key() {
    let ground = Ground::new();
    let refusal = |place: &str| {
        let places = ["$APP".to_owned(), place.to_owned()];
        let text = Scope::new(&ground.context, &[], &places).unwrap_err().to_string();
        assert!(text.starts_with("config.toml: `plugins.bare.write[1]`: "), "{text}");
        text
    };
    assert!(refusal("$MUSIC").contains("$AUDIO $CACHE"));
    assert!(refusal("$APPS/x").contains("`$APPS`"));
    assert!(refusal("$app").contains("`$app`"));
    assert!(refusal("$").contains("`$`"));
    assert!(refusal("~/x").contains("`$HOME/x`"));
    assert!(refusal("relative").contains("neither an absolute path"));
    assert!(refusal("").contains("neither an absolute path"));
    assert!(refusal("$HOME/../x").contains("`..`"));
    assert!(refusal("/a/\0").contains("zero byte"));
    assert!(refusal(&ground.text("in/file")).contains("is a file"));
}

#[test]
fn the_applications_folder_is_made_at_once_and_a_path_behind_a_name_is_below_it() {
    let ground = Ground::new();
    let scope = Scope::new(&ground.context, &[], &["$APP//sub".into()]).unwrap();
    let app = BaseDirectory::App.folder(&ground.context).unwrap();
    assert!(app.is_dir());
    let file = scope.resolve(Some(BaseDirectory::App), Path::new("sub/file")).unwrap();
    assert_eq!(file, app.join("sub/file"));
    write(&scope, &file, "x").unwrap();
    assert!(write(&scope, &app.join("file"), "x").is_err());
}

#[test]
fn a_relative_path_begins_at_its_folder_and_an_absolute_one_stays() {
    let ground = Ground::new();
    let scope = ground.scope(&["in"], &[]);
    let resolve = |dir, path: &str| scope.resolve(dir, Path::new(path)).unwrap();
    let app = BaseDirectory::App.folder(&ground.context).unwrap();
    assert_eq!(resolve(Some(BaseDirectory::App), "a/../b"), app.join("a/../b"));
    assert_eq!(resolve(Some(BaseDirectory::App), "/etc/x"), Path::new("/etc/x"));
    assert_eq!(resolve(None, "a"), std::env::current_dir().unwrap().join("a"));
    assert!(scope.resolve(None, Path::new("")).unwrap_err().to_string().contains("no path"));
}

#[test]
fn what_is_no_path_is_refused_in_few_words() {
    let ground = Ground::new();
    let scope = ground.scope(&["in"], &[]);
    let refusal = |path: &str| read(&scope, &ground.path("in").join(path)).unwrap_err();
    assert!(refusal("a\0b").contains("zero byte"));
    assert!(refusal(&"x/".repeat(20_000)).contains("at most 32768 are taken"));
    assert!(refusal(&"x".repeat(300)).contains("cannot be read"));
    assert!(refusal(&"../".repeat(9000)).len() < 20_000);
    assert!(read(&scope, Path::new("in/file")).unwrap_err().contains("no whole path"));
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let ground = Ground::new();
    let made = std::process::Command::new("mkfifo").arg(ground.path("in/pipe")).status().unwrap();
    assert!(made.success());
    let _socket = std::os::unix::net::UnixListener::bind(ground.path("in/socket")).unwrap();
    let scope = ground.scope(&[], &["in"]);
    for path in ["in/pipe", "in/socket"] {
        assert!(read(&scope, &ground.path(path)).unwrap_err().contains("a pipe, a socket or a device"));
        assert!(write(&scope, &ground.path(path), "x").unwrap_err().contains("a pipe, a socket or a device"));
    }
    assert!(read(&scope, &ground.path("in/deep")).unwrap_err().contains("it is a folder"));
    assert!(read(&scope, &ground.path("in")).unwrap_err().contains("it is a folder"));
    let scope = Scope::new(&ground.context, &["/dev".into()], &[]).unwrap();
    assert!(read(&scope, Path::new("/dev/null")).unwrap_err().contains("a device"));
}

#[test]
fn a_draft_is_seen_when_it_is_kept_and_keeps_mode_and_link() {
    let ground = Ground::new();
    let scope = ground.scope(&[], &["in"]);
    fs::set_permissions(ground.path("in/file"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("file", ground.path("in/link")).unwrap();
    let place = |path: &str| scope.at(&ground.path(path), Access::Write).unwrap();
    let mut draft = Draft::new(place("in/link")).unwrap();
    draft.write_all(b"new").unwrap();
    assert_eq!(fs::read_to_string(ground.path("in/file")).unwrap(), "inside");
    draft.keep().unwrap();
    assert_eq!(fs::read_to_string(ground.path("in/file")).unwrap(), "new");
    assert!(ground.path("in/link").is_symlink());
    assert_eq!(fs::metadata(ground.path("in/file")).unwrap().permissions().mode() & 0o7777, 0o640);
    let mut given_up = Draft::new(place("in/file")).unwrap();
    given_up.write_all(b"never seen").unwrap();
    drop(given_up);
    assert_eq!(fs::read_to_string(ground.path("in/file")).unwrap(), "new");
    let mut names: Vec<_> =
        fs::read_dir(ground.path("in")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["deep", "file", "link"]);
}

#[test]
fn what_is_write_protected_is_not_replaced() {
    let ground = Ground::new();
    let scope = ground.scope(&[], &["in"]);
    fs::set_permissions(ground.path("in/file"), fs::Permissions::from_mode(0o444)).unwrap();
    assert!(write(&scope, &ground.path("in/file"), "x").unwrap_err().contains("write-protected"));
    assert_eq!(fs::read_to_string(ground.path("in/file")).unwrap(), "inside");
}
