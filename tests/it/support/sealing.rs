//! What somebody who may write the ledger can do: change entries and seal them anew.

use std::path::Path;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

/// The ledger, past the program.
pub(crate) fn ledger(folder: &Path) -> Connection {
    Connection::open(folder.join("ledger.sqlite3")).unwrap()
}

/// Changes entries of a table, and their ids where those are their hash, and seals them.
pub(crate) fn reseal(
    ledger: &Connection,
    table: &str,
    which: &str,
    change: &dyn Fn(&str) -> String,
) {
    let select = format!("SELECT n, id, record FROM {table} WHERE {which}");
    let mut query = ledger.prepare(&select).unwrap();
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let rows: Vec<(i64, String, String)> = rows.map(Result::unwrap).collect();
    assert!(!rows.is_empty(), "nothing to change");
    for (n, id, text) in rows {
        let text = change(&text);
        let update = format!("UPDATE {table} SET record = ?1, seal = ?2 WHERE n = ?3");
        ledger.execute(&update, (&text, seal(table, &id, &text), n)).unwrap();
    }
}

fn seal(table: &str, id: &str, text: &str) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in [table, id, text] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}
