-- <state>/ledger.sqlite3, from version 2 (schemas/state-2.sql) to version 3.

-- One group that gave a protected person away by its name or key when that person left: it stays
-- hidden. The id is a digest of the group's key and name, by which whoever guesses a name can test
-- it; the entry holds the keys of the persons, and whether each also counts when no register has
-- them. A person's key is erased when they are told again; the entry when it has hidden no group for
-- as long as `retention.removals` says.
CREATE TABLE telltale (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, seal BLOB NOT NULL
) STRICT;
