//! A host with `unruly` in either lane, for the tests of what comes of what it does.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, select};
use plugin_host_runtime::{
    ChangeKind, CommandNumbers, Lane, Live, Partial, Replier, Reply, ReplySink, Taken, UnderWay, Wishes,
};
use serde_json::{Value, json};

use crate::{HANGS, Host, built, plugin_folder};

/// Where `unruly` runs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum InLane {
    /// In a process of its own.
    Process,
    /// In the host's process.
    Host,
}

/// Its commands that do anything, on a worker and on the main thread.
pub const PLACES: [&str; 2] = ["actHere", "actOnMain"];

/// A host with `unruly` in this lane, and two others that go on in the host whatever it does.
pub fn host(lane: InLane) -> Host {
    host_with(lane, "")
}

/// The same, with settings of `unruly`, and after that of its commands.
///
/// # Panics
/// When it does not come to run there.
pub fn host_with(lane: InLane, settings: &str) -> Host {
    let folder = plugin_folder(&["unruly", "ordinary", "asking"]);
    let isolation = if lane == InLane::Process { "process" } else { "in-process" };
    let text = format!("[host.plugins.unruly]\nisolation = '{isolation}'\n{settings}");
    std::fs::write(folder.path().join("config.toml"), text).unwrap();
    let host = Host::set_up(folder, |builder| builder.isolate(Wishes::default()));
    let lane_of = |name: &str| live(&host, name).lane;
    assert_eq!(matches!(lane_of("unruly"), Lane::Isolated { .. }), lane == InLane::Process);
    assert_eq!(lane_of("ordinary"), Lane::InProcess);
    host
}

/// How a plugin is at this moment.
///
/// # Panics
/// When it does not serve.
pub fn live(host: &Host, name: &str) -> Live {
    let status = host.status();
    let plugin = status.plugins.into_iter().find(|plugin| plugin.name == name);
    plugin.unwrap_or_else(|| panic!("{name} serves")).live.unwrap()
}

/// The numbers of all commands that were called.
pub fn numbers(host: &Host) -> Vec<CommandNumbers> {
    host.status().plugins.into_iter().flat_map(|plugin| plugin.numbers).collect()
}

/// Every call that was made is settled, once.
///
/// # Panics
/// When the books do not say so.
pub fn assert_balanced(host: &Host) {
    for one in numbers(host) {
        let settled = one.ok + one.errors + one.panics + one.cancelled + one.timed_out + one.busy + one.lost;
        assert_eq!((one.calls, one.in_flight), (settled, 0), "{one:?}");
    }
}

/// The other plugins answer as ever.
///
/// # Panics
/// When they do not.
pub fn others_notice_nothing(host: &Host) {
    assert_eq!(host.call(json!({ "cmd": "echo", "value": 7 })), Ok(json!(7)));
    let asked = host.call(json!({ "cmd": "ask", "message": { "cmd": "echo", "value": 8 } }));
    assert_eq!(asked, Ok(json!(8)));
}

/// Calls a command that must reject with all these words.
///
/// # Panics
/// When it does not.
pub fn rejected(host: &Host, cmd: &str, deed: &str, parts: &[&str]) {
    let error = host.refused(json!({ "cmd": cmd, "deed": deed }));
    for part in parts {
        assert!(error.contains(part), "{cmd} {deed}: {error}");
    }
}

/// Replaces the library by itself under another content, which is another generation, with a clean record.
///
/// # Panics
/// When the folder cannot be written.
pub fn start_over(host: &Host) {
    let file = host.folder.path().join("libunruly.so");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.push(0);
    let new = file.with_extension("part");
    std::fs::write(&new, bytes).unwrap();
    std::fs::rename(new, &file).unwrap();
    while host.change().kind != ChangeKind::Replaced {}
}

/// Runs the program on this plugin folder to its end.
///
/// # Panics
/// When it was not built.
pub fn program(plugins: &Path, arguments: &[&str]) -> Output {
    // Who allocates without end is stopped long before the machine has nothing left.
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -d 1000000; exec \"$0\" \"$@\""]).arg(built().join("plugin-host"));
    command.args(arguments).arg("--only").arg("--plugins").arg(plugins);
    command.arg("--data").arg(plugins.join("data")).output().unwrap()
}

/// Hears of one call.
struct Follower(Sender<Reply>);

impl ReplySink for Follower {
    fn deliver(&self, _call: u64, reply: Reply) {
        self.0.send(reply).unwrap();
    }

    fn partial(&self, _call: u64, _partial: Partial) -> Taken {
        Taken::Now
    }
}

/// Begins a call that can be cancelled.
pub fn begin(host: &Host, message: &Value) -> (Arc<dyn UnderWay>, Receiver<Reply>) {
    let (sender, heard) = crossbeam_channel::unbounded();
    let replier = Replier::new(Arc::new(Follower(sender)), 1);
    let under_way = replier.follow();
    host.runtime.submit(message.to_string(), replier);
    (under_way, heard)
}

/// Looks at the plugin until it is as wanted, and runs main-thread work meanwhile.
///
/// # Panics
/// When it does not come to that.
pub fn until(host: &Host, wanted: impl Fn(&Live) -> bool) -> Live {
    let end = Instant::now() + HANGS;
    let never = crossbeam_channel::never::<()>();
    loop {
        let now = live(host, "unruly");
        if wanted(&now) {
            return now;
        }
        assert!(Instant::now() < end, "{now:?}");
        select! {
            recv(host.turns) -> _ => host.runtime.run_main_thread_turn(),
            recv(never) -> _ => {}
            default(Duration::from_millis(20)) => {}
        }
    }
}
