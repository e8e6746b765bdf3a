//! What a plugin in a sandbox can and cannot do, each beside the same plugin without one, to which the same is possible.
#![cfg(target_os = "linux")]

mod files;

use std::fs;
use std::io::ErrorKind;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};
use std::thread;
use std::time::Duration;

use plugin_host_runtime::{Lane, Sandboxed, Wishes};
use serde_json::{Value, json};
use tests::unruly::live;
use tests::{Host, places_with_script, plugin_folder};

const ACCESS: &str = "Permission denied (os error 13)";
/// More than anything takes that is on its way.
const PATIENCE: Duration = Duration::from_secs(10);
const PERMISSION: &str = "Operation not permitted (os error 1)";

/// A host with `confined` and these settings of it.
fn host_with(plugins: &[&str], configuration: &str) -> Host {
    let folder = plugin_folder(plugins);
    fs::write(folder.path().join("config.toml"), configuration).unwrap();
    Host::set_up(folder, |builder| builder.isolate(Wishes::default()))
}

/// The same plugin in a process of its own, first without a sandbox and then in one, which has these settings. Where the system has
/// no sandboxes there is only the first.
fn both(settings: &str) -> Vec<(bool, Host)> {
    let plain = host_with(&["confined"], "[host.plugins.confined]\nisolation = 'process'");
    assert!(matches!(live(&plain, "confined").lane, Lane::Isolated { sandbox: None, .. }));
    let mut hosts = vec![(false, plain)];
    let confined =
        host_with(&["confined"], &format!("[host.plugins.confined]\nsandbox = 'required'\n{settings}"));
    match &confined.status().refused[..] {
        [] => {
            let lane = live(&confined, "confined").lane;
            assert!(matches!(lane, Lane::Isolated { sandbox: Some(Sandboxed::Fully), .. }), "{lane:?}");
            hosts.push((true, confined));
        }
        [refused] => {
            let reason = &refused.reason;
            assert!(reason.contains("a sandbox that this system does not have"), "{reason}");
            assert!(reason.contains("Landlock") || reason.contains("filters no calls"), "{reason}");
        }
        many => panic!("{many:?}"),
    }
    hosts
}

/// Holds a call to what it must come to: in a sandbox to an error with this text, and otherwise to a success.
#[track_caller]
fn denied(host: &Host, confined: bool, message: Value, error: &str) {
    let text = message.to_string();
    let outcome = host.call(message);
    match outcome {
        Ok(_) => assert!(!confined, "{text} was allowed"),
        Err(told) => assert!(confined && told.contains(error), "{text}: {told}"),
    }
}

/// Answers one word with another, as often as somebody comes, until the test is over. Who has come.
fn answering<S: std::io::Read + std::io::Write>(
    mut accept: impl FnMut() -> std::io::Result<S> + Send + 'static,
) -> crossbeam_channel::Receiver<()> {
    let (sender, came) = crossbeam_channel::unbounded();
    thread::spawn(move || {
        while let Ok(mut stream) = accept() {
            let mut word = [0; 4];
            let answered = stream.read_exact(&mut word).and_then(|()| stream.write_all(b"back"));
            if answered.is_err() || sender.send(()).is_err() {
                return;
            }
        }
    });
    came
}

