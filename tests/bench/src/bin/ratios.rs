//! Runs the measurements of the window, ours and the peer's in turn, and prints all of them as one table of ratios. Those
//! of the runtime have been taken before, by `cargo bench`.
//!
//! With the names of parts (`runtime`, `lanes`, `folders`, `window`) only those are measured.
//!
//! A machine's speed drifts: each ratio is taken from one pair of runs, and the middle one of all pairs is printed.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use bench::Line;
use tests::program::Program;
use tests::{built, plugin_folder, repository};

/// Pairs of runs of the window.
const PAIRS: usize = 11;

/// Takes a part of the measurements.
type Measure = fn() -> Result<Vec<Line>>;

fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let parts: [(&str, Measure); 4] = [
        ("runtime", runtime),
        ("lanes", bench::lanes::lines),
        ("folders", bench::folders::lines),
        ("window", window),
    ];
    let mut lines = Vec::new();
    for (name, measure) in parts {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            lines.extend(measure()?);
        }
    }
    println!("{:<48} {:>12} {:>12}      {:>7}  limit", "", "ours", "peer's", "ratio");
    for Line { what, ours, peers, unit, ratio, at_most } in lines {
        let verdict = match at_most {
            Some(limit) if ratio <= limit => format!("<= {limit:.2}"),
            Some(limit) => format!("<= {limit:.2}, NOT REACHED"),
            None => String::new(),
        };
        println!("{what:<48} {ours:>12.1} {peers:>12.1} {unit:<4} {ratio:>7.2}  {verdict}");
    }
    Ok(())
}

/// What criterion has measured: the middle of the runs, in nanoseconds.
fn runtime() -> Result<Vec<Line>> {
    let folder = built().parent().context("a folder of builds")?.join("criterion");
    let middle = |group: &str, side: &str, input: &str| -> Result<f64> {
        let file = [group, side, input, "new/estimates.json"].iter().collect::<PathBuf>();
        let file = folder.join(file);
        let text = std::fs::read(&file).with_context(|| format!("{} is not there", file.display()))?;
        let estimates: serde_json::Value = serde_json::from_slice(&text)?;
        estimates["median"]["point_estimate"].as_f64().context("criterion wrote no median")
    };
    let mut lines = Vec::new();
    for input in ["small", "1 KB", "100 KB in", "100 KB out"] {
        let (ours, peers) = (middle("boundary", "plugin", input)?, middle("boundary", "direct", input)?);
        let what = format!("crossing the boundary, {input} (direct call)");
        lines.push(Line::new(&what, ours, peers, "ns", Some(1.1)));
    }
    for group in ["one after another", "1000 at once"] {
        let (ours, peers) = (middle(group, "runtime", "")?, middle(group, "thread", "")?);
        let what = format!("runtime, {group} (bare thread)");
        lines.push(Line::new(&what, ours, peers, "ns", None));
    }
    Ok(lines)
}

/// What one run of the window has told.
#[derive(Clone, Copy, Default)]
struct Run {
    start: f64,
    alone: f64,
    at_once: f64,
    large: f64,
}

fn window() -> Result<Vec<Line>> {
    let page = repository().join("tests/bench/page");
    let plugins = plugin_folder(&["ordinary"]);
    let data = tempfile::tempdir()?;
    let ours = || {
        let mut command = Command::new(built().join("plugin-host"));
        command.args(["run", "--report=stay", "--allow-all", "--only", "--frontend"]).arg(&page);
        command.arg("--plugins").arg(plugins.path()).arg("--data").arg(data.path());
        command
    };
    let peer = || {
        let mut command = Command::new(built().join("plain-wry"));
        command.arg(&page);
        command
    };
    // The first window of all finds cold files.
    run(&mut peer())?;
    run(&mut ours())?;
    let mut pairs = Vec::new();
    for number in 1..=PAIRS {
        eprintln!("window, pair {number} of {PAIRS}");
        // Who comes first takes turns, too.
        pairs.push(if number % 2 == 0 {
            let peers = run(&mut peer())?;
            (run(&mut ours())?, peers)
        } else {
            let own = run(&mut ours())?;
            (own, run(&mut peer())?)
        });
    }
    let line = |what: &str, unit, of: fn(&Run) -> f64, at_most| {
        let side = |side: fn(&(Run, Run)) -> &Run| middle(pairs.iter().map(|pair| of(side(pair))).collect());
        Line {
            what: format!("{what} (plain wry)"),
            ours: side(|pair| &pair.0),
            peers: side(|pair| &pair.1),
            unit,
            ratio: middle(pairs.iter().map(|(ours, peers)| of(ours) / of(peers)).collect()),
            at_most,
        }
    };
    Ok(vec![
        line("window, start to first answer", "ms", |run| run.start, Some(1.1)),
        line("window, one after another", "us", |run| run.alone, Some(1.2)),
        // At least 0.7 of the peer's rate.
        line("window, 10000 at once, both gathered", "ms", |run| run.at_once, Some(1.0 / 0.7)),
        line("window, a reply of 100000 objects", "ms", |run| run.large, None),
    ])
}

fn run(command: &mut Command) -> Result<Run> {
    let begin = Instant::now();
    let mut program = Program::start(command);
    program.wait_for("first answer");
    let start = begin.elapsed().as_secs_f64() * 1000.0;
    program.wait_for("end");
    let number = |name: &str| -> Result<f64> {
        let line = program.said().iter().find(|line| line.contains(name)).context("a line is missing")?;
        Ok(line.rsplit(' ').next().unwrap_or_default().parse()?)
    };
    let run = Run {
        start,
        alone: number("one after another")?,
        at_once: number("at once")?,
        large: number("large reply")?,
    };
    ensure!(run.alone > 0.0, "the page measured nothing");
    program.signal("TERM");
    program.end();
    Ok(run)
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
