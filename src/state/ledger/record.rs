//! Entries: one JSON object each, under a seal that notices a flipped bit.

use rusqlite::{Connection, Params, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::Fault;

/// A kind of entry.
pub(crate) trait Record: Serialize + DeserializeOwned {
    /// Its table in `schemas/state.sql`.
    const TABLE: &'static str;
    /// What it is found by.
    fn id(&self) -> &str;
}

/// Against bit rot, not against people: whoever may write the file may seal it anew.
fn seal(table: &str, id: &str, text: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [table, id, text] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn text<R: Record>(entry: &R) -> String {
    serde_json::to_string(entry).expect("an entry is plain data")
}

/// Adds an entry; `false` when its id is taken.
pub(crate) fn add<R: Record>(connection: &Connection, entry: &R) -> Result<bool, Fault> {
    write(connection, entry, "NOTHING")
}

/// Adds or replaces an entry.
pub(crate) fn put<R: Record>(connection: &Connection, entry: &R) -> Result<(), Fault> {
    write(connection, entry, "UPDATE SET record = excluded.record, seal = excluded.seal").map(drop)
}

fn write<R: Record>(connection: &Connection, entry: &R, taken: &str) -> Result<bool, Fault> {
    let (id, text) = (entry.id(), text(entry));
    let sql = format!(
        "INSERT INTO {} (id, record, seal) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO {taken}",
        R::TABLE
    );
    let count = connection.prepare_cached(&sql)?.execute((id, &text, seal(R::TABLE, id, &text)))?;
    Ok(count == 1)
}

/// The entry with this id.
pub(crate) fn get<R: Record>(connection: &Connection, id: &str) -> Result<Option<R>, Fault> {
    Ok(select(connection, "WHERE id = ?1", [id])?.pop())
}

/// Entries by condition and order, such as `WHERE target = ?1 ORDER BY n`.
pub(crate) fn select<R: Record>(
    connection: &Connection,
    tail: &str,
    values: impl Params,
) -> Result<Vec<R>, Fault> {
    let sql = format!("SELECT id, record, seal FROM {} {tail}", R::TABLE);
    let mut query = connection.prepare_cached(&sql)?;
    let mut rows = query.query(values)?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, text) = unseal(R::TABLE, row)?;
        let entry = serde_json::from_str(&text).map_err(|error| {
            // The error's own text may quote the entry.
            Fault::Broken(format!("{} {id} is not readable at column {}", R::TABLE, error.column()))
        })?;
        entries.push(entry);
    }
    Ok(entries)
}

fn unseal(table: &str, row: &Row<'_>) -> Result<(String, String), Fault> {
    let (id, text, stored): (String, String, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
    if stored == seal(table, &id, &text) {
        return Ok((id, text));
    }
    Err(Fault::Broken(format!("the seal of an entry of {table} is broken")))
}

/// Removes an entry.
pub(crate) fn remove<R: Record>(connection: &Connection, id: &str) -> Result<(), Fault> {
    let sql = format!("DELETE FROM {} WHERE id = ?1", R::TABLE);
    connection.prepare_cached(&sql)?.execute([id])?;
    Ok(())
}

/// Reads every entry of a table and checks its seal.
pub(crate) fn check_seals(connection: &Connection, table: &str) -> Result<(), Fault> {
    let mut query = connection.prepare(&format!("SELECT id, record, seal FROM {table}"))?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        unseal(table, row)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::super::schema;
    use super::*;

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Note {
        id: String,
        says: u32,
    }

    impl Record for Note {
        const TABLE: &'static str = "mark";
        fn id(&self) -> &str {
            &self.id
        }
    }

    fn ledger() -> Connection {
        let mut connection = Connection::open_in_memory().expect("memory");
        schema::migrate(&mut connection, schema::STEPS).expect("made");
        connection
    }

    fn note(says: u32) -> Note {
        Note { id: "a".into(), says }
    }

    #[test]
    fn adds_once_and_replaces() {
        let connection = ledger();
        assert!(add(&connection, &note(1)).expect("added"));
        assert!(!add(&connection, &note(2)).expect("taken"));
        assert_eq!(get::<Note>(&connection, "a").expect("read"), Some(note(1)));
        put(&connection, &note(3)).expect("replaced");
        assert_eq!(get::<Note>(&connection, "a").expect("read"), Some(note(3)));
        remove::<Note>(&connection, "a").expect("removed");
        assert_eq!(get::<Note>(&connection, "a").expect("read"), None);
    }

    #[test]
    fn notices_a_changed_digit() {
        let connection = ledger();
        put(&connection, &note(1)).expect("put");
        let sql = "UPDATE mark SET record = replace(record, '1', '7')";
        connection.execute(sql, []).expect("changed behind its back");
        assert!(matches!(get::<Note>(&connection, "a"), Err(Fault::Broken(_))));
        assert!(matches!(check_seals(&connection, "mark"), Err(Fault::Broken(_))));
    }
}
