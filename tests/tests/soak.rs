//! Everything at once, for a while, at random: good calls and bad ones in both lanes, cancellations, reloads, libraries that are
//! replaced, processes that die. In the end every call was settled once, the books balance, and nothing has grown.
//!
//! `SOAK_SECONDS` makes it longer, and `SOAK_SEED` repeats a run as far as threads allow that.
#![cfg(target_os = "linux")]

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_channel::select;
use fastrand::Rng;
use plugin_host_runtime::{ChangeKind, Partial, Replier, Reply, ReplySink, Stopped, Taken, UnderWay, Wishes};
use serde_json::{Value, json};
use tests::versions::{Starts, place, put, version};
use tests::{HANGS, Host, plugin_folder};

/// Calls that are open at a time.
const OPEN: usize = 300;

/// One call, as the page remembers it.
struct Open {
    under_way: Arc<dyn UnderWay>,
    session: u64,
}

/// The page: remembers its calls and counts how often each is settled.
#[derive(Default)]
struct Page {
    session: AtomicU64,
    open: Mutex<HashMap<u64, Open>>,
    /// Those that the host has answered, whether the page wanted to know or not.
    delivered: Mutex<HashSet<u64>>,
    made: AtomicU64,
    resolved: AtomicU64,
    rejected: AtomicU64,
    cancelled: AtomicU64,
    wrong: Mutex<Vec<String>>,
}

/// The calls of one load of the page.
struct Session {
    page: Arc<Page>,
    number: u64,
}

impl ReplySink for Session {
    fn deliver(&self, call: u64, reply: Reply) {
        if !self.page.delivered.lock().unwrap().insert(call) {
            let twice = format!("{call} was answered twice: {}", format!("{reply:?}").split_at(100).0);
            self.page.wrong.lock().unwrap().push(twice);
        }
        // One that the page has given up at this very moment: it has settled the promise itself, and looks no further.
        if self.page.open.lock().unwrap().remove(&call).is_none() {
            return;
        }
        match reply {
            Reply::Value(_) | Reply::Bytes(_) => &self.page.resolved,
            Reply::Error(_) => &self.page.rejected,
        }
        .fetch_add(1, Ordering::SeqCst);
    }

    fn partial(&self, call: u64, partial: Partial) -> Taken {
        let is_value = !matches!(partial, Partial::Progress(_));
        let under_way = self.page.open.lock().unwrap().get(&call).map(|open| Arc::clone(&open.under_way));
        match under_way {
            // The page takes it some time later.
            Some(under_way) if is_value && call.is_multiple_of(2) => {
                std::thread::spawn(move || under_way.acknowledge(1));
                Taken::Later
            }
            _ => Taken::Now,
        }
    }

    fn is_wanted(&self, _call: u64) -> bool {
        self.page.session.load(Ordering::SeqCst) == self.number
    }
}

impl Page {
    fn begin(self: &Arc<Self>, host: &Host, message: &Value) {
        let call = self.made.fetch_add(1, Ordering::SeqCst);
        let session = self.session.load(Ordering::SeqCst);
        let sink = Arc::new(Session { page: Arc::clone(self), number: session });
        let replier = Replier::new(sink, call);
        let under_way = replier.follow();
        self.open.lock().unwrap().insert(call, Open { under_way, session });
        host.runtime.submit(message.to_string(), replier);
    }

