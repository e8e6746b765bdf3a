//! One call, seen by the command that runs it: whether it is cancelled, and what goes to the page before the reply.

use std::ffi::c_void;

use abi_stable::StableAbi;
use abi_stable::std_types::{RSlice, RStr};

use super::{ByteSink, Job};

/// A call and those who wait for it. Counted: cloning retains, dropping releases. It may outlive the reply.
#[repr(C)]
#[derive(StableAbi)]
pub struct CallHandle {
    context: *mut c_void,
    functions: CallFunctionsRef,
}

/// The host's functions behind a [`CallHandle`]; all may be called from any thread.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = CallFunctionsRef, prefix_fields = CallFunctionsFields)))]
#[sabi(missing_field(option))]
pub struct CallFunctions {
    /// Adds one to the count.
    pub retain: extern "C" fn(context: *mut c_void),
    /// Takes one from the count.
    pub release: extern "C" fn(context: *mut c_void),
    /// Whether nobody waits for the reply any more.
    pub is_cancelled: extern "C" fn(context: *mut c_void) -> bool,
    /// Runs the job once that is so, on a thread of the host's choice; at once where it is so already. A call that ends frees it.
    pub when_cancelled: extern "C" fn(context: *mut c_void, job: &Job),
    /// Tells the page how far the command has come; `value` is JSON. Otherwise the reason is handed to `refusal`.
    pub progress: extern "C" fn(context: *mut c_void, value: RStr<'_>, refusal: ByteSink) -> bool,
    /// Sends the page one of many values; `value` is JSON. Waits while the page has too many before it. Otherwise the reason is
    /// handed to `refusal`.
    pub send_value: extern "C" fn(context: *mut c_void, value: RStr<'_>, refusal: ByteSink) -> bool,
    /// Puts the bytes that came with the message as number `index` into `bytes`. Whether there are any.
    #[sabi(last_prefix_field)]
    pub bytes: extern "C" fn(context: *mut c_void, index: u32, bytes: ByteSink) -> bool,
    /// As `send_value`, for a value that is bytes and no JSON. They are copied before it returns. Not in the first hosts.
    pub send_bytes: extern "C" fn(context: *mut c_void, bytes: RSlice<'_, u8>, refusal: ByteSink) -> bool,
}

// SAFETY: the host makes the context shareable between threads and counts it atomically.
unsafe impl Send for CallHandle {}
// SAFETY: as above.
unsafe impl Sync for CallHandle {}

impl CallHandle {
    /// A handle that owns one count of `context`.
    pub(super) fn new(context: *mut c_void, functions: CallFunctionsRef) -> Self {
        Self { context, functions }
    }

    /// Whether nobody waits for the reply any more.
    pub fn is_cancelled(&self) -> bool {
        (self.functions.is_cancelled())(self.context)
    }

    /// Runs `work` once that is so, on a thread of the host's choice; here and now where it is so already.
    pub fn when_cancelled<F: FnOnce() + Send + 'static>(&self, work: F) {
        (self.functions.when_cancelled())(self.context, &Job::of(work, size_of::<F>()));
    }

    /// Tells the page how far the command has come.
    ///
    /// # Errors
    /// The host's sentence.
    pub fn progress(&self, value: &str) -> Result<(), String> {
        let progress = self.functions.progress();
        tell(|refusal| progress(self.context, RStr::from_str(value), refusal))
    }

    /// Sends the page one of many values, when there is room for it.
    ///
    /// # Errors
    /// The host's sentence.
    pub fn send_value(&self, value: &str) -> Result<(), String> {
        let send_value = self.functions.send_value();
        tell(|refusal| send_value(self.context, RStr::from_str(value), refusal))
    }

    /// Sends the page one of many values that are bytes, when there is room for it; nothing from an older host.
    pub fn send_bytes(&self, bytes: &[u8]) -> Option<Result<(), String>> {
        let send_bytes = self.functions.send_bytes()?;
        Some(tell(|refusal| send_bytes(self.context, RSlice::from_slice(bytes), refusal)))
    }

    /// The bytes that came with the message as number `index`.
    pub fn bytes(&self, index: u32) -> Option<Vec<u8>> {
        let mut there = false;
        let bytes = ByteSink::collect(|sink| there = (self.functions.bytes())(self.context, index, sink));
        there.then_some(bytes)
    }
}

fn tell(function: impl FnOnce(ByteSink) -> bool) -> Result<(), String> {
    let mut taken = false;
    let refusal = ByteSink::collect(|refusal| taken = function(refusal));
    if taken { Ok(()) } else { Err(String::from_utf8_lossy(&refusal).into_owned()) }
}

impl Clone for CallHandle {
    fn clone(&self) -> Self {
        (self.functions.retain())(self.context);
        Self { context: self.context, functions: self.functions }
    }
}

impl Drop for CallHandle {
    fn drop(&mut self) {
        (self.functions.release())(self.context);
    }
}
