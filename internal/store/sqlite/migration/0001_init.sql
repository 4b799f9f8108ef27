-- Ids are 16-byte BLOBs, hashes 32-byte BLOBs, times microseconds since 1970 in UTC. Text compares byte by byte.

-- The newest commit of each organization: what a commit compares and swaps.
CREATE TABLE heads (
  org      BLOB    NOT NULL PRIMARY KEY CHECK (length(org) = 16),
  revision INTEGER NOT NULL,
  hash     BLOB    NOT NULL CHECK (length(hash) = 32)
) WITHOUT ROWID, STRICT;

-- The log. seq is the feed's cursor: AUTOINCREMENT never gives a number twice, not even after deletions.
CREATE TABLE commits (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  org      BLOB    NOT NULL,
  revision INTEGER NOT NULL,
  parent   BLOB    NOT NULL,
  hash     BLOB    NOT NULL,
  time     INTEGER NOT NULL,
  author   TEXT    NOT NULL, -- JSON {kind, id, name}
  cause    TEXT    NOT NULL,
  changes  BLOB    NOT NULL, -- JSON [{kind, id, data}], data byte for byte
  keys     TEXT    NOT NULL, -- JSON {claims, releases}
  events   TEXT    NOT NULL, -- JSON [event], a copy of those in the table events
  UNIQUE (org, revision)
) STRICT;

-- The records as the head left them.
CREATE TABLE records (
  org  BLOB NOT NULL,
  kind TEXT NOT NULL,
  id   BLOB NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (org, kind, id)
) WITHOUT ROWID, STRICT;

-- Keys that are unique in the installation.
CREATE TABLE keys (
  space TEXT NOT NULL COLLATE BINARY,
  value TEXT NOT NULL COLLATE BINARY,
  org   BLOB NOT NULL,
  PRIMARY KEY (space, value)
) WITHOUT ROWID, STRICT;

-- The audit log. data is the event; the other columns are taken from it for filters.
CREATE TABLE events (
  org           BLOB    NOT NULL,
  id            BLOB    NOT NULL,
  time          INTEGER NOT NULL,
  actor_id      BLOB    NOT NULL,
  actor_kind    TEXT    NOT NULL,
  action        TEXT    NOT NULL,
  resource_type TEXT    NOT NULL,
  resource_id   TEXT    NOT NULL,
  status        TEXT    NOT NULL,
  ip            TEXT    NOT NULL, -- canonical, '' if it is no address
  data          TEXT    NOT NULL, -- JSON
  PRIMARY KEY (org, id)
) WITHOUT ROWID, STRICT;

-- Pages are read along the first. It holds most filters, so that counting matches does not touch the table.
CREATE INDEX events_by_time ON events (org, time, id, action, status, actor_kind, resource_type, ip);
CREATE INDEX events_by_actor ON events (org, actor_id, time, id);
CREATE INDEX events_by_resource ON events (org, resource_id, time, id);
