//! The plugin `log`: what a page has to say becomes a line in the log of the host, marked as the page's. Writes no file of its own, and
//! lets no page forge other lines or fill a disk.

mod limit;
mod line;

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use plugin_api::schemars::{self, JsonSchema};
use plugin_api::{Context, Level, State, command, export_plugin};
use serde::Deserialize;

use crate::limit::{Limit, MOST_BYTES, MOST_LINES, SPAN};

/// How much a line matters.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum PageLevel {
    /// As `debug`: the host knows nothing finer.
    Trace,
    /// For who makes the page.
    Debug,
    /// Worth knowing, nothing to do.
    Info,
    /// Something is not as it should be, and the page goes on.
    Warn,
    /// Something failed.
    Error,
}

impl From<PageLevel> for Level {
    fn from(level: PageLevel) -> Self {
        match level {
            PageLevel::Trace | PageLevel::Debug => Self::DEBUG,
            PageLevel::Info => Self::INFO,
            PageLevel::Warn => Self::WARN,
            PageLevel::Error => Self::ERROR,
        }
    }
}

/// What is written, and how much of it: the limit of all pages together.
#[derive(Default)]
struct Journal(Mutex<Limit>);

impl Journal {
    /// Has `say` write a line, unless there were too many, and what is to be said of that.
    fn write(&self, level: Level, line: &str, now: Instant, say: impl Fn(Level, &str)) {
        // Locked while it writes, so that what is said of the limit stands where it belongs.
        let mut limit = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let verdict = limit.judge(line.len(), now);
        tell_left_out(verdict.left_out, &say);
        if verdict.write {
            say(level, line);
        } else if verdict.begins {
            let (kilobytes, seconds) = (MOST_BYTES >> 10, SPAN.as_secs());
            let text = format!(
                "a page says more than {MOST_LINES} lines or {kilobytes} KB in {seconds} seconds; the rest of that time is left out"
            );
            say(Level::WARN, &text);
        }
    }

    /// Has `say` write what is to be said when nothing more comes.
    fn end(&self, say: impl Fn(Level, &str)) {
        let count = self.0.lock().unwrap_or_else(PoisonError::into_inner).take_left_out();
        tell_left_out(count, &say);
    }
}

fn tell_left_out(count: usize, say: &impl Fn(Level, &str)) {
    if count > 0 {
        say(Level::WARN, &format!("left out: {count} of a page's lines"));
    }
}

/// The journal, and the way to the log when there is no call.
struct Plugin {
    journal: Journal,
    context: Context,
}

/// Writes a line to the log of the host, as `page: …`.
///
/// Line breaks and control characters are written as `\n` and `\u{1b}`, and what is longer than 8 KB is cut off. After 200 lines or 64 KB in 10 seconds
/// the rest of that time is left out, and one line says how many those were; the promise resolves all the same.
#[command]
fn log(context: &Context, plugin: State<'_, Plugin>, level: PageLevel, message: &str) {
    let say = |level: Level, line: &str| context.log(level, line);
    plugin.journal.write(level.into(), &line::of(message), Instant::now(), say);
}

export_plugin! {
    name: "log",
    commands: [log],
    state: |context| Ok(Plugin { journal: Journal::default(), context: context.clone() }),
    stop: |plugin| plugin.journal.end(|level, line| plugin.context.log(level, line)),
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use plugin_api::test_host;
    use plugin_api::testing::check_transcripts;
    use serde_json::json;

    use super::*;

    #[test]
    fn each_level_is_that_of_the_hosts_log() {
        let host = test_host!().unwrap();
        for level in ["trace", "debug", "info", "warn", "error"] {
            let message = json!({ "cmd": "log", "level": level, "message": level });
            assert_eq!(host.call(&message), Ok(json!(null)));
        }
        let expected = [
            (Level::DEBUG, "page: trace"),
            (Level::DEBUG, "page: debug"),
            (Level::INFO, "page: info"),
            (Level::WARN, "page: warn"),
            (Level::ERROR, "page: error"),
        ];
        assert_eq!(host.log(), expected.map(|(level, text)| (level, text.to_owned())));
    }

    #[test]
    fn another_level_or_no_message_is_refused_and_writes_nothing() {
        let host = test_host!().unwrap();
        let refusal = host.call(&json!({ "cmd": "log", "level": "fatal", "message": "" })).unwrap_err();
        assert!(refusal.contains("`level`") && refusal.contains("`warn`"), "{refusal}");
        assert!(host.call(&json!({ "cmd": "log", "level": "info" })).is_err());
        assert!(host.call(&json!({ "cmd": "log", "level": "info", "message": {} })).is_err());
        assert!(host.log().is_empty());
    }

    #[test]
    fn a_page_that_does_not_stop_is_cut_off_with_one_line_and_counted_in_another() {
        let (journal, start) = (Journal::default(), Instant::now());
        let said = RefCell::new(Vec::new());
        let say = |_: Level, line: &str| said.borrow_mut().push(line.to_owned());
        for _ in 0..MOST_LINES + 50 {
            journal.write(Level::INFO, "page: again", start, say);
        }
        journal.write(Level::INFO, "page: later", start + SPAN, say);
        journal.end(say);
        let said = said.borrow();
        assert!(said[..MOST_LINES].iter().all(|line| line == "page: again"));
        assert_eq!(
            said[MOST_LINES..],
            [
                "a page says more than 200 lines or 64 KB in 10 seconds; the rest of that time is left out",
                "left out: 50 of a page's lines",
                "page: later",
            ]
        );
    }

    #[test]
    fn what_was_left_out_at_last_is_counted_when_the_plugin_stops() {
        let (journal, now) = (Journal::default(), Instant::now());
        let said = RefCell::new(Vec::new());
        let say = |_: Level, line: &str| said.borrow_mut().push(line.to_owned());
        journal.write(Level::INFO, &"x".repeat(MOST_BYTES + 1), now, say);
        journal.end(say);
        assert_eq!(said.borrow().len(), 2);
        assert_eq!(said.borrow()[1], "left out: 1 of a page's lines");
    }

    #[test]
    fn the_limit_holds_for_what_pages_call() {
        let host = test_host!().unwrap();
        // One line after another that is as long as it may be: eight of them are all.
        let message = json!({ "cmd": "log", "level": "info", "message": "x".repeat(1 << 20) });
        for _ in 0..20 {
            assert_eq!(host.call(&message), Ok(json!(null)));
        }
        let log = host.log();
        assert!(
            log.iter().any(|(level, text)| *level == Level::WARN && text.contains("is left out")),
            "{log:?}"
        );
        assert!(log.iter().filter(|(_, text)| text.starts_with("page: ")).count() < 20);
    }

    #[test]
    fn the_readme_tells_what_happens() {
        let host = test_host!().unwrap();
        let readme = include_str!("../README.md");
        check_transcripts(readme, &host, &[]);
        let lines = host.log();
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|(_, line)| readme.contains(&format!("\n{line}\n"))), "{lines:?}");
    }
}
