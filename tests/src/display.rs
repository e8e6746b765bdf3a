//! What a window manager does when somebody clicks a window's close button.

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt as _, EventMask, MapState, Window,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// Asks the window of a process to close, as its close button does.
///
/// # Panics
/// When there is no display, or the process has no window that can be closed.
pub fn click_close_button(process: u32) {
    close(process, None);
}

/// The same for the window of this title.
///
/// # Panics
/// When there is no display, or the process has no such window.
pub fn click_close_button_of(process: u32, title: &str) {
    close(process, Some(title));
}

/// Waits until the window of this title is an icon: in the state that the ICCCM calls iconic.
///
/// # Panics
/// When the display does not answer, or has no such window.
pub fn wait_until_iconic(display: &str, title: &str) {
    const ICONIC: u32 = 3;
    let (connection, screen) = x11rb::connect(Some(display)).expect("a display");
    let atom = |name: &str| {
        connection.intern_atom(false, name.as_bytes()).expect("a request").reply().expect("an answer").atom
    };
    let (name, utf8, state) = (atom("_NET_WM_NAME"), atom("UTF8_STRING"), atom("WM_STATE"));
    let property = |window: Window, property: u32, kind: u32| {
        let reply =
            connection.get_property(false, window, property, kind, 0, 256).expect("a request").reply();
        reply.map(|reply| reply.value).unwrap_or_default()
    };
    let all = below(&connection, connection.setup().roots[screen].root);
    // The window manager's frame has no state of its own.
    let titled = |window: &Window| {
        property(*window, name, utf8) == title.as_bytes() && !property(*window, state, state).is_empty()
    };
    let window = all.into_iter().find(titled).expect("a window of this title");
    let changes = ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE);
    connection.change_window_attributes(window, &changes).expect("a request").check().expect("an answer");
    while property(window, state, state).get(..4) != Some(&ICONIC.to_ne_bytes()[..]) {
        connection.wait_for_event().expect("the display goes on");
    }
}

fn close(process: u32, title: Option<&str>) {
    let (connection, screen) = x11rb::connect(None).expect("a display");
    let root = connection.setup().roots[screen].root;
    let atom = |name: &str| {
        connection.intern_atom(false, name.as_bytes()).expect("a request").reply().expect("an answer").atom
    };
    let (protocols, delete, owner) = (atom("WM_PROTOCOLS"), atom("WM_DELETE_WINDOW"), atom("_NET_WM_PID"));
    let values = |window: Window, property: u32, kind: AtomEnum| -> Vec<u32> {
        let reply = connection.get_property(false, window, property, kind, 0, 64).expect("a request").reply();
        reply.ok().and_then(|reply| Some(reply.value32()?.collect())).unwrap_or_default()
    };
    let seen = |window: Window| {
        let attributes = connection.get_window_attributes(window).expect("a request").reply();
        attributes.is_ok_and(|attributes| attributes.map_state == MapState::VIEWABLE)
    };
    let titled = |window: Window| {
        let (name, utf8) = (atom("_NET_WM_NAME"), atom("UTF8_STRING"));
        let reply = connection.get_property(false, window, name, utf8, 0, 256).expect("a request").reply();
        title.is_none_or(|title| reply.is_ok_and(|reply| reply.value == title.as_bytes()))
    };
    let window = below(&connection, root)
        .into_iter()
        .find(|window| {
            // GTK has another window of this kind that nobody sees.
            seen(*window)
                && values(*window, owner, AtomEnum::CARDINAL) == [process]
                && values(*window, protocols, AtomEnum::ATOM).contains(&delete)
                && titled(*window)
        })
        .expect("a window that can be closed");
    let message = ClientMessageEvent::new(32, window, protocols, [delete, x11rb::CURRENT_TIME, 0, 0, 0]);
    connection.send_event(false, window, EventMask::NO_EVENT, message).expect("a request");
    // The server forgets what an ended connection asked for last.
    connection.sync().expect("an answer");
}

/// All windows below this one.
pub(crate) fn below(connection: &RustConnection, window: Window) -> Vec<Window> {
    // A window that went away meanwhile has nothing below it.
    let tree = connection.query_tree(window).ok().and_then(|tree| tree.reply().ok());
    let children = tree.map(|tree| tree.children).unwrap_or_default();
    children.into_iter().flat_map(|child| [vec![child], below(connection, child)].concat()).collect()
}
