//! What a command may do while it is under way: hear that it is cancelled, tell of its progress, send values, take and give
//! bytes; and the bounds that its author sets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use plugin_host_runtime::{Attached, Partial, Replier, Reply, ReplySink, Stopped, Taken, UnderWay};
use serde_json::{Value, json};
use tests::{HANGS, Host, plugin_folder};

/// A page that follows one call.
struct Follower {
    heard: Sender<Heard>,
    takes: Taken,
}

#[derive(Debug, PartialEq)]
enum Heard {
    Reply(Reply),
    Partial(Partial),
}

impl ReplySink for Follower {
    fn deliver(&self, _call: u64, reply: Reply) {
        // A page that was left hears nothing.
        let _ = self.heard.send(Heard::Reply(reply));
    }

    fn partial(&self, _call: u64, partial: Partial) -> Taken {
        let _ = self.heard.send(Heard::Partial(partial));
        self.takes
    }
}

struct Followed {
    under_way: Arc<dyn UnderWay>,
    heard: Receiver<Heard>,
}

fn follow(host: &Host, message: Value, takes: Taken) -> Followed {
    let (sender, heard) = unbounded();
    let replier = Replier::new(Arc::new(Follower { heard: sender, takes }), 1);
    let under_way = replier.follow();
    host.runtime.submit(message.to_string(), replier);
    Followed { under_way, heard }
}

impl Followed {
    fn next(&self) -> Heard {
        self.heard.recv_timeout(HANGS).expect("something to hear")
    }

    /// All that is told until the call is over and nothing can be told any more.
    fn rest(self) -> Vec<Heard> {
        drop(self.under_way);
        let mut rest = Vec::new();
        loop {
            match self.heard.recv_timeout(HANGS) {
                Ok(heard) => rest.push(heard),
                Err(RecvTimeoutError::Disconnected) => return rest,
                Err(RecvTimeoutError::Timeout) => panic!("the call does not end"),
            }
        }
    }

    /// The next thing told before the reply.
    fn partial(&self) -> String {
        match self.next() {
            Heard::Partial(Partial::Progress(json) | Partial::Value(json)) => json.into(),
            Heard::Partial(Partial::Bytes(bytes)) => panic!("bytes: {bytes:?}"),
            Heard::Reply(reply) => panic!("it is over: {reply:?}"),
        }
    }
}

fn host() -> Host {
    Host::with(&["underway", "ordinary"])
}

/// Waits until so many calls have heard that they are cancelled.
fn wait_for_cancelled(host: &Host, count: usize) {
    assert_eq!(host.call_on_workers(json!({ "cmd": "cancelled", "count": count })), Ok(json!(count)));
}

#[test]
fn a_command_hears_that_it_is_cancelled_in_each_way_and_its_answer_goes_nowhere() {
    let host = host();
    for (index, cmd) in ["wait", "poll", "waitAsync"].into_iter().enumerate() {
        let call = follow(&host, json!({ "cmd": cmd }), Taken::Now);
        assert_eq!(call.partial(), "\"waiting\"");
        call.under_way.cancel();
        call.under_way.cancel();
        wait_for_cancelled(&host, index + 1);
        assert_eq!(call.rest(), [], "{cmd}");
        assert_eq!(host.call(json!({ "cmd": "isCancelled" })), Ok(json!(false)), "the next one is not");
    }
}

#[test]
fn a_call_that_is_cancelled_while_it_waits_is_not_begun() {
    let host = host();
    let held = host.begin(json!({ "cmd": "hold" }));
    let waiting = follow(&host, json!({ "cmd": "hold" }), Taken::Now);
    waiting.under_way.cancel();
    host.call(json!({ "cmd": "release" })).unwrap();
    assert_eq!(host.finish(&held), Ok(json!(null)));
    assert_eq!(waiting.rest(), []);
}

