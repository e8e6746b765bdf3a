//! `export_plugin!` and the shim behind it: the one place where a panic becomes an error reply.
//!
//! The macro implements [`Plugin`] for a type of its own; the generic `extern "C"` functions here carry the
//! boundary's calls to it. Nothing that panics leaves them.

use std::sync::Mutex;

use abi_stable::library::{__call_root_module_loader, CheckTypeLayout, LibHeader, RootModuleResult};
use abi_stable::prefix_type::PrefixTypeTrait;
use abi_stable::std_types::RStr;

use crate::abi::{
    ABI_NUMBER, ByteSink, HostHandle, Instance, PluginModule, PluginModuleRef, ReplyHandle, Status,
};
use crate::command::{Call, Command, CommandInfo};
use crate::manifest::{Manifest, Source};
use crate::outcome::{Outcome, answer};
use crate::promise::{Webview, busy, run_handler};
use crate::table::{CommandEntry, Place};
use crate::{Context, enum_table, guard};

/// A plugin as `export_plugin!` implements it.
pub trait Plugin: 'static {
    /// What the file says about it.
    const SOURCE: Source;

    /// Its commands and how it starts.
    fn define() -> Box<dyn Definition>;
}

/// Commands and start of a plugin, whichever way it is written.
pub trait Definition {
    /// The command table.
    fn table(&self) -> Result<Vec<CommandEntry>, String>;
    /// Makes the running plugin.
    fn start(self: Box<Self>, context: Context) -> Result<Box<dyn Running>, String>;
}

/// A started plugin.
pub trait Running: Send + Sync {
    /// Runs the command at `index` and answers.
    fn call(&self, index: usize, message: &str, reply: ReplyHandle);
    /// Hears that no further call comes.
    fn stop(&self);
}

type StartFunction<S> = Box<dyn FnOnce(&Context) -> crate::Result<S>>;
type StopFunction<S> = Box<dyn Fn(&S) + Send + Sync>;

struct Entry<S> {
    info: CommandInfo,
    run: fn(&Call<'_, S>) -> Outcome,
}

/// A plugin written as functions with `#[command]`.
pub struct Functions<S> {
    start: StartFunction<S>,
    stop: Option<StopFunction<S>>,
    entries: Vec<Entry<S>>,
}

impl<S: Send + Sync + 'static> Functions<S> {
    /// A plugin whose state is made by `start`.
    pub fn new(start: impl FnOnce(&Context) -> crate::Result<S> + 'static) -> Self {
        Self { start: Box::new(start), stop: None, entries: Vec::new() }
    }

    /// Adds a command to the end of the table.
    pub fn command<C: Command<S>>(mut self) -> Self {
        self.entries.push(Entry { info: C::INFO, run: C::run });
        self
    }

    /// Has `stop` run when the host stops the plugin.
    pub fn stop(mut self, stop: impl Fn(&S) + Send + Sync + 'static) -> Self {
        self.stop = Some(Box::new(stop));
        self
    }
}

impl<S: Send + Sync + 'static> Definition for Functions<S> {
    fn table(&self) -> Result<Vec<CommandEntry>, String> {
        Ok(self.entries.iter().map(|entry| entry.info.entry()).collect())
    }

    fn start(self: Box<Self>, context: Context) -> Result<Box<dyn Running>, String> {
        let state = (self.start)(&context).map_err(|error| format!("{error:#}"))?;
        Ok(Box::new(RunningFunctions { state, context, entries: self.entries, stop: self.stop }))
    }
}

struct RunningFunctions<S> {
    // Dropped first: its drop may still log.
    state: S,
    context: Context,
    entries: Vec<Entry<S>>,
    stop: Option<StopFunction<S>>,
}

impl<S: Send + Sync> Running for RunningFunctions<S> {
    fn call(&self, index: usize, message: &str, reply: ReplyHandle) {
        let Some(entry) = self.entries.get(index) else {
            reply.send(Status::ERROR, b"the plugin has no command with this index");
            return;
        };
        answer(reply, || (entry.run)(&Call { message, context: &self.context, state: &self.state }));
    }

    fn stop(&self) {
        if let Some(stop) = &self.stop {
            stop(&self.state);
        }
    }
}

type HandlerFunction = Box<dyn FnMut(&mut Webview<'_>, &str) -> Result<(), String> + Send>;

/// A plugin written the Tauri 0.x way: an enum of commands and a handler. All its commands enter on the main thread.
pub struct Handler {
    names: Result<&'static [&'static str], String>,
    handler: HandlerFunction,
}

