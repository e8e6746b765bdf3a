//! Another program at the display: puts something into the clipboard, or asks for what is there, as ICCCM says. Uses nothing of the
//! plugin.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, PropMode,
    SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// What a program answers when it is asked for what it has put into the clipboard.
#[derive(Clone, Copy)]
pub enum Answer {
    /// This, as UTF-8.
    Text(&'static str),
    /// That it is nothing of the kind.
    Nothing,
    /// Nothing at all.
    Never,
}

struct Program {
    connection: RustConnection,
    window: Window,
    clipboard: Atom,
    utf8: Atom,
}

impl Program {
    fn new() -> Self {
        let (connection, screen) = x11rb::connect(None).unwrap();
        let window = connection.generate_id().unwrap();
        let root = connection.setup().roots[screen].root;
        let about = CreateWindowAux::new();
        connection.create_window(0, window, root, 0, 0, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &about).unwrap();
        let atom = |name: &[u8]| connection.intern_atom(false, name).unwrap().reply().unwrap().atom;
        let (clipboard, utf8) = (atom(b"CLIPBOARD"), atom(b"UTF8_STRING"));
        Self { connection, window, clipboard, utf8 }
    }

    fn owner(&self) -> Window {
        self.connection.get_selection_owner(self.clipboard).unwrap().reply().unwrap().owner
    }

    fn serve(&self, answer: Answer) {
        loop {
            match self.connection.wait_for_event().unwrap() {
                Event::SelectionRequest(request) => self.answer(&request, answer),
                Event::ClientMessage(_) => return,
                _ => {}
            }
        }
    }

    fn answer(&self, request: &SelectionRequestEvent, answer: Answer) {
        let property = match answer {
            Answer::Never => return,
            Answer::Text(text) if request.target == self.utf8 => {
                let (window, property) = (request.requestor, request.property);
                self.connection
                    .change_property8(PropMode::REPLACE, window, property, self.utf8, text.as_bytes())
                    .unwrap();
                request.property
            }
            _ => x11rb::NONE,
        };
        let event = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: request.requestor,
            selection: request.selection,
            target: request.target,
            property,
        };
        self.connection.send_event(false, request.requestor, EventMask::NO_EVENT, event).unwrap();
        self.connection.flush().unwrap();
    }
}

/// A program that has put something into the clipboard. Dropped, it takes that away.
pub struct Owner {
    program: Arc<Program>,
    thread: Option<JoinHandle<()>>,
}

impl Owner {
    /// Puts something there.
    pub fn new(answer: Answer) -> Self {
        let program = Arc::new(Program::new());
        let Program { connection, window, clipboard, .. } = &*program;
        connection.set_selection_owner(*window, *clipboard, x11rb::CURRENT_TIME).unwrap();
        assert_eq!(program.owner(), *window);
        let serving = Arc::clone(&program);
        let thread = Some(std::thread::spawn(move || serving.serve(answer)));
        Self { program, thread }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let Program { connection, window, utf8, .. } = &*self.program;
        let end = ClientMessageEvent::new(8, *window, *utf8, [0_u8; 20]);
        connection.send_event(false, *window, EventMask::NO_EVENT, end).unwrap();
        connection.flush().unwrap();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        connection.destroy_window(*window).unwrap();
        connection.sync().unwrap();
    }
}

/// The window of the program that has put something into the clipboard.
pub fn owner() -> Option<Window> {
    let owner = Program::new().owner();
    (owner != x11rb::NONE).then_some(owner)
}

/// The text in the clipboard, as another program gets it.
pub fn read() -> Option<String> {
    let program = Program::new();
    let Program { connection, window, clipboard, utf8 } = &program;
    connection.convert_selection(*window, *clipboard, *utf8, *utf8, x11rb::CURRENT_TIME).unwrap();
    connection.flush().unwrap();
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        assert!(Instant::now() < end, "nobody answered");
        if let Some(Event::SelectionNotify(event)) = connection.poll_for_event().unwrap() {
            if event.property == x11rb::NONE {
                return None;
            }
            let property = connection
                .get_property(true, *window, *utf8, AtomEnum::ANY, 0, u32::MAX)
                .unwrap()
                .reply()
                .unwrap();
            return Some(String::from_utf8(property.value).unwrap());
        }
        std::thread::yield_now();
    }
}
