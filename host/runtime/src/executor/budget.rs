//! How many threads all plugins' workers have together.
//!
//! Each plugin may have its first one whatever the others do, so none can keep another from working; what it has beyond is taken
//! from here and given back. A thread works for one plugin all its life: what the plugin's code keeps in a thread is freed at the
//! thread's end, and that must come before the plugin's.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The threads that are left. Cloning shares it.
#[derive(Clone)]
pub struct Budget(Arc<AtomicUsize>);

/// The right to one thread, given back when it is dropped.
pub struct Permit(Budget);

impl Budget {
    /// So many threads.
    pub fn of(threads: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(threads)))
    }

    /// One of them, if one is left.
    pub fn take(&self) -> Option<Permit> {
        let taken = self.0.fetch_update(Ordering::AcqRel, Ordering::Relaxed, |left| left.checked_sub(1));
        taken.is_ok().then(|| Permit(self.clone()))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_are_given_than_there_are_and_what_comes_back_is_given_again() {
        let budget = Budget::of(2);
        let both = (budget.take().unwrap(), budget.take().unwrap());
        assert!(budget.take().is_none());
        drop(both.0);
        assert!(budget.take().is_some());
        assert!(budget.take().is_some(), "the one before was dropped at once");
    }
}
