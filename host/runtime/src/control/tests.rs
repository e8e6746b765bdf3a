//! The latch, by itself and as a state machine; and values on their way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use proptest::prelude::*;

use super::*;
use crate::ledger::Ledger;
use crate::plugin::calls::Here;
use crate::reply::Replier;

struct Page(Sender<String>);

impl ReplySink for Page {
    fn deliver(&self, call: u64, reply: Reply) {
        self.0.send(format!("{call} {reply:?}")).unwrap();
    }

    fn partial(&self, _call: u64, partial: Partial) -> Taken {
        self.0.send(format!("{partial:?}")).unwrap();
        Taken::Later
    }
}

fn control() -> (Arc<Control>, Receiver<String>) {
    let (sender, receiver) = unbounded();
    (Control::new(Arc::new(Page(sender)), 7, None), receiver)
}

#[test]
fn of_all_who_settle_at_the_same_time_one_does() {
    for round in 0..300 {
        let (control, page) = control();
        let threads: Vec<_> = (0..4)
            .map(|kind| {
                let control = Arc::clone(&control);
                thread::spawn(move || match (kind + round) % 4 {
                    0 => control.settle(),
                    1 => {
                        control.expire("late".to_owned());
                        false
                    }
                    2 => {
                        control.hurry();
                        false
                    }
                    _ => {
                        control.cancel();
                        false
                    }
                })
            })
            .collect();
        let answered = threads.into_iter().map(|thread| thread.join().unwrap());
        let answered = answered.filter(|answered| *answered).count();
        assert!(answered + page.len() <= 1);
        assert!(control.is_settled() && !control.settle());
    }
}

#[test]
fn a_sender_waits_until_the_page_has_taken_enough_and_a_cancelled_one_is_told() {
    let (control, page) = control();
    for _ in 0..MOST_UNDER_WAY {
        control.send_value("1").unwrap();
    }
    let sender = {
        let control = Arc::clone(&control);
        thread::spawn(move || (control.send_value("2"), control.send_value("3")))
    };
    for _ in 0..MOST_UNDER_WAY {
        assert_eq!(page.recv().unwrap(), "Value(\"1\")");
    }
    assert!(page.try_recv().is_err(), "no more than may be under way");
    control.acknowledge(1);
    assert_eq!(page.recv().unwrap(), "Value(\"2\")");
    control.cancel();
    let (second, third) = sender.join().unwrap();
    assert_eq!(second, Ok(()));
    assert!(third.unwrap_err().contains("nobody waits"));
    assert!(control.is_cancelled());
}

#[test]
fn a_long_value_goes_alone_and_what_is_not_json_goes_nowhere() {
    let (control, page) = control();
    let long = format!("\"{}\"", "x".repeat(MOST_BYTES_UNDER_WAY));
    control.send_value(&long).unwrap();
    let sender = {
        let control = Arc::clone(&control);
        thread::spawn(move || control.send_value("1"))
    };
    page.recv().unwrap();
    control.acknowledge(5);
    sender.join().unwrap().unwrap();
    assert!(control.send_value("{").unwrap_err().contains("is JSON, and this is not"));
    assert!(control.progress("").unwrap_err().contains("is JSON, and this is not"));
    page.recv().unwrap();
    assert!(page.try_recv().is_err());
}

#[test]
fn bytes_wait_for_the_page_as_other_values_do_and_need_not_be_json() {
    let (control, page) = control();
    control.send_bytes(b"{").unwrap();
    assert_eq!(page.recv().unwrap(), "Bytes([123])");
    control.acknowledge(1);
    let quarter = vec![0; MOST_BYTES_UNDER_WAY / 4];
    for _ in 0..4 {
        control.send_bytes(&quarter).unwrap();
        page.recv().unwrap();
    }
    let sender = {
        let control = Arc::clone(&control);
        thread::spawn(move || {
            (control.send_bytes(b"1"), control.send_value("2"), control.send_bytes(&quarter))
        })
    };
    assert!(page.try_recv().is_err(), "as many bytes as may be under way are");
    control.acknowledge(1);
    assert_eq!(page.recv().unwrap(), "Bytes([49])");
    assert_eq!(page.recv().unwrap(), "Value(\"2\")");
    control.cancel();
    let (first, second, third) = sender.join().unwrap();
    assert_eq!((first, second), (Ok(()), Ok(())));
    assert!(third.unwrap_err().contains("nobody waits"));
}

