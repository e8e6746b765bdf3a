//! Opens a link in the system's browser. Which ones, the policy has said.

use std::thread;

use crate::words;

/// Opens `address`, on a thread of its own: who does it may take its time.
pub fn open(address: String) {
    let opening = thread::Builder::new().name("browser".to_owned()).spawn(move || {
        if let Err(error) = open::that_detached(&address) {
            tracing::warn!("{}", words::browser_does_not_open(&address, &error.to_string()));
        }
    });
    if let Err(error) = opening {
        tracing::warn!("{}", words::no_thread(&error.to_string()));
    }
}
