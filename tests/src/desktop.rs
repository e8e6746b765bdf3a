//! A display of a test's own, with a window manager: for tests that need the keyboard, or states of windows that only a window manager
//! gives. What happens there disturbs no other test.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{AtomEnum, ChangeWindowAttributesAux, ConnectionExt as _, EventMask};

/// No settings, whatever the user has.
const SETTINGS: &str = "<openbox_config xmlns='http://openbox.org/3.4/rc'/>";

/// A virtual screen of 1280 by 900 pixels, and openbox on it. Ends when it is dropped.
pub struct Desktop {
    screen: Child,
    manager: Child,
    display: String,
}

impl Desktop {
    /// Starts both, and waits until windows are managed.
    ///
    /// # Panics
    /// When Xvfb or openbox is missing; `scripts/system-packages.sh` installs them.
    pub fn start() -> Self {
        // It writes the number of a free display when it is ready.
        let mut screen = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is there");
        let mut number = String::new();
        let mut output = BufReader::new(screen.stdout.take().expect("its output is piped"));
        output.read_line(&mut number).expect("Xvfb tells its display");
        let display = format!(":{}", number.trim());
        let managed = Managed::follow(&display);
        // With an empty file it shows a message, which takes the keyboard.
        let mut settings = tempfile::NamedTempFile::new().expect("a folder for temporary files");
        settings.write_all(SETTINGS.as_bytes()).expect("a file of one's own");
        let manager = Command::new("openbox")
            .args(["--sm-disable", "--config-file"])
            .arg(settings.path())
            .env("DISPLAY", &display)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("openbox is there");
        // It has read them when it manages windows.
        managed.wait();
        Self { screen, manager, display }
    }

    /// What `DISPLAY` is for programs on it.
    pub fn display(&self) -> &str {
        &self.display
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for child in [&mut self.manager, &mut self.screen] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Waits for the property by which a window manager says that it is there.
struct Managed {
    connection: x11rb::rust_connection::RustConnection,
    root: u32,
    check: u32,
}

impl Managed {
    fn follow(display: &str) -> Self {
        let (connection, screen) = x11rb::connect(Some(display)).expect("the display answers");
        let root = connection.setup().roots[screen].root;
        let check = connection.intern_atom(false, b"_NET_SUPPORTING_WM_CHECK").expect("a request");
        let check = check.reply().expect("an answer").atom;
        let changes = ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        connection.change_window_attributes(root, &changes).expect("a request").check().expect("an answer");
        Self { connection, root, check }
    }

    fn wait(&self) {
        loop {
            let property = self.connection.get_property(false, self.root, self.check, AtomEnum::WINDOW, 0, 1);
            if property.expect("a request").reply().is_ok_and(|reply| reply.value_len > 0) {
                return;
            }
            // Some property has changed; perhaps it was this one.
            self.connection.wait_for_event().expect("the display goes on");
        }
    }
}