#[test]
fn there_is_no_network_of_any_family_unless_it_is_allowed_and_then_not_to_services_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let tcp = answering(move || listener.accept().map(|(stream, _)| stream));
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let unix = answering(move || listener.accept().map(|(stream, _)| stream));
    let name = format!("confined-{}", path.display());
    let listener = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let named = answering(move || listener.accept().map(|(stream, _)| stream));
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    udp.set_nonblocking(true).unwrap();
    let packets = folder.path().join("packets");
    let datagrams = UnixDatagram::bind(&packets).unwrap();
    datagrams.set_nonblocking(true).unwrap();

    let mut hosts: Vec<_> = both("").into_iter().map(|(confined, host)| (confined, confined, host)).collect();
    // What is listed does not open sockets.
    let settings = format!("network = true\nwrite = ['{}']", folder.path().display());
    hosts.extend(
        both(&settings).into_iter().filter(|(confined, _)| *confined).map(|(_, host)| (true, false, host)),
    );
    for (confined, offline, host) in hosts {
        let says = |confined: bool, message: Value, came: &crossbeam_channel::Receiver<()>| {
            denied(&host, confined, message, PERMISSION);
            // Who answers tells so a little later.
            let heard = if confined { came.try_recv().ok() } else { came.recv_timeout(PATIENCE).ok() };
            assert_eq!(heard.is_some(), !confined);
        };
        says(offline, json!({ "cmd": "tcp", "port": port }), &tcp);
        says(confined, json!({ "cmd": "unix", "path": path }), &unix);
        says(confined, json!({ "cmd": "abstractUnix", "name": name }), &named);
        let message = json!({ "cmd": "udp", "port": udp.local_addr().unwrap().port() });
        denied(&host, offline, message, PERMISSION);
        let heard = udp.recv(&mut [0; 4]).map_err(|error| error.kind());
        assert_eq!(heard, if offline { Err(ErrorKind::WouldBlock) } else { Ok(4) });
        denied(&host, confined, json!({ "cmd": "unixFromPair", "path": packets }), PERMISSION);
        let heard = datagrams.recv(&mut [0; 4]).map_err(|error| error.kind());
        assert_eq!(heard, if confined { Err(ErrorKind::WouldBlock) } else { Ok(4) });
        assert_eq!(host.call(json!({ "cmd": "pair" })), Ok(json!("word")), "between its own threads");
        if !offline {
            let found = host.call(json!({ "cmd": "resolve", "name": "localhost" }));
            assert!(found.is_ok(), "{found:?}");
        }
        // Any family at all: 16 is netlink, 17 is packets, 40 is virtual machines.
        for family in [1, 17, 40] {
            let message = json!({ "cmd": "raw", "call": "socket", "first": family, "second": 3, "third": 0 });
            if confined {
                denied(&host, true, message, PERMISSION);
            }
        }
    }
}

#[test]
fn other_processes_are_out_of_reach_no_program_is_started_and_nothing_goes_past_the_filter() {
    for (confined, host) in both("") {
        let raw = |call: &str, first: i64, second: i64, third: i64| json!({ "cmd": "raw", "call": call, "first": first, "second": second, "third": third });
        let deny = |message: Value| denied(&host, confined, message, PERMISSION);
        let parent = i64::from(std::process::id());
        let own = host.call(json!({ "cmd": "process" })).unwrap().as_i64().unwrap();
        deny(raw("kill", parent, 0, 0));
        deny(raw("tkill", parent, 0, 0));
        deny(raw("pidfdOpen", parent, 0, 0));
        deny(raw("prlimit", parent, 4, 0));
        // F_SETOWN: whose file it is gets the signals of it.
        deny(raw("setOwner", 0, 8, parent));
        denied(&host, confined, json!({ "cmd": "run", "program": "/bin/echo" }), "(os error");
        // To itself it may do what it likes.
        for message in [
            raw("kill", own, 0, 0),
            raw("prlimit", own, 4, 0),
            raw("prlimit", 0, 4, 0),
            raw("priority", 0, 0, 1),
            raw("priority", 0, own, 2),
        ] {
            let text = message.to_string();
            assert_eq!(host.call(message), Ok(json!(0)), "{text}");
        }
        assert_eq!(host.call(json!({ "cmd": "fork" })), Ok(json!(7)));
        if !confined {
            continue;
        }
        for message in [
            // PTRACE_SEIZE.
            raw("ptrace", 0x4206, parent, 0),
            raw("kill", -1, 0, 0),
            raw("kill", 0, 0, 0),
            raw("ioUring", 8, 0, 0),
            // CLONE_NEWUSER.
            raw("unshare", 0x1000_0000, 0, 0),
            raw("userfaultfd", 1, 0, 0),
            raw("bpf", 0, 0, 0),
            raw("keyctl", 0, 0, 0),
            raw("chroot", 0, 0, 0),
            raw("setsid", 0, 0, 0),
            // TIOCSTI: types into a terminal.
            raw("device", 0, 0x5412, 0),
            // PR_SET_PDEATHSIG, to nothing.
            raw("parentsDeath", 1, 0, 0),
            raw("sharedMemory", 0, 4096, 0o600),
            raw("controlSharedMemory", 0, 0, 0),
            raw("send", 0, 0, 0),
            raw("receive", 0, 0, 0),
            raw("controlQueue", 0, 0, 0),
            raw("semaphores", 0, 0, 0),
            raw("controlSemaphores", 0, 0, 0),
            raw("priority", 0, parent, 0),
            // PRIO_USER: all processes of the user.
            raw("priority", 2, 0, 0),
            raw("inputPriority", 1, parent, 0),
            raw("processors", parent, 0, 0),
        ] {
            deny(message);
        }
        if cfg!(target_arch = "x86_64") {
            deny(raw("otherSocket", 2, 1, 0));
        }
    }
}

