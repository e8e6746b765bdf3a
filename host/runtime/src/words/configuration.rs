//! Sentences about the configuration file, most of them to follow its name.

use std::path::Path;

use super::short;

pub fn configuration_unreadable(detail: &str) -> String {
    format!("cannot be read: {detail}")
}

pub fn configuration_garbled(line: Option<usize>, detail: &str) -> String {
    let detail = detail.trim().replace('\n', ", ");
    match line {
        Some(line) => format!("is not TOML in line {line}: {detail}"),
        None => format!("is not TOML: {detail}"),
    }
}

/// A sentence about a library whose settings cannot be read.
pub fn bad_settings(file: &Path, reason: &str) -> String {
    format!("is not started, as it is not clear how: the configuration {} {reason}", file.display())
}

pub fn bad_origin(text: &str) -> String {
    format!(
        "`{}` is no origin; write scheme://host or scheme://host:port, whole and with nothing behind",
        short(text)
    )
}

pub fn bad_configuration(file: &Path, reason: &str) -> String {
    format!("the configuration {} {reason}", file.display())
}

pub fn table_of_nobody(file: &Path, table: &str) -> String {
    format!(
        "the configuration {} has a table `{table}` that nobody reads: no plugin here is called so",
        file.display()
    )
}

pub fn configuration_no_such_table(known: &str) -> String {
    format!("there is no such key; known are {known}, as in [host.plugins.NAME]")
}

pub fn configuration_bad_key(table: &str, key: &str, detail: &str) -> String {
    let key = if key == "." { table.to_owned() } else { format!("{table}.{key}") };
    format!("has a mistake in `{key}`: {}", detail.trim().replace('\n', ", "))
}

pub fn configuration_no_table(table: &str) -> String {
    format!("`{table}` is no table; write [{table}] above what belongs to it")
}
