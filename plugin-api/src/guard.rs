//! Catches panics inside the plugin, with their message and place.
//!
//! Each library has its own copy of the standard library, so its own panic hook: a panic can only be
//! caught here, on the plugin's side of the boundary. The hook notes message and place for
//! [`catch`], and says nothing on its own; a panic outside of `catch` goes to the hook that was there before.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::io::Write as _;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

thread_local! {
    static CATCHING: Cell<u32> = const { Cell::new(0) };
    static CAUGHT: RefCell<Option<Noted>> = const { RefCell::new(None) };
}

/// Runs `work`; a panic in it comes back as `message, at file:line`. Never panics itself.
pub fn catch<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    install_hook();
    let outcome = CATCHING.with(|catching| {
        catching.set(catching.get() + 1);
        let outcome = panic::catch_unwind(AssertUnwindSafe(work));
        if outcome.is_ok() {
            catching.set(catching.get() - 1);
        }
        outcome
    });
    outcome.map_err(|payload| {
        let message = describe(&*payload);
        // What was noted last may belong to a panic that the plugin caught by itself, in a drop on the way here.
        // `resume_unwind` has no place and notes nothing.
        let noted = CAUGHT.with_borrow_mut(Option::take).filter(|noted| noted.message == message);
        let text = noted.map_or_else(|| message.to_owned(), |noted| noted.text());
        drop_quietly(payload);
        CAUGHT.with_borrow_mut(Option::take);
        CATCHING.set(CATCHING.get() - 1);
        text
    })
}

/// Runs `work` and forgets a panic in it. For drops, where nobody waits for an answer.
pub fn contain(work: impl FnOnce()) {
    if let Err(text) = catch(work) {
        // There is no call to answer; standard error is the one place left, and it may be closed.
        let _ = writeln!(std::io::stderr(), "plugin panicked outside of a call: {text}");
    }
}

/// Runs code of this crate that catches the author's panics by itself, and so does not panic. Should it do so all the
/// same, the panic stays on this side; its message has gone to the hook of the standard library.
pub fn shield(work: impl FnOnce()) {
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(work)) {
        std::mem::forget(payload);
    }
}

/// A payload's own `Drop` may panic too, and the payload of that one again. Three tries, then it leaks.
fn drop_quietly(payload: Box<dyn Any + Send>) {
    let mut payload = payload;
    for _ in 0..3 {
        match panic::catch_unwind(AssertUnwindSafe(move || drop(payload))) {
            Ok(()) => return,
            Err(next) => payload = next,
        }
    }
    std::mem::forget(payload);
}

fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if CATCHING.try_with(Cell::get).unwrap_or(0) == 0 {
                previous(info);
                return;
            }
            let _ = CAUGHT.try_with(|caught| {
                if let Ok(mut caught) = caught.try_borrow_mut() {
                    *caught = Some(Noted::of(info));
                }
            });
        }));
    });
}

/// What the hook notes of a panic.
struct Noted {
    message: String,
    place: Option<String>,
}

impl Noted {
    fn of(info: &PanicHookInfo<'_>) -> Self {
        let place = info.location().map(|place| format!("{}:{}", place.file(), place.line()));
        Self { message: describe(info.payload()).to_owned(), place }
    }

    fn text(self) -> String {
        match self.place {
            Some(place) => format!("{}, at {place}", self.message),
            None => self.message,
        }
    }
}

fn describe(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "panic with a payload that is not text"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_comes_back_with_its_message_and_place() {
        let caught = catch(|| panic!("no {}", "luck")).unwrap_err();
        assert!(caught.starts_with("no luck, at "), "{caught}");
        assert!(caught.contains("guard.rs:"), "{caught}");
    }

    #[test]
    fn a_panic_that_the_plugin_caught_itself_is_not_taken_for_a_later_one() {
        let catches_itself = || panic::catch_unwind(|| panic!("the plugin's own matter")).is_err();
        assert_eq!(catch(catches_itself), Ok(true));
        let caught = catch(|| panic!("the later one")).unwrap_err();
        assert!(caught.starts_with("the later one, at "), "{caught}");
        let both = catch(|| {
            catches_itself();
            panic!("the later one")
        });
        assert!(both.unwrap_err().starts_with("the later one, at "));
    }

    #[test]
    fn a_payload_that_panics_when_dropped_is_caught_too() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("boom in drop");
            }
        }
        let caught = catch(|| panic::panic_any(Bomb)).unwrap_err();
        assert!(caught.starts_with("panic with a payload that is not text"), "{caught}");
        assert_eq!(catch(|| 7), Ok(7), "the next one starts clean");
    }
}