#[test]
fn bytes_that_are_passed_on_from_elsewhere_are_counted_as_well() {
    let (control, page) = control();
    for _ in 0..2 {
        control.pass_on(Partial::Bytes(vec![0; MOST_BYTES_UNDER_WAY].into()));
        page.recv().unwrap();
    }
    control.pass_on(Partial::Bytes(vec![0].into()));
    assert!(
        page.recv().unwrap().starts_with("7 Error("),
        "whoever does not wait for the page is not heard for ever"
    );
}

/// Has no room until it is emptied.
struct Full(AtomicBool);

impl ReplySink for Full {
    fn deliver(&self, _call: u64, _reply: Reply) {}

    fn partial(&self, _call: u64, _partial: Partial) -> Taken {
        if self.0.load(Ordering::SeqCst) { Taken::NoRoom } else { Taken::Now }
    }
}

#[test]
fn a_value_for_which_there_is_no_room_keeps_no_place() {
    let sink = Arc::new(Full(true.into()));
    let control = Control::new(Arc::clone(&sink) as _, 7, None);
    for _ in 0..MOST_UNDER_WAY {
        assert!(control.send_value("1").is_err());
    }
    sink.0.store(false, Ordering::SeqCst);
    let (done, ended) = crossbeam_channel::bounded(1);
    thread::spawn(move || done.send(control.send_value("2")));
    assert_eq!(ended.recv_timeout(std::time::Duration::from_secs(60)), Ok(Ok(())));
}

/// What may happen to a call, in any order and any number.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Begin,
    Cancel,
    Expire,
    Hurry,
    Tell,
    LookWhetherStuck,
    Acknowledge,
    Answer(Answer),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Answer {
    Json,
    NotJson,
    Bytes,
    Error,
    Panic,
    Dropped,
}

/// What is known of the call from outside.
#[derive(Default)]
struct Heard {
    replies: Vec<(Reply, Outcome)>,
    told: usize,
    returned: usize,
}

struct Hears(Mutex<Heard>);

impl ReplySink for Hears {
    fn deliver(&self, _call: u64, _reply: Reply) {
        unreachable!("it is told how the call ended");
    }

    fn settled(&self, _call: u64, reply: Reply, outcome: Outcome) {
        self.0.lock().unwrap().replies.push((reply, outcome));
    }

    fn returned(&self, _call: u64) {
        self.0.lock().unwrap().returned += 1;
    }

    fn partial(&self, _call: u64, _partial: Partial) -> Taken {
        self.0.lock().unwrap().told += 1;
        Taken::Now
    }
}

