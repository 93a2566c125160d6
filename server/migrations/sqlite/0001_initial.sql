-- What the server knows of itself: the epoch of its history, the person of its organiser token.
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- Units of access and of order.
CREATE TABLE scopes (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('programme', 'group', 'person')),
    id BLOB NOT NULL CHECK (length(id) = 16),
    -- The last sequence number given out in this scope.
    last_sequence INTEGER NOT NULL DEFAULT 0,
    -- Derived from the programme's record: anyone may read it.
    public INTEGER NOT NULL DEFAULT 0 CHECK (public IN (0, 1)),
    UNIQUE (kind, id)
) STRICT;

-- Records as merged so far. A table with row numbers of its own, so that a new sequence number
-- moves an index entry and not the record.
CREATE TABLE records (
    scope INTEGER NOT NULL REFERENCES scopes (number),
    collection TEXT NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    sequence INTEGER NOT NULL,
    -- The binary form of version 1 of the record.
    record BLOB NOT NULL,
    PRIMARY KEY (scope, collection, id)
) STRICT;

CREATE UNIQUE INDEX records_by_sequence ON records (scope, sequence);

-- Changes that were accepted: a repeated one is answered again and not judged again.
CREATE TABLE changes (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    -- Of the content, so that an identifier used twice by mistake does not hide an edit.
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    accepted_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Devices that came with somebody's token.
CREATE TABLE devices (
    id BLOB PRIMARY KEY CHECK (length(id) = 8),
    person BLOB NOT NULL CHECK (length(person) = 16),
    first_seen_ms INTEGER NOT NULL,
    last_seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Files by content and by the scope that holds them; their bytes are in the folder `files`.
CREATE TABLE files (
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    scope INTEGER NOT NULL REFERENCES scopes (number),
    size_bytes INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (sha256, scope)
) STRICT, WITHOUT ROWID;
