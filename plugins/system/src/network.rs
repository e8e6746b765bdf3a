//! What has come and gone over the network. Tells of no addresses and no connections. Knows nothing of commands.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use plugin_api::schemars::{self, JsonSchema};
use serde::Serialize;
use sysinfo::{Error, Networks};

/// All interfaces at one moment.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Traffic {
    /// When this was read, in milliseconds of a clock that never goes back. Two answers tell a speed.
    pub milliseconds: u64,
    /// The interfaces in order of their names.
    pub interfaces: Vec<Interface>,
}

/// One interface.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Interface {
    /// The system's name for it.
    pub name: String,
    /// Whether it leads nowhere but to this machine.
    pub loopback: bool,
    /// What it has received since the system counts, in bytes.
    pub received_bytes: u64,
    /// What it has sent, likewise.
    pub sent_bytes: u64,
}

/// Reads the interfaces.
pub struct NetworkMeter {
    networks: Mutex<Networks>,
    began: Instant,
}

impl NetworkMeter {
    /// One that has read nothing yet.
    ///
    /// # Errors
    /// Where the system tells nothing.
    pub fn new() -> Result<Self, Error> {
        Ok(Self { networks: Mutex::new(Networks::new()?), began: Instant::now() })
    }

    /// The interfaces now. One that has been taken away is not among them any more.
    pub fn read(&self) -> Traffic {
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        networks.refresh(true);
        let milliseconds = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut interfaces: Vec<Interface> = networks
            .iter()
            .map(|(name, data)| Interface {
                // What is not Unicode in it is replaced.
                name: name.to_string_lossy().into_owned(),
                loopback: data.ip_networks().iter().any(|network| network.addr.is_loopback()),
                received_bytes: data.total_received(),
                sent_bytes: data.total_transmitted(),
            })
            .collect();
        drop(networks);
        interfaces.sort_by(|left, right| left.name.cmp(&right.name));
        Traffic { milliseconds, interfaces }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn what_is_sent_to_oneself_is_counted_on_the_loopback_alone() {
        const SENT: usize = 1_000_000;
        let meter = NetworkMeter::new().unwrap();
        let before = meter.read();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut there = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut here = listener.accept().unwrap().0;
        std::thread::spawn(move || there.write_all(&vec![7; SENT]).unwrap());
        let mut received = Vec::new();
        here.read_to_end(&mut received).unwrap();
        assert_eq!(received.len(), SENT);
        let after = meter.read();
        assert!(after.milliseconds >= before.milliseconds);
        let loopback = |traffic: &Traffic| {
            let all = traffic.interfaces.iter().filter(|one| one.loopback);
            all.fold((0, 0), |(sent, got), one| (sent + one.sent_bytes, got + one.received_bytes))
        };
        let ((sent, got), (sent_before, got_before)) = (loopback(&after), loopback(&before));
        let most = u64::try_from(SENT).unwrap();
        assert!(sent - sent_before >= most && got - got_before >= most, "{before:?} {after:?}");
    }

    #[test]
    fn the_interfaces_are_in_order_of_their_names() {
        let traffic = NetworkMeter::new().unwrap().read();
        assert!(traffic.interfaces.is_sorted_by(|left, right| left.name < right.name), "{traffic:?}");
    }
}
