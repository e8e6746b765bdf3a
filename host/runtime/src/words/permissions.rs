//! Sentences about who may call what.

use std::path::Path;

use super::short;
use crate::caller::{Caller, Subject};

pub fn bad_pattern(text: &str) -> String {
    format!("`{}` is no command; write plugin/command, as in \"store/get\" or \"store/*\"", short(text))
}

pub fn empty_list() -> &'static str {
    "a list has somebody in it; leave it out for the window's own page, or the whole entry for nobody"
}

pub fn everything_allowed(file: &Path) -> String {
    format!(
        "pages may call every command, the dangerous ones as well: that is for development; without --allow-all it is what {} lists under [[host.permissions]]",
        file.display()
    )
}

pub fn nothing_listed_as(reason: &str) -> String {
    format!("pages may call no plugin's commands: {reason}")
}

pub fn for_plugins_alone(subject: Subject<'_>) -> String {
    let name = short(&format!("{}/{}", subject.plugin, subject.command));
    format!("`{name}` is for other plugins and not for pages; no permission changes that")
}

/// Ends with the lines to add, each in backticks.
pub fn denied(caller: &Caller, subject: Subject<'_>, file: &Path, slip: Option<&str>) -> String {
    let Subject { plugin, command, dangerous, internal: _ } = subject;
    let name = short(&format!("{plugin}/{command}"));
    let who = match caller {
        Caller::Trusted => "the host".to_owned(),
        Caller::Page(page) if page.is_own => "this page".to_owned(),
        Caller::Page(page) => format!("a page of {}", page.origin),
        Caller::Confined(plugin) => format!("the plugin {plugin} in its sandbox"),
    };
    let for_whom = match caller {
        Caller::Page(page) if !page.is_own => format!(", `origins = [\"{}\"]`", page.origin),
        Caller::Confined(plugin) => format!(", `plugins = [\"{plugin}\"]`"),
        _ => String::new(),
    };
    let why = match (slip, dangerous) {
        (Some(slip), _) => format!(": {slip}; put that right, and add"),
        (None, true) => ": it is dangerous, and not listed by its name; add".to_owned(),
        (None, false) => "; add".to_owned(),
    };
    // As TOML has it.
    let listed = serde_json::Value::from(format!("{plugin}/{command}"));
    format!(
        "`{name}` may not be called by {who}{why} these lines to {}: `[[host.permissions]]`, `commands = [{listed}]`{for_whom}",
        file.display()
    )
}
