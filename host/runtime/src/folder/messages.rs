//! What the keeper is told and what it tells: the messages between its thread and the others.

use std::path::Path;
use std::sync::Arc;

use crossbeam_channel::Sender;
use serde::{Deserialize, Serialize};

use super::watcher::Noticed;
use crate::library::intake::Refusal;
use crate::plugin::Plugin;
use crate::plugin::retirement::Retirement;
use crate::reply::Replier;
use crate::status::{Change, Status};

/// Which files somebody means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// Those of the plugin with this name, and the file with this path or file name.
    Called(String),
    /// All that were refused.
    Refused,
}

/// The file in the folder of choices by which somebody asks a host that runs to try files again.
pub const RETRY: &str = "retry.json";

/// The file beside it by which somebody asks a host that runs how its plugins are; it holds a number, by which the answer is known.
pub const QUESTION: &str = "question.json";

/// A message to the keeper.
pub enum Order {
    /// A file has changed.
    Noticed(Noticed),
    /// Forget why files were refused, and try them again.
    Retry(Which, Replier),
    /// Switch a plugin off, or on again.
    Disable(String, bool, Replier),
    /// A generation has ended.
    Ended,
    /// Hand over what there is to stop, and end.
    Stop(Sender<Leaving>),
}

/// What the keeper hands over in the end.
pub struct Leaving {
    /// The plugins that serve, the last started last.
    pub plugins: Vec<Arc<Plugin>>,
    /// The generations that are being retired.
    pub retirements: Vec<Retirement>,
    /// Whether a plugin hangs in its start.
    pub somebody_starts: bool,
}

impl Leaving {
    /// What a keeper hands over that has ended before.
    pub fn nothing() -> Self {
        Self { plugins: Vec::new(), retirements: Vec::new(), somebody_starts: false }
    }
}

/// What the keeper tells when something has changed.
pub struct Published {
    /// The plugins that serve, in the order of the folders and file names.
    pub plugins: Vec<Arc<Plugin>>,
    /// The plugins that served and do not any more, and their commands.
    pub gone: Vec<Gone>,
    /// What is to be said of all files.
    pub status: Status,
    /// What has changed.
    pub changes: Vec<Change>,
}

impl Published {
    /// That no plugin serves.
    pub fn nothing() -> Self {
        Self { plugins: Vec::new(), gone: Vec::new(), status: Status::default(), changes: Vec::new() }
    }
}

impl Which {
    /// Whether a refused file is meant, in whose place the plugin called `serves` goes on.
    pub fn means(&self, path: &Path, refusal: &Refusal, serves: Option<&str>) -> bool {
        match self {
            Self::Refused => true,
            Self::Called(called) => {
                refusal.name.as_ref() == Some(called)
                    || self.means_plugin(path, serves.or(refusal.name.as_deref()).unwrap_or("/"))
            }
        }
    }
}

impl Which {
    /// Whether a plugin is meant that serves from there, whatever is wrong with it.
    pub fn means_plugin(&self, path: &Path, name: &str) -> bool {
        match self {
            Self::Refused => true,
            Self::Called(called) => {
                name == called
                    || std::path::absolute(called).is_ok_and(|called| path == called)
                    || path.file_name().is_some_and(|name| name == called.as_str())
            }
        }
    }
}

/// A plugin that served and does not any more.
#[derive(Debug, Clone)]
pub struct Gone {
    pub name: String,
    pub commands: Vec<String>,
    /// Whether somebody switched it off; otherwise its file is gone.
    pub disabled: bool,
}
