//! Everything that crosses the boundary between host and plugin, and nothing else.
//!
//! The boundary is a handful of `extern "C"` functions in abi_stable *prefix types*: structs that may
//! grow at their end, so that an old plugin and a new host still understand each other. What has many
//! fields and will get more (the command table) crosses as JSON text, for the same reason. Bytes are
//! always borrowed for the length of one function call; memory is freed by the side that made it.
//!
//! Refused here: generics, trait objects, Rust strings by value, anything that unwinds.

mod call_handle;
mod host_handle;
mod sides;

use std::ffi::c_void;

use abi_stable::StableAbi;
use abi_stable::library::RootModule;
use abi_stable::sabi_types::VersionStrings;
use abi_stable::std_types::{RSlice, RStr};

pub use call_handle::{CallFunctions, CallFunctionsRef, CallHandle};
pub use host_handle::{HostFunctions, HostFunctionsRef, HostHandle, Listener};
pub use sides::{CallSide, HostSide, NoCall, OwnedJob, ReplySide};

/// The number of this boundary. It is raised when the *meaning* of something that crosses changes,
/// which abi_stable's layout check cannot see. A host refuses a library with another number.
pub const ABI_NUMBER: u32 = 1;

/// What a call is answered with: `OK` carries JSON text, `BYTES` what its name says, every other one a sentence.
///
/// A number and not an enum, so that a later version may add one: a host takes a number it does not know for an error.
#[repr(transparent)]
#[derive(StableAbi, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status(u8);

impl Status {
    /// The command returned a value; the bytes are its JSON text.
    pub const OK: Self = Self(0);
    /// The command returned an error; the bytes are its text.
    pub const ERROR: Self = Self(1);
    /// The command panicked; the bytes are message and place.
    pub const PANIC: Self = Self(2);
    /// The arguments in the message do not fit the command; the bytes say which and why.
    pub const ARGUMENTS: Self = Self(3);
    /// The command returned bytes. Only to a host that has [`ReplyFunctions::call`].
    pub const BYTES: Self = Self(4);
}

/// How serious a line in the host's log is.
///
/// A number and not an enum, so that a later version may add one: a host takes a number it does not know for `ERROR`.
#[repr(transparent)]
#[derive(StableAbi, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level(u8);

impl Level {
    /// For the author of the plugin.
    pub const DEBUG: Self = Self(0);
    /// Worth knowing, nothing to do.
    pub const INFO: Self = Self(1);
    /// Something is not as it should be, and the plugin goes on.
    pub const WARN: Self = Self(2);
    /// Something failed.
    pub const ERROR: Self = Self(3);
}

/// A plugin's own data, opaque to the host. Made by `start`, used by `call`, ended by `release`.
#[repr(transparent)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct Instance(pub *mut c_void);

// SAFETY: the pointer is only ever handed back to the plugin that made it, whose shim requires
// `Send + Sync` of what it points to.
unsafe impl Send for Instance {}
// SAFETY: as above.
unsafe impl Sync for Instance {}

/// What a plugin library exports: its root module.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginModuleRef, prefix_fields = PluginModuleFields)))]
#[sabi(missing_field(option))]
pub struct PluginModule {
    /// [`ABI_NUMBER`] of the `plugin-api` this library was built with.
    pub abi_number: u32,
    /// Hands the [`Manifest`](crate::manifest::Manifest), with its commands, to `text` as JSON, before `start` and on any thread.
    pub describe: extern "C" fn(text: ByteSink),
    /// Starts the plugin. On success the instance is stored through `instance`; otherwise the reason is
    /// handed to `refusal` and `false` comes back. Called once for each instance, on any thread.
    pub start: extern "C" fn(host: HostHandle, instance: &mut Instance, refusal: ByteSink) -> bool,
    /// Runs the command at `index` of the table with the message `message`, and answers through `reply`, at the
    /// latest when it drops it. Called on a worker or on the main thread, as the table says; many at a time.
    pub call: extern "C" fn(instance: Instance, index: u32, message: RStr<'_>, reply: ReplyHandle),
    /// Tells the plugin that no further call comes. Calls may still run.
    pub stop: extern "C" fn(instance: Instance),
    /// Frees the instance. Called after `stop`, only when no call runs any more.
    #[sabi(last_prefix_field)]
    pub release: extern "C" fn(instance: Instance),
    /// Hands the [`Schemas`](crate::table::Schemas) of the command table to `text` as JSON, at any time and on any thread. Not in
    /// the first plugins.
    pub schemas: extern "C" fn(text: ByteSink),
}

impl RootModule for PluginModuleRef {
    abi_stable::declare_root_module_statics! {PluginModuleRef}
    const BASE_NAME: &'static str = "plugin";
    const NAME: &'static str = "plugin";
    // Not the version of the crate: a library stays loadable as long as the boundary is the same. See `build.rs`.
    const VERSION_STRINGS: VersionStrings = VersionStrings::new(env!("CARGO_PKG_VERSION"));
}

/// Where the other side puts bytes it is asked for: a `Vec<u8>` of the asking side, lent for one call.
#[repr(C)]
#[derive(StableAbi)]
pub struct ByteSink {
    vector: *mut c_void,
    append: extern "C" fn(vector: *mut c_void, bytes: RSlice<'_, u8>),
}

impl ByteSink {
    /// Runs `ask` with a sink and returns what was put into it.
    pub fn collect(ask: impl FnOnce(ByteSink)) -> Vec<u8> {
        let mut vector = Vec::<u8>::new();
        ask(ByteSink { vector: (&raw mut vector).cast(), append: append_bytes });
        vector
    }

