//! The host's side of the boundary as safe traits: what implements them can be handed to a plugin. For hosts, and for the host
//! of a plugin's unit tests.

mod calls;

use std::ffi::c_void;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use abi_stable::prefix_type::WithMetadata;
use abi_stable::staticref;
use abi_stable::std_types::RStr;

use crate::table::Configuration;

use super::{ByteSink, HostFunctions, HostFunctionsRef, HostHandle, Job, Level, Listener, ReplyHandle};
pub use calls::{CallSide, NoCall, ReplySide};

/// What a plugin may ask of its host. Each function is called by the plugin's code, on any thread; a panic in it ends there.
pub trait HostSide: Send + Sync + 'static {
    /// Takes a line for the log.
    fn log(&self, level: Level, text: &str);

    /// The plugin's data folder, which is made by then.
    fn data_folder(&self) -> PathBuf;

    /// Takes work for a worker of the plugin, or gives it back when the queue is full.
    fn spawn(&self, job: OwnedJob) -> Option<OwnedJob>;

    /// Whether this is a trial.
    fn is_trial(&self) -> bool;

    /// The plugin's cache folder, which is made by then.
    fn cache_folder(&self) -> PathBuf;

    /// The plugin's configuration, as the host's file has it at this moment.
    fn configuration(&self) -> Configuration;

    /// Tells the page of an event; `payload` is JSON as the plugin says.
    ///
    /// # Errors
    /// A sentence.
    fn emit(&self, event: &str, payload: &str) -> Result<(), String>;

    /// Sends a message, as a page would. `waits` says that the calling thread does nothing before the reply comes.
    fn call(self: &Arc<Self>, message: &str, waits: bool, reply: ReplyHandle);

    /// Takes work for the main thread, or gives it back when the queue is full.
    fn run_on_main(&self, job: OwnedJob) -> Option<OwnedJob>;

    /// Whether this is the main thread.
    fn is_main_thread(&self) -> bool;

    /// Gives each event with this name to `listener`, on workers of the plugin, until [`unlisten`](Self::unlisten). Its number,
    /// from 1.
    ///
    /// # Errors
    /// A sentence.
    fn listen(&self, event: &str, listener: Listener) -> Result<u64, String>;

    /// Frees the listener with this number. It may be at work at this moment.
    fn unlisten(&self, number: u64);

    /// How long the host waits for the plugin's `stop`; nothing where it is not stopping.
    fn stop_time_left(&self) -> Option<Duration>;

    /// The application's folder, which is made by then.
    fn app_folder(&self) -> PathBuf;

    /// The folder of what the application brings along.
    fn resource_folder(&self) -> PathBuf;

    /// Hears that one of these functions has panicked.
    fn on_panic();
}

impl Job {
    /// The same, for whoever runs or discards it in the place of this one.
    fn moved(&self) -> Self {
        Self { context: self.context, run: self.run, discard: self.discard, bytes: self.bytes }
    }
}

/// A [`Job`] that is run once, or freed by the plugin when it is dropped.
pub struct OwnedJob(Option<Job>);

impl OwnedJob {
    /// Runs it. On a worker.
    pub fn run(mut self) {
        if let Some(job) = self.0.take() {
            (job.run)(job.context);
        }
    }

    /// About how many bytes of memory it holds.
    pub fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |job| job.bytes)
    }
}

impl Drop for OwnedJob {
    fn drop(&mut self) {
        if let Some(job) = self.0.take() {
            (job.discard)(job.context);
        }
    }
}

impl HostHandle {
    /// A handle to give to a plugin.
    pub fn of<H: HostSide>(host: Arc<H>) -> Self {
        let functions = HostFunctionsRef(Functions::<H>::HOST.as_prefix());
        Self::new(Arc::into_raw(host).cast_mut().cast(), functions)
    }
}

/// The functions below for one host, in the form that abi_stable hands out.
struct Functions<H>(PhantomData<H>);

