//! What has become of the calls, counted for each plugin and command, over all generations of a plugin.
//!
//! Every call that is given to a plugin is entered once and settled once, so the books balance:
//! `calls = inFlight + ok + errors + panics + cancelled + timedOut + busy + lost`. Counting takes no lock.

mod times;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use times::Times;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// With a value.
    Ok,
    /// With an error.
    Error,
    /// With a panic of the plugin's.
    Panic,
    /// Nobody waited for it any more.
    Cancelled,
    /// Its time was over.
    TimedOut,
    /// It was not begun: too many waited.
    Busy,
    /// Without an answer: it was dropped, its process died, or the host closed.
    Lost,
}

impl Outcome {
    const COUNT: usize = 7;
}

/// The books of one runtime. Cloning shares them.
#[derive(Clone, Default)]
pub struct Ledger(Arc<Books>);

#[derive(Default)]
struct Books {
    plugins: Mutex<BTreeMap<Arc<str>, Arc<PluginAccount>>>,
    activity: Activity,
}

/// Tells one who publishes the books that there is something new.
#[derive(Default)]
struct Activity {
    is_new: AtomicBool,
    hear: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl Activity {
    fn note(&self) {
        // Looked at first: most calls find it set, and then nothing is written that other threads read.
        if !self.is_new.load(Ordering::Relaxed)
            && !self.is_new.swap(true, Ordering::AcqRel)
            && let Some(hear) = self.hear.get()
        {
            hear();
        }
    }
}

/// What is counted of one plugin.
pub struct PluginAccount {
    name: Arc<str>,
    books: Arc<Books>,
    commands: Mutex<BTreeMap<Arc<str>, Arc<Account>>>,
    restarts: AtomicU64,
}

/// What is counted of one command.
pub struct Account {
    /// Whose it is.
    pub plugin: Arc<str>,
    /// Its name.
    pub cmd: Arc<str>,
    books: Arc<Books>,
    calls: AtomicU64,
    outcomes: [AtomicU64; Outcome::COUNT],
    stuck: AtomicU64,
    /// In microseconds.
    longest_on_main: AtomicU64,
    times: Times,
}

/// One call in the books, until it is settled.
pub struct Entry {
    account: Arc<Account>,
    began: Instant,
    settled: AtomicBool,
}

/// The numbers of one command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CommandNumbers {
    /// The command's name.
    pub cmd: String,
    /// Calls that were given to it.
    pub calls: u64,
    /// Of these, not settled yet.
    pub in_flight: u64,
    /// Settled with a value.
    pub ok: u64,
    /// Settled with an error of its own.
    pub errors: u64,
    /// Settled because it panicked.
    pub panics: u64,
    /// Nobody waited any more: the page cancelled it, had no more time for it, or was left.
    pub cancelled: u64,
    /// Settled because its deadline had passed.
    pub timed_out: u64,
    /// Refused because too many waited.
    pub busy: u64,
    /// Settled without an answer of the plugin's: it gave none, its process died, or the host closed.
    pub lost: u64,
    /// Calls that are settled, because of their deadline or their page, and do not return.
    pub stuck: u64,
    /// Half of the answers came within so many microseconds; an eighth of it inexact. Nothing before the first answer.
    pub p50_us: Option<u64>,
    /// The same for 99 of a hundred.
    pub p99_us: Option<u64>,
    /// The longest that it has held the main thread up, in microseconds.
    pub longest_on_main_us: u64,
}

impl Ledger {
    /// The account of the plugin with this name.
    pub fn plugin(&self, name: &Arc<str>) -> Arc<PluginAccount> {
        let mut plugins = lock(&self.0.plugins);
        let account = plugins.entry(Arc::clone(name)).or_insert_with(|| {
            Arc::new(PluginAccount {
                name: Arc::clone(name),
                books: Arc::clone(&self.0),
                commands: Mutex::default(),
                restarts: AtomicU64::new(0),
            })
        });
        Arc::clone(account)
    }

    /// The numbers of each command of this plugin that was called at all.
    pub fn numbers(&self, plugin: &str) -> Vec<CommandNumbers> {
        let account = lock(&self.0.plugins).get(plugin).cloned();
        account.map(|account| account.numbers()).unwrap_or_default()
    }

    /// Calls `hear` when there is something new, and not again before [`take_news`](Self::take_news). For one hearer.
    pub fn on_news(&self, hear: impl Fn() + Send + Sync + 'static) {
        // The first one stays.
        let _ = self.0.activity.hear.set(Box::new(hear));
    }

    /// Something has changed that is not counted.
    pub fn note_news(&self) {
        self.0.activity.note();
    }

    /// Whether anything has been counted since this was asked the last time.
    pub fn take_news(&self) -> bool {
        self.0.activity.is_new.swap(false, Ordering::AcqRel)
    }
}

impl PluginAccount {
    fn numbers(&self) -> Vec<CommandNumbers> {
        let commands = lock(&self.commands).clone();
        let called = commands.iter().filter(|(_, account)| account.calls.load(Ordering::Relaxed) > 0);
        called.map(|(_, account)| account.numbers()).collect()
    }

    /// The account of one of its commands.
    pub fn command(&self, cmd: &str) -> Arc<Account> {
        let mut commands = lock(&self.commands);
        if let Some(account) = commands.get(cmd) {
            return Arc::clone(account);
        }
        let cmd: Arc<str> = cmd.into();
        let account = Arc::new(Account::of(&self.name, &cmd, &self.books));
        commands.insert(cmd, Arc::clone(&account));
        account
    }

