//! Every sentence the host says, in one place. What concerns plugins and messages is said by the runtime.

pub mod check;
pub mod signing;

use std::path::Path;
use std::time::Duration;

use plugin_host_runtime::{Health, Sandboxed};

pub fn stranger_posted() -> String {
    "something other than the page posted to the host, perhaps a frame in it; it was not heard".to_owned()
}

pub fn stranger_asked(method: &str) -> String {
    let method = short(method);
    format!(
        "something other than the page's script asked the host for a reply or sent a call ({method}); it was refused"
    )
}

pub fn foreign_file(who: &str) -> String {
    format!("a file of the frontend folder was asked for {who}; it was refused")
}

pub fn no_way_there(address: &str) -> String {
    format!(
        "the page or a frame in it wanted to go to {}; it stays. Where it may go is listed as `origins`, `frames` or `browser` under [host.page] in the configuration",
        short(address)
    )
}

pub fn no_window_for(address: &str) -> String {
    format!(
        "the page wanted a window for {}; there is none. Which links are opened in the browser is listed as `browser` under [host.page] in the configuration",
        short(address)
    )
}

pub fn no_download(address: &str) -> String {
    format!(
        "the page or a frame in it wanted to put {} into the folder of downloads; downloads = true under [host.page] in the configuration lets them",
        short(address)
    )
}

// Many attempts of a kind, to follow their number.
pub const POSTS: &str = "messages of something other than the page";
pub const REQUESTS: &str = "requests of something other than the page's script";
pub const FOREIGN_FILES: &str = "requests for files by others than the page";
pub const BAD_PATHS: &str = "requests for paths that lead out of the frontend folder, or are none";
pub const NAVIGATIONS: &str = "ways to where the window does not go";
pub const NEW_WINDOWS: &str = "windows that there are not";
pub const DOWNLOADS: &str = "downloads";

/// How often something was attempted, at the end.
pub fn refused_in_all(count: u64, what: &str) -> String {
    format!("refused in all: {count} {what}")
}

fn short(text: &str) -> String {
    const LONGEST: usize = 500;
    text.chars().take(LONGEST).flat_map(char::escape_debug).collect()
}

pub fn bad_path(path: &str, why: &str) -> String {
    format!("the page asked for {}, which is not served: {why}", short(path))
}

pub fn path_too_long() -> &'static str {
    "it is too long"
}

pub fn path_no_text() -> &'static str {
    "it is no text"
}

pub fn path_with_nul() -> &'static str {
    "there is a NUL in it"
}

pub fn path_of_another_system() -> &'static str {
    "there is a character in it that means another thing on Windows"
}

pub fn path_of_a_device() -> &'static str {
    "a device has that name on Windows"
}

pub fn path_leads_out() -> &'static str {
    "it leads out of the folder"
}

pub fn link_leads_out() -> &'static str {
    "a link in it leads out of the folder"
}

/// Where a file was asked for that is no place of the page's, to follow "was asked for".
pub fn at_another_host(host: &str) -> String {
    format!("at {}", short(host))
}

/// Who asked for a file, to follow "was asked for".
pub fn by_another_origin(origin: &str) -> String {
    format!("by a page or frame of the origin {}", short(origin))
}

pub fn no_random_bytes(detail: &str) -> String {
    format!("the system gives no random bytes: {detail}")
}

pub fn no_place_for_a_webview() -> &'static str {
    "the window has no place for a webview"
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
pub fn no_webview() -> &'static str {
    "the webview cannot be made"
}

pub fn bad_content_policy() -> &'static str {
    "content-security-policy under [host.page] is no text that a browser could be given; the strict one counts instead"
}

pub fn file_too_large(path: &str, bytes: u64) -> String {
    format!("the page asked for {}, which has {bytes} bytes; that many are served in parts only", short(path))
}

pub fn browser_does_not_open(address: &str, detail: &str) -> String {
    format!("the system's browser does not open {}: {detail}", short(address))
}

pub fn no_thread(detail: &str) -> String {
    format!("the system gives no thread: {detail}")
}

pub fn ordinary_page(reason: &str) -> String {
    format!("the page's settings count as if nothing was said: {reason}")
}

pub fn garbled_line() -> String {
    "the page posted a line that is no call; it was dropped".to_owned()
}

pub fn page_mistake(text: &str) -> String {
    format!("the page: {}", short(text))
}

pub fn bad_log_filter(value: &str, detail: &str) -> String {
    format!("PLUGIN_HOST_LOG={value} is not understood: {detail}; warn, info, debug and trace are")
}

pub fn no_server(address: &str, detail: &str) -> String {
    format!("nothing answers at {address}: {detail}; start the development server first")
}

pub fn bad_address(address: &str) -> String {
    format!("{address} is no address of a page; it is like http://localhost:8080/")
}

pub fn not_a_folder(path: &Path) -> String {
    format!("{} is a file; --plugins takes the folder it lies in", path.display())
}

pub fn no_plugins(folders: &[std::path::PathBuf]) -> String {
    if folders.is_empty() {
        return "no plugins, and no plugin folder; name one with --plugins".to_owned();
    }
    let names: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    format!("no plugins in {}", names.join(", "))
}

pub fn invoke_failed(text: &str) -> String {
    format!("invoke: {text}")
}

