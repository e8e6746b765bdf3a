//! Notes: a title, a text, and when they were written.

use std::time::{SystemTime, UNIX_EPOCH};

use plugin_api::schemars::{self, JsonSchema};
use plugin_api::{Result, ensure};
use rusqlite::{OptionalExtension as _, Row};
use serde::Serialize;

use crate::database::Database;

/// The longest title, in characters.
pub const LONGEST_TITLE: usize = 1000;
/// The longest text, in characters.
pub const LONGEST_TEXT: usize = 100_000;
/// How many notes are given unless asked otherwise.
pub const USUAL_LIMIT: u32 = 100;
/// The most notes that are given at once.
pub const HIGHEST_LIMIT: u32 = 1000;

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Note {
    /// Its number, never used again.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// Its text; may be empty.
    pub text: String,
    /// When it was written: milliseconds since 1970, as JavaScript's `Date` counts.
    pub created: i64,
    /// When it was last changed, likewise.
    pub changed: i64,
}

/// Some of the notes, and how many there are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Notes {
    /// All that were looked for.
    pub total: u32,
    /// The first ones, the last changed first.
    pub notes: Vec<Note>,
}

/// Writes a note.
pub fn add(database: &Database, title: &str, text: &str) -> Result<Note> {
    check(title, text)?;
    let now = milliseconds();
    let write = "INSERT INTO note (title, text, created, changed) VALUES (?1, ?2, ?3, ?3) RETURNING *";
    Ok(database.lock().prepare_cached(write)?.query_row((title, text, now), read)?)
}

/// The note of this number, if there is one.
pub fn get(database: &Database, id: i64) -> Result<Option<Note>> {
    let ask = "SELECT * FROM note WHERE id = ?1";
    Ok(database.lock().prepare_cached(ask)?.query_row([id], read).optional()?)
}

/// Changes title, text or both.
pub fn update(database: &Database, id: i64, title: Option<&str>, text: Option<&str>) -> Result<Note> {
    // What is not given is not checked.
    check(title.unwrap_or("unchanged"), text.unwrap_or_default())?;
    let write = "UPDATE note SET title = ifnull(?2, title), text = ifnull(?3, text), changed = ?4 WHERE id = ?1 RETURNING *";
    let note = database
        .lock()
        .prepare_cached(write)?
        .query_row((id, title, text, milliseconds()), read)
        .optional()?;
    note.ok_or_else(|| plugin_api::anyhow!("there is no note {id}"))
}

/// Removes a note. Whether there was one.
pub fn remove(database: &Database, id: i64) -> Result<bool> {
    Ok(database.lock().prepare_cached("DELETE FROM note WHERE id = ?1")?.execute([id])? > 0)
}

/// The notes with `search` in title or text, whatever the case of its letters.
pub fn find(database: &Database, search: &str, limit: Option<u32>) -> Result<Notes> {
    let limit = limit.unwrap_or(USUAL_LIMIT);
    ensure!(limit <= HIGHEST_LIMIT, "`limit` is {limit}, and at most {HIGHEST_LIMIT} notes are given");
    let folded = search.to_lowercase();
    let matching = "FROM note WHERE ?1 = '' OR contains_folded(title, ?1) OR contains_folded(text, ?1)";
    let connection = database.lock();
    let mut count = connection.prepare_cached(&format!("SELECT count(*) {matching}"))?;
    let total = count.query_row([&folded], |row| row.get(0))?;
    let mut query =
        connection.prepare_cached(&format!("SELECT * {matching} ORDER BY changed DESC, id DESC LIMIT ?2"))?;
    let notes = query.query_map((&folded, limit), read)?.collect::<Result<_, _>>()?;
    Ok(Notes { total, notes })
}

fn read(row: &Row<'_>) -> rusqlite::Result<Note> {
    Ok(Note {
        id: row.get("id")?,
        title: row.get("title")?,
        text: row.get("text")?,
        created: row.get("created")?,
        changed: row.get("changed")?,
    })
}

