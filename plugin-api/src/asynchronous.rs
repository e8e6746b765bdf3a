//! Drives async commands, each on the worker that runs it.

use std::future::Future;

use crate::Context;

/// Runs a future to its end on this thread. With the feature `tokio` it runs inside of the plugin's own tokio runtime, whose
/// reactor and timers it may use.
pub fn drive<F: Future>(context: &Context, future: F) -> F::Output {
    #[cfg(feature = "tokio")]
    {
        context.runtime().block_on(future)
    }
    #[cfg(not(feature = "tokio"))]
    {
        let _ = context;
        pollster::block_on(future)
    }
}

/// The tokio runtime of one plugin, made when the first async command runs. It ends with the plugin, and its tasks with it.
#[cfg(feature = "tokio")]
#[derive(Clone, Default)]
pub struct PluginRuntime(std::sync::Arc<std::sync::OnceLock<tokio::runtime::Runtime>>);

#[cfg(feature = "tokio")]
impl PluginRuntime {
    /// Threads besides the host's workers, for what is spawned.
    const THREADS: usize = 2;

    /// The runtime.
    ///
    /// # Panics
    /// When the system gives no thread.
    pub fn get(&self) -> &tokio::runtime::Runtime {
        self.0.get_or_init(|| {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            builder.worker_threads(Self::THREADS).thread_name(env!("CARGO_CRATE_NAME")).enable_all();
            builder.build().expect("the system gives no thread for the plugin's tokio runtime")
        })
    }
}
