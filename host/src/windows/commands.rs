//! The commands of the group `window`: what they are called, take and answer. What is wanted goes to the event loop as an order, since only
//! there a window can be made.

use std::sync::Arc;

use plugin_api::schemars::JsonSchema;
use plugin_host_runtime::{Group, Page, Replier};
use serde::Deserialize;

use crate::order::{Deed, NewWindow, Order, Position, Size};

/// Most commands name a window, or mean that of the page that calls.
#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "plugin_api::schemars")]
struct Which {
    window: Option<String>,
}

/// Arguments of a command, and the window that it is about.
macro_rules! about {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* }) => {
        $(#[$doc])*
        #[derive(Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase")]
        #[schemars(crate = "plugin_api::schemars")]
        struct $name { $($field: $type,)* window: Option<String> }
    };
}

about!(SetTitle { title: String });
about!(SetSize { width: f64, height: f64 });
about!(SetPosition { x: f64, y: f64 });
about!(SetFullscreen { fullscreen: bool });
about!(SetResizable { resizable: bool });
about!(SetAlwaysOnTop { always_on_top: bool });

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "plugin_api::schemars")]
struct Open {
    uri: String,
}

/// Nothing.
#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "plugin_api::schemars")]
struct Nothing {}

/// The group, whose orders go to `send`.
pub fn group(send: impl Fn(Order) + Send + Sync + 'static) -> Group {
    let commands = Commands { group: Group::new("window"), send: Arc::new(send) };
    commands
        .add::<SetTitle, ()>("setTitle", "Sets the title of the window.", |SetTitle { title, window }| {
            (window, Deed::SetTitle(title))
        })
        .like_tauri()
        .add::<Open, ()>(
            "open",
            "Opens an address in the system's browser.\n\nWhich ones it may be is listed as `browser` under `[host.page]` in the configuration.",
            |Open { uri }| (None, Deed::Open(uri)),
        )
        .like_tauri()
        .add::<SetSize, ()>(
            "setSize",
            "Sets the size of the window's page, in logical pixels.",
            |SetSize { width, height, window }| (window, Deed::SetSize(Size { width, height })),
        )
        .about_one::<Size>("size", "The size of the window's page, in logical pixels.", Deed::Size)
        .add::<SetPosition, ()>(
            "setPosition",
            "Moves the window, in logical pixels from the left and from above.\n\nOn Wayland nothing comes of it.",
            |SetPosition { x, y, window }| (window, Deed::SetPosition(Position { x, y })),
        )
        .about_one::<Option<Position>>(
            "position",
            "Where the window is, in logical pixels; null where the system does not tell.",
            Deed::Position,
        )
        .about_one::<()>("center", "Moves the window to the middle of its screen.", Deed::Center)
        .add::<SetFullscreen, ()>(
            "setFullscreen",
            "Lets the window fill the screen, or no longer.",
            |SetFullscreen { fullscreen, window }| (window, Deed::SetFullscreen(fullscreen)),
        )
        .about_one::<bool>("isFullscreen", "Whether the window fills the screen.", Deed::IsFullscreen)
        .about_one::<()>("minimize", "Makes an icon of the window.", Deed::SetMinimized(true))
        .about_one::<()>("unminimize", "Makes a window of the icon again.", Deed::SetMinimized(false))
        .about_one::<()>("maximize", "Makes the window as large as the desktop lets it.", Deed::SetMaximized(true))
        .about_one::<()>("unmaximize", "Makes the window as large as it was before.", Deed::SetMaximized(false))
        .about_one::<bool>("isMaximized", "Whether the window is as large as it can be.", Deed::IsMaximized)
        .about_one::<()>("show", "Shows the window.", Deed::SetVisible(true))
        .about_one::<()>("hide", "Takes the window from the screen; its page goes on.", Deed::SetVisible(false))
        .add::<SetResizable, ()>(
            "setResizable",
            "Whether the user can change the window's size.",
            |SetResizable { resizable, window }| (window, Deed::SetResizable(resizable)),
        )
        .add::<SetAlwaysOnTop, ()>(
            "setAlwaysOnTop",
            "Whether the window stays above others.",
            |SetAlwaysOnTop { always_on_top, window }| (window, Deed::SetAlwaysOnTop(always_on_top)),
        )
        .about_one::<()>("focus", "Gives the window the keyboard.", Deed::Focus)
        .about_one::<()>(
            "close",
            "Closes the window.\n\nWith the last one the application ends; the calls of a page whose window is closed are cancelled.",
            Deed::Close,
        )
        .add::<NewWindow, String>(
            "create",
            "Opens another window, and answers with its name.\n\n`url` is written as a link in the first window's page would be; it leads to what the window may show. Permissions may be bound to windows by their names; one that they name shows the page that `[host.windows]` in the configuration lists for it, and no other. Pages hear of it by `host/windows`.",
            |new| (None, Deed::Create(new)),
        )
        .add::<Nothing, Vec<String>>("list", "The names of the open windows, in the order of their opening.", |Nothing {}| {
            (None, Deed::List)
        })
        .group
}

/// A group in the making.
struct Commands {
    group: Group,
    send: Arc<dyn Fn(Order) + Send + Sync>,
}

impl Commands {
    fn add<A, R>(
        mut self,
        name: &str,
        doc: &str,
        read: impl Fn(A) -> (Option<String>, Deed) + Send + Sync + 'static,
    ) -> Self
    where
        A: serde::de::DeserializeOwned + JsonSchema,
        R: JsonSchema,
    {
        let send = Arc::clone(&self.send);
        let order = move |page: Option<&Arc<Page>>, arguments: A, replier: Replier| {
            let (window, deed) = read(arguments);
            let asked_by = page.map(|page| page.window.clone());
            send(Order { asked_by, window, deed, replier });
        };
        self.group = self.group.command::<A, R>(name, doc, order);
        self
    }

    /// A command that takes nothing but the window.
    fn about_one<R: JsonSchema>(self, name: &str, doc: &str, deed: Deed) -> Self {
        self.add::<Which, R>(name, doc, move |Which { window }| (window, deed.clone()))
    }

    /// Tauri 0.x has the one that was added last, by its name alone.
    fn like_tauri(mut self) -> Self {
        self.group = self.group.also_short();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_described_and_says_for_which_window_it_is() {
        let group = group(|_| {});
        for entry in group.table() {
            assert!(entry.doc.ends_with('.'), "{}", entry.name);
            let arguments = entry.arguments.as_ref().unwrap();
            let about_all = ["open", "create", "list"].contains(&&*entry.name);
            assert_eq!(
                arguments.iter().any(|one| one.name == "window" && one.optional),
                !about_all,
                "{}",
                entry.name
            );
        }
    }
}
