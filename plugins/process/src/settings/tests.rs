//! What the list allows, refuses and says of itself. Starts nothing.

use serde_json::{Value, json};

use super::*;

fn programs(programs: Value) -> Result<Programs> {
    let settings = serde_json::from_value(json!({ "programs": programs }))?;
    let folders =
        Folders { own: Path::new("/own"), app: Path::new("/app"), home: Some(Path::new("/home/anna")) };
    Programs::of(settings, &folders)
}

fn git(args: Value) -> Programs {
    programs(json!({ "git": { "args": args } })).unwrap()
}

fn allows(programs: &Programs, arguments: &[&str]) -> bool {
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    programs.find("git", &arguments).is_ok()
}

fn refusal(listed: Value) -> String {
    programs(listed).expect_err("it should be refused").to_string()
}

#[test]
fn nothing_is_listed_by_itself() {
    let refusal = Programs::of(
        Settings::default(),
        &Folders { own: Path::new("/own"), app: Path::new("/app"), home: None },
    )
    .unwrap()
    .find("git", &["status".to_owned(), "a \"b\"".to_owned()])
    .unwrap_err()
    .to_string();
    assert_eq!(
        refusal,
        "`git` is no program that the configuration lists; to allow this call, write \
         `[plugins.process.programs.git]` and in it `args = [[\"status\", \"a \\\"b\\\"\"]]`"
    );
}

#[test]
fn a_program_without_args_is_started_without_arguments_alone() {
    let programs = programs(json!({ "git": {} })).unwrap();
    assert!(allows(&programs, &[]));
    assert!(!allows(&programs, &["status"]));
    assert!(!allows(&programs, &[""]));
}

#[test]
fn a_list_is_the_whole_of_the_arguments_in_their_order() {
    let programs = git(json!([["status"], ["log", "--oneline"]]));
    assert!(allows(&programs, &["status"]));
    assert!(allows(&programs, &["log", "--oneline"]));
    for refused in [
        &["log"][..],
        &["--oneline", "log"],
        &["log", "--oneline", "x"],
        &["Status"],
        &["log --oneline"],
        &[],
    ] {
        assert!(!allows(&programs, refused), "{refused:?}");
    }
    let refusal = programs.find("git", &["push".to_owned()]).unwrap_err().to_string();
    assert!(
        refusal.contains("add [\"push\"] to the lists of `args` under `[plugins.process.programs.git]`"),
        "{refusal}"
    );
}

#[test]
fn an_expression_is_about_the_whole_argument() {
    let programs = git(json!([["log", { "matches": "-[0-9]+" }], ["show", { "matches": "a|ab" }]]));
    assert!(allows(&programs, &["log", "-12"]));
    assert!(allows(&programs, &["show", "ab"]), "the longer of two is found as well");
    for refused in ["-12x", "x-12", "-12\n", "\n-12", "-", "-1 -2"] {
        assert!(!allows(&programs, &["log", refused]), "{refused:?}");
    }
    assert!(!allows(&programs, &["show", "abc"]));
}

#[test]
fn no_expression_gets_out_of_its_brackets() {
    for text in ["a)|(?:b", "(?x)a # )", "[", "a(?"] {
        let refusal = refusal(json!({ "git": { "args": [[{ "matches": text }]] } }));
        assert!(refusal.contains("`plugins.process.programs.git`: `matches = "), "{refusal}");
    }
    // Flags and lines do not loosen the ends.
    let programs = git(json!([[{ "matches": "(?m)^a$" }], [{ "matches": "(?x)b # )\n" }]]));
    assert!(allows(&programs, &["a"]) && allows(&programs, &["b"]));
    assert!(!allows(&programs, &["a\nb"]) && !allows(&programs, &["bc"]));
}