    /// Counts that its process was started again.
    pub fn note_restart(&self) {
        self.restarts.fetch_add(1, Ordering::Relaxed);
        self.note_news();
    }

    /// Something about it has changed that is not counted.
    pub fn note_news(&self) {
        self.books.activity.note();
    }

    /// How often its process was started again.
    pub fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::Relaxed)
    }
}

impl Account {
    fn of(plugin: &Arc<str>, cmd: &Arc<str>, books: &Arc<Books>) -> Self {
        Self {
            plugin: Arc::clone(plugin),
            cmd: Arc::clone(cmd),
            books: Arc::clone(books),
            calls: AtomicU64::new(0),
            outcomes: Default::default(),
            stuck: AtomicU64::new(0),
            longest_on_main: AtomicU64::new(0),
            times: Times::default(),
        }
    }

    /// Enters a call.
    pub fn enter(self: &Arc<Self>) -> Arc<Entry> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.books.activity.note();
        Arc::new(Entry { account: Arc::clone(self), began: Instant::now(), settled: AtomicBool::new(false) })
    }

    /// Notes how long it has held the main thread up.
    pub fn note_on_main(&self, time: Duration) {
        let microseconds = time.as_micros().try_into().unwrap_or(u64::MAX);
        self.longest_on_main.fetch_max(microseconds, Ordering::Relaxed);
    }

    fn numbers(&self) -> CommandNumbers {
        // The outcomes first: what ends meanwhile is in flight still, and no number is negative.
        let outcomes = self.outcomes.each_ref().map(|count| count.load(Ordering::Acquire));
        let calls = self.calls.load(Ordering::Acquire);
        let [ok, errors, panics, cancelled, timed_out, busy, lost] = outcomes;
        CommandNumbers {
            cmd: self.cmd.to_string(),
            calls,
            in_flight: calls.saturating_sub(outcomes.iter().sum()),
            ok,
            errors,
            panics,
            cancelled,
            timed_out,
            busy,
            lost,
            stuck: self.stuck.load(Ordering::Relaxed),
            p50_us: self.times.quantile(0.5),
            p99_us: self.times.quantile(0.99),
            longest_on_main_us: self.longest_on_main.load(Ordering::Relaxed),
        }
    }
}

impl Entry {
    /// Where it is entered.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Settles it in the books. Only the first time counts.
    pub fn settle(&self, outcome: Outcome) {
        if self.settled.swap(true, Ordering::AcqRel) {
            return;
        }
        if matches!(outcome, Outcome::Ok | Outcome::Error) {
            self.account.times.note(self.began.elapsed());
        }
        self.account.outcomes[outcome as usize].fetch_add(1, Ordering::AcqRel);
        let Account { plugin, cmd, .. } = &*self.account;
        tracing::debug!(plugin = &**plugin, cmd = &**cmd, ?outcome, took = ?self.began.elapsed(), "a call has ended");
        self.account.books.activity.note();
    }

    /// Counts that it is settled and does not return, or that it has returned after all.
    pub fn note_stuck(&self, is_stuck: bool) {
        if is_stuck {
            self.account.stuck.fetch_add(1, Ordering::Relaxed);
        } else {
            self.account.stuck.fetch_sub(1, Ordering::Relaxed);
        }
        self.account.books.activity.note();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    const ALL: [Outcome; Outcome::COUNT] = [
        Outcome::Ok,
        Outcome::Error,
        Outcome::Panic,
        Outcome::Cancelled,
        Outcome::TimedOut,
        Outcome::Busy,
        Outcome::Lost,
    ];

    fn settled(numbers: &CommandNumbers) -> u64 {
        let CommandNumbers { ok, errors, panics, cancelled, timed_out, busy, lost, .. } = numbers;
        ok + errors + panics + cancelled + timed_out + busy + lost
    }

    #[test]
    fn the_books_balance_whoever_settles_at_the_same_time() {
        let ledger = Ledger::default();
        let plugin = ledger.plugin(&"p".into());
        let account = plugin.command("a");
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for number in 0..1000 {
                        let entry = account.enter();
                        thread::scope(|scope| {
                            let other = Arc::clone(&entry);
                            scope.spawn(move || other.settle(Outcome::Cancelled));
                            entry.settle(ALL[number % ALL.len()]);
                        });
                    }
                });
            }
        });
        let open = account.enter();
        let numbers = ledger.numbers("p").remove(0);
        assert_eq!((numbers.calls, numbers.in_flight, settled(&numbers)), (4001, 1, 4000));
        open.settle(Outcome::Lost);
        assert_eq!(ledger.numbers("p")[0].in_flight, 0);
        assert_eq!(ledger.numbers("q"), []);
    }

    #[test]
    fn accounts_outlive_a_generation_and_news_are_told_once() {
        let ledger = Ledger::default();
        let told = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&told);
        ledger.on_news(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        for _ in 0..3 {
            let account = ledger.plugin(&"p".into()).command("a");
            account.enter().settle(Outcome::Ok);
        }
        assert_eq!(told.load(Ordering::SeqCst), 1);
        assert!(ledger.take_news() && !ledger.take_news());
        assert_eq!((ledger.numbers("p")[0].ok, ledger.numbers("p").len()), (3, 1));
    }
}