fn check(title: &str, text: &str) -> Result<()> {
    ensure!(!title.trim().is_empty(), "`title` is empty");
    for (name, value, most) in [("title", title, LONGEST_TITLE), ("text", text, LONGEST_TEXT)] {
        let length = value.chars().count();
        ensure!(length <= most, "`{name}` has {length} characters, and {most} are allowed");
    }
    Ok(())
}

fn milliseconds() -> i64 {
    // A clock before 1970 is wrong anyway.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> (tempfile::TempDir, Database) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("store.sqlite3")).unwrap();
        (folder, database)
    }

    fn titles(database: &Database, search: &str) -> Vec<String> {
        find(database, search, None).unwrap().notes.into_iter().map(|note| note.title).collect()
    }

    #[test]
    fn the_last_changed_note_comes_first() {
        let (_folder, database) = database();
        let first = add(&database, "first", "").unwrap();
        // As if the first had been written long ago.
        database.lock().execute("UPDATE note SET changed = 1", []).unwrap();
        add(&database, "second", "").unwrap();
        assert_eq!(titles(&database, ""), ["second", "first"]);
        database.lock().execute("UPDATE note SET changed = 1", []).unwrap();
        let changed = update(&database, first.id, None, Some("text")).unwrap();
        assert_eq!((&*changed.title, &*changed.text), ("first", "text"));
        assert_eq!(titles(&database, ""), ["first", "second"]);
    }

    #[test]
    fn a_note_is_found_by_its_number_until_it_is_removed() {
        let (_folder, database) = database();
        let note = add(&database, "one", "text").unwrap();
        add(&database, "another", "").unwrap();
        assert_eq!(get(&database, note.id).unwrap(), Some(note.clone()));
        assert!(remove(&database, note.id).unwrap());
        assert_eq!(get(&database, note.id).unwrap(), None);
    }

    #[test]
    fn search_looks_into_title_and_text_and_at_no_pattern() {
        let (_folder, database) = database();
        add(&database, "Äpfel", "rot").unwrap();
        add(&database, "Birnen", "GRÜN, 100 %").unwrap();
        assert_eq!(titles(&database, "äPF"), ["Äpfel"]);
        assert_eq!(titles(&database, "grün"), ["Birnen"]);
        assert_eq!(titles(&database, "100 %"), ["Birnen"]);
        assert_eq!(titles(&database, "%"), ["Birnen"]);
        assert!(titles(&database, "_").is_empty());
    }

    #[test]
    fn the_limit_shortens_the_list_and_not_the_count() {
        let (_folder, database) = database();
        for number in 0..5 {
            add(&database, &number.to_string(), "").unwrap();
        }
        let found = find(&database, "", Some(2)).unwrap();
        assert_eq!((found.total, found.notes.len()), (5, 2));
        assert!(
            find(&database, "", Some(HIGHEST_LIMIT + 1)).unwrap_err().to_string().contains("at most 1000")
        );
    }

    #[test]
    fn a_note_that_is_gone_is_named_and_its_number_not_used_again() {
        let (_folder, database) = database();
        let id = add(&database, "a", "").unwrap().id;
        assert!(remove(&database, id).unwrap());
        assert!(!remove(&database, id).unwrap());
        assert_eq!(
            update(&database, id, Some("b"), None).unwrap_err().to_string(),
            format!("there is no note {id}")
        );
        assert_ne!(add(&database, "b", "").unwrap().id, id);
    }

    #[test]
    fn empty_and_overlong_notes_are_refused_and_change_nothing() {
        let (_folder, database) = database();
        let note = add(&database, "title", "text").unwrap();
        let refusal = |title: &str, text: &str| add(&database, title, text).unwrap_err().to_string();
        assert!(refusal(" ", "").contains("empty"));
        assert!(refusal(&"x".repeat(LONGEST_TITLE + 1), "").contains("1000 are allowed"));
        assert!(refusal("x", &"x".repeat(LONGEST_TEXT + 1)).contains("100000 are allowed"));
        assert!(update(&database, note.id, Some(""), Some("new")).unwrap_err().to_string().contains("empty"));
        assert_eq!(find(&database, "", None).unwrap().notes, [note]);
    }
}
