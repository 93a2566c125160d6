-- Who was taken out of which programme by somebody else: invitations made before let them in no more.

CREATE TABLE removals (
    person BLOB NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    programme BLOB NOT NULL CHECK (length(programme) = 16),
    removed_ms INTEGER NOT NULL,
    PRIMARY KEY (person, programme)
) STRICT, WITHOUT ROWID;
