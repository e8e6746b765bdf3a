//! The configuration file: what it says for one plugin, read anew each time somebody asks.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use plugin_api::table::Configuration;
use serde_json::{Map, Value};

use crate::words;

/// Longer than any configuration that a person has written.
const LONGEST: u64 = 16 << 20;

/// The file of this host.
#[derive(Debug, Clone)]
pub struct ConfigurationFile(PathBuf);

impl ConfigurationFile {
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// What it says for the plugin called `name`: the table `plugins.NAME`.
    pub fn of(&self, name: &str) -> Configuration {
        Configuration {
            file: self.0.display().to_string(),
            table: format!("plugins.{name}"),
            value: read(&self.0).and_then(|text| table(&text, name)),
        }
    }
}

/// The text; none where there is no file.
fn read(file: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| words::configuration_unreadable(&error.to_string());
    match std::fs::metadata(file) {
        Ok(metadata) if metadata.is_file() && metadata.len() <= LONGEST => {
            std::fs::read_to_string(file).map_err(unreadable)
        }
        Ok(_) => Err(words::configuration_unreadable("it is no file, or far too long")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(unreadable(error)),
    }
}

fn table(text: &str, name: &str) -> Result<Value, String> {
    let mut file: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map(|span| text[..span.start.min(text.len())].lines().count().max(1));
        words::configuration_garbled(line, error.message())
    })?;
    let plugins = match file.remove("plugins") {
        None => return Ok(Value::Object(Map::new())),
        Some(toml::Value::Table(plugins)) => plugins,
        Some(_) => return Err(words::configuration_no_table("plugins")),
    };
    match plugins.get(name) {
        None => Ok(Value::Object(Map::new())),
        Some(toml::Value::Table(table)) => Ok(Value::Object(json_table(table))),
        Some(_) => Err(words::configuration_no_table(&format!("plugins.{name}"))),
    }
}

fn json_table(table: &toml::Table) -> Map<String, Value> {
    table.iter().map(|(key, value)| (key.clone(), json(value))).collect()
}

/// The same in JSON, where a date is a text, and a number that JSON does not have is null.
fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(yes) => (*yes).into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(values) => values.iter().map(json).collect(),
        toml::Value::Table(table) => Value::Object(json_table(table)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn each_plugin_has_its_own_table_and_one_without_has_an_empty_one() {
        let text = "title = 'x'\n[plugins.store]\npath = '/a'\nsizes = [1, 2.5]\nsince = 2026-11-25\n[plugins.store.more]\non = true\n";
        let store = json!({ "path": "/a", "sizes": [1, 2.5], "since": "2026-11-25", "more": { "on": true } });
        assert_eq!(table(text, "store"), Ok(store));
        assert_eq!(table(text, "other"), Ok(json!({})));
        assert_eq!(table("", "other"), Ok(json!({})));
        let folder = tempfile::tempdir().unwrap();
        let missing = ConfigurationFile::at(folder.path().join("none.toml")).of("other");
        assert_eq!((missing.value, &*missing.table), (Ok(json!({})), "plugins.other"));
        assert!(ConfigurationFile::at(folder.path().to_owned()).of("other").value.is_err());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        assert!(table("a = 1\nb = \n", "p").unwrap_err().contains("line 2"));
        assert!(table("plugins = 1", "p").unwrap_err().contains("`plugins` is no table"));
        assert!(table("[plugins]\np = 1", "p").unwrap_err().contains("`plugins.p` is no table"));
    }

    proptest! {
        #[test]
        fn any_text_is_a_configuration_or_a_sentence(text in ".{0,200}") {
            prop_assert!(table(&text, "p").map_or_else(|reason| !reason.is_empty(), |value| value.is_object()));
        }
    }
}
