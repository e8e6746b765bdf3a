//! What a command takes as `cancellation: Cancellation`: whether anybody still waits for its answer.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::task::{Context as TaskContext, Poll, Waker};

use crate::abi::{CallHandle, ReplyHandle};
use crate::{Result, bail};

/// Tells a command that nobody waits for its answer any more: the page has cancelled the call or was left, its time is over, or
/// the host closes. The promise is settled by then and what the command returns is thrown away; but where the host closes, an answer
/// that comes in time is still welcome.
///
/// A command that asks ends early and leaves its worker to others. May be cloned, kept and used from any thread. With an older
/// host, nothing is ever cancelled.
///
/// ```
/// # use plugin_api::{Cancellation, Result, command};
/// /// Adds up to a large number, and stops when nobody wants to know any more.
/// #[command]
/// fn sum_up_to(cancellation: Cancellation, largest: u64) -> Result<u64> {
///     let mut sum = 0_u64;
///     for number in 0..=largest {
///         if number % 100_000 == 0 {
///             cancellation.check()?;
///         }
///         sum = sum.wrapping_add(number);
///     }
///     Ok(sum)
/// }
/// ```
#[derive(Clone)]
pub struct Cancellation(Arc<Shared>);

struct Shared {
    call: Option<CallHandle>,
    /// Before a task waits, the host is not asked to tell.
    asked: Once,
    waiting: Arc<Mutex<Waiting>>,
}

/// The tasks that wait, by the number of their future.
#[derive(Default)]
struct Waiting {
    last: u64,
    wakers: HashMap<u64, Waker>,
}

impl Cancellation {
    #[doc(hidden)]
    pub fn of(reply: &ReplyHandle) -> Self {
        Self(Arc::new(Shared { call: reply.call(), asked: Once::new(), waiting: Arc::default() }))
    }

    /// Whether nobody waits for the answer any more.
    pub fn is_cancelled(&self) -> bool {
        self.0.call.as_ref().is_some_and(CallHandle::is_cancelled)
    }

    /// Goes on, unless the call is cancelled.
    ///
    /// # Errors
    /// When it is; for `?` in a command.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() {
            bail!("cancelled");
        }
        Ok(())
    }

    /// Runs `work` once the call is cancelled, on a thread that the host keeps for that: one after another of this plugin's, even if
    /// all of its workers wait. Here and now where the call is cancelled already. A call that ends without drops `work`. A panic in it is contained.
    ///
    /// ```
    /// # use plugin_api::{Cancellation, Result, command};
    /// # use std::net::{Shutdown, TcpStream};
    /// # use std::io::Read;
    /// /// Reads what comes from an address, until it ends or nobody waits any more.
    /// #[command]
    /// fn read_from(cancellation: Cancellation, address: String) -> Result<String> {
    ///     let mut stream = TcpStream::connect(address)?;
    ///     let other = stream.try_clone()?;
    ///     cancellation.when_cancelled(move || drop(other.shutdown(Shutdown::Both)));
    ///     let mut text = String::new();
    ///     stream.read_to_string(&mut text)?;
    ///     Ok(text)
    /// }
    /// ```
    pub fn when_cancelled(&self, work: impl FnOnce() + Send + 'static) {
        if let Some(call) = &self.0.call {
            call.when_cancelled(work);
        }
    }

    /// Waits until the call is cancelled; for `select` beside the work of an async command. Where nothing is ever cancelled, it
    /// waits for ever.
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send + 'static {
        Cancelled { cancellation: self.clone(), number: None }
    }
}

struct Cancelled {
    cancellation: Cancellation,
    /// Given when it waits for the first time.
    number: Option<u64>,
}

impl Cancelled {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.cancellation.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Future for Cancelled {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<()> {
        let number = {
            let mut waiting = self.waiting();
            let number = self.number.unwrap_or_else(|| {
                waiting.last += 1;
                waiting.last
            });
            waiting.wakers.insert(number, context.waker().clone());
            number
        };
        self.number = Some(number);
        let Shared { asked, waiting, .. } = &*self.cancellation.0;
        asked.call_once(|| {
            let waiting = Arc::clone(waiting);
            self.cancellation.when_cancelled(move || {
                let wakers =
                    std::mem::take(&mut waiting.lock().unwrap_or_else(PoisonError::into_inner).wakers);
                wakers.into_values().for_each(Waker::wake);
            });
        });
        // Looked at last: who is cancelled in between has been woken, or is seen here.
        if self.cancellation.is_cancelled() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Cancelled {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            let waker = self.waiting().wakers.remove(&number);
            // Without the lock: a waker's drop may be anybody's.
            drop(waker);
        }
    }
}
