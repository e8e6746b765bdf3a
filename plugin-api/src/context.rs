//! What a plugin may ask of its host: a log line, its folders, its configuration, events, another command, the main thread.

mod calls;
mod configuration;
mod events;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use crate::abi::{HostHandle, Level};
pub use events::Listening;

/// The plugin's view of its host. A command gets it by naming a parameter of type `&Context`.
///
/// It may be cloned and kept, and used from any thread.
///
/// ```
/// # use plugin_api::{command, Context};
/// /// Says hello in the log.
/// #[command]
/// fn hello(context: &Context) -> usize {
///     context.info("hello");
///     context.data_folder().as_os_str().len()
/// }
/// ```
#[derive(Clone)]
pub struct Context {
    host: HostHandle,
    data_folder: OnceLock<PathBuf>,
    #[cfg(feature = "tokio")]
    runtime: crate::asynchronous::PluginRuntime,
}

impl Context {
    /// A context over the host's handle. For the export shim and for hosts.
    #[doc(hidden)]
    pub fn new(host: HostHandle) -> Self {
        Self {
            host,
            data_folder: OnceLock::new(),
            #[cfg(feature = "tokio")]
            runtime: crate::asynchronous::PluginRuntime::default(),
        }
    }

    /// The tokio runtime in which async commands run; for what is spawned elsewhere, as in the plugin's start. It ends when the
    /// plugin's last `Context` goes: one that a task of the runtime itself keeps holds it for ever.
    ///
    /// # Panics
    /// When the system gives no thread for it.
    #[cfg(feature = "tokio")]
    pub fn runtime(&self) -> &tokio::runtime::Runtime {
        self.runtime.get()
    }

    /// The folder where this plugin keeps its data; no other plugin is given the same.
    ///
    /// The host makes it when it is first asked for. Where the disk does not allow that, the host's log says so, and
    /// what the plugin opens in it fails.
    pub fn data_folder(&self) -> &Path {
        self.data_folder.get_or_init(|| self.host.data_folder())
    }

    /// The folder for what this plugin could make anew: the user may remove it at any time.
    ///
    /// # Errors
    /// When the host is older than this function.
    pub fn cache_folder(&self) -> crate::Result<PathBuf> {
        self.host.cache_folder().ok_or_else(too_old)
    }

    /// The folder for what belongs to the application rather than to one plugin: each plugin of this host is given the same.
    /// The host makes it when it is first asked for, as the [data folder](Self::data_folder).
    ///
    /// In a sandbox a plugin is told where it is, and may open it where `[host.plugins.NAME]` lists `"$APP"`.
    ///
    /// # Errors
    /// When the host is older than this function.
    pub fn app_folder(&self) -> crate::Result<PathBuf> {
        self.host.app_folder().ok_or_else(too_old)
    }

    /// The folder with what the application brings along: that of the page, where it comes from one, otherwise that of the
    /// executable. Nobody makes it, and what is in it is not for changing.
    ///
    /// In a sandbox a plugin is told where it is, and may open it where `[host.plugins.NAME]` lists `"$RESOURCE"`.
    ///
    /// # Errors
    /// When the host is older than this function.
    pub fn resource_folder(&self) -> crate::Result<PathBuf> {
        self.host.resource_folder().ok_or_else(too_old)
    }

    /// Whether this is a trial. A library that the host does not know yet is started and stopped in a child process
    /// first, with an empty [data folder](Self::data_folder) that is thrown away, so that one that crashes or hangs does not
    /// take the host with it. No command is called there.
    ///
    /// Most plugins need not care. One whose start is felt outside of its data folder can leave that out:
    ///
    /// ```
    /// # use plugin_api::{Context, Result};
    /// # struct Printer;
    /// # impl Printer { fn connect() -> Result<Self> { Ok(Self) } }
    /// fn start(context: &Context) -> Result<Option<Printer>> {
    ///     if context.is_trial() { Ok(None) } else { Printer::connect().map(Some) }
    /// }
    /// ```
    pub fn is_trial(&self) -> bool {
        self.host.is_trial()
    }

    /// How long the host waits for the plugin's `stop:`, from now; what has not been done by then is lost. Nothing while the plugin
    /// is not being stopped, where the host waits as long as it takes (as for a generation that another one has replaced), and from
    /// a host older than this function.
    ///
    /// ```
    /// # use plugin_api::Context;
    /// # use std::sync::mpsc::Receiver;
    /// # use std::time::Duration;
    /// struct Indexer { context: Context, finished: std::sync::Mutex<Receiver<()>> }
    ///
    /// impl Indexer {
    ///     fn stop(&self) {
    ///         let patience = self.context.stop_time_left().unwrap_or(Duration::from_secs(60));
    ///         // Half of it for the thread that works, and the rest for what comes after.
    ///         let _ = self.finished.lock().unwrap().recv_timeout(patience / 2);
    ///     }
    /// }
    /// ```
    pub fn stop_time_left(&self) -> Option<Duration> {
        self.host.stop_time_left()
    }

    /// Writes a line to the host's log, under the plugin's name.
    pub fn log(&self, level: Level, text: &str) {
        self.host.log(level, text);
    }

    /// A log line of level [`Level::INFO`].
    pub fn info(&self, text: &str) {
        self.log(Level::INFO, text);
    }

    /// A log line of level [`Level::WARN`].
    pub fn warn(&self, text: &str) {
        self.log(Level::WARN, text);
    }

    /// A log line of level [`Level::ERROR`].
    pub fn error(&self, text: &str) {
        self.log(Level::ERROR, text);
    }

    pub(crate) fn spawn<F: FnOnce() + Send + 'static>(&self, work: F, bytes: usize) -> Result<(), F> {
        self.host.spawn(work, bytes)
    }
}

fn too_old() -> crate::Error {
    crate::anyhow!("this host is older than what the plugin asks of it; get a newer one")
}
