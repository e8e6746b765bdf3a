//! Values by key. A value is kept as the JSON text it came as, so that nothing in it is rounded or put in another order.

use plugin_api::{Result, ensure};
use rusqlite::OptionalExtension as _;
use serde_json::value::RawValue;

use crate::database::Database;

/// The longest key, in bytes.
pub const LONGEST_KEY: usize = 1024;
/// The longest value, in bytes of JSON text. SQLite itself would take 1,000,000,000.
pub const LONGEST_VALUE: usize = 16 << 20;

/// The value under `key`.
pub fn get(database: &Database, key: &str) -> Result<Option<Box<RawValue>>> {
    let connection = database.lock();
    let mut query = connection.prepare_cached("SELECT json FROM value WHERE key = ?1")?;
    let json: Option<String> = query.query_row([key], |row| row.get(0)).optional()?;
    Ok(json.map(RawValue::from_string).transpose()?)
}

/// Keeps `value` under `key`.
pub fn set(database: &Database, key: &str, value: &RawValue) -> Result<()> {
    ensure!(!key.is_empty(), "`key` is empty");
    ensure!(
        key.len() <= LONGEST_KEY,
        "`key` has {} bytes, and {LONGEST_KEY} are allowed; keep long texts as values",
        key.len()
    );
    let json = value.get();
    ensure!(
        json.len() <= LONGEST_VALUE,
        "`value` has {} bytes of JSON, and {LONGEST_VALUE} are allowed; keep it in parts or in a file",
        json.len()
    );
    let write =
        "INSERT INTO value (key, json) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET json = excluded.json";
    database.lock().prepare_cached(write)?.execute((key, json))?;
    Ok(())
}

/// Forgets the value under `key`. Whether there was one.
pub fn remove(database: &Database, key: &str) -> Result<bool> {
    let connection = database.lock();
    let removed = connection.prepare_cached("DELETE FROM value WHERE key = ?1")?.execute([key])?;
    Ok(removed > 0)
}

/// The keys that begin with `prefix`, in the order of their bytes.
pub fn keys(database: &Database, prefix: &str) -> Result<Vec<String>> {
    let connection = database.lock();
    // From the prefix on in the index; LIKE and GLOB would read signs in the prefix as patterns.
    let mut query = connection.prepare_cached("SELECT key FROM value WHERE key >= ?1 ORDER BY key")?;
    let mut rows = query.query([prefix])?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        let key: String = row.get(0)?;
        if !key.starts_with(prefix) {
            break;
        }
        keys.push(key);
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> (tempfile::TempDir, Database) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("store.sqlite3")).unwrap();
        (folder, database)
    }

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn a_value_comes_back_to_the_letter() {
        let (_folder, database) = database();
        for json in
            ["null", "12345678901234567890.5", r#"{"z":1,"a":[true,"é"],"__proto__":2}"#, r#""\ud83d\ude00""#]
        {
            set(&database, "key", &raw(json)).unwrap();
            assert_eq!(get(&database, "key").unwrap().unwrap().get(), json);
        }
    }

    #[test]
    fn what_was_never_set_or_was_removed_is_nothing() {
        let (_folder, database) = database();
        assert!(get(&database, "key").unwrap().is_none());
        set(&database, "key", &raw("1")).unwrap();
        assert!(remove(&database, "key").unwrap());
        assert!(!remove(&database, "key").unwrap());
        assert!(get(&database, "key").unwrap().is_none());
    }

    #[test]
    fn keys_come_in_order_and_a_prefix_is_no_pattern() {
        let (_folder, database) = database();
        for key in ["b", "a%1", "a_2", "a%", "ab", "A", "'; DROP TABLE value; --"] {
            set(&database, key, &raw("1")).unwrap();
        }
        assert_eq!(keys(&database, "a%").unwrap(), ["a%", "a%1"]);
        assert_eq!(
            keys(&database, "").unwrap(),
            ["'; DROP TABLE value; --", "A", "a%", "a%1", "a_2", "ab", "b"]
        );
    }

    #[test]
    fn too_long_or_empty_is_refused_with_the_limit() {
        let (_folder, database) = database();
        let refusal = |key: &str, json: &str| set(&database, key, &raw(json)).unwrap_err().to_string();
        assert!(refusal("", "1").contains("empty"));
        assert!(refusal(&"k".repeat(LONGEST_KEY + 1), "1").contains("1024 are allowed"));
        assert!(refusal("k", &format!("\"{}\"", "v".repeat(LONGEST_VALUE))).contains("16777216 are allowed"));
        assert!(keys(&database, "").unwrap().is_empty());
    }
}