#[test]
fn every_thread_of_the_process_is_in_the_sandbox_those_of_the_windows_libraries_too() {
    for (confined, host) in both("") {
        let Lane::Isolated { process: Some(process), .. } = live(&host, "confined").lane else { panic!() };
        let threads = fs::read_dir(format!("/proc/{process}/task")).unwrap().flatten();
        for thread in threads {
            // One may have ended meanwhile.
            let Ok(status) = fs::read_to_string(thread.path().join("status")) else { continue };
            let says = |line: &str| status.lines().any(|one| one == line);
            assert_eq!(says("Seccomp:\t2") && says("NoNewPrivs:\t1"), confined, "{status}");
        }
    }
}

#[test]
fn what_ends_the_process_or_panics_is_told_as_without_a_sandbox_and_the_next_process_is_in_one() {
    for (confined, host) in both("") {
        for (cmd, cause) in [
            ("abort", "died while `abort` ran, by an abort"),
            ("segfault", "died while `segfault` ran, by a wrong access to memory (SIGSEGV)"),
            ("panic", "plugin `confined` panicked in `panic`: no luck"),
        ] {
            let error = host.refused(json!({ "cmd": cmd }));
            assert!(error.contains(cause), "{error}");
            denied(&host, confined, json!({ "cmd": "read", "path": "/etc/passwd" }), ACCESS);
        }
        assert_eq!(live(&host, "confined").restarts, 2);
    }
}

#[test]
fn a_plugin_in_a_sandbox_knows_its_own_part_of_the_configuration_and_of_no_other() {
    let configuration = "[plugins.confined]\nkey = 'own'\n[plugins.other]\nkey = 'secret'\n[host.plugins.confined]\nsandbox = 'if-possible'";
    let host = host_with(&["confined", "ordinary"], configuration);
    assert_eq!(host.call(json!({ "cmd": "table" })), Ok(json!({ "key": "own" })));
    assert_eq!(live(&host, "ordinary").lane, Lane::InProcess, "the others stay where they are");
    let Lane::Isolated { because, sandbox, .. } = live(&host, "confined").lane else { panic!("isolated") };
    assert_eq!(because, "the configuration wants it in a sandbox");
    if sandbox == Some(Sandboxed::Fully) {
        let file = host.folder.path().join("config.toml");
        assert!(host.refused(json!({ "cmd": "read", "path": file })).contains(ACCESS));
    }
}

#[test]
fn a_sandbox_and_the_hosts_own_process_contradict_each_other() {
    let configuration = "[host.plugins.'*']\nsandbox = 'if-possible'\n[host.plugins.ordinary]\nisolation = 'in-process'\n[host.plugins.asking]\nsandbox = 'none'";
    let host = host_with(&["ordinary", "asking", "confined"], configuration);
    let status = host.status();
    let [refused] = &status.refused[..] else { panic!("{status:?}") };
    assert_eq!(refused.name.as_deref(), Some("ordinary"));
    assert!(refused.reason.contains("`isolation` and `sandbox` that contradict each other"), "{refused:?}");
    assert!(refused.reason.contains("[host.plugins.ordinary]"), "{refused:?}");
    assert_eq!(live(&host, "asking").lane, Lane::InProcess);
    assert!(matches!(live(&host, "confined").lane, Lane::Isolated { sandbox: Some(_), .. }));
}

#[test]
fn a_variable_of_the_hosts_own_is_refused_for_a_plugin_with_the_key() {
    for sandbox in ["required", "if-possible", "none"] {
        let settings = format!("sandbox = '{sandbox}'\nenvironment = ['PLUGIN_HOST_SANDBOX_FILES']");
        let host = host_with(&["confined"], &format!("[host.plugins.confined]\n{settings}"));
        let status = host.status();
        let [refused] = &status.refused[..] else { panic!("{status:?}") };
        let reason = &refused.reason;
        assert!(reason.contains("`host.plugins.confined.environment`"), "{reason}");
        assert!(reason.contains("is one of the host's own variables"), "{reason}");
    }
}

