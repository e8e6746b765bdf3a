//! A user at the keyboard of a [`Desktop`], by `xdotool`. Waits for windows and never for a while.

use std::process::Command;

use crate::desktop::Desktop;

/// When a window that does not come is taken for one that never will, in seconds.
const PATIENCE: &str = "60";

/// What people do with their hands.
pub struct User {
    display: String,
}

impl User {
    /// One who sits at this desktop.
    pub fn at(desktop: &Desktop) -> Self {
        Self { display: desktop.display().to_owned() }
    }

    /// Waits until a window with this title is on the screen, and turns to it.
    ///
    /// # Panics
    /// When it does not come.
    #[track_caller]
    pub fn turns_to(&self, title: &str) {
        let title = format!("^{title}$");
        self.xdotool(&["search", "--sync", "--onlyvisible", "--name", &title, "windowactivate", "--sync"]);
    }

    /// Types a text.
    ///
    /// # Panics
    /// When there is no xdotool.
    #[track_caller]
    pub fn types(&self, text: &str) {
        self.xdotool(&["type", "--delay", "5", text]);
    }

    /// Types a text, and Return.
    ///
    /// # Panics
    /// When there is no xdotool.
    #[track_caller]
    pub fn enters(&self, text: &str) {
        self.types(text);
        self.presses(&["Return"]);
    }

    /// Presses keys one after another, such as `Return` or `ctrl+c`.
    ///
    /// # Panics
    /// When there is no xdotool.
    #[track_caller]
    pub fn presses(&self, keys: &[&str]) {
        self.xdotool(&[&["key", "--delay", "5"], keys].concat());
    }

    #[track_caller]
    fn xdotool(&self, arguments: &[&str]) {
        let mut command = Command::new("timeout");
        command.args([PATIENCE, "xdotool"]).args(arguments).env("DISPLAY", &self.display);
        let status = command.status().expect("scripts/system-packages.sh installs xdotool");
        assert!(status.success(), "xdotool {arguments:?}");
    }
}
