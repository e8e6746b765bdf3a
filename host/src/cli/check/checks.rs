//! What is asked of a plugin: each check with its name, its level, and what it is about.

mod calls;
mod life;

use super::bench::Bench;
use super::room::Room;
use super::task::{Found, Task};

/// A check.
pub struct Check {
    /// By which it is chosen and reported.
    pub name: &'static str,
    /// The level from which on it is made.
    pub level: u8,
    /// What it is about, in a sentence.
    pub about: &'static str,
    /// Makes it, in a child process.
    pub make: fn(&Task, &Room) -> Found,
}

/// The check without which no other one makes sense.
pub const LOADS: &str = "loads";

/// All of them, in their order.
pub const ALL: &[Check] = &[
    Check {
        name: LOADS,
        level: 1,
        about: "passes what every library passes in a host: file, manifest, table, trial, start",
        make: life::loads,
    },
    Check {
        name: "stops",
        level: 1,
        about: "stops within three seconds and leaves nothing running that a host would wait for",
        make: life::stops,
    },
    Check {
        name: "starts-again",
        level: 1,
        about: "is switched off and on again, twice, in one process",
        make: life::starts_again,
    },
    Check {
        name: "documented",
        level: 2,
        about: "has a description, and each command a sentence of documentation",
        make: life::documented,
    },
    Check {
        name: "answers",
        level: 2,
        about: "every command answers arguments that fit, in time and without a panic",
        make: calls::answers,
    },
    Check {
        name: "missing-arguments",
        level: 2,
        about: "an argument that is needed and missing, or that nobody knows, is refused",
        make: calls::missing,
    },
    Check {
        name: "wrong-arguments",
        level: 2,
        about: "arguments of other types are answered, whatever they are",
        make: calls::wrong,
    },
    Check {
        name: "main-thread",
        level: 2,
        about: "commands on the main thread are done within 250 ms, better 16 ms",
        make: calls::main_thread,
    },
    Check {
        name: "stops-in-flight",
        level: 2,
        about: "stops within three seconds while calls run, and each of them is answered",
        make: life::stops_in_flight,
    },
    Check { name: "threads", level: 2, about: "no thread of its own outlives it", make: life::threads },
    Check {
        name: "surroundings",
        level: 2,
        about: "working folder, locale, environment, signals, file mode mask and standard files stay as they were",
        make: life::surroundings,
    },
    Check {
        name: "random-arguments",
        level: 3,
        about: "every command answers 200 messages of random arguments",
        make: calls::random,
    },
    Check {
        name: "huge-arguments",
        level: 3,
        about: "texts of 8 MB and lists of 200,000 are answered",
        make: calls::huge,
    },
    Check {
        name: "deep-arguments",
        level: 3,
        about: "arguments nested 100,000 deep are answered",
        make: calls::deep,
    },
    Check {
        name: "memory",
        level: 3,
        about: "1,000 calls after the first 1,000 take less than 4 KB each, and no open files",
        make: life::memory,
    },
];

/// Makes a check on a plugin that serves, and stops it afterwards, as far as it lets itself be stopped.
fn with_bench(task: &Task, room: &Room, check: impl FnOnce(&Bench<'_>) -> Found) -> Found {
    match Bench::start(task, room) {
        Ok(bench) => {
            let found = check(&bench);
            // How it stops is another check's.
            bench.stop();
            found
        }
        Err(reason) => Found::Failed(reason),
    }
}
