//! Whoever gives the paths and changes the links meanwhile: nothing outside is read or written.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;

use super::{Ground, read, write};
use crate::files::{Access, Place};

#[test]
fn a_link_that_is_swapped_all_the_while_never_leads_out() {
    let ground = Ground::new();
    let (link, spare) = (ground.path("in/swapped"), ground.path("in/spare"));
    fs::write(ground.path("in/deep/deeper/file"), "deeper inside").unwrap();
    symlink("deep/deeper", &link).unwrap();
    let scope = ground.scope(&[], &["in"]);
    let path = ground.path("in/swapped/file");
    let ended = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            for target in ["../out", "deep/deeper"].into_iter().cycle() {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                symlink(target, &spare).unwrap();
                fs::rename(&spare, &link).unwrap();
            }
        });
        let mut read_inside = 0;
        for _ in 0..3000 {
            match read(&scope, &path) {
                Ok(text) => {
                    assert_eq!(text, "deeper inside");
                    read_inside += 1;
                }
                Err(refusal) => assert!(!refusal.contains("SECRET")),
            }
            let _ = write(&scope, &ground.path("in/swapped/new"), "x");
        }
        ended.store(true, Ordering::Relaxed);
        // Otherwise nothing was raced.
        assert!(read_inside > 0);
    });
    assert!(!ground.path("out/new").exists());
    assert_eq!(fs::read_dir(ground.path("out")).unwrap().count(), 1);
}

/// Pieces of paths that people have got out of folders by.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "..", ".", "", "in", "out", "file", "deep", "deeper", "up", "root", "self", "proc", "loop", "new", "...", "\0",
        ]).prop_map(str::to_owned),
        1 => "[a-z./\\\\\u{0}%~$-]{0,6}",
        1 => any::<String>(),
        1 => Just("x".repeat(300)),
    ];
    (
        prop::collection::vec(piece, 0..9),
        prop_oneof![Just(""), Just("/"), Just("IN/"), Just("IN/../"), Just("OUT/")],
    )
        .prop_map(|(pieces, beginning)| format!("{beginning}{}", pieces.join("/")))
}

#[test]
fn no_text_as_a_path_reads_or_writes_outside() {
    let ground = Ground::new();
    for (target, link) in
        [("..", "up"), ("/", "root"), (".", "self"), ("/proc/self/root", "proc"), ("loop", "loop")]
    {
        symlink(target, ground.path("in").join(link)).unwrap();
        symlink(target, ground.path("in/deep").join(link)).unwrap();
    }
    symlink("../../out", ground.path("in/deep/deeper/out")).unwrap();
    symlink(ground.path("out/file"), ground.path("in/deep/out")).unwrap();
    let outside = || -> Vec<(PathBuf, Option<String>)> {
        let mut found = Vec::new();
        for folder in [ground.folder.path().to_owned(), ground.path("out")] {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let text = fs::read_to_string(&path).ok();
                found.push((path, text));
            }
        }
        found.sort();
        found
    };
    let before = outside();
    let scope = ground.scope(&[], &["in"]);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(path in hostile())| {
        let path = path.replace("IN", &ground.text("in")).replace("OUT", &ground.text("out"));
        // As a page gives it: alone, and with a folder to begin at.
        for path in [PathBuf::from(&path), ground.path("in").join(&path)] {
            let resolved = scope.resolve(None, &path);
            if let Ok(text) = resolved.as_deref().map_err(|_| String::new()).and_then(|path| read(&scope, path)) {
                prop_assert!(!text.contains("SECRET"), "{path:?} has read {text}");
            }
            if let Ok(path) = &resolved {
                let _ = write(&scope, path, "WRITTEN");
                let place: Option<Place> = scope.at(path, Access::Write).ok();
                if let Some(place) = place.filter(|place| !place.is_root()) {
                    let _ = place.folder().create_dir_all(place.path());
                }
            }
        }
        prop_assert_eq!(&outside(), &before);
    });
}
