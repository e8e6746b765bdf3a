//! A user who answers dialogues with the keyboard. Waits for windows and never for a while.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ConnectionExt as _, EventMask, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

use crate::display::below;
use crate::user::{PATIENCE, User};

/// How long a dialogue that reads a folder is given before the same keys are pressed again.
const AGAIN: Duration = Duration::from_millis(300);

/// A dialogue that is on the screen, or another window.
pub struct Dialogue {
    user: User,
    window: Window,
    gone: Receiver<()>,
}

impl Dialogue {
    /// Waits until a window with this title is on the screen, and gives it the keyboard, as there is no window manager that would.
    ///
    /// # Panics
    /// When it does not come, or there is no xdotool.
    #[track_caller]
    pub fn appears(title: &str) -> Self {
        Self::of(User::at(None), title)
    }

    /// The same on another display than the usual one, with a window manager or without.
    ///
    /// # Panics
    /// When it does not come, or there is no xdotool.
    #[track_caller]
    pub fn appears_on(display: &str, title: &str) -> Self {
        Self::of(User::at(Some(display)), title)
    }

    #[track_caller]
    fn of(user: User, title: &str) -> Self {
        let appeared = when_there(user.display(), title).recv_timeout(Duration::from_secs(PATIENCE));
        let window = appeared.unwrap_or_else(|_| panic!("no dialogue `{title}` has appeared"));
        let gone = when_gone(user.display(), window);
        let dialogue = Self { user, window, gone };
        dialogue.takes_the_keyboard();
        dialogue
    }

    /// Has the keyboard from now on.
    #[track_caller]
    pub fn takes_the_keyboard(&self) {
        self.user.xdotool(&["windowfocus", "--sync", &self.window.to_string()]);
    }

    /// Becomes an icon.
    #[track_caller]
    pub fn becomes_an_icon(&self) {
        self.user.xdotool(&["windowminimize", &self.window.to_string()]);
    }

    /// Comes back to the screen, and has the keyboard.
    #[track_caller]
    pub fn comes_back(&self) {
        self.user.xdotool(&["windowmap", "--sync", &self.window.to_string()]);
        self.takes_the_keyboard();
    }

    /// Types a text.
    #[track_caller]
    pub fn types(&self, text: &str) {
        self.user.types(text);
    }

    /// Presses keys, such as `Return` or `alt+y`.
    #[track_caller]
    pub fn presses(&self, keys: &[&str]) {
        self.user.presses(keys);
    }

    /// Presses keys again and again until the dialogue is gone: what a folder holds comes to a dialogue when it comes.
    ///
    /// # Panics
    /// When it stays.
    #[track_caller]
    pub fn presses_until_gone(&self, keys: &[&str]) {
        for _ in 0..PATIENCE {
            self.presses(keys);
            match self.gone.recv_timeout(AGAIN) {
                Ok(()) => return,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("the display has gone"),
            }
        }
        panic!("the dialogue {} stays", self.window);
    }

    /// Waits until it is gone.
    ///
    /// # Panics
    /// When it stays.
    #[track_caller]
    pub fn goes(&self) {
        self.gone.recv_timeout(Duration::from_secs(PATIENCE)).expect("the dialogue goes");
    }
}

/// Whether a window with this title is on the screen at this moment.
///
/// # Panics
/// When there is no display.
pub fn is_there(title: &str) -> bool {
    let (connection, screen) = x11rb::connect(None).expect("a display");
    find(&connection, connection.setup().roots[screen].root, title).is_some()
}

/// The window with this title, if it is on the screen.
fn find(connection: &RustConnection, root: Window, title: &str) -> Option<Window> {
    let name = connection.intern_atom(false, b"_NET_WM_NAME").ok()?.reply().ok()?.atom;
    // A window manager puts a frame around it. One that goes away meanwhile is not there.
    below(connection, root).into_iter().find(|&window| {
        let property = connection.get_property(false, window, name, AtomEnum::ANY, 0, 1000).ok();
        let named =
            property.and_then(|asked| asked.reply().ok()).is_some_and(|is| is.value == title.as_bytes());
        let attributes = connection.get_window_attributes(window).ok().and_then(|asked| asked.reply().ok());
        named && attributes.is_some_and(|now| now.map_state == MapState::VIEWABLE)
    })
}

/// Tells when a window with this title has come to the screen.
fn when_there(display: Option<&str>, title: &str) -> Receiver<Window> {
    let (sender, there) = channel();
    let (display, title) = (display.map(str::to_owned), title.to_owned());
    thread::spawn(move || {
        let (connection, screen) = x11rb::connect(display.as_deref()).expect("a display");
        let root = connection.setup().roots[screen].root;
        // Asked for before the first look, so that none is missed.
        let attributes = ChangeWindowAttributesAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY);
        connection
            .change_window_attributes(root, &attributes)
            .expect("a request")
            .check()
            .expect("an answer");
        loop {
            if let Some(window) = find(&connection, root, &title) {
                // Nobody may care any more.
                let _ = sender.send(window);
                return;
            }
            if connection.wait_for_event().is_err() {
                return;
            }
        }
    });
    there
}

/// Tells when a window has left the screen.
fn when_gone(display: Option<&str>, window: Window) -> Receiver<()> {
    let (sender, gone) = channel();
    let display = display.map(str::to_owned);
    thread::spawn(move || {
        let (connection, _) = x11rb::connect(display.as_deref()).expect("a display");
        let attributes = ChangeWindowAttributesAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
        let asked = connection.change_window_attributes(window, &attributes).expect("a request").check();
        let now = connection.get_window_attributes(window).expect("a request").reply();
        let mut there = asked.is_ok() && now.is_ok_and(|now| now.map_state != MapState::UNMAPPED);
        while there {
            match connection.wait_for_event() {
                Ok(Event::UnmapNotify(_) | Event::DestroyNotify(_)) => there = false,
                Ok(_) => {}
                Err(_) => return,
            }
        }
        // Nobody may care.
        let _ = sender.send(());
    });
    gone
}
