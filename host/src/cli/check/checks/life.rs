//! Checks of a plugin's life: how it loads, starts, stops, and what it leaves behind.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use plugin_host_runtime::Reply;
use serde_json::json;

use super::super::arguments::Arguments;
use super::super::bench::{Answer, Bench, STOP_PATIENCE, start_without_plugins};
use super::super::room::Room;
use super::super::surroundings::{self, Surroundings};
use super::super::task::{Found, Task};
use super::calls::fitting;
use super::with_bench;
use crate::words::check as words;

/// Calls of each command that are in flight when the plugin is stopped.
const IN_FLIGHT: usize = 20;
/// Calls before memory is looked at, and between the two looks.
const MANY: usize = 1000;
/// What a call may leave behind, in bytes: less than that is the system's way of giving out memory.
const MOST_KEPT: usize = 4096;
/// Open files that may be more afterwards: those of threads that come and go.
const MOST_FILES: usize = 8;
/// How long threads may take to end once their plugin is stopped.
const THREADS_END: Duration = Duration::from_secs(5);

/// It serves.
pub fn loads(task: &Task, room: &Room) -> Found {
    with_bench(task, room, |bench| {
        Found::Passed(words::loaded(&bench.plugin.name, &bench.plugin.version, bench.plugin.commands.len()))
    })
}

/// It stops when nobody calls it.
pub fn stops(task: &Task, room: &Room) -> Found {
    match Bench::start(task, room) {
        Ok(bench) if bench.stop() => Found::Passed(String::new()),
        Ok(_) => Found::Failed(words::does_not_stop(STOP_PATIENCE)),
        Err(reason) => Found::Failed(reason),
    }
}

/// It is switched off and on.
pub fn starts_again(task: &Task, room: &Room) -> Found {
    with_bench(task, room, |bench| {
        for _ in 0..2 {
            for cmd in ["host/disable", "host/enable"] {
                room.note(&words::switching(cmd));
                let reply = bench.submit(&json!({ "cmd": cmd, "plugin": bench.plugin.name }).to_string());
                match bench.wait(&reply, Duration::from_secs(30)) {
                    Some(Reply::Error(text)) => return Found::Failed(words::does_not_switch(cmd, &text)),
                    Some(_) => {}
                    None => return Found::Failed(words::does_not_switch(cmd, "")),
                }
            }
            let status = bench.status();
            if let Some(refused) = status.refused.first() {
                return Found::Failed(words::does_not_start_again(&refused.reason));
            }
            if status.plugins.is_empty() {
                return Found::Failed(words::does_not_start_again(""));
            }
        }
        Found::Passed(String::new())
    })
}

/// People find their way.
pub fn documented(task: &Task, room: &Room) -> Found {
    with_bench(task, room, |bench| {
        let silent: Vec<_> = bench
            .commands
            .iter()
            .filter(|command| command.doc.is_empty())
            .map(|command| &*command.name)
            .collect();
        let unknown = bench.commands.iter().any(|command| command.arguments.is_none());
        match silent[..] {
            // The Tauri 0.x way tells the names and nothing else.
            _ if unknown => Found::Warning(words::not_documentable()),
            [] if bench.plugin.description.is_empty() => Found::Failed(words::no_description()),
            [] => Found::Passed(String::new()),
            _ => Found::Failed(words::not_documented(&silent)),
        }
    })
}

/// It stops while it is busy.
pub fn stops_in_flight(task: &Task, room: &Room) -> Found {
    let bench = match Bench::start(task, room) {
        Ok(bench) => bench,
        Err(reason) => return Found::Failed(reason),
    };
    room.note(&words::in_flight());
    let mut arguments = Arguments::new(task.seed);
    let mut replies = Vec::new();
    for command in &bench.commands {
        for _ in 0..IN_FLIGHT {
            let message = bench.message(command, &fitting(command, &mut arguments));
            replies.push((bench.submit(&message), message));
        }
    }
    if !bench.stop() {
        return Found::Failed(words::does_not_stop_in_flight(STOP_PATIENCE));
    }
    let open = replies.iter().find(|(reply, _)| bench.wait(reply, Duration::from_secs(1)).is_none());
    match open {
        Some((_, message)) => Found::Failed(words::never_answered(message)),
        None if replies.is_empty() => Found::Skipped(words::nothing_to_call()),
        None => Found::Passed(words::calls(replies.len(), 0)),
    }
}

/// Calls each command a few times, whatever it answers. A fault is another check's; one that has it is not called again.
fn exercise(task: &Task, bench: &Bench<'_>) {
    let mut arguments = Arguments::new(task.seed);
    for command in &bench.commands {
        for _ in 0..3 {
            if matches!(bench.call(command, &fitting(command, &mut arguments)), Answer::Fault(_)) {
                break;
            }
        }
    }
}

/// Nobody of its own is left.
pub fn threads(task: &Task, room: &Room) -> Found {
    let before = surroundings::threads();
    if before.is_empty() {
        return Found::Skipped(words::not_on_this_system());
    }
    {
        let bench = match Bench::start(task, room) {
            Ok(bench) => bench,
            Err(reason) => return Found::Failed(reason),
        };
        exercise(task, &bench);
        if !bench.stop() {
            return Found::Failed(words::does_not_stop(STOP_PATIENCE));
        }
    }
    let until = Instant::now() + THREADS_END;
    loop {
        let left: BTreeMap<_, _> =
            surroundings::threads().into_iter().filter(|(number, _)| !before.contains_key(number)).collect();
        if left.is_empty() {
            return Found::Passed(String::new());
        }
        if Instant::now() >= until {
            let names: Vec<_> = left.values().map(String::as_str).collect();
            return Found::Failed(words::threads_left(&names));
        }
        std::thread::yield_now();
    }
}

/// The process is as it was.
pub fn surroundings(task: &Task, room: &Room) -> Found {
    if let Err(reason) = start_without_plugins(room) {
        return Found::Failed(reason);
    }
    let before = Surroundings::now();
    let bench = match Bench::start(task, room) {
        Ok(bench) => bench,
        Err(reason) => return Found::Failed(reason),
    };
    exercise(task, &bench);
    bench.stop();
    match &*Surroundings::now().changed_since(&before) {
        [] => Found::Passed(String::new()),
        changed => Found::Failed(words::changes(changed)),
    }
}

/// It does not grow.
pub fn memory(task: &Task, room: &Room) -> Found {
    with_bench(task, room, |bench| {
        if bench.commands.is_empty() {
            return Found::Skipped(words::nothing_to_call());
        }
        // The same calls in each round, so that what they keep on purpose is the same as well.
        let round = || {
            let mut arguments = Arguments::new(task.seed);
            for count in 0..MANY {
                let command = &bench.commands[count % bench.commands.len()];
                if let Answer::Fault(sentence) = bench.call(command, &fitting(command, &mut arguments)) {
                    return Err(sentence);
                }
            }
            Ok(surroundings::memory_and_files())
        };
        let rounds = [round(), round()];
        match rounds {
            [Ok(Some((memory, files))), Ok(Some((memory_after, files_after)))] => {
                let each = memory_after.saturating_sub(memory) / MANY;
                if each > MOST_KEPT {
                    Found::Failed(words::keeps_memory(each))
                } else if files_after > files + MOST_FILES {
                    Found::Failed(words::keeps_files(files_after - files, MANY))
                } else {
                    Found::Passed(words::kept(each))
                }
            }
            [Err(sentence), _] | [_, Err(sentence)] => Found::Failed(sentence),
            _ => Found::Skipped(words::not_on_this_system()),
        }
    })
}