    /// Puts bytes after those that are there already. They are copied.
    pub fn append(&self, bytes: &[u8]) {
        (self.append)(self.vector, RSlice::from_slice(bytes));
    }
}

extern "C" fn append_bytes(vector: *mut c_void, bytes: RSlice<'_, u8>) {
    // SAFETY: `vector` is the one in `ByteSink::collect`, alive while `ask` runs; a sink is neither `Send` nor `Clone`,
    // so nobody else uses it meanwhile.
    let vector = unsafe { &mut *vector.cast::<Vec<u8>>() };
    vector.extend_from_slice(bytes.as_slice());
}

/// The one answer to one call. Sent at most once; dropping it unsent tells the host that no answer comes.
#[repr(C)]
#[derive(StableAbi)]
pub struct ReplyHandle {
    context: *mut c_void,
    functions: ReplyFunctionsRef,
}

/// The host's functions behind a [`ReplyHandle`].
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = ReplyFunctionsRef, prefix_fields = ReplyFunctionsFields)))]
#[sabi(missing_field(option))]
pub struct ReplyFunctions {
    /// Answers and ends the handle. The bytes are copied before it returns.
    pub send: extern "C" fn(context: *mut c_void, status: Status, bytes: RSlice<'_, u8>),
    /// Ends the handle without an answer.
    #[sabi(last_prefix_field)]
    pub dropped: extern "C" fn(context: *mut c_void),
    /// The call that is answered, as long as somebody wants to know of it. Not in the first hosts.
    pub call: extern "C" fn(context: *mut c_void) -> CallHandle,
}

// SAFETY: a reply may be sent from any thread; the host's functions are made for that, and ownership of the
// handle moves with it.
unsafe impl Send for ReplyHandle {}

impl ReplyHandle {
    /// A handle over `context`, which `functions` know how to use from any thread.
    fn new(context: *mut c_void, functions: ReplyFunctionsRef) -> Self {
        Self { context, functions }
    }

    /// Answers the call. The host copies `bytes` before this returns.
    pub fn send(self, status: Status, bytes: &[u8]) {
        (self.functions.send())(self.context, status, RSlice::from_slice(bytes));
        std::mem::forget(self);
    }

    /// The call that this answers; nothing from an older host.
    pub fn call(&self) -> Option<CallHandle> {
        self.functions.call().map(|call| call(self.context))
    }
}

impl Drop for ReplyHandle {
    fn drop(&mut self) {
        (self.functions.dropped())(self.context);
    }
}

/// Work that a plugin gives to the host's workers.
#[repr(C)]
#[derive(StableAbi)]
pub struct Job {
    /// Handed to `run` or `discard`, exactly once to one of the two.
    pub context: *mut c_void,
    /// Runs the work. Called on a worker.
    pub run: extern "C" fn(context: *mut c_void),
    /// Frees the work without running it. Called on any thread.
    pub discard: extern "C" fn(context: *mut c_void),
    /// About how many bytes of memory it holds, for the bound of the queue.
    pub bytes: usize,
}

// SAFETY: made only by `Job::of` from a closure that is `Send`.
unsafe impl Send for Job {}

impl Job {
    /// The job that runs `work`, which holds about so many bytes. Whoever takes it runs or discards it.
    fn of<F: FnOnce() + Send + 'static>(work: F, bytes: usize) -> Self {
        let context = Box::into_raw(Box::new(work)).cast::<c_void>();
        Self { context, run: run_boxed::<F>, discard: discard_boxed::<F>, bytes }
    }
}

extern "C" fn run_boxed<F: FnOnce() + Send + 'static>(context: *mut c_void) {
    // SAFETY: `context` is the box made in `Job::of`, handed over exactly once.
    let work = unsafe { Box::from_raw(context.cast::<F>()) };
    // A panic must not reach the host; the work given by this crate reports its own panics as replies.
    crate::guard::contain(work);
}

extern "C" fn discard_boxed<F: FnOnce() + Send + 'static>(context: *mut c_void) {
    // SAFETY: as in `run_boxed`.
    let work = unsafe { Box::from_raw(context.cast::<F>()) };
    crate::guard::contain(move || drop(work));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_of_the_boundary_have_its_version_and_not_that_of_the_crate() {
        let layout = <PluginModuleRef as StableAbi>::LAYOUT;
        let shared = layout.shared_vars().type_layouts();
        let versions: Vec<_> = std::iter::once(layout)
            .chain(shared.iter().map(|layout| layout()))
            .filter(|layout| layout.package() == "plugin-api")
            .map(|layout| layout.package_version().to_string())
            .collect();
        assert!(!versions.is_empty());
        assert!(versions.iter().all(|version| *version == format!("{ABI_NUMBER}.0.0")), "{versions:?}");
    }
}
