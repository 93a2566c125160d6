-- Some people of a programme who write together. What they write is in the scope of the group.

CREATE TABLE groups (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    programme BLOB NOT NULL CHECK (length(programme) = 16),
    name TEXT NOT NULL,
    made_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX groups_by_programme ON groups (programme);

CREATE TABLE group_members (
    person BLOB NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    group_id BLOB NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    PRIMARY KEY (person, group_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_members_by_group ON group_members (group_id);
