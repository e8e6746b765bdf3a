//! The host's functions that plugins call: replies, and what a [`HostHandle`] offers.
//!
//! Each is called by a plugin's code on any thread. None panics across the boundary: [`guarded`] is around all.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use abi_stable::prefix_type::WithMetadata;
use abi_stable::staticref;
use abi_stable::std_types::{RSlice, RStr};
use plugin_api::abi::{
    ByteSink, HostFunctions, HostFunctionsRef, HostHandle, Job, Level, ReplyFunctions, ReplyFunctionsRef,
    ReplyHandle, Status,
};

use super::breadcrumbs::Known;
use super::phase::Phase;
use crate::executor::{Refusal, Task, WorkerGroup};
use crate::reply::Replier;
use crate::words;

/// What one plugin may use of the host.
pub struct PluginHost {
    /// The plugin's name.
    pub name: Arc<str>,
    /// The plugin's data folder.
    pub data_folder: PathBuf,
    /// The plugin's workers.
    pub workers: WorkerGroup,
    /// By which it says that its code runs.
    pub known: Known,
    /// Whether this is the child process that tries it.
    pub is_trial: bool,
}

/// The tables of the functions below, in the form that abi_stable hands out.
struct Functions;

impl Functions {
    staticref! {
        const HOST: WithMetadata<HostFunctions> =
            WithMetadata::new(HostFunctions { retain, release, log, data_folder, spawn, is_trial });
    }
    staticref! {
        const REPLY: WithMetadata<ReplyFunctions> = WithMetadata::new(ReplyFunctions { send, dropped });
    }
}

/// A handle to give to a plugin.
pub fn handle_of(host: Arc<PluginHost>) -> HostHandle {
    let functions = HostFunctionsRef(Functions::HOST.as_prefix());
    HostHandle::new(Arc::into_raw(host).cast_mut().cast(), functions)
}

/// A handle through which a plugin answers `replier`'s call.
pub fn reply_handle(replier: Replier) -> ReplyHandle {
    let functions = ReplyFunctionsRef(Functions::REPLY.as_prefix());
    ReplyHandle::new(Box::into_raw(Box::new(replier)).cast(), functions)
}

extern "C" fn send(context: *mut c_void, status: Status, bytes: RSlice<'_, u8>) {
    guarded(|| {
        // SAFETY: the context is the box made in `reply_handle`; a handle ends with this call, so it is taken once.
        let replier = unsafe { Box::from_raw(context.cast::<Replier>()) };
        match status {
            Status::OK => replier.json(bytes.to_vec()),
            Status::PANIC => replier.panicked(&String::from_utf8_lossy(bytes.as_slice())),
            _ => replier.error(String::from_utf8_lossy(bytes.as_slice()).into_owned()),
        }
    });
}

extern "C" fn dropped(context: *mut c_void) {
    guarded(|| {
        // SAFETY: as in `send`; a handle is either sent or dropped.
        drop(unsafe { Box::from_raw(context.cast::<Replier>()) });
    });
}

extern "C" fn retain(context: *mut c_void) {
    // SAFETY: the context came from `Arc::into_raw`, and the handle that asks owns a count.
    unsafe { Arc::increment_strong_count(context.cast::<PluginHost>().cast_const()) };
}

extern "C" fn release(context: *mut c_void) {
    guarded(|| {
        // SAFETY: as in `retain`; the handle that asks ends, and its count with it.
        unsafe { Arc::decrement_strong_count(context.cast::<PluginHost>().cast_const()) };
    });
}

extern "C" fn log(context: *mut c_void, level: Level, text: RStr<'_>) {
    guarded(|| {
        // SAFETY: the handle that asks owns a count.
        let host = unsafe { plugin_host(&context) };
        let (plugin, text) = (&*host.name, text.as_str());
        match level {
            Level::DEBUG => tracing::debug!(plugin, "{text}"),
            Level::INFO => tracing::info!(plugin, "{text}"),
            Level::WARN => tracing::warn!(plugin, "{text}"),
            _ => tracing::error!(plugin, "{text}"),
        }
    });
}

extern "C" fn data_folder(context: *mut c_void, path: ByteSink) {
    guarded(|| {
        // SAFETY: the handle that asks owns a count.
        let host = unsafe { plugin_host(&context) };
        // Made when it is asked for: most plugins keep nothing.
        if let Err(error) = std::fs::create_dir_all(&host.data_folder) {
            tracing::warn!(plugin = &*host.name, "{}", words::no_data_folder(&host.data_folder, &error));
        }
        #[cfg(unix)]
        path.append(host.data_folder.as_os_str().as_encoded_bytes());
        #[cfg(not(unix))]
        path.append(host.data_folder.to_string_lossy().as_bytes());
    });
}

extern "C" fn spawn(context: *mut c_void, job: &Job) -> bool {
    let mut taken = false;
    guarded(|| {
        // SAFETY: the handle that asks owns a count.
        let host = unsafe { plugin_host(&context) };
        let job = Job { context: job.context, run: job.run, discard: job.discard, bytes: job.bytes };
        let task = SpawnedJob { job: Some(job), known: host.known.clone() };
        taken = match host.workers.submit(task) {
            Ok(()) => true,
            Err((mut task, _refusal)) => {
                // It stays with the plugin, which frees it.
                task.job = None;
                false
            }
        };
    });
    taken
}

extern "C" fn is_trial(context: *mut c_void) -> bool {
    // SAFETY: the handle that asks owns a count.
    unsafe { plugin_host(&context) }.is_trial
}

/// A plugin's own work in its workers' queue. Freed by the plugin if it never runs.
struct SpawnedJob {
    job: Option<Job>,
    known: Known,
}

impl Task for SpawnedJob {
    fn run(mut self: Box<Self>) {
        if let Some(job) = self.job.take() {
            let _crumb = self.known.put(Phase::Promise, 0);
            (job.run)(job.context);
        }
    }

    fn refuse(self: Box<Self>, _refusal: Refusal) {}

    fn bytes(&self) -> usize {
        self.job.as_ref().map_or(0, |job| job.bytes)
    }
}

impl Drop for SpawnedJob {
    fn drop(&mut self) {
        if let Some(job) = self.job.take() {
            (job.discard)(job.context);
        }
    }
}

/// # Safety
/// `context` is one of a [`HostHandle`] that lives as long as the borrow.
unsafe fn plugin_host(context: &*mut c_void) -> &PluginHost {
    // SAFETY: the caller's promise, and `handle_of` stored a `PluginHost`.
    unsafe { &*context.cast::<PluginHost>().cast_const() }
}

fn guarded(work: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(work)).is_err() {
        tracing::error!("the host panicked while a plugin called it; please report this");
    }
}