impl<H: HostSide> Functions<H> {
    staticref! {
        const HOST: WithMetadata<HostFunctions> = WithMetadata::new(HostFunctions {
            retain: retain::<H>,
            release: release::<H>,
            log: log::<H>,
            data_folder: data_folder::<H>,
            spawn: spawn::<H>,
            is_trial: is_trial::<H>,
            cache_folder: cache_folder::<H>,
            configuration: configuration::<H>,
            emit: emit::<H>,
            call: call::<H>,
            run_on_main: run_on_main::<H>,
            is_main_thread: is_main_thread::<H>,
            listen: listen::<H>,
            unlisten: unlisten::<H>,
            stop_time_left: stop_time_left::<H>,
            app_folder: app_folder::<H>,
            resource_folder: resource_folder::<H>,
        });
    }
}

extern "C" fn retain<H>(context: *mut c_void) {
    // SAFETY: the context came from `Arc::into_raw`, and the handle that asks owns a count.
    unsafe { Arc::increment_strong_count(context.cast::<H>().cast_const()) };
}

extern "C" fn release<H: HostSide>(context: *mut c_void) {
    guarded(H::on_panic, || {
        // SAFETY: as in `retain`; the handle that asks ends, and its count with it.
        unsafe { Arc::decrement_strong_count(context.cast::<H>().cast_const()) };
    });
}

extern "C" fn log<H: HostSide>(context: *mut c_void, level: Level, text: RStr<'_>) {
    guarded(H::on_panic, || {
        // SAFETY: the handle that asks owns a count.
        unsafe { shared::<H>(&context) }.log(level, text.as_str());
    });
}

extern "C" fn data_folder<H: HostSide>(context: *mut c_void, path: ByteSink) {
    guarded(H::on_panic, || {
        // SAFETY: the handle that asks owns a count.
        append_path(&path, &unsafe { shared::<H>(&context) }.data_folder());
    });
}

extern "C" fn cache_folder<H: HostSide>(context: *mut c_void, path: ByteSink) {
    guarded(H::on_panic, || {
        // SAFETY: the handle that asks owns a count.
        append_path(&path, &unsafe { shared::<H>(&context) }.cache_folder());
    });
}

extern "C" fn app_folder<H: HostSide>(context: *mut c_void, path: ByteSink) {
    guarded(H::on_panic, || {
        // SAFETY: the handle that asks owns a count.
        append_path(&path, &unsafe { shared::<H>(&context) }.app_folder());
    });
}

extern "C" fn resource_folder<H: HostSide>(context: *mut c_void, path: ByteSink) {
    guarded(H::on_panic, || {
        // SAFETY: the handle that asks owns a count.
        append_path(&path, &unsafe { shared::<H>(&context) }.resource_folder());
    });
}

fn append_path(sink: &ByteSink, path: &Path) {
    #[cfg(unix)]
    sink.append(path.as_os_str().as_encoded_bytes());
    #[cfg(not(unix))]
    sink.append(path.to_string_lossy().as_bytes());
}

extern "C" fn configuration<H: HostSide>(context: *mut c_void, text: ByteSink) {
    guarded(H::on_panic, || {
        // SAFETY: the handle that asks owns a count.
        let configuration = unsafe { shared::<H>(&context) }.configuration();
        // What cannot be written is missing, and the plugin says so.
        text.append(&serde_json::to_vec(&configuration).unwrap_or_default());
    });
}

extern "C" fn emit<H: HostSide>(
    context: *mut c_void,
    event: RStr<'_>,
    payload: RStr<'_>,
    refusal: ByteSink,
) -> bool {
    // SAFETY: the handle that asks owns a count.
    tell(H::on_panic, &refusal, || unsafe { shared::<H>(&context) }.emit(event.as_str(), payload.as_str()))
}

