-- <state>/ledger.sqlite3, version 1 (PRAGMA user_version = 1). schemas/state-2.sql brings it to
-- version 2 and schemas/state-3.sql to version 3; a new ledger is made by all of them.
--
-- Every entry is one JSON object under a seal: SHA-256 of table, id and text. SQLite itself does
-- not notice a flipped bit inside a text; the seal does. Columns that are searched are taken out
-- of the JSON, so that nothing is written down twice. `n` is the order in which entries came.
-- In these tables no entry holds anything about a pupil, a teacher or a guardian: counts, school
-- names, file names, codes and digests only. Of the later tables, `removal`, `withdrawn` and
-- `telltale` hold keys of persons, `withdrawn` also digests by which the same human is known under
-- another key, and nothing else about them. The file is 0600 in a folder that is 0700,
-- keys are erased on schedule, and what is erased is overwritten (PRAGMA secure_delete).

-- The installation's random id, the last times that were believed, and after which decision the
-- kept ones begin (chain-start).
CREATE TABLE meta (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, seal BLOB NOT NULL
) STRICT;

-- One start of the program.
CREATE TABLE run (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, seal BLOB NOT NULL,
  ended INTEGER AS (record ->> '$.end' IS NOT NULL) VIRTUAL,
  mail TEXT AS (record ->> '$.mail') VIRTUAL
) STRICT;
CREATE INDEX run_ended ON run (ended);
CREATE INDEX run_mail ON run (mail);

-- One target's part of a run; its files lie in runs/<id>/.
CREATE TABLE plan (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, seal BLOB NOT NULL,
  target TEXT AS (record ->> '$.target') VIRTUAL,
  state TEXT AS (record ->> '$.state') VIRTUAL,
  run TEXT AS (record ->> '$.run') VIRTUAL,
  sent_by TEXT AS (record ->> '$.sent_by') VIRTUAL,
  files_erased INTEGER AS (record ->> '$.files_erased') VIRTUAL
) STRICT;
CREATE INDEX plan_target ON plan (target, state);
CREATE INDEX plan_state ON plan (state);
CREATE INDEX plan_run ON plan (run);
CREATE INDEX plan_sent_by ON plan (sent_by);
CREATE INDEX plan_files ON plan (files_erased);

-- One target: its baseline, and what was last published there. The id is the target's name.
CREATE TABLE target (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, seal BLOB NOT NULL
) STRICT;

-- One source: the export it last delivered. The id is the source's name.
CREATE TABLE mark (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, seal BLOB NOT NULL
) STRICT;

-- One host key that a person vouched for.
CREATE TABLE pin (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, seal BLOB NOT NULL,
  target TEXT AS (record ->> '$.target') VIRTUAL
) STRICT;

-- One mail that is to be sent, or was. The id is its Message-ID.
CREATE TABLE mail (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, seal BLOB NOT NULL,
  sent INTEGER AS (record ->> '$.sent_at' IS NOT NULL) VIRTUAL
) STRICT;
CREATE INDEX mail_sent ON mail (sent);