/// The script tells the process what it would have found out on such a kernel.
#[test]
fn where_the_kernel_lacks_half_of_a_sandbox_the_plugin_is_refused_or_has_the_other_half_as_is_wanted() {
    let lacking = |sandbox: &str| {
        let folder = plugin_folder(&["confined"]);
        let configuration = format!("[host.plugins.confined]\nsandbox = '{sandbox}'");
        fs::write(folder.path().join("config.toml"), configuration).unwrap();
        let before = "export PLUGIN_HOST_SANDBOX_FILES='{\"Open\":\"the kernel has no Landlock\"}'";
        let places = places_with_script(folder.path(), before);
        Host::in_places(folder, places, |builder| builder.isolate(Wishes::default()))
    };
    let status = lacking("required").status();
    let [refused] = &status.refused[..] else { panic!("{status:?}") };
    for part in [
        "is not started, as the configuration requires a sandbox that this system does not have: ",
        "the kernel has no Landlock",
        "sandbox = \"if-possible\" runs it all the same",
    ] {
        assert!(refused.reason.contains(part), "{refused:?}");
    }
    let host = lacking("if-possible");
    let lane = live(&host, "confined").lane;
    let Lane::Isolated { sandbox: Some(sandbox), .. } = lane else { panic!("{lane:?}") };
    assert!(host.call(json!({ "cmd": "read", "path": "/etc/passwd" })).is_ok());
    if sandbox == Sandboxed::Partly {
        assert!(host.refused(json!({ "cmd": "udp", "port": 9 })).contains(PERMISSION));
    }
}

#[test]
fn the_store_keeps_values_in_a_sandbox_and_the_system_plugin_measures_what_it_may_read() {
    let configuration =
        "[host.plugins.'*']\nsandbox = 'if-possible'\n[host.plugins.system]\nread = ['/proc', '/sys']";
    let host = host_with(&["store", "system"], configuration);
    let set = json!({ "cmd": "storeSet", "key": "a", "value": [1, null] });
    assert_eq!(host.call(set), Ok(Value::Null));
    assert_eq!(host.call(json!({ "cmd": "storeGet", "key": "a" })), Ok(json!([1, null])));
    let note = host.call(json!({ "cmd": "noteAdd", "title": "t", "text": "x".repeat(100_000) })).unwrap();
    assert_eq!(host.call(json!({ "cmd": "noteRemove", "id": note["id"] })), Ok(json!(true)));
    assert!(host.folder.path().join("data/store/store.sqlite3").is_file());
    let memory = host.call(json!({ "cmd": "memory" })).unwrap();
    assert!(memory["totalBytes"].as_u64().unwrap() > 0, "{memory}");
}

#[test]
fn what_a_confined_plugin_has_others_do_for_it_must_be_listed() {
    let asks = |host: &Host, cmd: &str| {
        let message = json!({ "cmd": cmd });
        ["ask", "askOnMain"].map(|way| host.call(json!({ "cmd": way, "message": message })))
    };
    // Without a sandbox it asks for whatever it likes: it could do that itself.
    let free = host_with(&["asking", "counting"], "[host.plugins.asking]\nisolation = 'process'");
    assert_eq!(asks(&free, "strike"), [Ok(json!(1)), Ok(json!(2))]);
    let listed = "[host.plugins.asking]\nsandbox = 'if-possible'\n\
                  [[host.permissions]]\ncommands = ['counting/strikes']\nplugins = ['asking']\n\
                  [[host.permissions]]\ncommands = ['counting/strike']\n";
    let confined = host_with(&["asking", "counting"], listed);
    for refused in asks(&confined, "strike").into_iter().chain(asks(&confined, "host/disable")) {
        let reason = refused.unwrap_err();
        assert!(reason.contains("may not be called by the plugin asking in its sandbox"), "{reason}");
        assert!(reason.contains("plugins = [\"asking\"]"), "{reason}");
    }
    let later = confined.call(json!({ "cmd": "askThen", "message": { "cmd": "strike" } }));
    assert!(later.unwrap()[0].as_str().unwrap().contains("may not be called"));
    assert_eq!(asks(&confined, "strikes"), [Ok(json!(0)), Ok(json!(0))]);
    // Its own commands are its own business.
    assert!(asks(&confined, "cache").iter().all(Result::is_ok));
}