#[test]
fn of_ten_thousand_cancellations_at_any_time_each_call_is_answered_or_not_and_never_twice() {
    let host = host();
    let (mut answered, mut random) = (0, 7_u64);
    let mut open = Vec::new();
    for round in 0..10_000_u64 {
        let message = match round % 3 {
            0 => json!({ "cmd": "isCancelled" }),
            _ => json!({ "cmd": "report", "steps": 3 }),
        };
        open.push(follow(&host, message, Taken::Now));
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        // Some at once, some later, some when they are long over.
        if open.len() > (random >> 60) as usize {
            let call = open.swap_remove((random >> 32) as usize % open.len());
            call.under_way.cancel();
            let rest = call.rest();
            let replies: Vec<_> = rest.iter().filter(|heard| matches!(heard, Heard::Reply(_))).collect();
            assert!(replies.len() <= 1, "{replies:?}");
            // What was answered was not cancelled before.
            let bad = Heard::Reply(Reply::Value("true".into()));
            assert!(!replies.contains(&&bad));
            answered += replies.len();
        }
    }
    for call in open {
        let replies = call.rest().into_iter().filter(|heard| matches!(heard, Heard::Reply(Reply::Value(_))));
        assert_eq!(replies.count(), 1);
    }
    println!("{answered} were answered before they were cancelled");
    assert_eq!(host.call(json!({ "cmd": "isCancelled" })), Ok(json!(false)));
}

#[test]
fn progress_and_values_come_in_their_order_before_the_reply() {
    let host = host();
    let call = follow(&host, json!({ "cmd": "report", "steps": 3 }), Taken::Now);
    let heard = call.rest();
    let progress = |step: u32| Heard::Partial(Partial::Progress(step.to_string().into()));
    assert_eq!(heard, [progress(1), progress(2), progress(3), Heard::Reply(Reply::Value("3".into()))]);
    let call = follow(&host, json!({ "cmd": "count", "to": 1000 }), Taken::Now);
    let numbers: Vec<_> = (1..=1000).map(|_| call.partial()).collect();
    assert_eq!(numbers, (1..=1000).map(|number: u32| number.to_string()).collect::<Vec<_>>());
    assert_eq!(call.next(), Heard::Reply(Reply::Value("1000".into())));
}

#[test]
fn a_command_is_never_far_ahead_of_a_page_that_takes_its_time() {
    let host = host();
    let call = follow(&host, json!({ "cmd": "countForEver" }), Taken::Later);
    for number in 0..500 {
        assert_eq!(call.partial(), number.to_string());
        call.under_way.acknowledge(1);
        assert!(call.heard.len() <= 65, "{} wait", call.heard.len());
    }
    // One that is not told of any more waits, and ends when it is cancelled.
    call.under_way.cancel();
    wait_for_cancelled(&host, 1);
    assert!(call.rest().iter().all(|heard| matches!(heard, Heard::Partial(_))));
}

#[test]
fn values_of_bytes_come_as_they_are_in_their_order_before_the_reply() {
    let host = host();
    let heard = follow(&host, json!({ "cmd": "parts", "length": 5, "each": 2 }), Taken::Now).rest();
    let part = |bytes: &[u8]| Heard::Partial(Partial::Bytes(bytes.into()));
    assert_eq!(heard, [part(&[0, 1]), part(&[2, 3]), part(&[4]), Heard::Reply(Reply::Value("3".into()))]);
    let call =
        follow(&host, json!({ "cmd": "parts", "length": 20_000_000, "each": 1_000_000 }), Taken::Later);
    let mut sum = Vec::new();
    loop {
        match call.next() {
            Heard::Partial(Partial::Bytes(bytes)) => sum.extend_from_slice(&bytes),
            Heard::Reply(reply) => break assert_eq!(reply, Reply::Value("20".into())),
            other => panic!("{other:?}"),
        }
        call.under_way.acknowledge(1);
    }
    let is_it = sum.len() == 20_000_000 && sum.iter().enumerate().all(|(place, byte)| *byte == place as u8);
    assert!(is_it, "20 MB in parts of 1 MB");
}

#[test]
fn a_command_is_four_megabytes_of_bytes_or_64_parts_ahead_of_its_page_and_no_more() {
    let host = host();
    for (index, (each, most)) in [(1_000_000, 5), (1, 65), (10_000_000, 2)].into_iter().enumerate() {
        let call = follow(&host, json!({ "cmd": "partsForEver", "each": each }), Taken::Later);
        for _ in 0..100 {
            assert!(matches!(call.next(), Heard::Partial(Partial::Bytes(bytes)) if bytes.len() == each));
            call.under_way.acknowledge(1);
            assert!(call.heard.len() <= most, "{} wait", call.heard.len());
        }
        call.under_way.cancel();
        wait_for_cancelled(&host, index + 1);
    }
}

