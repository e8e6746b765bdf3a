//! What a call costs without a window: crossing the boundary beside the same function called directly, and the way
//! through the runtime beside a thread and two channels.
//!
//! Both sides decode the same JSON text and encode the same reply; the reply ends in the same sink.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::Arc;
use std::thread;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plugin_host_runtime::{Alone, MainThread, Replier, Reply, ReplySink, Runtime};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tests::{library, places, plugin_folder};

/// Takes replies and forgets them.
struct Forget;

impl ReplySink for Forget {
    fn deliver(&self, call: u64, reply: Reply) {
        assert!(matches!(black_box(&reply), Reply::Value(_)), "call {call}: {reply:?}");
    }

    fn reads_alone(&self, _bytes: usize) -> bool {
        // The direct call does not read its reply again either; the window's measurement has this in it.
        true
    }
}

/// Hands replies to the thread that waits for them.
struct Hand(crossbeam_channel::Sender<Reply>);

impl ReplySink for Hand {
    fn deliver(&self, _call: u64, reply: Reply) {
        self.0.send(reply).expect("somebody waits");
    }
}

#[derive(Deserialize)]
struct DoSomething {
    count: u64,
    payload: ordinary::Payload,
}

#[derive(Deserialize)]
struct Items {
    count: u64,
}

#[derive(Deserialize)]
struct Sum {
    items: Vec<ordinary::Item>,
}

fn encode<T: Serialize>(value: &T) -> Reply {
    Reply::Value(serde_json::to_string(value).expect("it serialises").into())
}

fn do_something(message: &str) -> Reply {
    let DoSomething { count, payload } = serde_json::from_str(message).expect("a message");
    encode(&ordinary::do_something(count, payload).expect("an answer"))
}

fn items(message: &str) -> Reply {
    let Items { count } = serde_json::from_str(message).expect("a message");
    encode(&ordinary::items(count))
}

fn sum(message: &str) -> Reply {
    let Sum { items } = serde_json::from_str(message).expect("a message");
    encode(&ordinary::sum(items))
}

type Direct = fn(&str) -> Reply;

/// What is called: a name for the table, the `cmd`, the message, and the same without a plugin.
fn calls() -> Vec<(&'static str, &'static str, String, Direct)> {
    let small = |state: &str| {
        let payload = json!({ "state": state, "data": 17 });
        json!({ "cmd": "doSomething", "count": 6, "payload": payload, "callback": "callback-1", "error": "error-1" })
            .to_string()
    };
    let objects = serde_json::to_value(ordinary::items(1000)).expect("objects");
    vec![
        ("small", "doSomething", small("some string data"), do_something),
        ("1 KB", "doSomething", small(&"x".repeat(1000)), do_something),
        ("100 KB in", "sum", json!({ "cmd": "sum", "items": objects }).to_string(), sum),
        ("100 KB out", "items", json!({ "cmd": "items", "count": 1000 }).to_string(), items),
    ]
}

fn boundary(criterion: &mut Criterion) {
    let data = tempfile::tempdir().expect("a folder");
    let plugin = Alone::load(&library("ordinary"), data.path().to_owned()).expect("a plugin");
    let sink: Arc<dyn ReplySink> = Arc::new(Forget);
    let mut group = criterion.benchmark_group("boundary");
    for (name, cmd, message, direct) in calls() {
        let index = plugin.index_of(cmd).expect("a command");
        group.bench_with_input(BenchmarkId::new("direct", name), &*message, |bencher, message| {
            bencher.iter(|| sink.deliver(0, direct(black_box(message))));
        });
        group.bench_with_input(BenchmarkId::new("plugin", name), &*message, |bencher, message| {
            bencher.iter(|| plugin.call(index, black_box(message), Replier::new(Arc::clone(&sink), 0)));
        });
    }
    group.finish();
}

struct NoMainThread;

impl MainThread for NoMainThread {
    fn wake(&self) {}
}

/// One call after another, and many at once: through the runtime to a worker of the plugin's and back, beside one thread
/// that calls the function directly.
fn way_through_the_runtime(criterion: &mut Criterion) {
    let folder = plugin_folder(&["ordinary"]);
    let runtime = Runtime::builder(Arc::new(NoMainThread), places(folder.path()))
        .plugin_folder(folder.path())
        .start()
        .expect("threads");
    runtime.wait_until_loaded();
    let (sender, replies) = crossbeam_channel::unbounded();
    let sink: Arc<dyn ReplySink> = Arc::new(Hand(sender));
    let (work, waiting) = crossbeam_channel::unbounded::<String>();
    let (answer, answers) = crossbeam_channel::unbounded();
    thread::spawn(move || waiting.iter().try_for_each(|message| answer.send(do_something(&message))));
    let (_, _, message, _) = calls().swap_remove(0);

    let calls = Cell::new(0);
    let through_runtime = |count: u64| {
        for _ in 0..count {
            calls.set(calls.get() + 1);
            runtime.submit(message.clone(), Replier::new(Arc::clone(&sink), calls.get()));
        }
        for _ in 0..count {
            assert!(matches!(replies.recv(), Ok(Reply::Value(_))));
        }
    };
    let through_thread = |count: u64| {
        for _ in 0..count {
            work.send(message.clone()).expect("the thread waits");
        }
        for _ in 0..count {
            assert!(matches!(answers.recv(), Ok(Reply::Value(_))));
        }
    };
    for (name, count) in [("one after another", 1), ("1000 at once", 1000)] {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(count));
        group.bench_function("thread", |bencher| bencher.iter(|| through_thread(count)));
        group.bench_function("runtime", |bencher| bencher.iter(|| through_runtime(count)));
        group.finish();
    }
}

criterion_group!(benches, boundary, way_through_the_runtime);
criterion_main!(benches);
