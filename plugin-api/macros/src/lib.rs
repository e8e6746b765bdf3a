//! The `#[command]` attribute: makes a plain function an entry of a plugin's command table.
//!
//! Only syntax is read here; what the code means is checked by the types in `plugin-api`.

mod command;

use proc_macro::TokenStream;

/// Makes a function a command of a plugin, to be listed in `export_plugin!`.
///
/// The `cmd` is the function's name in camelCase. Its arguments are read from the message by the name of the
/// parameter, as written; an `Option` may be left out. A parameter `&Context` is the plugin's view of its host, one of
/// type `State<'_, T>` the plugin's own state. The return value is any `Serialize`, or a `Result` of one whose error
/// can be displayed.
///
/// - `#[command(main_thread)]` runs it on the main thread, where the window waits for it;
/// - `#[command(rename = "other")]` gives it another `cmd`;
/// - `#[command(deadline = "5s")]` and `#[command(concurrency = 1)]` bound how long it takes and how many calls of it run at a time;
/// - `#[command(dangerous)]` says that it can do harm: a page may call it only where the host's configuration lists it by its name;
/// - `#[command(internal)]` says that it is for other plugins and for who owns the host: no page may call it, whatever is listed.
#[proc_macro_attribute]
pub fn command(attribute: TokenStream, item: TokenStream) -> TokenStream {
    command::expand(attribute.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
