//! The host, seen by a plugin, and what a plugin gives it to call back.

use std::ffi::c_void;
use std::path::PathBuf;
use std::time::Duration;

use abi_stable::StableAbi;
use abi_stable::std_types::RStr;

use super::{ByteSink, Job, Level, ReplyHandle};

/// What hears events, on workers of the plugin, one event at a time.
#[repr(C)]
#[derive(StableAbi)]
pub struct Listener {
    /// Handed to both functions.
    context: *mut c_void,
    /// Hears of one event; `payload` is JSON.
    hear: extern "C" fn(context: *mut c_void, payload: RStr<'_>),
    /// Frees it.
    free: extern "C" fn(context: *mut c_void),
}

// SAFETY: made only by `Listener::of` from a closure that is `Send` and `Sync`.
unsafe impl Send for Listener {}
// SAFETY: as above.
unsafe impl Sync for Listener {}

impl Listener {
    /// A listener that calls `hear` with the payload of each event.
    pub fn of<F: Fn(&str) + Send + Sync + 'static>(hear: F) -> Self {
        Self { context: Box::into_raw(Box::new(hear)).cast(), hear: hear_boxed::<F>, free: free_boxed::<F> }
    }

    /// Tells it of an event.
    pub fn hear(&self, payload: &str) {
        (self.hear)(self.context, RStr::from_str(payload));
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        (self.free)(self.context);
    }
}

extern "C" fn hear_boxed<F: Fn(&str) + Send + Sync + 'static>(context: *mut c_void, payload: RStr<'_>) {
    crate::guard::contain(|| {
        // SAFETY: `context` is the box made in `Listener::of`, which the listener that is called owns.
        let hear = unsafe { &*context.cast::<F>() };
        hear(payload.as_str());
    });
}

extern "C" fn free_boxed<F: Fn(&str) + Send + Sync + 'static>(context: *mut c_void) {
    crate::guard::contain(|| {
        // SAFETY: as in `hear_boxed`; the listener ends with this call.
        drop(unsafe { Box::from_raw(context.cast::<F>()) });
    });
}

/// What a plugin may ask of its host. Counted: cloning retains, dropping releases.
#[repr(C)]
#[derive(StableAbi)]
pub struct HostHandle {
    context: *mut c_void,
    functions: HostFunctionsRef,
}

