//! What calls ask of their surroundings, for those whose code runs in another process.

use std::sync::{Arc, Weak};

use plugin_api::abi::OwnedJob;

use crate::ledger::Account;
use crate::library::Services;
use crate::plugin::calls::{Hurry, Ways};

/// What the calls of an isolated plugin need, of which its process has its own.
pub struct IsolatedWays(pub Arc<dyn Services>);

impl Ways for IsolatedWays {
    fn on_main_thread(&self) -> bool {
        self.0.is_main_thread()
    }

    fn run_aside(&self, job: OwnedJob) {
        job.run();
    }

    fn look_whether_stuck(&self, _call: Weak<dyn Hurry>) {
        // Its process does so.
    }

    fn note_stuck(&self, call: u64, account: &Account, is_stuck: bool) {
        self.0.note_stuck(call, account, is_stuck);
    }
}
