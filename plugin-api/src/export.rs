//! The shim behind `export_plugin!`: the one place where a panic becomes an error reply.
//!
//! The macro ([`exporting`](crate::exporting)) implements [`Plugin`] for a type of its own; the generic `extern "C"` functions here carry the
//! boundary's calls to it. Nothing that panics leaves them.

use std::marker::PhantomData;
use std::sync::Mutex;

use abi_stable::library::{__call_root_module_loader, CheckTypeLayout, LibHeader, RootModuleResult};
use abi_stable::prefix_type::PrefixTypeTrait;
use abi_stable::std_types::RStr;

use crate::abi::{
    ABI_NUMBER, ByteSink, HostHandle, Instance, PluginModule, PluginModuleRef, ReplyHandle, Status,
};
use crate::command::{Call, Command, CommandInfo, Described};
use crate::manifest::{API_VERSION, Manifest, Source};
use crate::outcome::{Outcome, answer};
use crate::promise::{Webview, busy, run_handler};
use crate::table::{CommandEntry, Place, Schemas};
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
    /// The schemas of the command table.
    fn schemas(&self) -> Schemas {
        Schemas::default()
    }
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

/// What makes the state. As the function is a supertrait, a closure's parameter needs no type.
#[diagnostic::on_unimplemented(
    message = "`state:` is a function that makes the state: `|context| Ok(…)`",
    label = "no function from `&Context` to `plugin_api::Result`",
    note = "write `state: |_| Ok(…)` with the value in place of the dots, or name a `fn(&Context) -> plugin_api::Result<T>` without calling it"
)]
pub trait Start<S>: FnOnce(&Context) -> crate::Result<S> {}

#[diagnostic::do_not_recommend]
impl<S, F: FnOnce(&Context) -> crate::Result<S>> Start<S> for F {}

/// What hears that no further call comes.
#[diagnostic::on_unimplemented(
    message = "`stop:` is a function that takes the state: `|state| …`",
    label = "no function that takes `&{S}`",
    note = "write `stop: |state| …`, or name a `fn(&{S})` without calling it"
)]
pub trait Stop<S>: Fn(&S) {}

#[diagnostic::do_not_recommend]
impl<S, F: Fn(&S)> Stop<S> for F {}

/// A function in `commands: […]` and the type beside it, for the compiler's words where `#[command]` is missing and has made no
/// such type. `Name` is what the function is called.
#[diagnostic::on_unimplemented(
    message = "`{Name}` is not a command; write `#[command]` before the function",
    label = "not a command"
)]
pub trait Listed<Name, C> {}

#[diagnostic::do_not_recommend]
impl<Name, C: Described, F> Listed<Name, C> for F {}

// Neither function nor type was found.
#[diagnostic::do_not_recommend]
impl<Name> Listed<Name, ()> for PhantomData<()> {}

impl Functions<()> {
    /// Does nothing; that it compiles is the check.
    pub fn check<Name, F: Listed<Name, C>, C>(_: PhantomData<Name>, _: F, _: PhantomData<C>) {}
}

impl<S: Send + Sync + 'static> Functions<S> {
    /// A plugin whose state is made by `start`.
    pub fn new(start: impl Start<S> + 'static) -> Self {
        Self { start: Box::new(start), stop: None, entries: Vec::new() }
    }

    /// Adds a command to the end of the table.
    pub fn command<C: Command<S>>(mut self) -> Self {
        self.entries.push(Entry { info: C::INFO, run: C::run });
        self
    }

    /// Has `stop` run when the host stops the plugin.
    pub fn stop(mut self, stop: impl Stop<S> + Send + Sync + 'static) -> Self {
        self.stop = Some(Box::new(stop));
        self
    }
}

impl<S: Send + Sync + 'static> Definition for Functions<S> {
    fn table(&self) -> Result<Vec<CommandEntry>, String> {
        Ok(self.entries.iter().map(|entry| entry.info.entry()).collect())
    }

    fn schemas(&self) -> Schemas {
        Schemas { commands: self.entries.iter().map(|entry| (entry.info.schemas)()).collect() }
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
        answer(reply, |reply| {
            (entry.run)(&Call { message, context: &self.context, state: &self.state, reply })
        });
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
    dangerous: &'static [&'static str],
    internal: &'static [&'static str],
    handler: HandlerFunction,
}

impl Handler {
    /// A plugin with the commands of the enum `C` and one handler for all of them.
    pub fn new<C: serde::de::DeserializeOwned>(
        handler: impl FnMut(&mut Webview<'_>, &str) -> Result<(), String> + Send + 'static,
    ) -> Self {
        Self { names: enum_table::names::<C>(), dangerous: &[], internal: &[], handler: Box::new(handler) }
    }

    /// The commands that can do harm.
    pub fn dangerous(mut self, commands: &'static [&'static str]) -> Self {
        self.dangerous = commands;
        self
    }

    /// The commands that are for other plugins.
    pub fn internal(mut self, commands: &'static [&'static str]) -> Self {
        self.internal = commands;
        self
    }
}

impl Definition for Handler {
    fn table(&self) -> Result<Vec<CommandEntry>, String> {
        let names = self.names.clone()?;
        for (list, listed) in [("dangerous", self.dangerous), ("internal", self.internal)] {
            if let Some(unknown) = listed.iter().find(|name| !names.contains(name)) {
                return Err(format!("`{list}:` lists `{unknown}`, which is no command of the enum"));
            }
        }
        let entry = |name: &&'static str| CommandEntry {
            // As `#[command(internal)]` has it.
            dangerous: self.dangerous.contains(name) || self.internal.contains(name),
            internal: self.internal.contains(name),
            ..CommandEntry::named(name, Place::MainThread)
        };
        Ok(names.iter().map(entry).collect())
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
    PluginModule {
        abi_number: ABI_NUMBER,
        describe: describe::<P>,
        start: start::<P>,
        call,
        stop,
        release,
        schemas: schemas::<P>,
    }
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
            api_version: API_VERSION.to_owned(),
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

extern "C" fn schemas<P: Plugin>(sink: ByteSink) {
    // A schema that panics or cannot be written is none.
    let text = guard::catch(|| serde_json::to_vec(&P::define().schemas()));
    if let Ok(Ok(text)) = text {
        sink.append(&text);
    }
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

#[cfg(test)]
mod tests {
    #[test]
    fn the_exported_symbol_has_the_name_that_abi_stable_looks_for() {
        assert_eq!(abi_stable::library::ROOT_MODULE_LOADER_NAME, "_1as_0lib_1header_0root_bmodule_bloader");
    }
}
