-- In which parts files are fetched, as computed once from their bytes.
CREATE TABLE file_parts (
    sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
    size_bytes INTEGER NOT NULL,
    part_bytes INTEGER NOT NULL,
    -- SHA-256 of each part, one after the other.
    parts BLOB NOT NULL CHECK (length(parts) % 32 = 0)
) STRICT, WITHOUT ROWID;
