//! A plugin's root module and instance, with safe functions around them.

use std::sync::atomic::{AtomicBool, Ordering};

use plugin_api::abi::{ByteSink, HostHandle, Instance, PluginModuleRef, ReplyHandle};
use plugin_api::manifest::Manifest;
use plugin_api::table::Schemas;

use crate::words;

/// The plugin in an opened library, not started.
#[derive(Clone, Copy)]
pub struct Module(PluginModuleRef);

impl Module {
    /// The module behind `root`, which a library exported or this process holds itself.
    pub fn new(root: PluginModuleRef) -> Self {
        Self(root)
    }

    /// What the plugin says of itself.
    ///
    /// # Errors
    /// A sentence about the file.
    pub fn describe(self) -> Result<Manifest, String> {
        let text = ByteSink::collect(|sink| (self.0.describe())(sink));
        serde_json::from_slice(&text).map_err(|error| {
            // A plugin that cannot describe itself says why instead of JSON.
            match std::str::from_utf8(&text) {
                Ok(sentence) if !sentence.starts_with('{') && !sentence.is_empty() => {
                    words::bad_description(sentence)
                }
                _ => words::bad_description(&error.to_string()),
            }
        })
    }

    /// The schemas of its commands; none from a plugin that does not know them.
    pub fn schemas(self) -> Schemas {
        let Some(schemas) = self.0.schemas() else { return Schemas::default() };
        serde_json::from_slice(&ByteSink::collect(|sink| schemas(sink))).unwrap_or_default()
    }

    /// Starts the plugin.
    ///
    /// # Errors
    /// A sentence about the file.
    pub fn start(self, host: HostHandle) -> Result<Started, String> {
        let mut instance = Instance(std::ptr::null_mut());
        let mut started = false;
        let refusal = ByteSink::collect(|sink| started = (self.0.start())(host, &mut instance, sink));
        if started {
            Ok(Started {
                module: self,
                instance,
                stopped: AtomicBool::new(false),
                released: AtomicBool::new(false),
            })
        } else {
            Err(words::start_refused(&String::from_utf8_lossy(&refusal)))
        }
    }
}

/// A started plugin. Every call holds it, so it is released after the last one has ended.
pub struct Started {
    module: Module,
    instance: Instance,
    stopped: AtomicBool,
    released: AtomicBool,
}

impl Started {
    /// Runs a command. On a worker or the main thread, as the table says.
    pub fn call(&self, index: u32, message: &str, reply: ReplyHandle) {
        (self.module.0.call())(self.instance, index, message.into(), reply);
    }

    /// The schemas of its commands.
    pub fn schemas(&self) -> Schemas {
        self.module.schemas()
    }

    /// Tells the plugin that no further call comes, once.
    pub fn stop(&self) {
        if !self.stopped.swap(true, Ordering::AcqRel) {
            (self.module.0.stop())(self.instance);
        }
    }

    /// Frees the instance, after stopping it. No call runs, and none comes: whoever has this value otherwise only drops it.
    pub fn release(&self) {
        self.stop();
        if !self.released.swap(true, Ordering::AcqRel) {
            (self.module.0.release())(self.instance);
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.release();
    }
}
