-- People who have joined, what they are where, and by which devices they are known. Of every secret there
-- is only its SHA-256. Who joins, leaves or is given another role moves the version, so that a running
-- server notices what was done beside it.

INSERT INTO meta (name, value) VALUES ('people_version', 0);

CREATE TABLE persons (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    -- What they said of themselves when they joined last.
    name TEXT NOT NULL,
    organisation TEXT NOT NULL,
    region TEXT NOT NULL,
    language TEXT NOT NULL,
    listed INTEGER NOT NULL CHECK (listed IN (0, 1)),
    organises_everything INTEGER NOT NULL CHECK (organises_everything IN (0, 1)),
    joined_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
    person BLOB NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    programme BLOB NOT NULL CHECK (length(programme) = 16),
    role TEXT NOT NULL CHECK (role IN ('organiser', 'trainer', 'participant')),
    joined_ms INTEGER NOT NULL,
    PRIMARY KEY (person, programme)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_by_programme ON members (programme);

-- Numbers are never given twice: they name a token where it is revoked.
CREATE TABLE device_tokens (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    person BLOB NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    -- The device's name in the exchange, as it last gave it.
    device BLOB NOT NULL CHECK (length(device) = 8),
    label TEXT NOT NULL,
    added_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1))
) STRICT;

CREATE INDEX device_tokens_by_person ON device_tokens (person);

CREATE TABLE invitations (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    -- Null: to organise everything.
    programme BLOB CHECK (programme IS NULL OR length(programme) = 16),
    role TEXT NOT NULL CHECK (role IN ('organiser', 'trainer', 'participant')),
    made_by BLOB NOT NULL CHECK (length(made_by) = 16),
    made_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    max_uses INTEGER NOT NULL,
    uses INTEGER NOT NULL DEFAULT 0 CHECK (uses <= max_uses),
    note TEXT NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX invitations_by_programme ON invitations (programme);
CREATE INDEX invitations_by_end ON invitations (expires_ms);

-- Who has taken up which: whoever repeats it is counted once.
CREATE TABLE invitation_uses (
    invitation BLOB NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
    person BLOB NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    PRIMARY KEY (invitation, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX invitation_uses_by_person ON invitation_uses (person);

-- Ways for another device to become somebody's: a link for some minutes, a code on paper.
CREATE TABLE device_keys (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    person BLOB NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('link', 'recovery')),
    -- Null: without end.
    expires_ms INTEGER,
    -- The number of the token that was made with it.
    used_by INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX device_keys_by_person ON device_keys (person);
