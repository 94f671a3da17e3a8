/**
 * The tables. What a killed process leaves behind must be whole; what the machine loses with its power is sent again.
 *
 * The log goes to where it belongs when it has a hundred pages, and so needs no more room than what is reserved.
 */
export const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 100;
  CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS uploads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    stream TEXT NOT NULL,
    maker TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    since INTEGER NOT NULL,
    doneAt INTEGER,
    bytes INTEGER NOT NULL DEFAULT 0,
    modified INTEGER NOT NULL DEFAULT 0,
    isLocal INTEGER NOT NULL DEFAULT 1,
    partBytes INTEGER NOT NULL DEFAULT 0,
    upload TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS uploads_by_state ON uploads (state, id);
  CREATE INDEX IF NOT EXISTS uploads_here ON uploads (doneAt) WHERE state = 'done' AND isLocal = 1;
  CREATE TABLE IF NOT EXISTS parts (
    owner INTEGER NOT NULL,
    number INTEGER NOT NULL,
    length INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    md5 TEXT NOT NULL,
    etag TEXT NOT NULL,
    PRIMARY KEY (owner, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS objects (
    owner INTEGER NOT NULL,
    name TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    isSent INTEGER NOT NULL,
    PRIMARY KEY (owner, name)
  ) STRICT, WITHOUT ROWID;
`;

/** Half a megabyte in each of the database's two files, which is written over from then on. */
export const RESERVE = `
  DROP TABLE IF EXISTS reserve;
  CREATE TABLE reserve (bytes BLOB) STRICT;
  INSERT INTO reserve VALUES (zeroblob(524288));
  PRAGMA wal_checkpoint;
  DROP TABLE reserve;
`;

/** How much of an upload the store has, in bytes, as a column `sentBytes`. */
export const SENT_BYTES = `CASE
    WHEN state = 'done' THEN bytes
    WHEN kind = 'file' THEN (SELECT COALESCE(SUM(length), 0) FROM parts WHERE owner = id)
    ELSE (SELECT COALESCE(SUM(bytes), 0) FROM objects WHERE owner = id AND isSent = 1)
  END AS sentBytes`;
