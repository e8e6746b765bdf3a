//! The plugin `process` in a host, in both lanes: what becomes of programs when a page is slow or left, and when the host ends.
#![cfg(target_os = "linux")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use plugin_host_runtime::{Partial, Replier, Reply, ReplySink, Taken, UnderWay, Wishes};
use serde_json::{Value, json};
use tests::{HANGS, Host, plugin_folder};

const CONFIGURATION: &str = "[plugins.process.programs.sh]\nargs = 'any'\n";

/// A page that follows one program.
struct Follower {
    heard: Sender<Result<Value, Reply>>,
    takes: Taken,
}

impl ReplySink for Follower {
    fn deliver(&self, _call: u64, reply: Reply) {
        // A page that was left hears nothing.
        let _ = self.heard.send(Err(reply));
    }

    fn partial(&self, _call: u64, partial: Partial) -> Taken {
        if let Partial::Value(json) = partial {
            let _ = self.heard.send(Ok(serde_json::from_str(&json).expect("a value is JSON")));
        }
        self.takes
    }
}

struct Followed {
    under_way: Arc<dyn UnderWay>,
    heard: Receiver<Result<Value, Reply>>,
}

impl Followed {
    fn value(&self) -> Value {
        self.heard.recv_timeout(HANGS).expect("something to hear").expect("it is not over")
    }

    /// What the program writes next, as the number of a process.
    fn pid(&self) -> u32 {
        self.value()["stdout"].as_str().unwrap().trim().parse().unwrap()
    }
}

fn spawn(host: &Host, script: &str, takes: Taken) -> Followed {
    let (sender, heard) = unbounded();
    let replier = Replier::new(Arc::new(Follower { heard: sender, takes }), 1);
    let under_way = replier.follow();
    let message = json!({ "cmd": "spawn", "command": "sh", "args": ["-c", script] });
    host.runtime.submit(message.to_string(), replier);
    Followed { under_way, heard }
}

/// A host with the plugin, in each lane.
fn hosts() -> [Host; 2] {
    [Wishes::default(), Wishes { all: true, names: Vec::new() }].map(|wishes| host(CONFIGURATION, wishes))
}

fn host(configuration: &str, wishes: Wishes) -> Host {
    let folder = plugin_folder(&["process"]);
    std::fs::write(folder.path().join("config.toml"), configuration).unwrap();
    Host::set_up(folder, |builder| builder.isolate(wishes))
}

fn state(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

/// Until a process is in one of these states; gone is none, or that of one whose end nobody has asked for.
fn until(pid: u32, what: &[Option<char>]) {
    let end = Instant::now() + HANGS;
    while !what.contains(&state(pid)) {
        assert!(Instant::now() < end, "process {pid} is still {:?}", state(pid));
        std::thread::park_timeout(Duration::from_millis(1));
    }
}

const GONE: [Option<char>; 3] = [None, Some('Z'), Some('X')];

#[test]
fn a_program_and_its_children_end_with_the_page_that_has_started_them() {
    for host in hosts() {
        let program = spawn(&host, "sleep 1000 & echo $!; wait", Taken::Now);
        let pid = u32::try_from(program.value()["pid"].as_u64().unwrap()).unwrap();
        let grandchild = program.pid();
        assert!(!GONE.contains(&state(pid)) && !GONE.contains(&state(grandchild)));
        program.under_way.cancel();
        until(pid, &GONE);
        until(grandchild, &GONE);
        let next = json!({ "cmd": "execute", "command": "sh", "args": ["-c", "echo on"] });
        assert_eq!(host.call(next), Ok(json!("on\n")));
    }
}

#[test]
fn a_program_and_its_children_end_with_the_host() {
    for host in hosts() {
        let program = spawn(&host, "trap '' TERM HUP; sleep 1000 & echo $!; wait", Taken::Now);
        let pid = u32::try_from(program.value()["pid"].as_u64().unwrap()).unwrap();
        let grandchild = program.pid();
        host.runtime.stop(Duration::from_secs(10));
        until(pid, &GONE);
        until(grandchild, &GONE);
    }
}

#[test]
fn a_page_that_takes_nothing_holds_the_program_up_and_may_go_on_later() {
    for host in hosts() {
        let script = "exec dd if=/dev/zero bs=64k count=400 2>/dev/null";
        let program = spawn(&host, script, Taken::Later);
        let pid = u32::try_from(program.value()["pid"].as_u64().unwrap()).unwrap();
        // Reading zeros never sleeps; writing into a full pipe does, for as long as nobody reads.
        until(pid, &[Some('S')]);
        let mut length = 0;
        loop {
            program.under_way.acknowledge(1);
            match program.heard.recv_timeout(HANGS).expect("something to hear") {
                Ok(value) => length += value["stdout"].as_str().unwrap().len(),
                Err(reply) => {
                    assert_eq!(reply, Reply::Value(r#"{"code":0,"signal":null}"#.into()));
                    break;
                }
            }
            assert!(program.heard.len() <= 65, "{} wait", program.heard.len());
        }
        assert_eq!(length, 400 * 64 * 1024);
    }
}

#[test]
fn in_a_sandbox_nothing_is_started_and_the_error_says_so() {
    let configuration = format!("{CONFIGURATION}[host.plugins.process]\nsandbox = 'required'\n");
    let host = host(&configuration, Wishes::default());
    if let [refused] = &host.status().refused[..] {
        // Where the system has no sandboxes, there is nothing else to see.
        assert!(refused.reason.contains("a sandbox that this system does not have"), "{}", refused.reason);
        return;
    }
    let error = host.refused(json!({ "cmd": "execute", "command": "sh", "args": ["-c", "true"] }));
    assert!(
        error.contains("cannot be started") && error.contains("in a sandbox starts no programs"),
        "{error}"
    );
}

#[test]
fn ctrl_c_ends_a_call_at_a_terminal_and_the_program_that_it_has_started() {
    let (plugins, data) = (plugin_folder(&["process"]), tempfile::tempdir().unwrap());
    std::fs::write(data.path().join("config.toml"), "[plugins.process.programs.sleep]\nargs = 'any'")
        .unwrap();
    let mut command = std::process::Command::new(tests::built().join("plugin-host"));
    command.args(["call", r#"{"cmd":"spawn","command":"sleep","args":["98765"]}"#, "--only", "--plugins"]);
    let mut program =
        tests::program::Program::start(command.arg(plugins.path()).arg("--data").arg(data.path()));
    program.wait_for("\"pid\"");
    let begun: serde_json::Value = serde_json::from_str(program.said().last().unwrap()).unwrap();
    program.signal("INT");
    program.end().check(130, "", "");
    assert!(!std::path::Path::new(&format!("/proc/{}", begun["pid"])).exists(), "{begun}");
}
