//! Checks that call the plugin's commands, with arguments that fit and such as do not.

use std::time::Duration;

use serde_json::Value;

use super::super::arguments::Arguments;
use super::super::bench::{Answer, Argument, Bench, Command};
use super::super::room::Room;
use super::super::task::{Found, Task};
use super::with_bench;
use crate::words::check as words;

/// Calls of each command with arguments that fit.
const ROUNDS: usize = 5;
/// And with random ones.
const RANDOM_ROUNDS: usize = 200;
/// The length of a long text, in characters.
const LONG: usize = 8 * 1024 * 1024;
/// The length of a long list.
const MANY: usize = 200_000;
/// How deep is deep.
const DEEP: usize = 100_000;
/// One frame at 60 Hz.
const ONE_FRAME: Duration = Duration::from_millis(16);
/// What a person notices as a window that stands still.
const NOTICED: Duration = Duration::from_millis(250);

type Passed = Vec<(String, String)>;

/// Arguments that fit.
pub fn fitting(command: &Command, arguments: &mut Arguments) -> Passed {
    let known = command.arguments.iter().flatten();
    known
        .map(|argument| {
            (argument.name.clone(), arguments.fitting(argument.schema.as_ref(), &argument.kind).to_string())
        })
        .collect()
}

/// Calls each command with what `make` makes of it, and keeps the first fault.
fn call_each(
    task: &Task,
    room: &Room,
    mut make: impl FnMut(&Command, &mut Arguments) -> Vec<Passed>,
    mut judge: impl FnMut(&Bench<'_>, &Command, &Passed, &Answer) -> Option<String>,
) -> Found {
    with_bench(task, room, |bench| {
        let mut arguments = Arguments::new(task.seed);
        let (mut calls, mut refused) = (0, 0);
        for command in &bench.commands {
            for passed in make(command, &mut arguments) {
                let answer = bench.call(command, &passed);
                calls += 1;
                refused += usize::from(matches!(answer, Answer::Error(_)));
                if let Answer::Fault(sentence) = answer {
                    return Found::Failed(sentence);
                }
                if let Some(sentence) = judge(bench, command, &passed, &answer) {
                    return Found::Failed(sentence);
                }
            }
        }
        if calls == 0 {
            Found::Skipped(words::nothing_to_call())
        } else {
            Found::Passed(words::calls(calls, refused))
        }
    })
}

/// Arguments that fit.
pub fn answers(task: &Task, room: &Room) -> Found {
    let make = |command: &Command, arguments: &mut Arguments| {
        (0..ROUNDS).map(|_| fitting(command, arguments)).collect()
    };
    call_each(task, room, make, |_, _, _, _| None)
}

/// One argument less, and one too many.
pub fn missing(task: &Task, room: &Room) -> Found {
    let make = |command: &Command, arguments: &mut Arguments| {
        let Some(known) = &command.arguments else { return Vec::new() };
        let whole = fitting(command, arguments);
        let needed = known.iter().filter(|argument| !argument.optional);
        let without =
            |argument: &Argument| whole.iter().filter(|(name, _)| *name != argument.name).cloned().collect();
        let mut messages: Vec<Passed> = needed.map(without).collect();
        let unknown = ("an argument that nobody knows".to_owned(), "1".to_owned());
        messages.push(whole.iter().cloned().chain([unknown]).collect());
        messages
    };
    call_each(task, room, make, |bench, command, passed, answer| {
        (*answer == Answer::Value).then(|| words::not_refused(&bench.message(command, passed)))
    })
}

/// Other types.
pub fn wrong(task: &Task, room: &Room) -> Found {
    let make = |command: &Command, arguments: &mut Arguments| {
        let whole = fitting(command, arguments);
        replaced(&whole, &Arguments::odd().iter().map(Value::to_string).collect::<Vec<_>>())
    };
    call_each(task, room, make, |_, _, _, _| None)
}

/// The same arguments, but that each in turn has each of these values.
fn replaced(whole: &Passed, values: &[String]) -> Vec<Passed> {
    let mut messages = Vec::new();
    for place in 0..whole.len() {
        for value in values {
            let mut passed = whole.clone();
            passed[place].1.clone_from(value);
            messages.push(passed);
        }
    }
    messages
}

/// Anything.
pub fn random(task: &Task, room: &Room) -> Found {
    let make = |command: &Command, arguments: &mut Arguments| {
        let count = if command.arguments.as_ref().is_none_or(Vec::is_empty) { 1 } else { RANDOM_ROUNDS };
        let one = |arguments: &mut Arguments| {
            let mut passed = fitting(command, arguments);
            let places = passed.len();
            if places > 0 {
                let any = arguments.any();
                passed[arguments.below(places)].1 = any.to_string();
            }
            passed
        };
        (0..count).map(|_| one(arguments)).collect()
    };
    call_each(task, room, make, |_, _, _, _| None)
}

/// Long ones.
pub fn huge(task: &Task, room: &Room) -> Found {
    let make = |command: &Command, arguments: &mut Arguments| {
        let whole = fitting(command, arguments);
        let numbers = vec!["1"; MANY].join(",");
        replaced(&whole, &[format!("\"{}\"", "x".repeat(LONG)), format!("[{numbers}]"), "9".repeat(400)])
    };
    call_each(task, room, make, |_, _, _, _| None)
}

/// Deep ones.
pub fn deep(task: &Task, room: &Room) -> Found {
    let make = |command: &Command, arguments: &mut Arguments| {
        let whole = fitting(command, arguments);
        let lists = format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP));
        let objects = format!("{}1{}", "{\"a\":".repeat(DEEP), "}".repeat(DEEP));
        replaced(&whole, &[lists, objects])
    };
    call_each(task, room, make, |_, _, _, _| None)
}

/// How long the window would stand still.
pub fn main_thread(task: &Task, room: &Room) -> Found {
    with_bench(task, room, |bench| {
        let mut arguments = Arguments::new(task.seed);
        let (mut longest, mut of) = (Duration::ZERO, None);
        for command in bench.commands.iter().filter(|command| command.on_main) {
            bench.take_longest_turn();
            for _ in 0..ROUNDS {
                if let Answer::Fault(sentence) = bench.call(command, &fitting(command, &mut arguments)) {
                    return Found::Failed(sentence);
                }
            }
            let turn = bench.take_longest_turn();
            if of.is_none() || turn > longest {
                (longest, of) = (turn, Some(&command.name));
            }
        }
        match of {
            None => Found::Skipped(words::nothing_on_main()),
            Some(name) if longest > NOTICED => Found::Failed(words::stands_still(name, longest)),
            Some(name) if longest > ONE_FRAME => Found::Warning(words::stands_still(name, longest)),
            Some(name) => Found::Passed(words::longest_on_main(name, longest)),
        }
    })
}