fn step() -> impl Strategy<Value = Step> {
    let answers =
        [Answer::Json, Answer::NotJson, Answer::Bytes, Answer::Error, Answer::Panic, Answer::Dropped];
    let others = [
        Step::Begin,
        Step::Cancel,
        Step::Expire,
        Step::Hurry,
        Step::Tell,
        Step::LookWhetherStuck,
        Step::Acknowledge,
    ];
    prop_oneof![
        3 => prop::sample::select(others.to_vec()),
        1 => prop::sample::select(answers.to_vec()).prop_map(Step::Answer),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_in_whatever_order_a_call_ends_once_and_as_the_model_says(
        steps in prop::collection::vec(step(), 0..20),
        follows in any::<bool>(),
        belongs_after in 0..3_usize,
    ) {
        let sink = Arc::new(Hears(Mutex::default()));
        let ledger = Ledger::default();
        let account = ledger.plugin(&"p".into()).command("c");
        let calls = Arc::new(Calls::of("p".into(), Here));
        let mut replier = Replier::new(Arc::clone(&sink) as _, 1);
        let control = follows.then(|| replier.control());
        let mut replier = {
            replier.names("c");
            Some(replier)
        };
        // The model: who ended it first, and how; whether the plugin has it; whether it counts as stuck.
        let (mut ended, mut early, mut begun, mut stuck, mut told) = (None, false, false, false, 0);
        let mut entered = false;
        for (number, step) in steps.into_iter().enumerate() {
            if number == belongs_after && let Some(replier) = &mut replier {
                replier.belongs_to(calls.begin().unwrap(), account.enter());
                entered = true;
            }
            match (step, &control) {
                (Step::Begin, _) => {
                    if let Some(replier) = &replier {
                        replier.begins();
                        begun = true;
                    }
                }
                (Step::Cancel | Step::Expire, Some(control)) => {
                    let outcome = if step == Step::Cancel { Outcome::Cancelled } else { Outcome::TimedOut };
                    if ended.is_none() {
                        (ended, early) = (Some(outcome), true);
                    }
                    match step {
                        Step::Cancel => control.cancel(),
                        _ => control.expire("late".to_owned()),
                    }
                    prop_assert!(control.is_cancelled() || !early);
                }
                (Step::Hurry, Some(control)) => control.hurry(),
                (Step::Tell, Some(control)) => {
                    told += usize::from(ended.is_none());
                    control.progress("1").unwrap();
                }
                (Step::LookWhetherStuck, Some(control)) => {
                    control.look_whether_stuck();
                    stuck |= early && begun && replier.is_some() && entered;
                }
                (Step::Acknowledge, Some(control)) => control.acknowledge(3),
                (Step::Answer(answer), _) => {
                    let Some(replier) = replier.take() else { continue };
                    let outcome = match answer {
                        Answer::Json | Answer::Bytes => Outcome::Ok,
                        Answer::NotJson | Answer::Error => Outcome::Error,
                        Answer::Panic => Outcome::Panic,
                        Answer::Dropped => Outcome::Lost,
                    };
                    ended.get_or_insert(outcome);
                    stuck = false;
                    match answer {
                        Answer::Json => replier.json(b"1".to_vec()),
                        Answer::NotJson => replier.json(b"{".to_vec()),
                        Answer::Bytes => replier.bytes(vec![1]),
                        Answer::Error => replier.error("no".to_owned()),
                        Answer::Panic => replier.panicked("no"),
                        Answer::Dropped => drop(replier),
                    }
                }
                (_, None) => {}
            }
            let numbers = ledger.numbers("p");
            prop_assert_eq!(calls.stuck(), usize::from(stuck));
            prop_assert_eq!(numbers.first().map_or(0, |one| one.stuck), u64::from(stuck));
        }
        let was_open = replier.is_some();
        drop(replier);
        let heard = sink.0.lock().unwrap();
        let ended = ended.unwrap_or(Outcome::Lost);
        // Who cancels has settled the promise by himself; everybody else is told, once.
        let replies: Vec<Outcome> = heard.replies.iter().map(|(_, outcome)| *outcome).collect();
        let expected = if ended == Outcome::Cancelled { vec![] } else { vec![ended] };
        prop_assert_eq!(replies, expected, "{:?}", was_open);
        prop_assert_eq!((heard.returned, heard.told), (usize::from(early), told));
        for (reply, outcome) in &heard.replies {
            prop_assert_eq!(matches!(reply, Reply::Error(_)), *outcome != Outcome::Ok);
        }
        if entered {
            let one = ledger.numbers("p").remove(0);
            let counts = [one.ok, one.errors, one.panics, one.cancelled, one.timed_out, one.busy, one.lost];
            prop_assert_eq!(counts[ended as usize], 1, "{:?} {:?}", ended, counts);
            prop_assert_eq!((counts.iter().sum::<u64>(), one.in_flight, one.stuck, calls.in_flight()), (1, 0, 0, 0));
        }
    }
}