extern "C" fn listen<H: HostSide>(
    context: *mut c_void,
    event: RStr<'_>,
    listener: Listener,
    refusal: ByteSink,
) -> u64 {
    let mut number = 0;
    tell(H::on_panic, &refusal, || {
        // SAFETY: the handle that asks owns a count.
        number = unsafe { shared::<H>(&context) }.listen(event.as_str(), listener)?;
        Ok(())
    });
    number
}

extern "C" fn unlisten<H: HostSide>(context: *mut c_void, number: u64) {
    guarded(H::on_panic, || {
        // SAFETY: the handle that asks owns a count.
        unsafe { shared::<H>(&context) }.unlisten(number);
    });
}

extern "C" fn stop_time_left<H: HostSide>(context: *mut c_void) -> u64 {
    let mut left = u64::MAX;
    guarded(H::on_panic, || {
        // SAFETY: the handle that asks owns a count.
        if let Some(time) = unsafe { shared::<H>(&context) }.stop_time_left() {
            left = time.as_millis().try_into().unwrap_or(u64::MAX - 1);
        }
    });
    left
}

extern "C" fn call<H: HostSide>(context: *mut c_void, message: RStr<'_>, waits: bool, reply: ReplyHandle) {
    guarded(H::on_panic, || {
        // SAFETY: the handle that asks owns a count, which stays its own: the `Arc` here is not dropped.
        let host = ManuallyDrop::new(unsafe { Arc::from_raw(context.cast::<H>().cast_const()) });
        H::call(&host, message.as_str(), waits, reply);
    });
}

extern "C" fn spawn<H: HostSide>(context: *mut c_void, job: &Job) -> bool {
    // SAFETY: the handle that asks owns a count.
    hand_over::<H>(job, |job| unsafe { shared::<H>(&context) }.spawn(job))
}

extern "C" fn run_on_main<H: HostSide>(context: *mut c_void, job: &Job) -> bool {
    // SAFETY: the handle that asks owns a count.
    hand_over::<H>(job, |job| unsafe { shared::<H>(&context) }.run_on_main(job))
}

fn hand_over<H: HostSide>(job: &Job, take: impl FnOnce(OwnedJob) -> Option<OwnedJob>) -> bool {
    // A host that panics has had the job, and it is freed by then.
    let mut taken = true;
    guarded(H::on_panic, || {
        let refused = take(OwnedJob(Some(job.moved())));
        taken = refused.is_none();
        // It stays with the plugin, which frees it.
        if let Some(mut refused) = refused {
            refused.0 = None;
        }
    });
    taken
}

extern "C" fn is_trial<H: HostSide>(context: *mut c_void) -> bool {
    // SAFETY: the handle that asks owns a count.
    ask::<H>(|| unsafe { shared::<H>(&context) }.is_trial())
}

extern "C" fn is_main_thread<H: HostSide>(context: *mut c_void) -> bool {
    // SAFETY: the handle that asks owns a count.
    ask::<H>(|| unsafe { shared::<H>(&context) }.is_main_thread())
}

fn ask<H: HostSide>(question: impl FnOnce() -> bool) -> bool {
    let mut answer = false;
    guarded(H::on_panic, || answer = question());
    answer
}

/// # Safety
/// `context` is one of a [`HostHandle`] or a [`CallHandle`] made by `of` for the same `H`, which lives as long as the borrow.
unsafe fn shared<H>(context: &*mut c_void) -> &H {
    // SAFETY: the caller's promise.
    unsafe { &*context.cast::<H>().cast_const() }
}

/// A panic must not cross the boundary.
fn guarded(panicked: fn(), work: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(work)).is_err() {
        panicked();
    }
}

fn tell(panicked: fn(), refusal: &ByteSink, work: impl FnOnce() -> Result<(), String>) -> bool {
    let mut taken = false;
    guarded(panicked, || match work() {
        Ok(()) => taken = true,
        Err(reason) => refusal.append(reason.as_bytes()),
    });
    taken
}
