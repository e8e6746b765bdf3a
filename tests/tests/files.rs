//! Whatever lies in the plugin folder: one sentence, and the host stays up.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use plugin_host_runtime::{Offline, Selection, Status};
use serde_json::json;
use tests::files::{Expected, Files};
use tests::{Host, places};

/// What became of each file, and why.
fn outcomes(status: &Status) -> HashMap<String, (&'static str, String)> {
    let plugins = status.plugins.iter().map(|one| (one.file.clone(), ("serves", String::new())));
    let refused = status.refused.iter().map(|one| (one.file.clone(), ("refused", one.reason.clone())));
    let left_out = status.left_out.iter().map(|one| (one.file.clone(), ("left out", one.reason.clone())));
    let strangers = status.strangers.iter().map(|file| (file.clone(), ("stranger", String::new())));
    plugins.chain(refused).chain(left_out).chain(strangers).collect()
}

fn fits(outcome: Option<&(&'static str, String)>, expected: &Expected) -> bool {
    let Some((kind, reason)) = outcome else { return false };
    match expected {
        Expected::Serves => *kind == "serves",
        Expected::Stranger => *kind == "stranger",
        Expected::LeftOut(text) => *kind == "left out" && reason.contains(text),
        Expected::Refused(text) => *kind == "refused" && reason.contains(text),
    }
}

/// One sentence: it says more than a word or two, and does not end.
fn is_a_sentence(reason: &str) -> bool {
    reason.split(' ').count() >= 4 && !reason.ends_with('.') && !reason.contains('\n') && reason.len() < 600
}

#[test]
fn each_of_two_hundred_bad_files_has_its_sentence_and_the_host_stays_up() {
    let Files { folder, expected } = Files::make();
    assert!(expected.len() >= 200, "{} files", expected.len());

    let begin = Instant::now();
    let offline = Offline::new(vec![folder.path().to_owned()], places(folder.path()));
    offline.status(&Selection::All);
    println!("{} files looked at in {:?}, without opening one", expected.len(), begin.elapsed());

    let host = Host::set_up(folder, |builder| builder.load_limit(Duration::from_secs(3)));
    check(&host.status(), &expected);
    assert_eq!(host.call(json!({ "cmd": "echo", "value": 1 })), Ok(json!(1)));
    let said =
        host.status().refused.iter().find(|one| one.file.contains("complains")).unwrap().output.clone();
    assert_eq!(said, "the last words of a constructor\n");

    #[cfg(target_os = "linux")]
    assert!(!tests::somebody_stayed(), "what a library has started ends with its trial");

    // What the probes have found is known to those who only look.
    check(&offline.status(&Selection::All), &expected);
}

#[track_caller]
fn check(status: &Status, expected: &[(std::path::PathBuf, Expected)]) {
    let outcomes = outcomes(status);
    let outcome = |path: &Path| outcomes.get(&path.display().to_string());
    let wrong: Vec<_> = expected
        .iter()
        .filter(|(path, expected)| !fits(outcome(path), expected))
        .map(|(path, expected)| format!("{}: {expected:?}, and it is {:?}", path.display(), outcome(path)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let no_sentences: Vec<_> =
        outcomes.values().filter(|(_, reason)| !reason.is_empty() && !is_a_sentence(reason)).collect();
    assert!(no_sentences.is_empty(), "{no_sentences:?}");
}