#[test]
fn values_sent_from_the_main_thread_do_not_make_it_wait_for_the_page() {
    let host = host();
    let (sender, heard) = unbounded();
    let replier = Replier::new(Arc::new(Follower { heard: sender, takes: Taken::Later }), 1);
    host.runtime.submit(json!({ "cmd": "countOnMain" }).to_string(), replier);
    let reply = loop {
        crossbeam_channel::select! {
            recv(heard) -> heard => if let Heard::Reply(reply) = heard.unwrap() { break reply },
            recv(host.turns) -> _ => host.runtime.run_main_thread_turn(),
        }
    };
    let Reply::Error(text) = reply else { panic!("{reply:?}") };
    assert!(text.starts_with("after 64: the page has not taken the values before"), "{text}");
}

#[test]
fn what_the_author_says_of_concurrency_is_kept() {
    let host = host();
    let calls: Vec<_> = (0..200).map(|_| host.begin(json!({ "cmd": "alone" }))).collect();
    assert!(calls.iter().all(|call| host.finish(call).is_ok()));
    assert_eq!(host.call(json!({ "cmd": "most" })), Ok(json!(1)));
    let calls: Vec<_> = (0..40).map(|_| host.begin(json!({ "cmd": "inPairs" }))).collect();
    assert!(calls.iter().all(|call| host.finish(call).is_ok()));
    assert_eq!(host.call(json!({ "cmd": "most" })), Ok(json!(2)));
}

#[test]
fn a_command_that_waits_for_the_place_it_has_itself_is_told_so_and_the_place_is_free_afterwards() {
    let host = host();
    for _ in 0..2 {
        let error = host.call_on_workers(json!({ "cmd": "afterItself" })).unwrap_err();
        assert!(error.contains("has its last place: it would never begin"), "{error}");
    }
}

#[test]
fn calls_that_wait_for_their_turn_are_answered_when_the_host_closes() {
    let host = host();
    let calls: Vec<_> = (0..2000).map(|_| host.begin(json!({ "cmd": "hold" }))).collect();
    assert_eq!(
        host.runtime.stop(Duration::from_secs(30)),
        Stopped::Cleanly,
        "its stop releases the one that runs"
    );
    let answers: Vec<_> = calls.iter().map(|call| host.finish(call)).collect();
    let closing = answers.iter().filter(|answer| **answer == Err("the host is closing".to_owned())).count();
    assert!(closing >= 1999, "{closing}");
}

#[test]
fn a_deadline_settles_the_promise_and_tells_the_command_and_a_late_answer_goes_nowhere() {
    let host = host();
    let late = host.refused(json!({ "cmd": "late" }));
    assert_eq!(late, "`late` of plugin `underway` did not answer within 30ms, which is its deadline");
    wait_for_cancelled(&host, 1);
    let (sender, heard) = unbounded();
    let deaf = Replier::new(Arc::new(Follower { heard: sender, takes: Taken::Now }), 1);
    host.runtime.submit(json!({ "cmd": "underway/lateAndDeaf" }).to_string(), deaf);
    let sentence =
        "`underway/lateAndDeaf` of plugin `underway` did not answer within 30ms, which is its deadline";
    assert_eq!(heard.recv_timeout(HANGS), Ok(Heard::Reply(Reply::Error(sentence.to_owned()))));
    host.call(json!({ "cmd": "release" })).unwrap();
    assert!(heard.recv_timeout(HANGS).is_err(), "the sink is freed, and nothing was said");
    assert_eq!(host.call(json!({ "cmd": "inTime" })), Ok(json!("in time")));
    let status = host.status();
    let plugin = status.plugins.iter().find(|plugin| plugin.name == "underway").unwrap();
    let of = |name: &str| plugin.commands.iter().find(|command| command.name == name).unwrap();
    assert_eq!((of("late").deadline_ms, of("alone").concurrency), (Some(30), Some(1)));
    assert_eq!((&*of("count").sends, &*of("report").reports, &*of("bytes").returns), ("u32", "u32", "Bytes"));
}

#[test]
fn calls_in_flight_hear_that_the_host_closes_and_the_plugin_how_long_it_has() {
    let host = host();
    let waiting: Vec<_> = ["wait", "poll", "waitAsync"]
        .iter()
        .map(|cmd| follow(&host, json!({ "cmd": cmd }), Taken::Now))
        .collect();
    for call in &waiting {
        call.partial();
    }
    assert_eq!(host.runtime.stop(Duration::from_secs(30)), Stopped::Cleanly);
    assert_eq!(
        waiting[0].next(),
        Heard::Reply(Reply::Value("\"cancelled\"".into())),
        "its answer is welcome"
    );
    let left = std::fs::read_to_string(host.folder.path().join("data/underway/stopped")).unwrap();
    let left: f64 = left.parse().unwrap();
    assert!(left > 0.0 && left <= 30.0, "{left}");
}

