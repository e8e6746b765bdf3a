//! A desktop that shows notifications to nobody: a bus of its own with a service on it that remembers what it is told.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use zbus::OwnedVariant;

/// When a desktop that is told nothing is taken for one that never will be.
const PATIENCE: Duration = Duration::from_secs(60);

/// A notification, as a desktop is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// In whose name it is shown.
    pub application: String,
    /// The name of an icon.
    pub icon: String,
    /// Its first line.
    pub title: String,
    /// The text below, with markup where the desktop reads that.
    pub body: String,
}

/// A session's bus, which ends with this.
pub struct Bus {
    process: Child,
    /// What stands in `DBUS_SESSION_BUS_ADDRESS`.
    pub address: String,
}

impl Bus {
    /// Starts one with nothing on it.
    ///
    /// # Panics
    /// When there is no `dbus-daemon`.
    pub fn start() -> Self {
        let mut command = Command::new("dbus-daemon");
        command.args(["--session", "--print-address", "--nofork", "--nopidfile"]).stdout(Stdio::piped());
        let mut process = command.spawn().expect("scripts/system-packages.sh installs dbus");
        let mut address = String::new();
        let output = process.stdout.take().expect("its output is piped");
        BufReader::new(output).read_line(&mut address).expect("it tells its address");
        Self { process, address: address.trim().to_owned() }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The desktop's side of the bus.
struct Service {
    reads_markup: bool,
    told: Sender<Notification>,
    count: u32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    fn get_capabilities(&self) -> Vec<String> {
        let known: &[&str] = if self.reads_markup { &["body", "body-markup"] } else { &["body"] };
        known.iter().map(|&capability| capability.to_owned()).collect()
    }

    #[expect(clippy::too_many_arguments, reason = "the specification has so many")]
    fn notify(
        &mut self,
        app_name: String,
        _replaces_id: u32,
        app_icon: String,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedVariant>,
        _expire_timeout: i32,
    ) -> u32 {
        // A test that is over does not listen any more.
        let _ = self.told.send(Notification { application: app_name, icon: app_icon, title: summary, body });
        self.count += 1;
        self.count
    }
}

/// A bus with a desktop on it.
pub struct Desktop {
    /// The bus.
    pub bus: Bus,
    told: Receiver<Notification>,
}

impl Desktop {
    /// Starts one, and waits until it can be told of notifications.
    ///
    /// # Panics
    /// When there is no bus.
    pub fn start(reads_markup: bool) -> Self {
        let bus = Bus::start();
        let (told, heard) = channel();
        let (ready, is_ready) = channel();
        let address = bus.address.clone();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let service = Service { reads_markup, told, count: 0 };
                let builder = zbus::connection::Builder::address(address.as_str());
                let builder = builder.name("org.freedesktop.Notifications");
                let builder = builder.serve_at("/org/freedesktop/Notifications", service);
                let _connection = builder.build().await.expect("a connection");
                let _ = ready.send(());
                // It serves until the program of the test ends.
                std::future::pending::<()>().await;
            });
        });
        is_ready.recv_timeout(PATIENCE).expect("the desktop is ready");
        Self { bus, told: heard }
    }

    /// The next notification.
    ///
    /// # Panics
    /// When none comes.
    pub fn is_told(&self) -> Notification {
        self.told.recv_timeout(PATIENCE).expect("a notification")
    }

    /// Whether there was another one.
    pub fn has_been_told_more(&self) -> bool {
        self.told.try_recv().is_ok()
    }
}