impl Handler {
    /// A plugin with the commands of the enum `C` and one handler for all of them.
    pub fn new<C: serde::de::DeserializeOwned>(
        handler: impl FnMut(&mut Webview<'_>, &str) -> Result<(), String> + Send + 'static,
    ) -> Self {
        Self { names: enum_table::names::<C>(), handler: Box::new(handler) }
    }
}

impl Definition for Handler {
    fn table(&self) -> Result<Vec<CommandEntry>, String> {
        let entry = |name: &&str| CommandEntry {
            name: (*name).to_owned(),
            place: Place::MainThread,
            doc: String::new(),
            more: String::new(),
            arguments: None,
        };
        Ok(self.names.clone()?.iter().map(entry).collect())
    }

    fn start(self: Box<Self>, context: Context) -> Result<Box<dyn Running>, String> {
        Ok(Box::new(RunningHandler { context, handler: Mutex::new(self.handler) }))
    }
}

struct RunningHandler {
    context: Context,
    handler: Mutex<HandlerFunction>,
}

impl Running for RunningHandler {
    fn call(&self, _index: usize, message: &str, reply: ReplyHandle) {
        let mut handler = match self.handler.try_lock() {
            Ok(handler) => handler,
            // A panic is the handler's own matter; the next call finds it as it left itself.
            Err(std::sync::TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(std::sync::TryLockError::WouldBlock) => return answer(reply, busy),
        };
        run_handler(&self.context, reply, message, &mut *handler);
    }

    fn stop(&self) {}
}

/// The header by which a host finds the plugin in its library.
pub const fn header<P: Plugin>() -> LibHeader {
    // SAFETY: `construct` returns what `module::<P>` made, a `PluginModuleRef`, and nothing else.
    unsafe { LibHeader::from_constructor::<PluginModuleRef>(construct::<P>, CheckTypeLayout::Yes) }
}

extern "C" fn construct<P: Plugin>() -> RootModuleResult {
    __call_root_module_loader(module::<P>)
}

/// The root module of `P`.
pub fn module<P: Plugin>() -> PluginModuleRef {
    PluginModule { abi_number: ABI_NUMBER, describe: describe::<P>, start: start::<P>, call, stop, release }
        .leak_into_prefix()
}

extern "C" fn describe<P: Plugin>(sink: ByteSink) {
    let text = guard::catch(|| {
        let commands = P::define().table()?;
        let Source { name, version, description, .. } = P::SOURCE;
        let manifest = Manifest {
            abi_number: ABI_NUMBER,
            name: name.to_owned(),
            version: version.to_owned(),
            description: description.to_owned(),
            api_version: env!("PLUGIN_API_VERSION").to_owned(),
            rustc: env!("PLUGIN_API_RUSTC").to_owned(),
            unwinds: cfg!(panic = "unwind"),
            commands: Some(commands),
        };
        serde_json::to_string(&manifest).map_err(|error| error.to_string())
    });
    // What is no manifest is a sentence: it is not JSON of an object, and the host shows it as the reason.
    let text = match text {
        Ok(Ok(text)) => text,
        Ok(Err(reason)) => reason,
        Err(panic) => format!("panicked while it described itself: {panic}"),
    };
    sink.append(text.as_bytes());
}

extern "C" fn start<P: Plugin>(host: HostHandle, instance: &mut Instance, refusal: ByteSink) -> bool {
    let started = guard::catch(|| P::define().start(Context::new(host)));
    let reason = match started {
        Ok(Ok(running)) => {
            // A fat box in a thin one: the boundary carries one pointer.
            *instance = Instance(Box::into_raw(Box::new(running)).cast());
            return true;
        }
        Ok(Err(reason)) => reason,
        Err(panic) => format!("panicked: {panic}"),
    };
    refusal.append(reason.as_bytes());
    false
}

extern "C" fn call(instance: Instance, index: u32, message: RStr<'_>, reply: ReplyHandle) {
    guard::shield(|| {
        // SAFETY: the host hands back what `start` stored, and calls `release` only when no call runs any more.
        let running = unsafe { running(&instance) };
        running.call(index as usize, message.as_str(), reply);
    });
}

extern "C" fn stop(instance: Instance) {
    guard::contain(|| {
        // SAFETY: as in `call`.
        let running = unsafe { running(&instance) };
        running.stop();
    });
}

extern "C" fn release(instance: Instance) {
    guard::contain(|| {
        // SAFETY: the host calls this once, after the last call has ended; the box is the one `start` made.
        let running = unsafe { Box::from_raw(instance.0.cast::<Box<dyn Running>>()) };
        drop(running);
    });
}

/// # Safety
/// `instance` was stored by `start` and has not been released.
unsafe fn running(instance: &Instance) -> &dyn Running {
    // SAFETY: the caller's promise.
    let running = unsafe { &*instance.0.cast::<Box<dyn Running>>() };
    &**running
}

/// Makes this library a plugin. Used once, at the root of a crate whose `crate-type` is `cdylib`.
///
/// Name, version and description of the plugin are those of the crate.
///
/// # As functions
///
/// ```
/// # use plugin_api::{command, export_plugin, Context, Result, State};
/// # use std::sync::atomic::{AtomicU64, Ordering};
/// struct Counter(AtomicU64);
///
/// impl Counter {
///     fn open(_context: &Context) -> Result<Self> {
///         Ok(Counter(AtomicU64::new(0)))
///     }
/// }
///
/// /// Counts up.
/// #[command]
/// fn count(counter: State<'_, Counter>, by: u64) -> u64 {
///     counter.0.fetch_add(by, Ordering::Relaxed) + by
/// }
///
/// export_plugin! {
///     commands: [count],
///     state: Counter::open,       // optional: `fn(&Context) -> plugin_api::Result<T>`
///     stop: |_counter| {},        // optional: hears that no further call comes
/// }
/// ```
///
/// # The Tauri 0.x way
///
/// ```
/// # use plugin_api::{execute_promise, export_plugin};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// #[serde(tag = "cmd", rename_all = "camelCase")]
/// enum Cmd {
///     Add { left: u32, right: u32, callback: String, error: String },
/// }
///
/// export_plugin! {
///     commands: Cmd,
///     invoke_handler: |webview, arg| {
///         match serde_json::from_str(arg).map_err(|error| error.to_string())? {
///             Cmd::Add { left, right, callback, error } => {
///                 execute_promise(webview, move || Ok(left + right), callback, error)
///             }
///         }
///         Ok(())
///     },
/// }
/// ```
#[macro_export]
macro_rules! export_plugin {
    (commands: [$($command:path),* $(,)?] $(, state: $state:expr)? $(, stop: $stop:expr)? $(,)?) => {
        $crate::__export! {
            $crate::__private::Functions::new($crate::__start!($($state)?))
                $(.command::<$command>())*
                $(.stop($stop))?,
            ::core::option::Option::Some(&[$(&<$command as $crate::__private::Described>::INFO),*])
        }
    };
    (commands: $commands:ty, invoke_handler: $handler:expr $(,)?) => {
        $crate::__export! { $crate::__private::Handler::new::<$commands>($handler), ::core::option::Option::None }
    };
    (invoke_handler: $($rest:tt)*) => {
        ::core::compile_error!("say first which enum has the commands: `export_plugin! { commands: Cmd, invoke_handler: |webview, arg| … }`");
    };
    ($($other:tt)*) => {
        ::core::compile_error!("write `export_plugin! { commands: [one, two], state: |context| Ok(State), stop: |state| {} }`, where `state` and `stop` may be left out, or `export_plugin! { commands: Cmd, invoke_handler: |webview, arg| … }`");
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __start {
    () => {
        |_: &$crate::Context| $crate::Result::Ok(())
    };
    ($state:expr) => {
        $state
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($definition:expr, $commands:expr) => {
        /// For the host of this plugin's unit tests.
        #[doc(hidden)]
        pub struct __PluginHostExported {}

        const _: () = {
            use __PluginHostExported as Exported;

            const SOURCE: $crate::__private::Source = $crate::__private::Source {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
                description: env!("CARGO_PKG_DESCRIPTION"),
                commands: $commands,
            };

            // Exported, so that no linker takes it for unused. The sections' names stand in `plugin_api::manifest`.
            #[unsafe(no_mangle)]
            #[cfg_attr(not(any(windows, target_vendor = "apple")), unsafe(link_section = ".plugin_host"))]
            #[cfg_attr(windows, unsafe(link_section = ".plghost"))]
            #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__plugin_host"))]
            #[allow(
                long_running_const_eval,
                reason = "a plugin with very many commands takes the compiler a moment"
            )]
            pub static PLUGIN_HOST_MANIFEST: [u8; SOURCE.bytes()] = SOURCE.write();

            impl $crate::__private::Plugin for Exported {
                const SOURCE: $crate::__private::Source = SOURCE;

                fn define() -> Box<dyn $crate::__private::Definition> {
                    Box::new($definition)
                }
            }

            // The name that abi_stable gives the header of a library; a test holds it to that.
            #[unsafe(no_mangle)]
            #[allow(non_upper_case_globals, reason = "the name is abi_stable's")]
            pub static _1as_0lib_1header_0root_bmodule_bloader: $crate::__private::LibHeader =
                $crate::__private::header::<Exported>();
        };
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_exported_symbol_has_the_name_that_abi_stable_looks_for() {
        assert_eq!(abi_stable::library::ROOT_MODULE_LOADER_NAME, "_1as_0lib_1header_0root_bmodule_bloader");
    }
}
