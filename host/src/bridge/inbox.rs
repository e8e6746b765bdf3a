//! Messages with bytes on their way to the main thread: requests are answered on a thread of the webview's choice.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plugin_host_runtime::{Attached, MAX_MESSAGE_BYTES, Page};

use super::envelope::{Parcel, Sealed};

/// Bodies that wait hold at most this many bytes: four of the longest messages.
const MOST_HELD: usize = 4 * MAX_MESSAGE_BYTES;

/// What has arrived and has not been looked at.
#[derive(Clone)]
pub struct Inbox(Arc<Shared>);

struct Shared {
    wake: Box<dyn Fn() + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    arrived: Vec<Arrived>,
    held: usize,
}

/// A message with bytes, from the page session that `token` names.
pub struct Arrived {
    /// The page.
    pub page: Arc<Page>,
    /// The page session.
    pub token: String,
    /// The message's line.
    pub parcel: Parcel,
    /// Its bytes.
    pub attached: Attached,
}

impl Inbox {
    /// An inbox that calls `wake` when there is something in it and there was nothing before.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(Shared { wake: Box::new(wake), state: Mutex::default() }))
    }

    /// Takes a request of the page's script. Whether it is a message, and there is room for it.
    pub fn put(&self, sealed: Sealed) -> bool {
        let Sealed { page, token, body } = sealed;
        let Some(parcel) = Parcel::read(&body).filter(|parcel| parcel.call().is_some()) else { return false };
        let Some(attached) = Attached::cut(body, parcel.start, parcel.lengths.iter().copied()) else {
            return false;
        };
        let bytes = attached.len();
        let mut state = self.lock();
        if bytes > MAX_MESSAGE_BYTES || state.held + bytes > MOST_HELD {
            return false;
        }
        state.held += bytes;
        state.arrived.push(Arrived { page, token, parcel, attached });
        let first = state.arrived.len() == 1;
        drop(state);
        if first {
            (self.0.wake)();
        }
        true
    }

    /// All that has arrived, in its order.
    pub fn take(&self) -> Vec<Arrived> {
        std::mem::take(&mut *self.lock()).arrived
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn sealed(body: Vec<u8>) -> Sealed {
        let origin = plugin_host_runtime::Origin::of("plugin-host://localhost").unwrap();
        let page = Arc::new(Page { origin, window: "main".to_owned(), is_own: true });
        Sealed { page, token: "1".to_owned(), body }
    }

    #[test]
    fn what_arrives_is_taken_in_its_order_and_what_is_no_message_is_refused() {
        let wakes = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&wakes);
        let inbox = Inbox::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        assert!(inbox.put(sealed(b"p1 {}\n2\nab".to_vec())) && inbox.put(sealed(b"i2 {}\n0\n".to_vec())));
        for bad in [&b"p1 {}\n2\na"[..], b"p1 {}\n2\nabc", b"h\n0\n", b"x1 0\n0\n", b""] {
            assert!(!inbox.put(sealed(bad.to_vec())), "{bad:?}");
        }
        let arrived = inbox.take();
        let seen: Vec<_> = arrived.iter().map(|one| (&*one.parcel.line, one.attached.part(0))).collect();
        assert_eq!(seen, [("p1 {}", Some(&b"ab"[..])), ("i2 {}", Some(b""))]);
        assert_eq!(wakes.load(Ordering::Relaxed), 1);
        assert!(inbox.take().is_empty() && inbox.put(sealed(b"p3 {}\n0\n".to_vec())));
        assert_eq!(wakes.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn more_than_may_be_held_is_refused_until_there_is_room_again() {
        let inbox = Inbox::new(|| {});
        let body = |bytes: usize| [format!("p1 {{}}\n{bytes}\n").into_bytes(), vec![0; bytes]].concat();
        assert!(!inbox.put(sealed(body(MAX_MESSAGE_BYTES))), "one that is too long by itself");
        let long = MAX_MESSAGE_BYTES - 100;
        for _ in 0..4 {
            assert!(inbox.put(sealed(body(long))));
        }
        assert!(!inbox.put(sealed(body(1000))));
        drop(inbox.take());
        assert!(inbox.put(sealed(body(1000))));
    }
}
