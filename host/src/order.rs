//! What can be wanted of a window, as a closed set of data: what pages and others ask for, on its way to the event loop. Who does it is
//! `windows.rs`.

use std::fmt;

use plugin_api::schemars::JsonSchema;
use plugin_host_runtime::Replier;
use serde::{Deserialize, Serialize};

/// Something that is to be done with a window.
pub struct Order {
    /// The window of the page that asks, if it is a page.
    pub asked_by: Option<String>,
    /// The window that is meant; that of the page that asks without it.
    pub window: Option<String>,
    pub deed: Deed,
    pub replier: Replier,
}

impl fmt::Debug for Order {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Order")
            .field("window", &self.window)
            .field("deed", &self.deed)
            .finish_non_exhaustive()
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    SetTitle(String),
    Open(String),
    SetSize(Size),
    Size,
    SetPosition(Position),
    Position,
    Center,
    SetFullscreen(bool),
    IsFullscreen,
    SetMinimized(bool),
    SetMaximized(bool),
    IsMaximized,
    SetVisible(bool),
    SetResizable(bool),
    SetAlwaysOnTop(bool),
    Focus,
    Close,
    Create(NewWindow),
    List,
}

/// The size of a window's page, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(crate = "plugin_api::schemars")]
pub struct Size {
    pub width: f64,
    pub height: f64,
}

/// Where a window is on the screen, in logical pixels from the left and from above.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(crate = "plugin_api::schemars")]
pub struct Position {
    pub x: f64,
    pub y: f64,
}

/// What a new window is to be like.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(crate = "plugin_api::schemars")]
pub struct NewWindow {
    /// Its name, of letters, digits, `-` and `_`; one that is free without it.
    pub label: Option<String>,
    /// The page in it, as a link in the first window's page would be written; that page again without it.
    pub url: Option<String>,
    pub title: Option<String>,
    pub width: Option<f64>,
    pub height: Option<f64>,
}
