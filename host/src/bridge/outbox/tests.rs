//! What waits for the page, and in which order it gets there.

use std::sync::atomic::{AtomicUsize, Ordering};

use plugin_host_runtime::{Partial, Replier, Reply, ReplySink, Taken};

use super::super::sinks::PromiseSink;
use super::*;

fn outbox() -> (Arc<Outbox>, Arc<AtomicUsize>) {
    let wakes = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&wakes);
    let outbox = Outbox::new(move || {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    (Arc::new(outbox), wakes)
}

fn value(json: &str) -> Reply {
    Reply::Value(json.into())
}

#[test]
fn replies_of_one_turn_travel_in_one_script_and_wake_once() {
    let (outbox, wakes) = outbox();
    let session = outbox.start_session("7", true);
    let sink = PromiseSink::new(Arc::clone(&outbox), session);
    sink.deliver(1, value(r#"{"a":"\u2028"}"#));
    sink.deliver(2, Reply::Error("no \"luck\"".into()));
    assert_eq!(wakes.load(Ordering::Relaxed), 1);
    assert_eq!(
        outbox.take_scripts(),
        [r#"__PLUGIN_HOST_DELIVER__("7","[1,0,{\"a\":\"\\u2028\"},2,1,\"no \\\"luck\\\"\"]")"#]
    );
    assert!(outbox.take_scripts().is_empty());
    sink.deliver(3, value("1"));
    assert_eq!(wakes.load(Ordering::Relaxed), 2, "the next one wakes again");
}

#[test]
fn a_reply_to_a_page_that_was_left_is_dropped() {
    let (outbox, wakes) = outbox();
    let old = PromiseSink::new(Arc::clone(&outbox), outbox.start_session("1", true));
    old.deliver(1, value("1"));
    outbox.start_session("2", true);
    old.deliver(2, value("2"));
    assert!(outbox.take_scripts().is_empty());
    assert_eq!(wakes.load(Ordering::Relaxed), 1);
}

#[test]
fn a_large_value_is_fetched_once_and_by_its_session_only() {
    let (outbox, _) = outbox();
    let sink = PromiseSink::new(Arc::clone(&outbox), outbox.start_session("1", true));
    let large = format!("\"{}\"", "x".repeat(LARGE));
    sink.deliver(1, value(&large));
    assert_eq!(outbox.take_scripts(), [r#"__PLUGIN_HOST_DELIVER__("1","[1,2,0]")"#]);
    assert_eq!(outbox.take_large("2", 0), None);
    assert_eq!(outbox.take_large("1", 0), Some(Large::Json(large.into())));
    assert_eq!(outbox.take_large("1", 0), None);
}

#[test]
fn a_reply_that_does_not_fit_is_an_error_and_there_is_room_again_after_a_delivery() {
    let outbox = Arc::new(Outbox { most_held: 300, ..Outbox::new(|| {}) });
    let sink = PromiseSink::new(Arc::clone(&outbox), outbox.start_session("1", true));
    let text = format!("\"{}\"", "x".repeat(250));
    sink.deliver(1, value(&text));
    sink.deliver(2, value(&text));
    let scripts = outbox.take_scripts();
    assert!(scripts[0].contains("[1,0,") && scripts[0].contains("2,1,"), "{scripts:?}");
    assert!(scripts[0].contains("the reply does not fit"), "{scripts:?}");
    sink.deliver(3, value(&text));
    assert!(outbox.take_scripts()[0].contains("[3,0,"));
}

#[test]
fn of_the_progress_that_nobody_has_seen_the_last_is_told_and_the_rest_stays_in_order() {
    let (outbox, _) = outbox();
    let sink = PromiseSink::new(Arc::clone(&outbox), outbox.start_session("1", true));
    let tell = |call, partial: fn(Box<str>) -> Partial, json: &str| sink.partial(call, partial(json.into()));
    tell(1, Partial::Progress, "1");
    tell(2, Partial::Progress, "5");
    tell(1, Partial::Value, "\"a\"");
    tell(1, Partial::Progress, "2");
    tell(1, Partial::Value, "\"b\"");
    sink.deliver(1, value("7"));
    let script = &outbox.take_scripts()[0];
    assert!(script.contains("[1,6,2,2,6,5,1,7,\\\"a\\\",1,7,\\\"b\\\",1,0,7]"), "{script}");
    tell(2, Partial::Progress, "6");
    assert!(outbox.take_scripts()[0].contains("[2,6,6]"));
}

#[test]
fn bytes_are_fetched_or_discarded_and_the_room_comes_back() {
    let outbox = Arc::new(Outbox { most_held: 300, ..Outbox::new(|| {}) });
    let sink = PromiseSink::new(Arc::clone(&outbox), outbox.start_session("1", true));
    for round in 0..10 {
        sink.deliver(round, Reply::Bytes(vec![7; 200].into()));
        assert!(outbox.take_scripts()[0].contains(&format!("[{round},5,{round}]")));
        if round % 2 == 0 {
            outbox.discard(round);
            assert_eq!(outbox.take_large("1", round), None);
        } else {
            assert_eq!(outbox.take_large("1", round), Some(Large::Bytes(vec![7; 200].into())));
        }
    }
    assert_eq!(sink.partial(1, Partial::Value("1".repeat(400).into())), Taken::NoRoom);
}

#[test]
fn a_value_of_bytes_is_fetched_however_small_it_is_and_counts_until_then() {
    let outbox = Arc::new(Outbox { most_held: 300, ..Outbox::new(|| {}) });
    let sink = PromiseSink::new(Arc::clone(&outbox), outbox.start_session("1", true));
    let send = |bytes: &[u8]| sink.partial(3, Partial::Bytes(bytes.into()));
    assert_eq!((send(&[1, 2]), send(&[])), (Taken::Later, Taken::Later));
    sink.deliver(3, value("null"));
    assert!(outbox.take_scripts()[0].contains("[3,9,0,3,9,1,3,0,null]"), "in their order, before the reply");
    assert_eq!(outbox.take_large("1", 0), Some(Large::Bytes([1, 2].into())));
    assert_eq!(outbox.take_large("1", 0), None);
    assert_eq!(outbox.take_large("1", 1), Some(Large::Bytes([].into())));
    assert_eq!(send(&[7; 200]), Taken::Later);
    outbox.take_scripts();
    assert_eq!(send(&[7; 200]), Taken::NoRoom, "what was told of has not been fetched");
    outbox.discard(2);
    assert_eq!(send(&[7; 200]), Taken::Later);
    assert_eq!(outbox.lock().held, 200);
}

#[test]
fn a_call_is_cancelled_once_by_its_page_and_all_of_them_when_it_is_left() {
    let (outbox, _) = outbox();
    let sink: Arc<dyn ReplySink> =
        Arc::new(PromiseSink::new(Arc::clone(&outbox), outbox.start_session("1", true)));
    let begin = |call| Replier::new(Arc::clone(&sink), call);
    let (first, second, third) = (begin(1), begin(2), begin(3));
    drop([first.follow(), second.follow(), third.follow()]);
    outbox.cancel(1);
    outbox.cancel(1);
    first.json(b"1".to_vec());
    second.json(b"2".to_vec());
    outbox.cancel(2);
    let scripts = outbox.take_scripts();
    assert_eq!(
        scripts,
        [r#"__PLUGIN_HOST_DELIVER__("1","[2,0,2]")"#],
        "only the one that was answered first"
    );
    outbox.start_session("2", true);
    assert!(!sink.is_wanted(4));
    let late = begin(4);
    drop(late.follow());
    drop((third, late));
    assert!(
        outbox.take_scripts().is_empty(),
        "neither the one that was open nor the one that comes too late"
    );
}

#[test]
fn many_replies_are_spread_over_scripts_of_bounded_size() {
    let (outbox, _) = outbox();
    let sink = PromiseSink::new(Arc::clone(&outbox), outbox.start_session("1", true));
    for id in 0..10_000 {
        sink.deliver(id, value("{\"value\":5,\"message\":\"async response!\"}"));
    }
    let scripts = outbox.take_scripts();
    assert!(scripts.len() > 1 && scripts.iter().all(|script| script.len() < 2 * LARGE));
}
