//! `host/report`: a page tells how its commands went, for those who run it without looking.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use serde::Deserialize;

use crate::event::UserEvent;
use crate::proxy::Proxy;
use crate::words;

/// What to do with a page's report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportMode {
    /// Print it, and go on. The exit code tells it in the end.
    Stay,
    /// Print it, and close the window.
    Exit,
}

#[derive(Deserialize)]
struct Report {
    ok: bool,
    #[serde(default)]
    lines: Vec<String>,
}

/// Stands for the exit code while a page has not reported though it should.
pub const NOT_REPORTED_YET: i32 = -1;

/// The exit code for what stands in its place: a page that has not reported though it should has failed.
pub fn exit_code(noted: i32) -> i32 {
    if noted == NOT_REPORTED_YET { 1 } else { noted }
}

/// A page in which something goes wrong that nobody catches may never report: in its place, that it failed. One that has
/// reported already is believed.
pub fn fail(text: &str, mode: ReportMode, exit_code: &AtomicI32, proxy: &Arc<Proxy>) {
    if exit_code.load(Ordering::Acquire) == NOT_REPORTED_YET {
        print(&[text.to_owned()], false, mode, exit_code, proxy);
    }
}

/// Takes a report. In no mode it is read and forgotten.
pub fn take(
    text: &str,
    mode: Option<ReportMode>,
    exit_code: &AtomicI32,
    proxy: &Arc<Proxy>,
) -> Result<String, String> {
    let report: Report = serde_json::from_str(text).map_err(|error| words::bad_report(&error.to_string()))?;
    if let Some(mode) = mode {
        print(&report.lines, report.ok, mode, exit_code, proxy);
    }
    Ok("null".to_owned())
}

fn print(lines: &[String], ok: bool, mode: ReportMode, exit_code: &AtomicI32, proxy: &Arc<Proxy>) {
    exit_code.store(i32::from(!ok), Ordering::Release);
    let outcome = if ok { "ok" } else { "failed" };
    let mut output = std::io::stdout().lock();
    for line in lines.iter().map(String::as_str).chain([outcome]) {
        // Whoever closed our output does not want to read it.
        let _ = writeln!(output, "{}", words::report_line(line));
    }
    let _ = output.flush();
    if mode == ReportMode::Exit {
        proxy.send(UserEvent::Close);
    }
}
