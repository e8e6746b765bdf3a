//! A loaded plugin: one generation of it, what it is made of, and how it is started and retired.
//!
//! Its code runs in one of two lanes: in this process (`in_process.rs`), or in a child process of its own (`isolation/`). Nobody
//! else needs to know in which.

mod call;
pub mod calls;
pub mod in_process;
pub mod lanes;
mod loader;
pub mod not_started;
pub mod retirement;
mod surroundings;

use std::sync::Arc;
use std::time::{Duration, Instant};

use plugin_api::abi::ReplyHandle;
use plugin_api::manifest::Manifest;
use plugin_api::table::{CommandEntry, Place, Schemas};

use crate::executor::{Deadlines, Label, MainQueue};
#[cfg(unix)]
use crate::isolation::Isolated;
use crate::ledger::{Account, PluginAccount};
use crate::library::copy::ContentHash;
use crate::message::Message;
use crate::reply::Replier;
use crate::status::{Lane, Live};
use call::PluginCall;
use calls::{Calls, Lease};
use in_process::InProcess;
pub use lanes::{Crashed, Lanes, Wishes};
pub use loader::Loader;
pub use not_started::NotStarted;
pub use surroundings::Surroundings;

/// A generation of a plugin, started.
pub struct Plugin {
    /// Its name.
    pub name: Arc<str>,
    /// What the file held when it was loaded.
    pub hash: ContentHash,
    /// The how manieth of its name in this process: 1 for the first.
    pub generation: u32,
    /// Greater than that of every plugin started before.
    pub sequence: u64,
    /// What it says of itself, its commands included.
    pub manifest: Manifest,
    /// Its calls in flight.
    pub calls: Arc<Calls>,
    /// What each command of its table needs besides, by its index.
    commands: Vec<Command>,
    account: Arc<PluginAccount>,
    body: Body,
}

struct Command {
    label: Arc<Label>,
    /// Where its calls are counted.
    account: Arc<Account>,
    /// How long a call may take, from when it was made.
    deadline: Option<Duration>,
}

/// Where its code runs.
enum Body {
    InProcess(Arc<InProcess>),
    #[cfg(unix)]
    Isolated(Arc<Isolated>),
}

/// A call on its way to a plugin.
pub struct Call {
    /// The command's place in the table.
    pub index: u32,
    /// Where it is to run.
    pub place: Place,
    pub message: Message,
    pub replier: Replier,
    /// Counted as one of the plugin's.
    pub lease: Lease,
}

impl Plugin {
    /// Sends a call on its way to the plugin's code, and has its deadline watched where there is somebody who does so. Never waits.
    pub fn submit(&self, call: Call, main_queue: &MainQueue, deadlines: Option<&Deadlines>) {
        let Call { index, place, message, mut replier, lease } = call;
        // The router has the index from the same table.
        let Some(command) = usize::try_from(index).ok().and_then(|index| self.commands.get(index)) else {
            return;
        };
        let entry = command.account.enter();
        // Held until the plugin's code has returned. Those who wait for a worker's call wait for the worker.
        let on_main = place == Place::MainThread;
        let returns = (on_main && matches!(self.body, Body::InProcess(_))).then(|| lease.share());
        replier.belongs_to(lease, entry);
        if let (Some(limit), Some(deadlines)) = (command.deadline, deadlines) {
            let sentence = replier.deadline_sentence(limit);
            deadlines.set(Instant::now() + limit, Arc::downgrade(&replier.control()), sentence);
        }
        match &self.body {
            Body::InProcess(body) => {
                let plugin = Arc::clone(body);
                let label = Arc::clone(&command.label);
                let call = PluginCall { plugin, index, message, replier, label, returns, place: None };
                match place {
                    Place::Worker => call.submit(),
                    Place::MainThread => call.submit_to_main(main_queue),
                }
            }
            #[cfg(unix)]
            Body::Isolated(lane) => lane.submit(index, place, &message, replier),
        }
    }

