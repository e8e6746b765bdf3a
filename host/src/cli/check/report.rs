//! What was found: for people, as JSON, and as JUnit writes it.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use quick_junit::{NonSuccessKind, Report as JunitReport, TestCase, TestCaseStatus, TestSuite};
use serde::Serialize;

use super::checks::Check;
use super::children::Examined;
use super::task::Found;
use crate::words::{self as host_words, check as words};

/// The report on one library, printed as it comes in.
pub struct Report {
    library: PathBuf,
    level: u8,
    seed: u64,
    json: bool,
    entries: Vec<Entry>,
}

/// One check.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    check: &'static str,
    level: u8,
    outcome: &'static str,
    /// What was found, where there is something to say.
    sentence: String,
    seconds: f64,
    /// What the plugin printed meanwhile.
    output: String,
}

/// All of it, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Whole<'a> {
    library: String,
    level: u8,
    seed: u64,
    passed: bool,
    checks: &'a [Entry],
}

/// Prints which checks there are.
pub fn list(checks: &[Check]) -> Result<()> {
    let mut output = std::io::stdout().lock();
    for Check { name, level, about, .. } in checks {
        writeln!(output, "{level}  {name:<18} {about}")?;
    }
    Ok(())
}

impl Report {
    /// Begins one.
    pub fn begin(library: &Path, level: u8, seed: u64, json: bool) -> Result<Self> {
        if !json {
            writeln!(std::io::stdout(), "{}", words::heading(library, level, seed))?;
        }
        Ok(Self { library: library.to_owned(), level, seed, json, entries: Vec::new() })
    }

    /// Adds what a check has found.
    pub fn add(&mut self, check: &Check, examined: Examined) -> Result<()> {
        let Examined { found, took, output } = examined;
        let (outcome, sentence) = match found {
            Found::Passed(more) => ("passed", more),
            Found::Warning(sentence) => ("warning", sentence),
            Found::Failed(sentence) => ("failed", sentence),
            Found::Skipped(sentence) => ("skipped", sentence),
        };
        if !self.json {
            let mut to = std::io::stdout().lock();
            writeln!(to, "{}", format!("  {outcome:<8} {:<18} {sentence}", check.name).trim_end())?;
            if outcome == "failed" {
                writeln!(to, "{:29}{}", "", words::again(&self.library, check.name, self.seed))?;
            }
            to.flush()?;
        }
        let (check, level) = (check.name, check.level);
        self.entries.push(Entry { check, level, outcome, sentence, seconds: took.as_secs_f64(), output });
        Ok(())
    }

    /// Prints the end, writes the report for machines, and tells the exit code.
    pub fn end(self, junit: Option<&Path>) -> Result<i32> {
        let count = |outcome: &str| self.entries.iter().filter(|entry| entry.outcome == outcome).count();
        let failed = count("failed");
        if let Some(file) = junit {
            std::fs::write(file, self.junit()?).with_context(|| host_words::cannot_write(file))?;
        }
        let mut to = std::io::stdout().lock();
        if self.json {
            let whole = Whole {
                library: self.library.display().to_string(),
                level: self.level,
                seed: self.seed,
                passed: failed == 0,
                checks: &self.entries,
            };
            writeln!(to, "{}", serde_json::to_string_pretty(&whole)?)?;
        } else {
            writeln!(to, "{}", words::summary(count("passed"), count("warning"), failed, count("skipped")))?;
        }
        Ok(i32::from(failed > 0))
    }

    fn junit(&self) -> Result<String> {
        let mut suite = TestSuite::new(self.library.display().to_string());
        suite.add_property(("seed", self.seed.to_string().as_str()));
        for entry in &self.entries {
            let mut status = match entry.outcome {
                "failed" => TestCaseStatus::non_success(NonSuccessKind::Failure),
                "skipped" => TestCaseStatus::skipped(),
                _ => TestCaseStatus::success(),
            };
            status.set_message(entry.sentence.as_str());
            let mut case = TestCase::new(entry.check, status);
            case.set_time(std::time::Duration::from_secs_f64(entry.seconds));
            case.set_system_out(entry.output.as_str());
            suite.add_test_case(case);
        }
        let mut report = JunitReport::new("plugin-host check");
        report.add_test_suite(suite);
        Ok(report.to_string()?)
    }
}
