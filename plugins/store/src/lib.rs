//! The plugin `store`: commands that keep values and notes. The work is in the files beside this one.

mod database;
mod note;
mod value;

use plugin_api::{Context, Result, State, command, export_plugin};
use serde_json::value::RawValue;

use crate::database::Database;
use crate::note::{Note, Notes};

fn open(context: &Context) -> Result<Database> {
    Database::open(&context.data_folder().join("store.sqlite3"))
}

/// The value kept under `key`; null if there is none.
#[command]
fn store_get(database: State<'_, Database>, key: &str) -> Result<Option<Box<RawValue>>> {
    value::get(&database, key)
}

/// Keeps any JSON value under `key`, in place of the one before.
#[command]
fn store_set(database: State<'_, Database>, key: &str, value: Box<RawValue>) -> Result<()> {
    value::set(&database, key, &value)
}

/// Forgets the value under `key`; tells whether there was one.
#[command]
fn store_remove(database: State<'_, Database>, key: &str) -> Result<bool> {
    value::remove(&database, key)
}

/// The keys in order, all or those that begin with `prefix`.
#[command]
fn store_keys(database: State<'_, Database>, prefix: Option<String>) -> Result<Vec<String>> {
    value::keys(&database, prefix.as_deref().unwrap_or_default())
}

/// Writes a note, and returns it with its id.
#[command]
fn note_add(database: State<'_, Database>, title: String, text: Option<String>) -> Result<Note> {
    note::add(&database, &title, text.as_deref().unwrap_or_default())
}

/// The note of this number; null if there is none.
#[command]
fn note_get(database: State<'_, Database>, id: i64) -> Result<Option<Note>> {
    note::get(&database, id)
}

/// Changes what is given of a note, and returns it.
#[command]
fn note_update(
    database: State<'_, Database>,
    id: i64,
    title: Option<String>,
    text: Option<String>,
) -> Result<Note> {
    note::update(&database, id, title.as_deref(), text.as_deref())
}

/// Removes a note; tells whether there was one.
#[command]
fn note_remove(database: State<'_, Database>, id: i64) -> Result<bool> {
    note::remove(&database, id)
}

/// The notes, the last changed first: all, or those with `search` in title or text; 100 of them unless `limit` says otherwise.
#[command]
fn notes(database: State<'_, Database>, search: Option<String>, limit: Option<u32>) -> Result<Notes> {
    note::find(&database, search.as_deref().unwrap_or_default(), limit)
}

export_plugin! {
    commands: [store_get, store_set, store_remove, store_keys, note_add, note_get, note_update, note_remove, notes],
    state: open,
}

#[cfg(test)]
mod tests {
    use plugin_api::test_host;
    use plugin_api::testing::check_transcripts;
    use serde_json::json;

    #[test]
    fn values_and_notes_are_kept_by_their_commands() {
        let host = test_host!().unwrap();
        let value = json!({ "deep": [1, 2.5, null] });
        assert_eq!(host.call(&json!({ "cmd": "storeSet", "key": "a", "value": value })), Ok(json!(null)));
        assert_eq!(host.call(&json!({ "cmd": "storeGet", "key": "a" })), Ok(value));
        assert_eq!(host.call(&json!({ "cmd": "storeKeys" })), Ok(json!(["a"])));
        let note = host.call(&json!({ "cmd": "noteAdd", "title": "Milk" })).unwrap();
        let found = host.call(&json!({ "cmd": "notes", "search": "milk" })).unwrap();
        assert_eq!(found["notes"][0]["id"], note["id"]);
        assert!(host.data_folder().join("store.sqlite3").exists());
    }

    #[test]
    fn the_readme_tells_what_happens() {
        check_transcripts(include_str!("../README.md"), &test_host!().unwrap(), &[]);
    }
}
