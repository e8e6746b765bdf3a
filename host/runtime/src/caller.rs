//! Who sends a message, and the command that it comes to.

use std::sync::Arc;

use crate::origin::Origin;

/// A page, as permissions know it.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it comes from.
    pub origin: Origin,
    /// The name of the window it is in.
    pub window: String,
    /// Whether it comes from where the window's first page does.
    pub is_own: bool,
}

/// Who sends a message.
#[derive(Debug, Clone, Default)]
pub enum Caller {
    /// The one whose host it is, at a terminal or in code, and plugins that are not confined: they could do by themselves
    /// whatever another plugin does.
    #[default]
    Trusted,
    /// A page.
    Page(Arc<Page>),
    /// The plugin of this name, which is confined to a sandbox.
    Confined(Arc<str>),
}

/// A command, by the names its owner has for it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// `host` and `app` are the host and the application.
    pub plugin: &'a str,
    pub command: &'a str,
    pub dangerous: bool,
    /// Whether it is for no page.
    pub internal: bool,
}

impl<'a> Subject<'a> {
    /// A command of which nothing else is said.
    pub fn harmless(plugin: &'a str, command: &'a str) -> Self {
        Self { plugin, command, dangerous: false, internal: false }
    }
}
