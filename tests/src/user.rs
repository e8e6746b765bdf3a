//! A user at the keyboard of a display, by `xdotool`. Waits for windows and never for a while.

use std::process::Command;

/// When a window that does not come or go is taken for one that never will, in seconds.
pub const PATIENCE: u64 = 60;

/// What people do with their hands.
pub struct User {
    display: Option<String>,
}

impl User {
    /// One who sits at this display, or at the usual one.
    pub fn at(display: Option<&str>) -> Self {
        Self { display: display.map(str::to_owned) }
    }

    /// Where that is, if it is not the usual one.
    pub fn display(&self) -> Option<&str> {
        self.display.as_deref()
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

    /// Does something else with the screen.
    ///
    /// # Panics
    /// When there is no xdotool, or it fails.
    #[track_caller]
    pub fn xdotool(&self, arguments: &[&str]) {
        let mut command = Command::new("timeout");
        command.arg(PATIENCE.to_string()).arg("xdotool").args(arguments);
        if let Some(display) = &self.display {
            command.env("DISPLAY", display);
        }
        let status = command.status().expect("scripts/system-packages.sh installs xdotool");
        assert!(status.success(), "xdotool {arguments:?}");
    }
}
