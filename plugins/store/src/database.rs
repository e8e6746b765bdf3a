//! The database file: opened, checked, brought up to date. Knows nothing of what the tables mean, nor of commands.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use plugin_api::{Error, Result, anyhow};
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};

/// How long a command waits for another process that writes to the same file.
const PATIENCE: Duration = Duration::from_secs(5);

/// What made each version of the file out of the one before; the file's `user_version` says how many it has seen.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE value (key TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE note (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL,
        text TEXT NOT NULL,
        created INTEGER NOT NULL,
        changed INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX note_changed ON note (changed DESC, id DESC);
"];

/// The open database. One command at a time uses it.
pub struct Database(Mutex<Connection>);

impl Database {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// A sentence that names the file, where it cannot be opened, is damaged, is no database, or is of a newer version.
    pub fn open(file: &Path) -> Result<Self> {
        prepare(file).map(|connection| Self(Mutex::new(connection))).map_err(|error| explain(file, &error))
    }

    /// The connection, for one command. What a command that panicked had begun was rolled back when it unwound.
    pub fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn prepare(file: &Path) -> Result<Connection> {
    let mut connection = Connection::open(file)?;
    connection.busy_timeout(PATIENCE)?;
    // Readers and the writer do not wait for each other, and a crash loses no more than the last command.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // SQLite folds the case of ASCII alone.
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("contains_folded", 2, flags, |arguments| {
        let (text, folded) = (arguments.get::<String>(0)?, arguments.get::<String>(1)?);
        Ok(text.to_lowercase().contains(&folded))
    })?;
    let damage: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if damage != "ok" {
        return Err(anyhow!("is damaged ({damage}); move it away or put a copy of it in its place"));
    }
    // Another process may open the same file for the first time, so the version is read under the lock.
    let migration = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: u32 = migration.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = MIGRATIONS.len() as u32;
    if version > known {
        return Err(anyhow!(
            "was written by a newer version of this plugin (file version {version}, known are up to {known}); \
             use that one, or move the file away"
        ));
    }
    for step in &MIGRATIONS[version as usize..] {
        migration.execute_batch(step)?;
    }
    migration.pragma_update(None, "user_version", known)?;
    migration.commit()?;
    Ok(connection)
}

fn explain(file: &Path, error: &Error) -> Error {
    let code = error.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
    let file = file.display();
    match code {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            anyhow!("{file} is damaged or no database; move it away or put a copy of it in its place")
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            anyhow!("{file} is in use by another process; end that one and try again")
        }
        Some(_) => anyhow!("{file} cannot be used: {error}"),
        None => anyhow!("{file} {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(file: &Path) -> String {
        let reason = Database::open(file).err().expect("it should not open").to_string();
        assert!(reason.contains(&file.display().to_string()), "{reason}");
        reason
    }

    #[test]
    fn a_file_opens_again_with_what_it_held() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.sqlite3");
        let write = "INSERT INTO value (key, json) VALUES ('a', '1')";
        Database::open(&file).unwrap().lock().execute(write, []).unwrap();
        let database = Database::open(&file).unwrap();
        let count: u32 =
            database.lock().query_row("SELECT count(*) FROM value", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 1);
    }

    #[test]
    fn two_may_have_it_open() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.sqlite3");
        let (first, second) = (Database::open(&file).unwrap(), Database::open(&file).unwrap());
        let write = "INSERT INTO value (key, json) VALUES (?1, '1')";
        first.lock().execute(write, ["a"]).unwrap();
        second.lock().execute(write, ["b"]).unwrap();
        let count: u32 = first.lock().query_row("SELECT count(*) FROM value", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 2);
    }

    #[test]
    fn a_file_that_is_no_database_is_refused_and_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.sqlite3");
        let text = "something else ".repeat(1000);
        std::fs::write(&file, &text).unwrap();
        assert!(refusal(&file).contains("no database"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.sqlite3");
        {
            let database = Database::open(&file).unwrap();
            let connection = database.lock();
            for number in 0..200 {
                let write = "INSERT INTO value (key, json) VALUES (?1, ?2)";
                connection.execute(write, (number.to_string(), "x".repeat(1000))).unwrap();
            }
        }
        let mut bytes = std::fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 20_000].fill(0x5a);
        std::fs::write(&file, bytes).unwrap();
        assert!(refusal(&file).contains("damaged"));
    }

    #[test]
    fn a_file_of_a_newer_version_is_refused_and_not_changed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.sqlite3");
        Database::open(&file).unwrap().lock().pragma_update(None, "user_version", 99).unwrap();
        assert!(refusal(&file).contains("newer version"));
        let connection = Connection::open(&file).unwrap();
        let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, 99);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(refusal(&folder.path().join("missing/store.sqlite3")).contains("cannot be used"));
    }
}