    /// Gives a call up, as a page does.
    fn cancel(&self, call: u64) {
        let under_way = self.open.lock().unwrap().get(&call).map(|open| Arc::clone(&open.under_way));
        let Some(under_way) = under_way else { return };
        under_way.cancel();
        if self.open.lock().unwrap().remove(&call).is_some() {
            self.cancelled.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn cancel_one(&self, rng: &mut Rng) {
        let calls: Vec<u64> = self.open.lock().unwrap().keys().copied().collect();
        if let Some(call) = rng.choice(calls) {
            self.cancel(call);
        }
    }

    fn reload(&self) {
        let before = self.session.fetch_add(1, Ordering::SeqCst);
        let calls: Vec<u64> = {
            let open = self.open.lock().unwrap();
            open.iter().filter(|(_, open)| open.session <= before).map(|(call, _)| *call).collect()
        };
        calls.into_iter().for_each(|call| self.cancel(call));
    }

    fn settled(&self) -> u64 {
        [&self.resolved, &self.rejected, &self.cancelled]
            .iter()
            .map(|count| count.load(Ordering::SeqCst))
            .sum()
    }
}

const DEEDS: [&str; 19] = [
    "ok",
    "err",
    "panic",
    "panicOddly",
    "panicInDropOfPayload",
    "panicInDropOfResult",
    "panicHoldingALock",
    "notJson",
    "nan",
    "doesNotSerialise",
    "deep",
    "protoKeys",
    "lineSeparators",
    "honoursCancel",
    "answerFromAnotherThread",
    "callsItself",
    "callsOthers",
    "waitsForRelease",
    "busyLoop",
];

const DEADLY: [&str; 6] = ["segfault", "abort", "exit", "exitAtOnce", "overflow", "allocate"];

/// A call at random.
fn message(rng: &mut Rng) -> Value {
    match rng.u8(0..100) {
        0..30 => json!({ "cmd": "echo", "value": "x".repeat(rng.usize(0..2000)) }),
        30..35 => json!({ "cmd": "echoMain", "value": rng.u32(..) }),
        35..40 => json!({ "cmd": "which", "number": rng.u32(..) }),
        40..45 => json!({ "cmd": "count", "to": rng.u32(0..200) }),
        45..50 => json!({ "cmd": "report", "steps": rng.u32(0..50) }),
        50..53 => {
            json!({ "cmd": *rng.choice(&["wait", "underway/wait", "poll", "waitAsync", "countForEver"]).unwrap() })
        }
        53..56 => json!({ "cmd": *rng.choice(&["alone", "inPairs", "late", "isCancelled"]).unwrap() }),
        56..60 => json!({ "cmd": "misbehaving/panics" }),
        60..62 => json!({ "cmd": *rng.choice(&["panicsMain", "panicsInDrop", "doesNotSerialise"]).unwrap() }),
        62..63 => json!({ "cmd": "noSuchCommand" }),
        63..65 => json!({ "cmd": "ask", "message": { "cmd": "process" } }),
        65..66 => {
            json!({ "cmd": *rng.choice(&["actHere", "actOnMain"]).unwrap(), "deed": *rng.choice(&DEADLY).unwrap() })
        }
        66..67 => json!({ "cmd": "letGo" }),
        67..68 => json!({ "cmd": "release" }),
        _ => {
            // Those that do not return by themselves are the last, and seldom.
            let last = if rng.u8(0..10) == 0 { DEEDS.len() } else { DEEDS.len() - 2 };
            let deed = DEEDS[rng.usize(0..last)];
            json!({ "cmd": *rng.choice(&["actHere", "actOnMain"]).unwrap(), "deed": deed })
        }
    }
}

/// What must not grow: resident memory in KB, open files, threads.
fn size() -> (u64, usize, usize) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let memory = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    let count = |folder: &str| std::fs::read_dir(folder).unwrap().count();
    (memory, count("/proc/self/fd"), count("/proc/self/task"))
}

struct Soak {
    host: Host,
    page: Arc<Page>,
    rng: Rng,
    /// How often `changing` was replaced, which leaves a library in memory each time.
    generations: u64,
    /// And `unruly`, which leaves nothing.
    isolated_generations: u64,
}

impl Soak {
    fn run(&mut self, time: Duration) {
        let end = Instant::now() + time;
        let mut next_swap = Instant::now();
        while Instant::now() < end {
            while self.page.open.lock().unwrap().len() < OPEN {
                let message = message(&mut self.rng);
                self.page.begin(&self.host, &message);
            }
            for _ in 0..self.rng.usize(0..20) {
                self.page.cancel_one(&mut self.rng);
            }
            match self.rng.u16(0..1000) {
                0..5 => self.page.reload(),
                5..10 => self.page.begin(&self.host, &json!({ "cmd": "host/retry", "file": "unruly" })),
                10..15 => {
                    self.page.begin(&self.host, &json!({ "cmd": "emit", "event": "news", "payload": 1 }))
                }
                _ => {}
            }
            if Instant::now() >= next_swap {
                next_swap = Instant::now() + Duration::from_millis(self.rng.u64(500..3000));
                self.swap();
            }
            self.turn(Duration::from_millis(2));
        }
    }

    /// Puts another version in the place of a library.
    fn swap(&mut self) {
        let folder = self.host.folder.path();
        if self.rng.bool() {
            self.generations += 1;
            put(&place(folder), &version(1 + self.generations, Starts::Well));
        } else {
            self.isolated_generations += 1;
            let file = folder.join("libunruly.so");
            let mut bytes = std::fs::read(tests::library("unruly")).unwrap();
            bytes.extend(self.isolated_generations.to_le_bytes());
            put(&file, &bytes);
        }
    }

