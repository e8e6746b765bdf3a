//! `export_plugin!`: from a list of commands, or an enum of them, to what a library exports. Syntax only; what it names is in
//! [`export`](crate::export).

/// Makes this library a plugin. Used once, at the root of a crate whose `crate-type` is `cdylib`.
///
/// Name, version and description of the plugin are those of the crate; `name:` in the first place gives it another name, for a crate
/// that cannot be called so, as there is a crate of that name:
///
/// ```
/// # use plugin_api::{command, export_plugin};
/// # use serde_json::json;
/// /// Answers.
/// #[command]
/// fn ping() -> &'static str {
///     "pong"
/// }
///
/// export_plugin! { name: "http", commands: [ping] }
///
/// # fn main() {
/// let host = plugin_api::test_host!().unwrap();
/// assert_eq!(host.call(&json!({ "cmd": "http/ping" })), Ok(json!("pong")));
/// # }
/// ```
///
/// # As functions
///
/// ```
/// # use plugin_api::{command, export_plugin, Context, Result, State};
/// # use std::sync::atomic::{AtomicU64, Ordering};
/// struct Counter(AtomicU64);
///
/// impl Counter {
///     fn open(_context: &Context) -> Result<Self> {
///         Ok(Counter(AtomicU64::new(0)))
///     }
/// }
///
/// /// Counts up.
/// #[command]
/// fn count(counter: State<'_, Counter>, by: u64) -> u64 {
///     counter.0.fetch_add(by, Ordering::Relaxed) + by
/// }
///
/// export_plugin! {
///     commands: [count],
///     state: Counter::open,       // optional: `fn(&Context) -> plugin_api::Result<T>`
///     stop: |_counter| {},        // optional: hears that no further call comes
/// }
/// ```
///
/// # The Tauri 0.x way
///
/// ```
/// # use plugin_api::{execute_promise, export_plugin};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// #[serde(tag = "cmd", rename_all = "camelCase")]
/// enum Cmd {
///     Add { left: u32, right: u32, callback: String, error: String },
/// }
///
/// export_plugin! {
///     commands: Cmd,
///     dangerous: [],              // optional: those that a page may call only where they are listed by name, as "add"
///     internal: [],               // optional, after these: those that no page may call
///     invoke_handler: |webview, arg| {
///         match serde_json::from_str(arg).map_err(|error| error.to_string())? {
///             Cmd::Add { left, right, callback, error } => {
///                 execute_promise(webview, move || Ok(left + right), callback, error)
///             }
///         }
///         Ok(())
///     },
/// }
/// ```
#[macro_export]
macro_rules! export_plugin {
    ($(name: $name:literal,)? commands: [$($commands:tt)*] $(, state: $state:expr)? $(, stop: $stop:expr)? $(,)?) => {
        $crate::__functions! { [$($commands)*] [$($commands)*] $crate::__name!($($name)?), $crate::__start!($($state)?), [$($stop)?] }
    };
    ($(name: $name:literal,)? commands: $commands:ty, $(dangerous: [$($dangerous:literal),* $(,)?],)? $(internal: [$($internal:literal),* $(,)?],)? invoke_handler: $handler:expr $(,)?) => {
        $crate::__export! {
            $crate::__name!($($name)?),
            $crate::__private::Handler::new::<$commands>($handler)$(.dangerous(&[$($dangerous),*]))?$(.internal(&[$($internal),*]))?,
            ::core::option::Option::None
        }
    };
    (invoke_handler: $($rest:tt)*) => {
        ::core::compile_error!("say first which enum has the commands: `export_plugin! { commands: Cmd, invoke_handler: |webview, arg| … }`");
    };
    ($($other:tt)*) => {
        ::core::compile_error!("write `export_plugin! { name: \"other\", commands: [one, two], state: |context| Ok(State), stop: |state| {} }`, where `name`, `state` and `stop` may be left out, or `export_plugin! { commands: Cmd, invoke_handler: |webview, arg| … }`");
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __name {
    () => {
        env!("CARGO_PKG_NAME")
    };
    ($name:literal) => {
        {
            // What has the name is a constant, so this is asked by the compiler.
            ::core::assert!(
                $crate::__private::is_name($name),
                "a plugin's name is of small letters, digits, `-` and `_`, at most 64 of them, and none of `host`, `app`, `window` and `cli`"
            );
            $name
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __start {
    () => {
        |_: &$crate::Context| $crate::Result::Ok(())
    };
    ($state:expr) => {
        $state
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __functions {
    ([$($command:path),* $(,)?] $list:tt $name:expr, $start:expr, [$($stop:expr)?]) => {
        $crate::__export! {
            $name,
            // In brackets, what is no type is not taken for a constant, which would be an error more.
            $crate::__private::Functions::new($start)$(.command::<($command)>())*$(.stop($stop))?,
            {
                $crate::__check! { $list $list }
                ::core::option::Option::Some(&[$(&<$command as $crate::__private::Described>::INFO),*])
            }
        }
    };
}

// `#[command]` makes a type of the function's name. Where there is none, the compiler's words are about types; this adds ours.
// It makes no code. The list comes twice: as identifiers, because only plain paths can be taken apart, and as the author's own
// tokens, which alone carry the place where they stand.
#[doc(hidden)]
#[macro_export]
macro_rules! __check {
    ([$($($checked:ident)::+),* $(,)?] [$($($segment:tt)::+),* $(,)?]) => {
        $($crate::__check! { @split [] $($segment)::+ })*
    };
    ([$($any:tt)*] $list:tt) => {};
    (@split [] $name:tt) => {
        $crate::__check! { @function [self] $name }
    };
    (@split [$($module:tt)+] $name:tt) => {
        $crate::__check! { @function [$($module)+] $name }
    };
    (@split [] $next:tt :: $($rest:tt)+) => {
        $crate::__check! { @split [$next] $($rest)+ }
    };
    (@split [$($module:tt)+] $next:tt :: $($rest:tt)+) => {
        $crate::__check! { @split [$($module)+ :: $next] $($rest)+ }
    };
    (@function [self $($module:tt)*] $name:tt) => {
        $crate::__check! { @within [self $($module)*] $name }
    };
    (@function [super $($module:tt)*] $name:tt) => {
        $crate::__check! { @within [super $($module)*] $name }
    };
    (@function [crate $($module:tt)*] $name:tt) => {
        $crate::__check! { @within [crate $($module)*] $name }
    };
    // A module may have the name of the function in it, and below, the function's name means something else.
    (@function [$($module:tt)+] $name:tt) => {
        const _: () = {
            use $($module)+ as __module;
            $crate::__check! { @within [__module] $name }
        };
    };
    (@within [$($module:tt)+] $name:tt) => {
        const _: () = {
            #[allow(
                dead_code,
                unused_imports,
                non_camel_case_types,
                non_upper_case_globals,
                reason = "it is there for the compiler's words, and all in it has the function's name"
            )]
            // The compiler calls a type parameter by its name alone.
            fn __check<$name>() {
                let __name = ::core::marker::PhantomData::<$name>;
                {
                    // For what the module does not have: no type, or neither type nor function, as of those within a function.
                    type $name = ();
                    const $name: ::core::marker::PhantomData<()> = ::core::marker::PhantomData;
                    {
                        use $($module)+::*;
                        $crate::__private::Functions::check(__name, $name, ::core::marker::PhantomData::<$name>);
                    }
                }
            }
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($name:expr, $definition:expr, $commands:expr) => {
        /// For the host of this plugin's unit tests.
        #[doc(hidden)]
        pub struct __PluginHostExported {}

        const _: () = {
            use __PluginHostExported as Exported;

            const SOURCE: $crate::__private::Source = $crate::__private::Source {
                name: $name,
                version: env!("CARGO_PKG_VERSION"),
                description: env!("CARGO_PKG_DESCRIPTION"),
                commands: $commands,
            };

            // Exported, so that no linker takes it for unused. The sections' names stand in `plugin_api::manifest`.
            #[unsafe(no_mangle)]
            #[cfg_attr(not(any(windows, target_vendor = "apple")), unsafe(link_section = ".plugin_host"))]
            #[cfg_attr(windows, unsafe(link_section = ".plghost"))]
            #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__plugin_host"))]
            #[allow(
                long_running_const_eval,
                reason = "a plugin with very many commands takes the compiler a moment"
            )]
            pub static PLUGIN_HOST_MANIFEST: [u8; SOURCE.bytes()] = SOURCE.write();

            impl $crate::__private::Plugin for Exported {
                const SOURCE: $crate::__private::Source = SOURCE;

                fn define() -> Box<dyn $crate::__private::Definition> {
                    Box::new($definition)
                }
            }

            // The name that abi_stable gives the header of a library; a test holds it to that.
            #[unsafe(no_mangle)]
            #[allow(non_upper_case_globals, reason = "the name is abi_stable's")]
            pub static _1as_0lib_1header_0root_bmodule_bloader: $crate::__private::LibHeader =
                $crate::__private::header::<Exported>();
        };
    };
}
