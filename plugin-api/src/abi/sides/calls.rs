//! The host's side of one call: where its answer goes, and what the command may know of it.

use std::ffi::c_void;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use abi_stable::prefix_type::WithMetadata;
use abi_stable::staticref;
use abi_stable::std_types::{RSlice, RStr};

use super::super::{
    ByteSink, CallFunctions, CallFunctionsRef, CallHandle, Job, ReplyFunctions, ReplyFunctionsRef,
    ReplyHandle, Status,
};
use super::{OwnedJob, guarded, retain, shared, tell};

/// What takes the answer to one call. Dropped without, no answer comes.
pub trait ReplySide: Send + 'static {
    /// The call that is answered.
    type Call: CallSide;

    /// The call, for a command that wants to know of it. Called by the plugin's code, on any thread, before the answer.
    fn call(&self) -> Arc<Self::Call>;

    /// Takes the answer. Called by the plugin's code, on any thread.
    fn send(self, status: Status, bytes: &[u8]);

    /// Hears that a function above, or the drop, has panicked.
    fn on_panic();
}

/// One call, as the command that runs it sees it. Each function is called by the plugin's code, on any thread.
pub trait CallSide: Send + Sync + 'static {
    /// Whether nobody waits for the reply any more.
    fn is_cancelled(&self) -> bool;

    /// Runs `job` once that is so; at once where it is so already.
    fn when_cancelled(&self, job: OwnedJob);

    /// Tells the page how far the command has come; `value` is JSON as the plugin says.
    ///
    /// # Errors
    /// A sentence.
    fn progress(&self, value: &str) -> Result<(), String>;

    /// Sends the page one of many values; `value` is JSON as the plugin says. Waits for room.
    ///
    /// # Errors
    /// A sentence.
    fn send_value(&self, value: &str) -> Result<(), String>;

    /// Sends the page one of many values that are bytes. Waits for room.
    ///
    /// # Errors
    /// A sentence.
    fn send_bytes(&self, bytes: &[u8]) -> Result<(), String>;

    /// The bytes that came with the message as number `index`.
    fn bytes(&self, index: u32) -> Option<&[u8]>;

    /// Hears that one of these functions has panicked.
    fn on_panic();
}

impl ReplyHandle {
    /// A handle through which a plugin answers one call.
    pub fn of<R: ReplySide>(reply: R) -> Self {
        let functions = ReplyFunctionsRef(ReplyTable::<R>::REPLY.as_prefix());
        Self::new(Box::into_raw(Box::new(reply)).cast(), functions)
    }
}

/// The same for one kind of reply.
struct ReplyTable<R>(PhantomData<R>);

impl<R: ReplySide> ReplyTable<R> {
    staticref! {
        const REPLY: WithMetadata<ReplyFunctions> =
            WithMetadata::new(ReplyFunctions { send: send::<R>, dropped: dropped::<R>, call: call_of::<R> });
    }
}

/// The same for one kind of call.
struct CallTable<C>(PhantomData<C>);

impl<C: CallSide> CallTable<C> {
    staticref! {
        const CALL: WithMetadata<CallFunctions> = WithMetadata::new(CallFunctions {
            retain: retain::<C>,
            release: release::<C>,
            is_cancelled: is_cancelled::<C>,
            when_cancelled: when_cancelled::<C>,
            progress: progress::<C>,
            send_value: send_value::<C>,
            bytes: bytes::<C>,
            send_bytes: send_bytes::<C>,
        });
    }
}

impl CallHandle {
    /// A handle to give to a plugin.
    fn of<C: CallSide>(call: Arc<C>) -> Self {
        let functions = CallFunctionsRef(CallTable::<C>::CALL.as_prefix());
        Self::new(Arc::into_raw(call).cast_mut().cast(), functions)
    }
}