#[test]
fn bytes_come_and_go_as_they_are() {
    let host = host();
    let send = |message: Value, body: &[u8], lengths: &[usize]| {
        let (sender, heard) = unbounded();
        let attached = Attached::cut(body.to_vec(), 0, lengths.iter().copied()).unwrap();
        let replier = Replier::new(Arc::new(Follower { heard: sender, takes: Taken::Now }), 1);
        host.runtime.submit(message.to_string(), replier.carrying(attached));
        match heard.recv_timeout(HANGS).unwrap() {
            Heard::Reply(reply) => reply,
            other => panic!("{other:?}"),
        }
    };
    let place = |number: u32| json!({ "$bytes": number });
    let inverted = send(json!({ "cmd": "invert", "data": place(0) }), b"\0\x01\xff", &[3]);
    assert_eq!(inverted, Reply::Bytes(vec![255, 254, 0].into()));
    let large: Vec<u8> = (0..20_000_000).map(|place| (place * 7) as u8).collect();
    let expected: Vec<u8> = large.iter().map(|byte| !byte).collect();
    let inverted = send(json!({ "cmd": "invert", "data": place(0) }), &large, &[large.len()]);
    assert!(inverted == Reply::Bytes(expected.into()), "20 MB there and back");
    let message = json!({ "cmd": "lengths", "data": place(1), "more": [place(0), [1, 2, 3], place(2)] });
    assert_eq!(send(message, b"abcdef", &[2, 4, 0]), Reply::Value("[4,2,3,0]".into()));
    assert_eq!(
        host.call(json!({ "cmd": "lengths", "data": [0, 255] })),
        Ok(json!([2])),
        "from whom has no bytes"
    );
    let refused = |data: Value| host.refused(json!({ "cmd": "lengths", "data": data }));
    for bad in [place(0), json!([256]), json!({}), json!({ "$bytes": 0, "x": 1 }), json!("text"), json!([-1])]
    {
        assert!(refused(bad.clone()).starts_with("argument `data"), "{bad}: {}", refused(bad.clone()));
    }
    assert_eq!(
        host.call(json!({ "cmd": "sumOf", "message": { "cmd": "bytes", "length": 4 } })),
        Ok(json!(6))
    );
    let wrong = host.refused(json!({ "cmd": "sumOf", "message": { "cmd": "echo", "value": "x" } }));
    assert!(wrong.contains("bytes"), "{wrong}");
    assert_eq!(host.refused(json!({ "cmd": "noBytes" })), "no bytes today");
}

#[test]
fn an_argument_that_does_not_fit_is_refused_with_the_path_to_what_is_wrong() {
    let host = host();
    let refused = |items: Value| host.refused(json!({ "cmd": "sortItems", "items": items, "label": null }));
    for (items, path) in [
        (json!([{ "count": 1 }, { "count": 300 }]), "items[1].count"),
        (
            json!([{ "count": 1, "tags": ["plain", { "sized": { "width": "x" } }] }]),
            "items[0].tags[1].sized.width",
        ),
        (json!({}), "items"),
        (json!([7]), "items[0]"),
    ] {
        let error = refused(items);
        assert!(error.starts_with(&format!("argument `{path}` of `sortItems`: ")), "{error}");
    }
    assert_eq!(host.refused(json!({ "cmd": "sortItems" })), "argument `items` of `sortItems` is missing");
    let label = host.refused(json!({ "cmd": "sortItems", "items": [], "label": 5 }));
    assert_eq!(label, "argument `label` of `sortItems`: invalid type: integer `5`, expected a string");
}

#[test]
fn integers_are_exact_to_the_last_digit_where_the_author_asks_for_it() {
    let host = host();
    let next = |number: Value| host.call(json!({ "cmd": "nextNumber", "number": number }));
    assert_eq!(next(json!("9007199254740993")), Ok(json!("9007199254740994")));
    assert_eq!(next(json!("18446744073709551615")), Ok(json!("0")));
    assert_eq!(next(json!(41)), Ok(json!("42")));
    assert!(next(json!(9_007_199_254_740_993_u64)).unwrap_err().contains("pass it as a string or a BigInt"));
}

