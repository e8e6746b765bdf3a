//! Whose turn it is: one dialogue at a time, since two that want the user's input would only be in each other's way. Who comes later waits.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use plugin_api::{Cancellation, Result, ensure};

/// The most that wait, each on a thread of the plugin's. A page that asks more at once is not to be answered by a person.
const MOST_WAITING: usize = 16;

/// The turns of one plugin.
#[derive(Clone, Default)]
pub struct Turns(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Who comes next gets this number.
    next: u64,
    /// Those who wait, in their order; the first has its turn.
    line: Vec<u64>,
}

/// A turn; the next one comes when it is dropped.
pub struct Turn {
    turns: Turns,
    number: u64,
}

impl Turns {
    /// Waits until nobody else has a turn.
    ///
    /// # Errors
    /// When too many wait already, or the call is cancelled before.
    pub fn wait(&self, cancellation: &Cancellation) -> Result<Turn> {
        let turn = self.line_up()?;
        let shared = Arc::clone(&self.0);
        cancellation.when_cancelled(move || {
            // Under the lock, so that nobody looks before and falls asleep after.
            let _state = shared.lock();
            shared.changed.notify_all();
        });
        let mut state = self.0.lock();
        while state.line.first() != Some(&turn.number) {
            if let Err(error) = cancellation.check() {
                // The turn takes the lock when it goes.
                drop(state);
                return Err(error);
            }
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        cancellation.check()?;
        Ok(turn)
    }

    fn line_up(&self) -> Result<Turn> {
        let mut state = self.0.lock();
        ensure!(
            state.line.len() <= MOST_WAITING,
            "a dialogue is open, and {MOST_WAITING} more wait for it to be closed; ask again when it is"
        );
        let number = state.next;
        state.next += 1;
        state.line.push(number);
        Ok(Turn { turns: self.clone(), number })
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.0.lock().line.retain(|number| *number != self.number);
        self.turns.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_in_the_order_of_asking_and_end_when_they_are_dropped() {
        let turns = Turns::default();
        let (first, second) = (turns.line_up().unwrap(), turns.line_up().unwrap());
        assert_eq!(turns.0.lock().line, [first.number, second.number]);
        drop(first);
        assert_eq!(turns.0.lock().line, [second.number]);
        drop(second);
        assert!(turns.0.lock().line.is_empty());
    }

    #[test]
    fn one_too_many_is_refused_and_those_in_line_stay() {
        let turns = Turns::default();
        let line: Vec<Turn> = (0..=MOST_WAITING).map(|_| turns.line_up().unwrap()).collect();
        assert!(turns.line_up().err().unwrap().to_string().contains("16 more wait"));
        assert_eq!(turns.0.lock().line.len(), line.len());
        drop(line);
        assert!(turns.line_up().is_ok());
    }
}
