//! What of the configuration's text is a plugin's own: its table, as JSON, and the text without what is of other plugins.

use serde_json::{Map, Value};

use super::parse;
use crate::words;

/// The text without what is of other plugins.
pub fn of(text: &str, name: &str) -> Result<String, String> {
    let mut file = parse(text)?;
    let mut kept = toml::Table::new();
    let keep = |of: Option<toml::Value>, names: &[&str]| match of {
        Some(toml::Value::Table(mut table)) => {
            table.retain(|key, _| names.contains(&key));
            Some(toml::Value::Table(table))
        }
        // It is as wrong for the one as for the other.
        other => other,
    };
    if let Some(plugins) = keep(file.remove("plugins"), &[name]) {
        kept.insert("plugins".to_owned(), plugins);
    }
    if let Some(host) = keep(file.remove("host"), &["plugins"]) {
        let host = match host {
            toml::Value::Table(mut host) => {
                if let Some(plugins) = keep(host.remove("plugins"), &[name, "*"]) {
                    host.insert("plugins".to_owned(), plugins);
                }
                toml::Value::Table(host)
            }
            other => other,
        };
        kept.insert("host".to_owned(), host);
    }
    toml::to_string(&kept).map_err(|error| words::configuration_unreadable(&error.to_string()))
}

/// The table `plugins.NAME`; an empty one where there is none.
pub fn table(text: &str, name: &str) -> Result<Value, String> {
    let mut file = parse(text)?;
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
    fn what_is_wrong_is_told_with_its_line() {
        assert!(table("a = 1\nb = \n", "p").unwrap_err().contains("line 2"));
        assert!(table("plugins = 1", "p").unwrap_err().contains("`plugins` is no table"));
        assert!(table("[plugins]\np = 1", "p").unwrap_err().contains("`plugins.p` is no table"));
    }

    #[test]
    fn a_table_is_the_same_in_json_but_for_dates_which_are_texts() {
        let text = "title = 'x'\n[plugins.store]\npath = '/a'\nsizes = [1, 2.5]\nsince = 2026-11-25\n[plugins.store.more]\non = true\n";
        let store = json!({ "path": "/a", "sizes": [1, 2.5], "since": "2026-11-25", "more": { "on": true } });
        assert_eq!(table(text, "store"), Ok(store));
        assert_eq!(table(text, "other"), Ok(json!({})));
        assert_eq!(table("", "other"), Ok(json!({})));
    }

    #[test]
    fn nothing_of_other_plugins_is_in_the_part_of_one_and_what_is_wrong_stays_wrong() {
        let text = "title = 'x'\n[plugins.a]\nkey = 1\n[plugins.b]\nsecret = 2\n[host.plugins.a]\nthreads = 3\n[host.plugins.'*']\nwaiting = 4\n[host.plugins.b]\nthreads = 5\n[host.page]\nx = 6";
        let part = of(text, "a").unwrap();
        for secret in ["title", "secret", "5", "6"] {
            assert!(!part.contains(secret), "{part}");
        }
        assert!(of("a = ", "a").is_err());
        assert_eq!(of("host = 1", "a").unwrap().trim(), "host = 1");
    }

    proptest! {
        #[test]
        fn any_text_is_a_configuration_or_a_sentence(text in ".{0,200}") {
            prop_assert!(table(&text, "p").map_or_else(|reason| !reason.is_empty(), |value| value.is_object()));
        }
    }
}