#[test]
fn plugins_hear_each_others_events_those_of_the_page_and_those_of_the_host_in_their_order() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (sender, arrived) = unbounded();
    let ears = Arc::clone(&heard);
    let host = Host::set_up(plugin_folder(&["underway", "asking"]), move |builder| {
        builder.on_event(move |event, payload| {
            ears.lock().unwrap().push(format!("{event} {payload}"));
            let _ = sender.send(());
        })
    });
    for event in ["news", "host/plugins"] {
        assert_eq!(host.call(json!({ "cmd": "hear", "event": event })), Ok(json!(null)));
    }
    assert_eq!(host.call(json!({ "cmd": "hearNumbers", "event": "figures" })), Ok(json!(null)));
    let wait = |count: usize| (0..count).for_each(|_| arrived.recv_timeout(HANGS).expect("an event"));
    for number in 0..300 {
        host.call(json!({ "cmd": "emit", "event": "news", "payload": { "n": number } })).unwrap();
    }
    wait(300);
    let expected: Vec<_> = (0..300).map(|number| format!("heard {{\"n\":{number}}}")).collect();
    assert_eq!(std::mem::take(&mut *heard.lock().unwrap()), expected, "the page's, in their order");
    host.call(json!({ "cmd": "tell", "event": "news", "payload": null, "times": 2 })).unwrap();
    wait(4);
    let mut both = std::mem::take(&mut *heard.lock().unwrap());
    both.sort();
    assert_eq!(
        both,
        ["heard null", "heard null", "news null", "news null"],
        "another plugin's, which the page hears too"
    );
    host.call(json!({ "cmd": "host/emit", "event": "figures", "payload": "seven" })).unwrap();
    host.call(json!({ "cmd": "emit", "event": "figures", "payload": 7 })).unwrap();
    wait(1);
    assert_eq!(std::mem::take(&mut *heard.lock().unwrap()), ["number 7"], "what does not fit is left out");
    for bad in ["", "host/plugins", "a\nb"] {
        assert!(host.refused(json!({ "cmd": "emit", "event": bad })).contains("has no good name"), "{bad}");
    }
    assert!(host.refused(json!({ "cmd": "hear", "event": "" })).contains("has no good name"));
    std::fs::remove_file(host.folder.path().join(tests::library("asking").file_name().unwrap())).unwrap();
    wait(1);
    let change = std::mem::take(&mut *heard.lock().unwrap());
    assert!(change[0].contains("\"kind\":\"removed\"") && change[0].contains("asking"), "{change:?}");
    assert_eq!(host.call(json!({ "cmd": "beDeaf" })), Ok(json!(3)));
    host.call(json!({ "cmd": "emit", "event": "news" })).unwrap();
    assert_eq!(host.runtime.stop(Duration::from_secs(30)), Stopped::Cleanly);
    assert!(heard.lock().unwrap().is_empty(), "who listens no more hears nothing");
}

#[test]
fn the_schemas_of_what_commands_take_and_return_come_with_the_plugin() {
    let host = host();
    let all = host.call(json!({ "cmd": "host/schemas" })).unwrap();
    let plugin = all.as_array().unwrap().iter().find(|plugin| plugin["name"] == "underway").unwrap();
    let of = |name: &str| {
        let commands = plugin["commands"].as_array().unwrap();
        commands.iter().find(|command| command["name"] == name).unwrap().clone()
    };
    let items = of("sortItems");
    assert_eq!(items["arguments"][0]["schema"]["type"], "array");
    assert_eq!(items["arguments"][0]["schema"]["$defs"]["Item"]["properties"]["count"]["maximum"], 255);
    assert_eq!(items["result"]["type"], "array");
    assert_eq!(
        (&of("count")["values"]["type"], &of("report")["progress"]["type"]),
        (&json!("integer"), &json!("integer"))
    );
    assert_eq!((&of("parts")["valuesBytes"], &of("count")["valuesBytes"]), (&json!(true), &json!(false)));
    let lengths = of("lengths");
    assert_eq!((&lengths["arguments"][0]["bytes"], &of("invert")["bytes"]), (&json!(true), &json!(true)));
    assert_eq!(of("nextNumber")["result"]["type"], "string");
}
