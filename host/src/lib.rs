//! The window: a page in it, plugin libraries behind it.
//!
//! The life of an application:
//! 1. [`AppBuilder`] collects what it is made of; [`build`](AppBuilder::build) makes the event loop, starts the runtime, which
//!    loads plugins on a thread of its own, and opens the window meanwhile;
//! 2. [`App::run`] gives the main thread to the event loop. The page's script posts calls to the bridge, the bridge
//!    gives them to the runtime, replies come back through the outbox (`bridge/`) and go to the page as data;
//! 3. closing the window (or SIGINT, SIGTERM) stops the plugins in reverse order, waits for them with a limit, and
//!    ends the loop; `run` returns the exit code.
//!
//! ```no_run
//! use plugin_host::{AppBuilder, Frontend};
//!
//! fn main() -> anyhow::Result<()> {
//!     let code = AppBuilder::new()
//!         .plugin_folder("plugins")
//!         .frontend(Frontend::from_argument("page").map_err(anyhow::Error::msg)?)
//!         .invoke_handler(|_webview, arg| Err(format!("the application does not know {arg}")))
//!         .build()?
//!         .run();
//!     std::process::exit(code)
//! }
//! ```

mod app;
mod arguments;
mod attempts;
mod bridge;
mod browser;
pub mod cli;
mod event;
mod frontend;
mod order;
mod places;
mod policy;
mod protocol;
mod proxy;
mod report;
mod window;
mod windows;
mod words;

use std::ffi::OsString;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

pub use app::App;
pub use frontend::Frontend;
pub use plugin_api::{Webview, execute_promise, execute_promise_sync};
pub use plugin_host_runtime::{Selection, Wishes, probe_if_asked};
pub use report::ReportMode;

use anyhow::Result;
use attempts::Attempts;
use bridge::Outboxes;
use event::UserEvent;
use plugin_host_runtime::{
    AppHandler, Audience, ConfigurationFile, Origin, PLUGINS_EVENT, Permission, Places, Runtime,
};
use policy::{PageSettings, Policy};
use proxy::Proxy;
use window::Appearance;
use windows::Maker;

/// Makes an [`App`].
pub struct AppBuilder {
    appearance: Appearance,
    plugin_folders: Vec<PathBuf>,
    data_root: Option<PathBuf>,
    configuration: Option<PathBuf>,
    selection: Selection,
    isolate: Wishes,
    allow_all: bool,
    allowed: Vec<String>,
    frontend: Frontend,
    handler: Option<AppHandler>,
    report: Option<ReportMode>,
    arguments: Option<(String, Vec<OsString>)>,
}

impl Default for AppBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl AppBuilder {
    /// An application without plugins that shows the built-in page.
    ///
    /// This executable is also the one that tries unknown libraries, and that runs isolated plugins, in child processes: a process
    /// that was started for that does so here, and ends. An application that does more before it comes here calls [`probe_if_asked`] first.
    pub fn new() -> Self {
        if let Some(code) = probe_if_asked() {
            std::process::exit(code);
        }
        let appearance = Appearance {
            title: "Plugin Host".to_owned(),
            width: 1100.0,
            height: 760.0,
            developer_tools: false,
        };
        Self {
            appearance,
            plugin_folders: Vec::new(),
            data_root: None,
            configuration: None,
            selection: Selection::All,
            isolate: Wishes::default(),
            allow_all: false,
            allowed: Vec::new(),
            frontend: Frontend::Console,
            handler: None,
            report: None,
            arguments: None,
        }
    }

