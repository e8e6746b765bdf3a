//! What a process of its own costs a plugin's calls, and what plugins cost each other: one that sleeps on all it may have, and one
//! that dies beside the window.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use crossbeam_channel::Receiver;
use plugin_host_runtime::{PluginStatus, Replier, Reply, ReplySink, Wishes};
use serde_json::json;
use tests::program::Program;
use tests::{Host, built, plugin_folder, repository};

use crate::Line;

/// Measurements of each kind, in turn; the middle one counts.
const ROUNDS: usize = 9;

/// All lines about lanes.
///
/// # Errors
/// When something that is measured does not run.
pub fn lines() -> Result<Vec<Line>> {
    let mut lines = isolated()?;
    lines.push(fairness()?);
    lines.push(stall()?);
    Ok(lines)
}

/// Hands replies to the thread that waits for them.
struct Hand(crossbeam_channel::Sender<Reply>);

impl ReplySink for Hand {
    fn deliver(&self, _call: u64, reply: Reply) {
        // The one who waits may have had enough.
        let _ = self.0.send(reply);
    }
}

/// Calls, and their replies.
struct Caller<'a> {
    host: &'a Host,
    sink: Arc<dyn ReplySink>,
    replies: Receiver<Reply>,
}

impl<'a> Caller<'a> {
    fn of(host: &'a Host) -> Self {
        let (sender, replies) = crossbeam_channel::unbounded();
        Self { host, sink: Arc::new(Hand(sender)), replies }
    }

    /// How long so many calls take that are made at once, in microseconds.
    fn time(&self, message: &str, count: usize) -> Result<f64> {
        let begin = Instant::now();
        for _ in 0..count {
            self.host.runtime.submit(message.to_owned(), Replier::new(Arc::clone(&self.sink), 0));
        }
        for _ in 0..count {
            let reply = self.replies.recv()?;
            ensure!(!matches!(reply, Reply::Error(_)), "{reply:?}");
        }
        Ok(begin.elapsed().as_secs_f64() * 1e6)
    }
}

/// A host with `ordinary` in this lane.
fn host(isolated: bool) -> Host {
    let host = Host::set_up(plugin_folder(&["ordinary"]), |builder| {
        builder.isolate(Wishes { all: isolated, names: Vec::new() })
    });
    host.status();
    host
}

fn isolated() -> Result<Vec<Line>> {
    let (apart, here) = (host(true), host(false));
    let (apart, here) = (Caller::of(&apart), Caller::of(&here));
    let small = json!({ "cmd": "echo", "value": { "number": 7, "text": "some string data" } }).to_string();
    let letters = |count: usize| json!({ "cmd": "letters", "count": count }).to_string();
    let one_after_another = |caller: &Caller<'_>| -> Result<f64> {
        let mut sum = 0.0;
        for _ in 0..1000 {
            sum += caller.time(&small, 1)?;
        }
        Ok(sum / 1000.0)
    };
    let line =
        |what: &str, unit, divisor: f64, measure: &dyn Fn(&Caller<'_>) -> Result<f64>| -> Result<Line> {
            // Both are warm by then.
            measure(&apart)?;
            measure(&here)?;
            let mut pairs = Vec::new();
            for _ in 0..ROUNDS {
                pairs.push((measure(&apart)? / divisor, measure(&here)? / divisor));
            }
            Ok(Line {
                what: format!("isolated, {what} (in the host)"),
                ours: middle(pairs.iter().map(|pair| pair.0)),
                peers: middle(pairs.iter().map(|pair| pair.1)),
                unit,
                ratio: middle(pairs.iter().map(|pair| pair.0 / pair.1)),
                at_most: None,
            })
        };
    Ok(vec![
        line("one after another", "us", 1.0, &one_after_another)?,
        line("1000 at once", "us", 1.0, &|caller| caller.time(&small, 1000))?,
        line("a reply of 1 MB", "us", 1.0, &|caller| caller.time(&letters(1_000_000), 1))?,
        line("a reply of 10 MB", "ms", 1000.0, &|caller| caller.time(&letters(10_000_000), 1))?,
        socket(&apart, &letters(10_000_000))?,
    ])
}