    fn turn(&self, time: Duration) {
        select! {
            recv(self.host.turns) -> _ => self.host.runtime.run_main_thread_turn(),
            default(time) => {}
        }
    }

    /// Lets everything come to its end.
    fn settle(&mut self) {
        let end = Instant::now() + HANGS;
        let mut next = Instant::now();
        loop {
            let status = self.host.status();
            let is_quiet = |plugin: &plugin_host_runtime::PluginStatus| {
                plugin.live.as_ref().is_none_or(|live| live.in_flight == 0 && live.stuck == 0)
            };
            let open = self.page.open.lock().unwrap().len();
            if open == 0 && status.plugins.iter().all(is_quiet) && status.retiring.is_empty() {
                break;
            }
            assert!(Instant::now() < end, "{open} are open: {:#?}", status.plugins);
            if Instant::now() >= next {
                // Who waits for others of its kind, or to be released, is released.
                next = Instant::now() + Duration::from_millis(500);
                let waits: Vec<u64> = self.page.open.lock().unwrap().keys().copied().collect();
                waits.into_iter().for_each(|call| self.page.cancel(call));
                for cmd in ["letGo", "release", "open", "inPairs"] {
                    self.page.begin(&self.host, &json!({ "cmd": cmd }));
                }
                self.page.begin(&self.host, &json!({ "cmd": "host/retry", "file": "unruly" }));
            }
            self.turn(Duration::from_millis(20));
        }
        let Page { made, wrong, .. } = &*self.page;
        assert_eq!(*wrong.lock().unwrap(), Vec::<String>::new());
        assert_eq!(made.load(Ordering::SeqCst), self.page.settled(), "calls made = resolved + rejected");
        for one in self.host.status().plugins.iter().flat_map(|plugin| &plugin.numbers) {
            let ends = [one.ok, one.errors, one.panics, one.cancelled, one.timed_out, one.busy, one.lost];
            assert_eq!((one.calls, one.in_flight, one.stuck), (ends.iter().sum(), 0, 0), "{one:?}");
        }
    }
}

#[test]
fn everything_at_once_for_a_while_settles_every_call_once_and_leaves_nothing_behind() {
    let of = |variable: &str| std::env::var(variable).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = of("SOAK_SECONDS").unwrap_or(60);
    let seed = of("SOAK_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("SOAK_SEED={seed} SOAK_SECONDS={seconds}");
    let folder = plugin_folder(&["unruly", "ordinary", "asking", "misbehaving", "underway"]);
    put(&place(folder.path()), &version(1, Starts::Well));
    let settings = "[host.plugins.'*']\ndeadline = '2s'\n[host.plugins.unruly]\nisolation = 'process'\nmemory = '500 MB'\npatience = '300ms'\n";
    std::fs::write(folder.path().join("config.toml"), settings).unwrap();
    let host = Host::set_up(folder, |builder| builder.isolate(Wishes::default()));
    assert_eq!(host.status().plugins.len(), 6);
    let page = Arc::default();
    let mut soak = Soak { host, page, rng: Rng::with_seed(seed), generations: 0, isolated_generations: 0 };
    let part = Duration::from_secs(seconds) / 2;
    soak.run(part);
    soak.settle();
    let (before, generations) = (size(), soak.generations);
    soak.run(part);
    soak.settle();
    let (after, more) = (size(), soak.generations - generations);
    let Page { made, resolved, rejected, cancelled, .. } = &*soak.page;
    println!(
        "{made:?} calls: {resolved:?} resolved, {rejected:?} rejected, {cancelled:?} given up; {} replacements, {} of them isolated; \
         memory, files, threads: {before:?}, then {after:?}",
        soak.generations + soak.isolated_generations,
        soak.isolated_generations
    );
    // A generation that was replaced in the host's process stays there, and takes about as much memory as a plugin.
    assert!(after.0 < before.0 + 20_000 + 3_000 * more, "{before:?} {after:?}, {more} generations");
    assert!(after.1 <= before.1 + 10 && after.2 <= before.2 + 64, "{before:?} {after:?}");
    let died = std::iter::from_fn(|| soak.host.changes_within(Duration::ZERO).pop());
    assert!(died.into_iter().all(|change| change.kind != ChangeKind::Removed));
    assert_eq!(soak.host.runtime.stop(HANGS), Stopped::Cleanly);
}
