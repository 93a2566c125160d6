-- Sums over the live rows of each scope, by which devices notice that they diverged, and the
-- removal of tombstones. The step's second half, in code, fills these in for the rows there are.

-- Sums have 64 bits and stand here as signed numbers.
ALTER TABLE scopes ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scopes ADD COLUMN live_rows INTEGER NOT NULL DEFAULT 0;
-- The greatest sequence number of a tombstone that was removed.
ALTER TABLE scopes ADD COLUMN pruned_through INTEGER NOT NULL DEFAULT 0;

-- What the row adds to its scope's sum; 0 for a tombstone.
ALTER TABLE records ADD COLUMN addend INTEGER NOT NULL DEFAULT 0;
-- When the tombstone was last written here, in milliseconds since 1970 (UTC); null for a live row.
ALTER TABLE records ADD COLUMN deleted_ms INTEGER;

CREATE INDEX records_by_deletion ON records (deleted_ms) WHERE deleted_ms IS NOT NULL;
-- Whether the change was stamped from too far ahead: it is answered so again.
ALTER TABLE changes ADD COLUMN bounded INTEGER NOT NULL DEFAULT 0 CHECK (bounded IN (0, 1));
CREATE INDEX changes_by_time ON changes (accepted_ms);

-- Scopes as they were at one moment; the bytes of their chunks are in the folder `chunks`.
CREATE TABLE snapshots (
    number INTEGER PRIMARY KEY,
    scope INTEGER NOT NULL REFERENCES scopes (number),
    epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    built_ms INTEGER NOT NULL,
    -- When a newer one took its place: devices may be fetching its chunks for a while.
    replaced_ms INTEGER
) STRICT;

CREATE UNIQUE INDEX snapshots_current ON snapshots (scope) WHERE replaced_ms IS NULL;

CREATE TABLE chunks (
    snapshot INTEGER NOT NULL REFERENCES snapshots (number) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    -- Of the content, uncompressed.
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    -- Compressed.
    size_bytes INTEGER NOT NULL,
    records INTEGER NOT NULL,
    PRIMARY KEY (snapshot, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX chunks_by_content ON chunks (sha256);
