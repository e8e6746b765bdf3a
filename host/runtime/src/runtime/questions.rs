//! Asks the hosts that run how their plugins are: a file with a number, which their keepers notice, and a file from each of them with
//! the same number.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use notify::{RecursiveMode, Watcher as _};

use crate::folder::QUESTION;
use crate::kept;
use crate::library::breadcrumbs;
use crate::status::RunningHost;

/// How long a host has to answer: its keeper may be trying a library at this moment.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks the hosts that keep what they remember in `state`.
pub fn ask(state: &Path) -> Vec<RunningHost> {
    let folder = state.join("running");
    let mut open = breadcrumbs::answers_in(&folder);
    if open.is_empty() {
        return Vec::new();
    }
    let (sender, changes) = crossbeam_channel::bounded(1);
    let heard = notify::recommended_watcher(move |_| {
        // One that is on its way is enough.
        let _ = sender.try_send(());
    });
    let Ok(mut watcher) = heard else { return Vec::new() };
    let number = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
    if watcher.watch(&folder, RecursiveMode::NonRecursive).is_err()
        || kept::write(&state.join(QUESTION), &number).is_err()
    {
        return Vec::new();
    }
    let end = Instant::now() + PATIENCE;
    let mut hosts = Vec::new();
    loop {
        open.retain(|file| match answer(file, number) {
            Some(host) => {
                hosts.push(host);
                false
            }
            None => true,
        });
        if open.is_empty() || changes.recv_deadline(end).is_err() {
            return hosts;
        }
    }
}

fn answer(file: &Path, number: u64) -> Option<RunningHost> {
    let (asked, host): (u64, RunningHost) = kept::read(file).ok()?;
    (asked == number).then_some(host)
}