extern "C" fn call_of<R: ReplySide>(context: *mut c_void) -> CallHandle {
    // SAFETY: the context is the box made in `ReplyHandle::of`, which the handle that asks owns.
    let reply = unsafe { &*context.cast::<R>() };
    match catch_unwind(AssertUnwindSafe(|| reply.call())) {
        Ok(call) => CallHandle::of(call),
        Err(_) => {
            R::on_panic();
            CallHandle::of(Arc::new(NoCall))
        }
    }
}

/// A call that nobody follows: it is not cancelled, and what is told of it before the answer is heard by nobody.
pub struct NoCall;

impl CallSide for NoCall {
    fn is_cancelled(&self) -> bool {
        false
    }

    fn when_cancelled(&self, _job: OwnedJob) {}

    fn progress(&self, _value: &str) -> Result<(), String> {
        Ok(())
    }

    fn send_value(&self, _value: &str) -> Result<(), String> {
        Ok(())
    }

    fn send_bytes(&self, _bytes: &[u8]) -> Result<(), String> {
        Ok(())
    }

    fn bytes(&self, _index: u32) -> Option<&[u8]> {
        None
    }

    fn on_panic() {}
}

extern "C" fn is_cancelled<C: CallSide>(context: *mut c_void) -> bool {
    let mut answer = false;
    guarded(C::on_panic, || {
        // SAFETY: the handle that asks owns a count.
        answer = unsafe { shared::<C>(&context) }.is_cancelled();
    });
    answer
}

extern "C" fn when_cancelled<C: CallSide>(context: *mut c_void, job: &Job) {
    guarded(C::on_panic, || {
        let job = OwnedJob(Some(job.moved()));
        // SAFETY: the handle that asks owns a count.
        unsafe { shared::<C>(&context) }.when_cancelled(job);
    });
}

extern "C" fn progress<C: CallSide>(context: *mut c_void, value: RStr<'_>, refusal: ByteSink) -> bool {
    // SAFETY: the handle that asks owns a count.
    tell(C::on_panic, &refusal, || unsafe { shared::<C>(&context) }.progress(value.as_str()))
}

extern "C" fn send_value<C: CallSide>(context: *mut c_void, value: RStr<'_>, refusal: ByteSink) -> bool {
    // SAFETY: the handle that asks owns a count.
    tell(C::on_panic, &refusal, || unsafe { shared::<C>(&context) }.send_value(value.as_str()))
}

extern "C" fn send_bytes<C: CallSide>(
    context: *mut c_void,
    bytes: RSlice<'_, u8>,
    refusal: ByteSink,
) -> bool {
    // SAFETY: the handle that asks owns a count.
    tell(C::on_panic, &refusal, || unsafe { shared::<C>(&context) }.send_bytes(bytes.as_slice()))
}

extern "C" fn bytes<C: CallSide>(context: *mut c_void, index: u32, sink: ByteSink) -> bool {
    let mut there = false;
    guarded(C::on_panic, || {
        // SAFETY: the handle that asks owns a count.
        if let Some(bytes) = unsafe { shared::<C>(&context) }.bytes(index) {
            sink.append(bytes);
            there = true;
        }
    });
    there
}

extern "C" fn release<C: CallSide>(context: *mut c_void) {
    guarded(C::on_panic, || {
        // SAFETY: as in `retain`; the handle that asks ends, and its count with it.
        unsafe { Arc::decrement_strong_count(context.cast::<C>().cast_const()) };
    });
}

extern "C" fn send<R: ReplySide>(context: *mut c_void, status: Status, bytes: RSlice<'_, u8>) {
    guarded(R::on_panic, || {
        // SAFETY: the context is the box made in `ReplyHandle::of`; a handle ends with this call, so it is taken once.
        let reply = unsafe { Box::from_raw(context.cast::<R>()) };
        reply.send(status, bytes.as_slice());
    });
}

extern "C" fn dropped<R: ReplySide>(context: *mut c_void) {
    guarded(R::on_panic, || {
        // SAFETY: as in `send`; a handle is either sent or dropped.
        drop(unsafe { Box::from_raw(context.cast::<R>()) });
    });
}
