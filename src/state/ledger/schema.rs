//! The ledger's tables, their version, and how an older ledger is brought up to date.

use rusqlite::{Connection, TransactionBehavior};

use super::Fault;

/// Every version's step from the one before; the last one's number is today's version.
pub(crate) const STEPS: &[&str] = &[
    include_str!("../../../schemas/state.sql"),
    include_str!("../../../schemas/state-2.sql"),
    include_str!("../../../schemas/state-3.sql"),
];

/// `RGLG`: says that a database file is ours.
const APPLICATION: i64 = 0x5247_4c47;

/// What a file is, compared with what this program writes.
pub(crate) enum Age {
    /// The same.
    Today,
    /// Written by an older program.
    Older(i64),
    /// Written by a newer program.
    Newer(i64),
}

/// The version of a ledger.
pub(crate) fn age(connection: &Connection, steps: &[&str]) -> Result<Age, Fault> {
    let application: i64 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if application != APPLICATION || version < 1 {
        return Err(Fault::Broken("not a ledger of rostergate".into()));
    }
    let known = known(steps);
    Ok(match version {
        _ if version > known => Age::Newer(version),
        _ if version < known => Age::Older(version),
        _ => Age::Today,
    })
}

/// The newest version that these steps lead to.
pub(crate) fn known(steps: &[&str]) -> i64 {
    i64::try_from(steps.len()).expect("a handful of versions")
}

/// Brings a new or older ledger to the newest version, in one transaction.
pub(crate) fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<(), Fault> {
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = change.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = usize::try_from(version).unwrap_or(0);
    for step in steps.iter().skip(done) {
        change.execute_batch(step)?;
    }
    change.pragma_update(None, "application_id", APPLICATION)?;
    change.pragma_update(None, "user_version", known(steps))?;
    Ok(change.commit()?)
}

/// Are the tables, columns and indexes those that this program would make?
pub(crate) fn same_tables(connection: &Connection, steps: &[&str]) -> Result<bool, Fault> {
    let mut fresh = Connection::open_in_memory()?;
    migrate(&mut fresh, steps)?;
    Ok(tables(connection)? == tables(&fresh)?)
}

fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut query = connection.prepare(
        "SELECT concat_ws('|', type, name, tbl_name, sql) FROM sqlite_schema ORDER BY 1",
    )?;
    let rows = query.query_map([], |row| row.get(0))?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_ledger_is_brought_up_to_date_and_keeps_its_entries() {
        let older = &STEPS[..1];
        let mut connection = Connection::open_in_memory().expect("memory");
        migrate(&mut connection, older).expect("made");
        connection
            .execute("INSERT INTO mark (id, record, seal) VALUES ('a', '{}', x'00')", [])
            .expect("added");
        assert!(matches!(age(&connection, STEPS), Ok(Age::Older(1))));
        migrate(&mut connection, STEPS).expect("migrated");
        assert!(matches!(age(&connection, STEPS), Ok(Age::Today)));
        assert!(matches!(age(&connection, older), Ok(Age::Newer(3))));
        assert!(same_tables(&connection, STEPS).expect("read"));
        let left: i64 =
            connection.query_row("SELECT count(*) FROM mark", [], |row| row.get(0)).expect("count");
        assert_eq!(left, 1);
    }

    #[test]
    fn a_changed_column_is_seen() {
        let mut connection = Connection::open_in_memory().expect("memory");
        let changed = [&*STEPS[0].replace("$.target", "$.tarfet"), STEPS[1], STEPS[2]];
        migrate(&mut connection, &changed).expect("made");
        assert!(!same_tables(&connection, STEPS).expect("read"));
    }
}
