-- <state>/ledger.sqlite3, from version 2 (schemas/state-2.sql) to version 3.

-- One group that gave a protected person away by its name or key when that person left: it stays
-- hidden. The id is a digest of the group's key and name; the entry holds the keys of the persons.
-- A person's key is erased when a withdrawal of theirs is undone; the entry when no register has
-- had the group for as long as `retention.removals` says.
CREATE TABLE telltale (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, seal BLOB NOT NULL
) STRICT;