/// 10 MB over a socket pair, with nobody who makes or reads anything of them, beside an isolated plugin's reply as long as that: the
/// most that another way could save.
fn socket(apart: &Caller<'_>, message: &str) -> Result<Line> {
    let bytes = vec![b'x'; 10_000_000];
    let mut pairs = Vec::new();
    for _ in 0..ROUNDS {
        let (mut from, to) = UnixStream::pair()?;
        let begin = Instant::now();
        let received = thread::scope(|scope| {
            let reader = scope.spawn(move || {
                let mut received = Vec::with_capacity(10_000_000);
                (&to).take(10_000_000).read_to_end(&mut received).map(|_| received.len())
            });
            from.write_all(&bytes)?;
            reader.join().expect("it does not panic")
        })?;
        ensure!(received == bytes.len(), "all of it arrives");
        pairs.push((begin.elapsed().as_secs_f64() * 1000.0, apart.time(message, 1)? / 1000.0));
    }
    Ok(Line {
        what: "the socket alone, 10 MB (of such a reply)".to_owned(),
        ours: middle(pairs.iter().map(|pair| pair.0)),
        peers: middle(pairs.iter().map(|pair| pair.1)),
        unit: "ms",
        ratio: middle(pairs.iter().map(|pair| pair.0 / pair.1)),
        at_most: None,
    })
}

/// The time within which 99 of a hundred calls are answered, in microseconds, of a plugin beside which another one sleeps on all
/// threads that it may have, with ten thousand calls in its queue; and beside which nothing happens.
fn fairness() -> Result<Line> {
    let mut pairs = Vec::new();
    for round in 1..=ROUNDS {
        eprintln!("fairness, round {round} of {ROUNDS}");
        let host = Host::with(&["ordinary", "unruly"]);
        host.status();
        let caller = Caller::of(&host);
        slowest(&caller)?;
        let idle = slowest(&caller)?;
        let message = json!({ "cmd": "actHere", "deed": "waitsForRelease" }).to_string();
        let sleeping: Vec<_> = (0..10_064).map(|_| host.begin(&message)).collect();
        let sleeps = |plugin: &PluginStatus| {
            plugin.live.as_ref().is_some_and(|live| live.in_flight == 10_064 && live.queue_length == 10_000)
        };
        while !host.status().plugins.iter().any(sleeps) {
            thread::yield_now();
        }
        pairs.push((slowest(&caller)?, idle));
        // Those that sleep never wake; the host does not wait for them.
        host.runtime.stop(Duration::ZERO);
        ensure!(sleeping.len() == 10_064, "they are remembered until then");
    }
    Ok(Line {
        what: "p99 beside a plugin that sleeps (alone)".to_owned(),
        ours: middle(pairs.iter().map(|pair| pair.0)),
        peers: middle(pairs.iter().map(|pair| pair.1)),
        unit: "us",
        ratio: middle(pairs.iter().map(|pair| pair.0 / pair.1)),
        at_most: Some(2.0),
    })
}

/// The time within which 99 of a hundred calls are answered, in microseconds.
fn slowest(caller: &Caller<'_>) -> Result<f64> {
    let message = json!({ "cmd": "echo", "value": 7 }).to_string();
    let mut times = (0..5000).map(|_| caller.time(&message, 1)).collect::<Result<Vec<f64>>>()?;
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() * 99 / 100])
}

/// How long a page waits at most for one plugin while another, isolated, dies and hangs, beside 50 ms.
fn stall() -> Result<Line> {
    const WORDS: &str = "the longest wait for another plugin was ";
    let plugins = plugin_folder(&["unruly", "ordinary"]);
    let mut waits = Vec::new();
    for _ in 0..3 {
        let data = tempfile::tempdir()?;
        let settings = "[host.plugins.unruly]\nisolation = 'process'\npatience = '200 ms'";
        std::fs::write(data.path().join("config.toml"), settings)?;
        let mut command = Command::new(built().join("plugin-host"));
        command
            .args(["run", "--report", "--allow-all", "--only", "--frontend"])
            .arg(repository().join("tests/window/isolated"));
        command.arg("--plugins").arg(plugins.path()).arg("--data").arg(data.path());
        let output = Program::start(&mut command).end().output;
        let told = output.split_once(WORDS).and_then(|(_, told)| told.split_once(' '));
        waits.push(told.context("the page has not told")?.0.parse::<f64>()?);
    }
    Ok(Line::new("longest wait while an isolated plugin dies (50 ms)", middle(waits), 50.0, "ms", Some(1.0)))
}

fn middle(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