#[test]
fn what_begins_like_an_option_needs_an_expression_that_does() {
    let programs = git(json!([["show", { "matches": ".+" }], ["log", { "matches": "\\-\\-since=.+" }]]));
    assert!(allows(&programs, &["show", "HEAD"]));
    assert!(!allows(&programs, &["show", "--output=/home/anna/.bashrc"]));
    assert!(!allows(&programs, &["show", "-"]));
    assert!(allows(&programs, &["log", "--since=2026-01-01"]));
}

#[test]
fn an_alternative_that_begins_like_an_option_lends_that_to_no_other_one() {
    for text in ["-v|.+", ".+|-v", "-v|[-|]+|.+", "-v|(?:-|.)+"] {
        let programs = git(json!([["show", { "matches": text }]]));
        assert!(allows(&programs, &["show", "-v"]) && allows(&programs, &["show", "HEAD"]), "{text}");
        assert!(
            !allows(&programs, &["show", "--output=x"]) && !allows(&programs, &["show", "-vv"]),
            "{text}"
        );
    }
    let programs = git(json!([["show", { "matches": "-(?:a|b)|-[c|d]|--e\\|f" }]]));
    for argument in ["-a", "-b", "-c", "-|", "--e|f"] {
        assert!(allows(&programs, &["show", argument]), "{argument}");
    }
}

#[test]
fn any_is_any() {
    let programs = git(json!("any"));
    assert!(allows(&programs, &[]));
    assert!(allows(&programs, &["--upload-pack=x", "\n", ""]));
}

#[test]
fn a_slip_is_named_with_its_table() {
    let named = |entry: Value, part: &str| {
        let refusal = refusal(json!({ "my git": entry }));
        assert!(refusal.contains("`plugins.process.programs.\"my git\"`: "), "{refusal}");
        assert!(refusal.contains(part), "{refusal}");
    };
    named(json!({ "command": "bin/git" }), "neither the mere name");
    named(json!({ "command": "../git" }), "neither the mere name");
    named(json!({ "command": "" }), "is empty");
    named(json!({ "folder": "project" }), "absolute path");
    named(json!({ "folder": "$HOMER/x" }), "absolute path");
    named(json!({ "environment": ["=x"] }), "environment");
    for (entry, part) in [
        (json!({ "args": ["status"] }), "list of lists"),
        (json!({ "args": "all" }), "list of lists"),
        (json!({ "args": [[{ "matches": "a", "regex": "b" }]] }), "list of lists"),
        (json!({ "arguments": [] }), "unknown field `arguments`"),
    ] {
        let refusal = refusal(json!({ "git": entry }));
        assert!(refusal.contains(part), "{refusal}");
    }
}

#[test]
fn folders_are_below_the_known_ones_or_absolute() {
    let folder = |folder: Value| {
        let programs = programs(json!({ "git": { "folder": folder } })).unwrap();
        programs.find("git", &[]).unwrap().folder.clone()
    };
    assert_eq!(folder(Value::Null), Path::new("/own"));
    assert_eq!(folder(json!("$APP/exports")), Path::new("/app/exports"));
    assert_eq!(folder(json!("$HOME")), Path::new("/home/anna"));
    assert_eq!(folder(json!("/srv")), Path::new("/srv"));
}

#[test]
fn a_refusal_of_megabytes_is_a_sentence_all_the_same() {
    let programs = git(json!([]));
    let long = "x".repeat(8 << 20);
    let refusal = programs.find("git", std::slice::from_ref(&long)).unwrap_err().to_string();
    assert!(refusal.len() < 1000 && refusal.contains("add […]"), "{refusal}");
    let many = vec![String::new(); 1 << 20];
    assert!(programs.find("git", &many).unwrap_err().to_string().len() < 1000);
    assert!(programs.find(&long, &[]).unwrap_err().to_string().len() < 1000);
    let odd = programs.find("a\n]\u{7f}", &[]).unwrap_err().to_string();
    assert!(odd.contains(r#"`[plugins.process.programs."a\n]\u007f"]`"#), "{odd}");
}