pub fn too_many_replies(limit: usize) -> String {
    format!(
        "the reply does not fit: replies that wait for the page hold {limit} bytes already; fetch less at a time"
    )
}

pub fn event_dropped() -> String {
    "an event did not reach the page: too many replies wait for it already".to_owned()
}

pub fn no_frontend(path: &Path) -> String {
    format!(
        "the frontend {} is no folder and no http address; name the folder that holds index.html",
        path.display()
    )
}

pub fn no_index(path: &Path) -> String {
    format!("the frontend folder {} has no index.html", path.display())
}

pub fn no_plugin_folder(path: &Path) -> String {
    format!("the plugin folder {} does not exist; create it, or name another with --plugins", path.display())
}

pub fn no_configuration(path: &Path) -> String {
    format!("the configuration file {} does not exist; create it, or leave out --config", path.display())
}

pub fn not_found(path: &str) -> String {
    let path = short(path);
    format!("the page asked for {path}, which the frontend folder does not have")
}

pub fn no_window(detail: &str) -> String {
    format!("the window cannot be opened: {detail}; is there a display?")
}

pub fn still_running() -> String {
    "a plugin did not stop in time; leaving without it".to_owned()
}

pub fn report_line(line: &str) -> String {
    format!("report: {line}")
}

pub fn bad_report(detail: &str) -> String {
    format!("a report is {{ ok: true or false, lines: [text, …] }}: {detail}")
}

pub fn no_data_folder() -> String {
    "the system names no folder for application data; name one with --data".to_owned()
}

pub fn no_executable() -> String {
    "the system does not tell where this program is".to_owned()
}

pub fn is_there_already(folder: &Path) -> String {
    format!("{} is there already; choose another name, or remove it", folder.display())
}

pub fn unwritable(file: &Path) -> String {
    format!("{} cannot be written", file.display())
}

pub fn bad_new_name(name: &str) -> String {
    format!(
        "`{}` is no name for a new plugin: begin with a small letter, go on with small letters, digits, `-` or `_`, 64 at most, and no word of the language",
        plugin_host_runtime::on_a_line(name)
    )
}

pub fn no_plugin_api(folder: &Path) -> String {
    format!("{} has no plugin-api: there is no Cargo.toml in it", folder.display())
}

pub fn made(folder: &Path) -> String {
    format!(
        "made {0}; now:\n    cd {0}\n    cargo test\n    cargo build --release\n    plugin-host run --plugins target/release --frontend page --allow-all",
        folder.display()
    )
}

pub fn no_crate(root: &Path) -> String {
    format!("{} has no Cargo.toml; name the folder of a plugin's sources", root.display())
}

pub fn no_cargo() -> String {
    "cargo does not start; it comes with Rust, from https://rustup.rs".to_owned()
}

pub fn no_cdylib(manifest: &Path) -> String {
    format!("{} builds no library to load; write crate-type = [\"cdylib\"] under [lib]", manifest.display())
}

pub fn built(library: &Path, time: Duration) -> String {
    let name = library.file_name().unwrap_or_default().to_string_lossy();
    format!("built {name} in {:.1} seconds", time.as_secs_f64())
}

pub fn does_not_build(serves: bool) -> String {
    let rest = if serves { "the last one that did goes on serving" } else { "nothing serves before it does" };
    format!("the plugin does not build; {rest}")
}

pub fn still_refused(file: &Path, reason: &str) -> String {
    format!("refused: {} {reason}", file.display())
}

pub fn taken_now(file: &Path) -> String {
    format!("ok: {}", file.display())
}

pub fn nothing_to_retry() -> String {
    "nothing of that name is refused; `plugin-host list` tells what is".to_owned()
}

/// How far the sandbox of a plugin goes, to follow its process.
pub fn sandboxed(degree: Sandboxed) -> &'static str {
    match degree {
        Sandboxed::Fully => ", sandboxed",
        Sandboxed::Partly => ", sandboxed in part",
        Sandboxed::NotAvailable => ", without the sandbox that this system does not have",
    }
}

/// How the process of an isolated plugin is.
pub fn health(health: Health) -> &'static str {
    match health {
        Health::Starting => "it is being started",
        Health::Serving => "it serves",
        Health::Stuck => "it is stuck, and about to be replaced",
        Health::GivenUp => "it is given up",
        Health::Stopped => "it has ended",
    }
}

pub fn switched(name: &str, disabled: bool, changed: bool) -> String {
    match (disabled, changed) {
        (true, true) => format!("{name} is switched off; `plugin-host enable {name}` switches it on again"),
        (true, false) => format!("{name} was switched off already"),
        (false, true) => format!("{name} is switched on again"),
        (false, false) => format!("{name} was not switched off"),
    }
}

pub fn nobody_called(name: &str) -> String {
    format!(
        "no file in the plugin folders has a plugin {name} at present; `plugin-host list` tells which there are"
    )
}

pub fn cannot_write(file: &Path) -> String {
    format!("cannot write {}", file.display())
}

pub fn dangerous() -> &'static str {
    "Dangerous: a page may call it where the configuration lists it by name."
}

pub fn internal() -> &'static str {
    "Internal: for other plugins and for who owns the host; no page may call it."
}

pub fn unexpected_bytes() -> String {
    "the host answered with bytes where it should not".to_owned()
}