    /// Sets the window's title.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.appearance.title = title.into();
        self
    }

    /// Sets the size of the page, in logical pixels.
    pub fn size(mut self, width: f64, height: f64) -> Self {
        (self.appearance.width, self.appearance.height) = (width, height);
        self
    }

    /// Lets people open the webview's developer tools.
    pub fn developer_tools(mut self, allowed: bool) -> Self {
        self.appearance.developer_tools = allowed;
        self
    }

    /// Adds a folder of plugin libraries. Of two plugins with one name, that of the folder added first serves. What is put
    /// into the folder, replaced or removed while the application runs is noticed.
    pub fn plugin_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.plugin_folders.push(folder.into());
        self
    }

    /// Sets the folder in which each plugin has its data folder; the user's folder for application data otherwise.
    pub fn data_root(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data_root = Some(folder.into());
        self
    }

    /// Sets the configuration file, in TOML, of which each plugin reads its own table, `plugins.NAME`; otherwise `config.toml` in
    /// the [data root](Self::data_root), or in the user's folder for configurations. It need not be there.
    pub fn configuration(mut self, file: impl Into<PathBuf>) -> Self {
        self.configuration = Some(file.into());
        self
    }

    /// Sets which plugins are started at all.
    pub fn selection(mut self, selection: Selection) -> Self {
        self.selection = selection;
        self
    }

    /// Sets which plugins run in processes of their own, whatever the configuration says.
    pub fn isolate(mut self, wishes: Wishes) -> Self {
        self.isolate = wishes;
        self
    }

    /// Lets the page call commands, each written `plugin/command`, where `*` stands for any characters: `store/*`. The
    /// application's own commands are those of `app`. What a plugin calls dangerous must be written out. Besides, a page may call
    /// what the configuration lists under `[[host.permissions]]`, and nothing else.
    pub fn allow<'a>(mut self, commands: impl IntoIterator<Item = &'a str>) -> Self {
        self.allowed.extend(commands.into_iter().map(str::to_owned));
        self
    }

    /// Lets pages call every command, the dangerous ones as well, and open every link in the system's browser: for development. The
    /// log says so.
    pub fn allow_all(mut self, all: bool) -> Self {
        self.allow_all = all;
        self
    }

    /// Sets where the page comes from. A folder is also what plugins find as what the application brings along
    /// (`Context::resource_folder`); without one that is the folder of the executable.
    pub fn frontend(mut self, frontend: Frontend) -> Self {
        self.frontend = frontend;
        self
    }

    /// Gives every message whose `cmd` no plugin owns to `handler`, on the main thread, as in Tauri 0.x. An `Err` rejects
    /// the promise, as does a panic. A handler that returns `Ok` without [`execute_promise`] resolves it with `null`.
    pub fn invoke_handler(
        mut self,
        handler: impl FnMut(&mut Webview<'_>, &str) -> Result<(), String> + Send + 'static,
    ) -> Self {
        self.handler = Some(Box::new(handler));
        self
    }

    /// Gives the application arguments of its own, which the page gets by `cliMatches`; which there may be is said under `[host.cli]` in
    /// the configuration. `name` is what the user has typed before them, for the help. Without this, there are none.
    pub fn arguments(
        mut self,
        name: impl Into<String>,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Self {
        self.arguments = Some((name.into(), arguments.into_iter().map(Into::into).collect()));
        self
    }

    /// Prints what the page reports through `host/report`, and lets it decide the exit code.
    pub fn report(mut self, mode: ReportMode) -> Self {
        self.report = Some(mode);
        self
    }

    /// Makes the event loop, begins to load the plugins, and opens the window. Must be called on the main thread.
    ///
    /// # Errors
    /// When there is no display, no webview, no thread, or no folder for temporary files. A plugin that cannot be
    /// loaded is no error here: it is in the log and in `host/status`. When what is [allowed](Self::allow) is no command. When the
    /// [arguments](Self::arguments) do not fit, or ask for help: then the error holds clap's, which tells the exit
    /// code.
    pub fn build(self) -> Result<App> {
        let mut places = places::places(self.data_root, self.configuration)?;
        if let Some(folder) = self.frontend.folder() {
            places.resources = folder.to_owned();
        }
        let (name, arguments) = self.arguments.unwrap_or_default();
        let given = arguments::of_application(&places.configuration, &name, arguments)?;
        app::need_display()?;
        let event_loop = app::event_loop()?;
        let proxy = Arc::new(Proxy::new(event_loop.create_proxy()));
        let initial_code = if self.report.is_some() { report::NOT_REPORTED_YET } else { 0 };
        let exit_code = Arc::new(AtomicI32::new(initial_code));
        close_on_signals(&proxy);
        let attempts = Arc::new(Attempts::default());
        let start = self.frontend.start_address();
        let policy = Arc::new(policy(&places, &start, self.allow_all));
        let configuration = ConfigurationFile::at(places.configuration.clone());
        let outboxes = Arc::new(Outboxes::default());
        let runtime = {
            let (reported, exit_code, mode) = (Arc::clone(&proxy), Arc::clone(&exit_code), self.report);
            let (events, of_plugins) = (Arc::clone(&outboxes), Arc::clone(&outboxes));
            let (orders, counts) = (Arc::clone(&proxy), Arc::clone(&attempts));
            let mut builder = Runtime::builder(Arc::clone(&proxy) as _, places)
                .allow_everything(self.allow_all)
                .permit(permitted(&self.frontend, &self.allowed)?)
                .built_in("attempts", move |_| {
                    serde_json::to_string(&counts.counts()).map_err(|error| error.to_string())
                })
                .group(windows::group(move |order| orders.send(UserEvent::Window(Box::new(order)))))
                .group(arguments::group(given))
                .selection(self.selection)
                .isolate(self.isolate)
                .built_in("report", move |text| report::take(text, mode, &exit_code, &reported))
                .on_event(move |event, payload, audience| of_plugins.tell(event, payload, audience))
                .on_change(move |change| {
                    if let Ok(payload) = serde_json::to_string(change) {
                        events.tell(PLUGINS_EVENT, &payload, Audience::All);
                    }
                });
            if let Some(handler) = self.handler {
                builder = builder.app_handler(handler);
            }
            self.plugin_folders
                .into_iter()
                .fold(builder, |builder, folder| builder.plugin_folder(folder))
                .start()?
        };
        let on_mistake = {
            let (proxy, exit_code, mode) = (Arc::clone(&proxy), Arc::clone(&exit_code), self.report);
            move |text: &str| {
                if let Some(mode) = mode {
                    report::fail(text, mode, &exit_code, &proxy);
                }
            }
        };
        let maker = Maker {
            runtime,
            policy,
            attempts,
            frontend: Arc::new(self.frontend),
            outboxes,
            proxy,
            appearance: self.appearance,
            configuration,
            on_mistake: Rc::new(on_mistake),
        };
        app::open(event_loop, maker, exit_code)
    }
}

/// What the application gives its own page; the built-in page may do all that the host can.
fn permitted(frontend: &Frontend, allowed: &[String]) -> Result<Permission> {
    let of_host = matches!(frontend, Frontend::Console).then_some("host/*");
    let commands = allowed.iter().map(String::as_str).chain(of_host);
    Permission::of_own_page(commands).map_err(anyhow::Error::msg)
}

/// What the configuration says of pages. With a slip in it, as little as without it.
fn policy(places: &Places, start: &str, development: bool) -> Policy {
    let settings = ConfigurationFile::at(places.configuration.clone()).host("page");
    let settings = settings.unwrap_or_else(|reason| {
        tracing::warn!("{}", words::ordinary_page(&reason));
        PageSettings::default()
    });
    Policy::new(Origin::of(start), settings, development)
}

/// 128 bits that no page can guess.
fn secret() -> Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow::anyhow!(words::no_random_bytes(&error.to_string())))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn close_on_signals(proxy: &Arc<Proxy>) {
    let proxy = Arc::clone(proxy);
    let closing = AtomicI32::new(0);
    // An application that embeds the host may have a handler of its own; then that one decides.
    let _ = ctrlc::set_handler(move || {
        // Who asks a second time does not want to wait for plugins.
        if closing.fetch_add(1, Ordering::AcqRel) > 0 {
            plugin_host_runtime::leave_at_once(130);
        }
        proxy.send(UserEvent::Close);
    });
}
