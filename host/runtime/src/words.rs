//! Every sentence the runtime says, in one place: replies, refusals, log lines.
//!
//! They are lowercase and without a full stop, so that they fit behind a colon; they say what is wrong, whose it
//! is, and what to do.

use std::path::Path;

/// Names come from pages and files: as long as a line, and no longer.
pub fn short(name: &str) -> String {
    const LONGEST: usize = 80;
    let mut short: String = name.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if name.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

pub fn not_json(detail: &str) -> String {
    format!("the message is not JSON: {detail}")
}

pub fn not_an_object() -> String {
    "the message is not an object; send { cmd: \"name\", … }".to_owned()
}

pub fn no_cmd() -> String {
    "the message has no `cmd`; send { cmd: \"name\", … }".to_owned()
}

pub fn cmd_twice() -> String {
    "the message has two `cmd` keys; it is not clear which one is meant".to_owned()
}

pub fn cmd_not_text() -> String {
    "the message's `cmd` is not a string".to_owned()
}

pub fn message_too_long(bytes: usize, most: usize) -> String {
    format!(
        "the message is too long: {bytes} bytes, and {most} are allowed; pass large data in parts or by file"
    )
}

pub fn unknown_command(cmd: &str, nearest: &[&str], any: bool) -> String {
    let cmd = short(cmd);
    match nearest {
        [] if !any => {
            format!("unknown command `{cmd}`: no plugin is loaded; drop one into the plugin folder")
        }
        [] => format!("unknown command `{cmd}`"),
        names => {
            let names: Vec<String> = names.iter().map(|name| format!("`{}`", short(name))).collect();
            format!("unknown command `{cmd}`; did you mean {}?", names.join(" or "))
        }
    }
}

pub fn reply_dropped(plugin: &str, cmd: &str) -> String {
    format!("plugin `{plugin}` gave no answer to `{}`", short(cmd))
}

pub fn call_dropped(cmd: &str) -> String {
    format!("`{}` was dropped before it ran", short(cmd))
}

pub fn panicked(plugin: &str, cmd: &str, what: &str) -> String {
    format!("plugin `{plugin}` panicked in `{}`: {what}", short(cmd))
}

pub fn reply_not_json(plugin: &str, cmd: &str, detail: &str) -> String {
    format!("plugin `{plugin}` answered `{}` with something that is not JSON: {detail}", short(cmd))
}

pub fn busy(plugin: &str, waiting: usize) -> String {
    format!("plugin `{plugin}` is busy: {waiting} calls are waiting already; try again later")
}

pub fn loading_busy() -> String {
    "the plugins are still being loaded and too many calls are waiting already; try again later".to_owned()
}

pub fn main_thread_busy(waiting: usize) -> String {
    format!("the main thread is busy: {waiting} calls are waiting for it already; try again later")
}

pub fn no_threads(plugin: &str, detail: &str) -> String {
    format!("plugin `{plugin}` has no thread to run on: {detail}")
}

pub fn stopping() -> String {
    "the host is closing".to_owned()
}

pub fn folder_unreadable(folder: &Path, detail: &str) -> String {
    format!(
        "the plugin folder {} cannot be read: {detail}; create it, or name another with --plugins",
        folder.display()
    )
}

pub fn not_a_regular_file() -> String {
    "is not a regular file; only library files are loaded".to_owned()
}

pub fn same_file(other: &Path) -> String {
    format!("is the same file as {}, under another name; remove one of the two", other.display())
}

pub fn unreadable(detail: &str) -> String {
    format!("cannot be read: {detail}")
}

pub fn not_loadable(detail: &str) -> String {
    format!("is not a library this system can load: {detail}; build it for this system, or remove it")
}

pub fn not_a_plugin() -> String {
    "is a library, but not a plugin: it exports no plugin table; a plugin ends with `export_plugin!`"
        .to_owned()
}

pub fn other_layout() -> String {
    "was built with a plugin-api whose boundary differs from this host's; rebuild it with this host's plugin-api"
        .to_owned()
}

pub fn other_abi(theirs: u32, ours: u32) -> String {
    format!("speaks ABI {theirs}, and this host ABI {ours}; rebuild it with this host's plugin-api")
}

pub fn does_not_unwind() -> String {
    "was built with panic = \"abort\", so its first panic would end the host; remove that from its Cargo profile"
        .to_owned()
}

pub fn bad_description(detail: &str) -> String {
    format!("does not describe itself: {}", short(detail))
}

pub fn bad_plugin_name(name: &str) -> String {
    format!(
        "calls itself `{}`; a plugin's name is 1 to 64 letters, digits, `-` or `_`, and not `host` or `app`",
        short(name)
    )
}

pub fn plugin_name_taken(name: &str, by: &Path) -> String {
    format!(
        "calls itself `{name}`, and so does {}, which was loaded before; remove one of the two",
        by.display()
    )
}

pub fn bad_command_name(cmd: &str) -> String {
    format!(
        "has a command named `{}`; a command's name is 1 to 128 characters without `/` and control characters",
        short(cmd)
    )
}

pub fn command_listed_twice(cmd: &str) -> String {
    format!("lists the command `{}` twice; rename one of the two", short(cmd))
}

pub fn too_many_commands(count: usize, most: usize) -> String {
    format!("has {count} commands, and {most} are allowed")
}

pub fn start_refused(detail: &str) -> String {
    format!("did not start: {detail}")
}

pub fn duplicate(cmd: &str, kept_by: &str, also: &str) -> String {
    format!(
        "`{cmd}` belongs to plugin `{kept_by}`; the one of plugin `{also}` is reachable as `{also}/{cmd}`"
    )
}

pub fn no_data_folder(path: &Path, error: &std::io::Error) -> String {
    format!("the data folder {} cannot be made: {error}; give another place with --data", path.display())
}
