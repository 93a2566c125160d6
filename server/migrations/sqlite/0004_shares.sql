-- Links by which anybody reads one thing. Of a link's secret there is only its SHA-256, and of a
-- passphrase what `shares/passphrase.rs` makes of it.
CREATE TABLE shares (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    programme BLOB NOT NULL CHECK (length(programme) = 16),
    -- What of the programme.
    kind TEXT NOT NULL CHECK (kind IN ('material', 'session', 'materials', 'agenda')),
    -- Which material or session.
    thing BLOB CHECK (length(thing) = 16),
    made_by BLOB NOT NULL CHECK (length(made_by) = 16),
    made_ms INTEGER NOT NULL,
    -- Null: until it is revoked.
    expires_ms INTEGER,
    passphrase BLOB,
    note TEXT NOT NULL,
    openings INTEGER NOT NULL DEFAULT 0,
    -- When it was taken back.
    revoked_ms INTEGER,
    CHECK ((kind IN ('material', 'session')) = (thing IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX shares_by_maker ON shares (made_by);
CREATE INDEX shares_by_end ON shares (min(ifnull(revoked_ms, expires_ms), ifnull(expires_ms, revoked_ms)));
