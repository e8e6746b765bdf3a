//! Opens a library file and finds the plugin's root module in it.
//!
//! The library is opened here rather than by abi_stable, which keeps one library for each type of root module, and
//! closes a library it dislikes under the threads it may have started. Once opened, a library is never closed.

use std::fmt::Display;
use std::path::Path;

use abi_stable::StableAbi;
use abi_stable::abi_stability::abi_checking::check_layout_compatibility;
use abi_stable::library::{AbiHeaderRef, LibraryError, ROOT_MODULE_LOADER_NAME};
use abi_stable::type_layout::TypeLayout;
use libloading::Library;
use plugin_api::abi::{ABI_NUMBER, PluginModuleRef};

use super::discovery;
use super::gate::{self, Found};
use super::module::Module;
use crate::words;

/// A plugin's library, opened.
pub struct Opened {
    /// The plugin in it.
    pub module: Module,
    /// Where it lies in memory: the same for the same image, and for no other.
    pub image: usize,
}

/// Whether a sentence of [`open`] says something of this system at this moment, and nothing of the library.
pub fn may_change(reason: &str) -> bool {
    reason == words::no_programs_there() || reason.starts_with(&words::needs_library(""))
}

/// Opens `copy` and finds the plugin's module.
///
/// # Errors
/// A sentence about the file, to follow its name.
pub fn open(copy: &Path) -> Result<Opened, String> {
    let library = load(copy).map_err(|error| match detail(&error, copy) {
        // What Linux says of a library on a disk without programs; the file itself has passed the gate.
        detail if detail.contains("failed to map segment") => words::no_programs_there(),
        detail if detail.contains("cannot open shared object file") => words::needs_library(&detail),
        detail => words::not_loadable(&detail),
    })?;
    // Never closed, even when it is refused below: its constructors have run and may have left threads.
    let library: &'static Library = Box::leak(Box::new(library));
    // SAFETY: the symbol is abi_stable's; a library that exports something else under this name is not one we can tell
    // apart, and the magic in the header is checked by `upgrade`.
    let header = unsafe { library.get::<AbiHeaderRef>(ROOT_MODULE_LOADER_NAME) };
    let symbol = header.map_err(|_| words::not_a_plugin())?;
    let header = *symbol;
    // SAFETY: only the address is used, and the library is never closed.
    let image = unsafe { symbol.try_as_raw_ptr() }.map_or(0, |pointer| pointer.addr());
    let header = header.upgrade().map_err(|error| differs(copy, &error))?;
    fits(header.layout()).map_err(|error| differs(copy, &error))?;
    // SAFETY: its layout has just been found to fit.
    let root = unsafe { header.init_root_module_with_unchecked_layout::<PluginModuleRef>() };
    let root = root.map_err(|error| match error {
        LibraryError::RootModule { .. } => words::bad_description(&error.to_string()),
        error => differs(copy, &error),
    })?;
    let theirs = root.abi_number();
    if theirs != ABI_NUMBER {
        return Err(words::other_abi(theirs, &built_with(copy)));
    }
    Ok(Opened { module: Module::new(root), image })
}

/// Whether the boundary that a library was built with is this host's, but for what one of the two has in addition at the ends of
/// the tables.
fn fits(theirs: Option<&'static TypeLayout>) -> Result<(), String> {
    let ours = <PluginModuleRef as StableAbi>::LAYOUT;
    let Some(theirs) = theirs else { return Err("it does not tell its layout".to_owned()) };
    // abi_stable lets only the library have more, and knows no table of the host's that the library is given. Either may be
    // the older one here, and each looks before it uses what the other may not have.
    check_layout_compatibility(ours, theirs)
        .or_else(|error| check_layout_compatibility(theirs, ours).map_err(|_| error.to_string()))
}

/// Two hundred lines for the log, and a sentence for people.
fn differs(copy: &Path, detail: &dyn Display) -> String {
    tracing::debug!("the boundary of {} differs: {detail}", copy.display());
    words::other_layout(&built_with(copy))
}

/// The version of the plugin-api that a library was built with. Its file tells that, and has passed the gate before.
fn built_with(copy: &Path) -> String {
    let examined = discovery::open(copy).map(|(file, length)| gate::examine(&file, length));
    match examined {
        Ok(Ok(Found::Plugin(manifest))) => manifest.api_version,
        _ => "of an unknown version".to_owned(),
    }
}

#[cfg(unix)]
fn load(copy: &Path) -> Result<Library, libloading::Error> {
    use libloading::os::unix::{Library as UnixLibrary, RTLD_LOCAL, RTLD_NOW};
    // Not in libloading. It keeps the library even if a destructor of a thread runs late.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const RTLD_NODELETE: i32 = 0x1000;
    #[cfg(target_os = "macos")]
    const RTLD_NODELETE: i32 = 0x80;
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
    const RTLD_NODELETE: i32 = 0;
    // RTLD_NOW: a missing symbol is an error here, and not the end of the process at the first call.
    // SAFETY: this runs the library's constructors. That is what loading a plugin means; the file stands before the
    // gate of `library.rs`.
    let library = unsafe { UnixLibrary::open(Some(copy), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) };
    library.map(Into::into)
}

#[cfg(not(unix))]
fn load(copy: &Path) -> Result<Library, libloading::Error> {
    // SAFETY: as on Unix.
    unsafe { Library::new(copy) }
}

/// What the system said, without the name of the copy, which means nothing to people.
fn detail(error: &libloading::Error, copy: &Path) -> String {
    let mut text = error.to_string();
    if let Some(source) = std::error::Error::source(error) {
        text = source.to_string();
    }
    text.replace(&format!("{}: ", copy.display()), "").replace(&copy.display().to_string(), "it")
}
