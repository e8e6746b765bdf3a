//! `plugin-host check`: examines one library as its author would like to hear of it before anybody else does.
//!
//! Each check runs in a child process of this executable ([`children`]), over a folder that holds nothing but the library, in a
//! runtime like that of the window ([`bench`]). What a check asks of a plugin stands in [`checks`], with its name and its level.
//! The random part comes from a seed, which is printed. Exit codes: 0 when nothing failed, 1 when something did, 2 when there is
//! nothing to check.

mod arguments;
mod bench;
mod checks;
mod child;
mod children;
mod report;
mod room;
mod surroundings;
mod task;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

pub use child::if_asked;
use task::Task;

use crate::words::check as words;

#[derive(Args)]
pub struct CheckArguments {
    /// The library
    #[arg(required_unless_present = "list")]
    library: Option<PathBuf>,
    /// 1: it loads, starts and stops; 2: its commands and what they leave behind as well; 3: at length, with random, huge and deep
    /// arguments, and memory
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=3))]
    level: u8,
    /// What the random part follows from; another one each time otherwise
    #[arg(long)]
    seed: Option<u64>,
    /// This check alone; may be given more than once
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Do not call this command, as one that is meant never to answer; may be given more than once
    #[arg(long, value_name = "CMD")]
    skip: Vec<String>,
    /// How many seconds a check may take
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    patience: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Write a report as JUnit does, too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Print which checks there are, and what each is about
    #[arg(long)]
    list: bool,
}

/// Checks a library, prints what was found, and tells by the exit code whether something failed.
pub fn run(arguments: &CheckArguments) -> Result<i32> {
    let Some(library) = arguments.library.as_ref().filter(|_| !arguments.list) else {
        report::list(checks::ALL)?;
        return Ok(0);
    };
    if !library.is_file() {
        bail!(words::no_library(library));
    }
    let library = std::path::absolute(library)?;
    if let Some(unknown) =
        arguments.only.iter().find(|name| checks::ALL.iter().all(|check| check.name != **name))
    {
        bail!(words::no_such_check(unknown));
    }
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..u64::from(u32::MAX)));
    let chosen = checks::ALL.iter().filter(|check| match &*arguments.only {
        [] => check.level <= arguments.level,
        names => names.iter().any(|name| name == check.name),
    });
    let mut report = report::Report::begin(&library, arguments.level, seed, arguments.json)?;
    for check in chosen {
        let examined = children::examine(&Task {
            check: check.name.to_owned(),
            library: library.clone(),
            seed,
            skip: arguments.skip.clone(),
            patience: Duration::from_secs(arguments.patience),
        })?;
        let useless = check.name == checks::LOADS && examined.found.is_failure();
        report.add(check, examined)?;
        if useless {
            // Every other check would say the same.
            break;
        }
    }
    report.end(arguments.junit.as_deref().map(Path::new))
}
