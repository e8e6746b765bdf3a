//! The sentences about windows.

use std::path::Path;

use super::short;

pub fn no_such_window(label: &str) -> String {
    format!("there is no window called `{}`; `window/list` tells which there are", short(label))
}

pub fn too_many(most: usize) -> String {
    format!("there are {most} windows already; close one")
}

pub fn bad_label(label: &str) -> String {
    format!("a window cannot be called `{}`: letters, digits, `-` and `_`, 64 of them at most", short(label))
}

pub fn label_is_taken(label: &str) -> String {
    format!("there is a window called `{}` already; close it, or choose another label", short(label))
}

pub fn no_page_of_ours(written: &str) -> String {
    format!(
        "a window cannot show {}: write a path in the frontend, or an address of one of `origins` under [host.page] in the configuration",
        short(written)
    )
}

pub fn not_for_browser(uri: &str) -> String {
    format!(
        "{} is not opened in the browser: which links are is listed as `browser` under [host.page] in the configuration, and no more than 10 in 10 seconds",
        short(uri)
    )
}

/// For who calls where there is no event loop.
pub fn no_windows_here() -> String {
    "there are no windows here; the command is for pages in one".to_owned()
}

pub fn page_must_be_listed(label: &str, configuration: &Path) -> String {
    format!(
        "a window called `{label}` is opened with the page that the configuration lists for it alone, as [[host.permissions]] name that \
         window; to allow it, add these lines to {}: `[host.windows]`, `{label} = \"PAGE.html\"`",
        configuration.display()
    )
}

pub fn other_page(label: &str, page: &str, written: &str) -> String {
    let page = if page.is_empty() { "the first page" } else { page };
    format!(
        "the window `{label}` shows {}, and not {}; leave `url` out, or choose another label",
        short(page),
        short(written)
    )
}

pub fn ending() -> String {
    "the application is ending; nothing more is done with windows".to_owned()
}
