//! The outboxes of all windows, for what is told to many pages. A window's own replies go to its own and come by here not.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plugin_host_runtime::Audience;

use super::Outbox;

/// Where the pages of all windows hear from; used from any thread.
#[derive(Default)]
pub struct Outboxes(Mutex<Vec<(String, Arc<Outbox>)>>);

impl Outboxes {
    /// A window has been opened.
    pub fn add(&self, label: &str, outbox: Arc<Outbox>) {
        self.lock().push((label.to_owned(), outbox));
    }

    /// A window has been closed.
    pub fn remove(&self, label: &str) {
        self.lock().retain(|(own, _)| own != label);
    }

    /// Tells the pages of an event. `payload` is JSON text.
    pub fn tell(&self, event: &str, payload: &str, audience: Audience<'_>) {
        let meant = |label: &String| match audience {
            Audience::All => true,
            Audience::Windows(labels) => labels.contains(label),
        };
        let outboxes: Vec<_> = self
            .lock()
            .iter()
            .filter(|(label, _)| meant(label))
            .map(|(_, outbox)| Arc::clone(outbox))
            .collect();
        // Waking the event loop is not done under the lock.
        outboxes.iter().for_each(|outbox| outbox.push_event(event, payload));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(String, Arc<Outbox>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_comes_to_the_pages_that_it_is_for_and_to_none_whose_window_is_closed() {
        let outboxes = Outboxes::default();
        let window = |label: &str| {
            let outbox = Arc::new(Outbox::new(|| {}));
            outbox.start_session(label, true);
            outboxes.add(label, Arc::clone(&outbox));
            outbox
        };
        let (main, notes) = (window("main"), window("notes"));
        let heard = || [&main, &notes].map(|outbox| outbox.take_scripts().len());
        outboxes.tell("a", "1", Audience::All);
        assert_eq!(heard(), [1, 1]);
        outboxes.tell("a", "1", Audience::Windows(&["notes".to_owned()]));
        assert_eq!(heard(), [0, 1]);
        outboxes.remove("notes");
        outboxes.tell("a", "1", Audience::All);
        assert_eq!(heard(), [1, 0]);
    }
}
