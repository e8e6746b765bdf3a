//! What pages get of an application's arguments, and what becomes of a configuration that cannot be.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const CONFIGURATION: &str = r#"
description = "Counts things"
after-help = "That is all."
[[args]]
name = "config"
short = "c"
takes-value = true
[[args]]
name = "verbose"
short = "v"
multiple = true
[[args]]
name = "tag"
takes-value = true
multiple = true
[[args]]
name = "kind"
takes-value = true
possible-values = ["a", "b"]
conflicts-with = "config"
[[args]]
name = "source"
index = 1
[subcommands.add]
description = "Adds"
[[subcommands.add.args]]
name = "count"
takes-value = true
required = true
"#;

fn wanted(text: &str) -> Wanted {
    toml::from_str(text).unwrap()
}

fn given(text: &str, arguments: &[&str]) -> Result<Value, String> {
    read(&wanted(text), "count", arguments.iter().map(OsString::from))
        .map(|matches| serde_json::to_value(matches).unwrap())
        .map_err(|error| error.to_string())
}

#[test]
fn the_page_gets_what_was_given_in_the_shape_of_tauri() {
    let matches = given(
        CONFIGURATION,
        &["-vv", "--tag", "x", "y", "--tag=z", "-c", "file.toml", "add", "--count", "3"],
    );
    let expected = json!({
        "args": {
            "config": { "value": "file.toml", "occurrences": 1 },
            "verbose": { "value": true, "occurrences": 2 },
            "tag": { "value": ["x", "y", "z"], "occurrences": 2 },
            "kind": { "value": null, "occurrences": 0 },
            "source": { "value": null, "occurrences": 0 }
        },
        "subcommand": {
            "name": "add",
            "matches": { "args": { "count": { "value": "3", "occurrences": 1 } }, "subcommand": null }
        }
    });
    assert_eq!(matches, Ok(expected));
}

#[test]
fn without_arguments_everything_is_there_and_nothing_given() {
    let matches = given(CONFIGURATION, &[]).unwrap();
    assert_eq!(matches["args"]["verbose"], json!({ "value": false, "occurrences": 0 }));
    assert_eq!(matches["subcommand"], Value::Null);
    assert_eq!(given("", &[]), Ok(json!({ "args": {}, "subcommand": null })));
}

#[test]
fn what_the_configuration_does_not_know_is_refused_with_the_usage() {
    for (arguments, part) in [
        (&["--colour"][..], "unexpected argument '--colour'"),
        (&["--kind", "c"], "possible values: a, b"),
        (&["--kind", "a", "-c", "x"], "cannot be used with"),
        (&["add"], "--count <count>"),
        (&["--config"], "a value is required"),
        (&["--help"], "Counts things"),
        (&["--help"], "That is all."),
    ] {
        let said = given(CONFIGURATION, arguments).unwrap_err();
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_configuration_that_no_command_line_can_have_is_a_sentence() {
    for (text, part) in [
        ("[[args]]\nname = ''", "cannot be called"),
        ("[[args]]\nname = '--x'", "cannot be called"),
        ("[[args]]\nname = 'x'\n[[args]]\nname = 'x'", "twice"),
        ("[[args]]\nname = 'help'", "twice"),
        ("[[args]]\nname = 'x'\nshort = 'h'", "twice"),
        ("[[args]]\nname = 'x'\nrequires = 'y'", "`y`"),
        ("[[args]]\nname = 'x'\nindex = 2", "index"),
        ("[[args]]\nname = 'x'\nmax-values = 2", "values"),
        ("[[args]]\nname = 'x'\ntakes-value = true\nmin-values = 3\nmax-values = 2", "values"),
        ("[[args]]\nname = 'x'\nglobal = true\nrequired = true", "global"),
        ("[subcommands.a]\n[[subcommands.a.args]]\nname = ''", "cannot be called"),
    ] {
        let said = given(text, &[]).unwrap_err();
        assert!(said.contains(part), "{text}: {said}");
    }
    assert!(toml::from_str::<Wanted>("[[args]]\nname = 'x'\ntakes_value = true").is_err());
}

proptest! {
    #[test]
    fn no_configuration_and_no_argument_makes_it_panic(
        names in prop::collection::vec("[a-c]{1,2}|", 0..4),
        shorts in prop::collection::vec(prop::option::of(prop::char::range('a', 'c')), 4),
        flags in prop::collection::vec(any::<[bool; 8]>(), 4),
        counts in prop::collection::vec(any::<[Option<u8>; 4]>(), 4),
        arguments in prop::collection::vec("-{0,2}[a-d]{0,2}=?[a-c]?", 0..6),
    ) {
        let args = names.iter().enumerate().map(|(place, name)| {
            let [takes_value, multiple, multiple_occurrences, required, require_equals, global, conflicts, requires] = flags[place];
            let [index, number, least, most] = counts[place].map(|count| count.map(|count| usize::from(count % 4)));
            let other = |wanted: bool| wanted.then(|| names[0].clone());
            WantedArgument {
                name: name.clone(), short: shorts[place], takes_value, multiple, multiple_occurrences, required, require_equals, global,
                index, number_of_values: number, min_values: least, max_values: most,
                conflicts_with: other(conflicts), requires: other(requires), ..WantedArgument::default()
            }
        }).collect();
        let _ = read(&Wanted { args, ..Wanted::default() }, "x", arguments.iter().map(OsString::from));
    }
}