    /// Runs the command at `index` of its table, here and now, past all queues: for measurements.
    pub fn call_here(&self, index: u32, message: &str, reply: ReplyHandle) {
        match &self.body {
            Body::InProcess(body) => body.call(index, message, reply),
            #[cfg(unix)]
            Body::Isolated(_) => {}
        }
    }

    /// Whether all the calls of a command that may run at a time run on this thread.
    pub fn is_all_here(&self, index: u32) -> bool {
        match &self.body {
            Body::InProcess(body) => body.is_all_here(index),
            #[cfg(unix)]
            Body::Isolated(_) => false,
        }
    }

    /// The commands of which that is true.
    pub fn all_here(&self) -> Vec<u32> {
        (0_u32..).take(self.commands.len()).filter(|index| self.is_all_here(*index)).collect()
    }

    /// Takes no further work, and refuses what waits.
    pub fn refuse_work(&self) {
        match &self.body {
            Body::InProcess(body) => body.refuse_work(),
            // Its process does so itself when it stops.
            #[cfg(unix)]
            Body::Isolated(_) => {}
        }
    }

    /// Tells it that no further call comes, and lets it hear no event any more. Somebody may wait for that until then.
    pub fn stop(&self, until: Option<Instant>) {
        match &self.body {
            Body::InProcess(body) => body.stop(until),
            #[cfg(unix)]
            Body::Isolated(lane) => lane.stop(until),
        }
    }

    /// Has it come to its end by then, although calls may be in flight. In this process nobody can do more than has been done.
    #[cfg_attr(not(unix), expect(unused_variables, reason = "there are no isolated plugins here"))]
    pub fn hurry(&self, until: Instant) {
        #[cfg(unix)]
        if let Body::Isolated(lane) = &self.body {
            lane.stop(Some(until));
        }
    }

    /// Frees its state, when its threads are over. No call runs, and none comes.
    pub fn release(&self) {
        match &self.body {
            Body::InProcess(body) => body.release(),
            #[cfg(unix)]
            Body::Isolated(lane) => lane.release(),
        }
    }

    /// The schemas of its commands.
    pub fn schemas(&self) -> Schemas {
        match &self.body {
            Body::InProcess(body) => body.schemas(),
            #[cfg(unix)]
            Body::Isolated(lane) => lane.schemas(),
        }
    }

    /// Its command table.
    pub fn commands(&self) -> &[CommandEntry] {
        self.manifest.commands.as_deref().unwrap_or_default()
    }

    /// How it is at this moment.
    pub fn live(&self) -> Live {
        let (in_flight, stuck) = (self.calls.in_flight(), self.calls.stuck());
        let of = |lane, queue_length| Live {
            lane,
            in_flight,
            queue_length,
            stuck,
            restarts: self.account.restarts(),
        };
        match &self.body {
            Body::InProcess(body) => of(Lane::InProcess, body.waiting()),
            #[cfg(unix)]
            Body::Isolated(lane) => of(lane.status(), lane.waiting()),
        }
    }

    /// Why it is in a process of its own, if it is.
    pub fn why_isolated(&self) -> Option<String> {
        match &self.body {
            Body::InProcess(_) => None,
            #[cfg(unix)]
            Body::Isolated(lane) => Some(lane.because().to_owned()),
        }
    }

    /// Whether its process has died too often, and is not started by itself any more.
    pub fn is_given_up(&self) -> bool {
        match &self.body {
            Body::InProcess(_) => false,
            #[cfg(unix)]
            Body::Isolated(lane) => lane.is_given_up(),
        }
    }

    /// Starts its process again, if it was given up. Whether that was so.
    pub fn start_again(&self) -> bool {
        match &self.body {
            Body::InProcess(_) => false,
            #[cfg(unix)]
            Body::Isolated(lane) => lane.start_again(),
        }
    }
}