/// The host's functions behind a [`HostHandle`]; all may be called from any thread.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = HostFunctionsRef, prefix_fields = HostFunctionsFields)))]
#[sabi(missing_field(option))]
pub struct HostFunctions {
    /// Adds one to the count.
    pub retain: extern "C" fn(context: *mut c_void),
    /// Takes one from the count.
    pub release: extern "C" fn(context: *mut c_void),
    /// Writes a line to the host's log, under the plugin's name.
    pub log: extern "C" fn(context: *mut c_void, level: Level, text: RStr<'_>),
    /// Puts the plugin's data folder into `path`, as the system writes paths (UTF-8 on Windows), and makes it, if the disk
    /// allows.
    pub data_folder: extern "C" fn(context: *mut c_void, path: ByteSink),
    /// Takes the job for a worker of this plugin. `false` means the queue is full, and the job stays with the caller.
    #[sabi(last_prefix_field)]
    pub spawn: extern "C" fn(context: *mut c_void, job: &Job) -> bool,
    /// Whether the plugin runs in a trial, whose data folder nobody keeps. Not in the first hosts, nor is what follows.
    pub is_trial: extern "C" fn(context: *mut c_void) -> bool,
    /// As `data_folder`, for what may be thrown away at any time.
    pub cache_folder: extern "C" fn(context: *mut c_void, path: ByteSink),
    /// Puts the plugin's configuration into `text`, as a [`Configuration`](crate::table::Configuration) in JSON.
    pub configuration: extern "C" fn(context: *mut c_void, text: ByteSink),
    /// Tells the page of an event; `payload` is JSON. Otherwise the reason is handed to `refusal`, and `false` comes back.
    pub emit:
        extern "C" fn(context: *mut c_void, event: RStr<'_>, payload: RStr<'_>, refusal: ByteSink) -> bool,
    /// Sends a message, as a page would. `waits` says that the calling thread does nothing before the reply comes.
    pub call: extern "C" fn(context: *mut c_void, message: RStr<'_>, waits: bool, reply: ReplyHandle),
    /// Takes the job for the main thread. `false` means that its queue is full, and the job stays with the caller.
    pub run_on_main: extern "C" fn(context: *mut c_void, job: &Job) -> bool,
    /// Whether this is the main thread.
    pub is_main_thread: extern "C" fn(context: *mut c_void) -> bool,
    /// Gives each event with this name to the listener, until `unlisten`. The number of the listener; nothing is 0, and the reason
    /// is handed to `refusal`.
    pub listen:
        extern "C" fn(context: *mut c_void, event: RStr<'_>, listener: Listener, refusal: ByteSink) -> u64,
    /// Frees the listener with this number. It may be at work at this moment.
    pub unlisten: extern "C" fn(context: *mut c_void, number: u64),
    /// How long the host waits for the plugin's `stop`, in milliseconds from now; `u64::MAX` where it is not stopping.
    pub stop_time_left: extern "C" fn(context: *mut c_void) -> u64,
    /// As `data_folder`, for what belongs to the application.
    pub app_folder: extern "C" fn(context: *mut c_void, path: ByteSink),
    /// Puts the folder of what the application brings along into `path`, as above. Nobody makes it.
    pub resource_folder: extern "C" fn(context: *mut c_void, path: ByteSink),
}

// SAFETY: the host makes the context shareable between threads and counts it atomically.
unsafe impl Send for HostHandle {}
// SAFETY: as above.
unsafe impl Sync for HostHandle {}

impl HostHandle {
    /// A handle that owns one count of `context`.
    pub(super) fn new(context: *mut c_void, functions: HostFunctionsRef) -> Self {
        Self { context, functions }
    }

    /// Writes a line to the host's log.
    pub fn log(&self, level: Level, text: &str) {
        (self.functions.log())(self.context, level, RStr::from_str(text));
    }

    /// The plugin's data folder, as the host tells it.
    pub fn data_folder(&self) -> PathBuf {
        path_from(ByteSink::collect(|path| (self.functions.data_folder())(self.context, path)))
    }

    /// The plugin's cache folder; nothing from an older host.
    pub fn cache_folder(&self) -> Option<PathBuf> {
        let cache_folder = self.functions.cache_folder()?;
        Some(path_from(ByteSink::collect(|path| cache_folder(self.context, path))))
    }

    /// The application's folder; nothing from an older host.
    pub fn app_folder(&self) -> Option<PathBuf> {
        let app_folder = self.functions.app_folder()?;
        Some(path_from(ByteSink::collect(|path| app_folder(self.context, path))))
    }

    /// The folder of what the application brings along; nothing from an older host.
    pub fn resource_folder(&self) -> Option<PathBuf> {
        let resource_folder = self.functions.resource_folder()?;
        Some(path_from(ByteSink::collect(|path| resource_folder(self.context, path))))
    }

    /// The plugin's configuration as JSON; nothing from an older host.
    pub fn configuration(&self) -> Option<Vec<u8>> {
        let configuration = self.functions.configuration()?;
        Some(ByteSink::collect(|text| configuration(self.context, text)))
    }

    /// Whether the plugin runs in a trial.
    pub fn is_trial(&self) -> bool {
        self.functions.is_trial().is_some_and(|is_trial| is_trial(self.context))
    }

    /// Tells the page of an event; nothing from an older host.
    pub fn emit(&self, event: &str, payload: &str) -> Option<Result<(), String>> {
        let emit = self.functions.emit()?;
        let mut taken = false;
        let refusal = ByteSink::collect(|refusal| {
            taken = emit(self.context, RStr::from_str(event), RStr::from_str(payload), refusal);
        });
        Some(if taken { Ok(()) } else { Err(String::from_utf8_lossy(&refusal).into_owned()) })
    }

    /// Sends a message. Whether the host can; an older one cannot, and drops `reply`.
    pub fn call(&self, message: &str, waits: bool, reply: ReplyHandle) -> bool {
        let Some(call) = self.functions.call() else { return false };
        call(self.context, RStr::from_str(message), waits, reply);
        true
    }

    /// Whether this is the main thread.
    pub fn is_main_thread(&self) -> bool {
        self.functions.is_main_thread().is_some_and(|is_main_thread| is_main_thread(self.context))
    }

    /// Gives each event with this name to `listener`. Its number; nothing from an older host.
    pub fn listen(&self, event: &str, listener: Listener) -> Option<Result<u64, String>> {
        let listen = self.functions.listen()?;
        let mut number = 0;
        let refusal = ByteSink::collect(|refusal| {
            number = listen(self.context, RStr::from_str(event), listener, refusal);
        });
        Some(if number > 0 { Ok(number) } else { Err(String::from_utf8_lossy(&refusal).into_owned()) })
    }

    /// Frees the listener with this number.
    pub fn unlisten(&self, number: u64) {
        if let Some(unlisten) = self.functions.unlisten() {
            unlisten(self.context, number);
        }
    }

    /// How long the host waits for the plugin's `stop`; nothing where it is not stopping, and from an older host.
    pub fn stop_time_left(&self) -> Option<Duration> {
        let left = (self.functions.stop_time_left()?)(self.context);
        (left != u64::MAX).then(|| Duration::from_millis(left))
    }

    /// Gives `work`, which holds about `bytes` of memory, to a worker of this plugin. With a full queue the work comes back.
    pub fn spawn<F: FnOnce() + Send + 'static>(&self, work: F, bytes: usize) -> Result<(), F> {
        self.hand_over(self.functions.spawn(), work, bytes)
    }

    /// Gives `work` to the main thread. With a full queue, and from an older host, the work comes back.
    pub fn run_on_main<F: FnOnce() + Send + 'static>(&self, work: F) -> Result<(), F> {
        match self.functions.run_on_main() {
            Some(run_on_main) => self.hand_over(run_on_main, work, size_of::<F>()),
            None => Err(work),
        }
    }

    fn hand_over<F: FnOnce() + Send + 'static>(
        &self,
        take: extern "C" fn(*mut c_void, &Job) -> bool,
        work: F,
        bytes: usize,
    ) -> Result<(), F> {
        let job = Job::of(work, bytes);
        if take(self.context, &job) {
            return Ok(());
        }
        // SAFETY: the host did not take the job, so the box made for it is still ours alone.
        Err(*unsafe { Box::from_raw(job.context.cast::<F>()) })
    }
}

/// A path as the host puts it into a sink.
fn path_from(bytes: Vec<u8>) -> PathBuf {
    #[cfg(unix)]
    return <std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes).into();
    #[cfg(not(unix))]
    String::from_utf8_lossy(&bytes).into_owned().into()
}

impl Clone for HostHandle {
    fn clone(&self) -> Self {
        (self.functions.retain())(self.context);
        Self { context: self.context, functions: self.functions }
    }
}

impl Drop for HostHandle {
    fn drop(&mut self) {
        (self.functions.release())(self.context);
    }
}
