-- <state>/ledger.sqlite3, from version 1 (schemas/state.sql) to version 2.

-- One entity that a delivery removed at a target: when, by which plan and why.
-- Erased when `retention.removals` has passed.
CREATE TABLE removal (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, seal BLOB NOT NULL,
  key TEXT AS (record ->> '$.key') VIRTUAL
) STRICT;
CREATE INDEX removal_key ON removal (key);

-- One group of an archiving kind that a delivery removed at a target. Stays: a course's key says
-- nothing about anybody.
CREATE TABLE archived (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, seal BLOB NOT NULL,
  target TEXT AS (record ->> '$.target') VIRTUAL
) STRICT;
CREATE INDEX archived_target ON archived (target);

-- One person withdrawn by hand; the id is the key. With it are other keys under which the registers
-- have had the person, and digests of number, name and day of birth, keyed with the installation's
-- id. Stays until it is undone, and is erased then.
CREATE TABLE withdrawn (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, seal BLOB NOT NULL
) STRICT;

-- At most one row: the pause that holds, or held last.
CREATE TABLE pause (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, seal BLOB NOT NULL
) STRICT;

-- One decision; each holds the hash of the one before, and its id is its own hash. No keys.
CREATE TABLE decision (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, seal BLOB NOT NULL
) STRICT;
