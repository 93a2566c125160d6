-- How much the notes of a person or a group have of files is asked before each one that comes.
CREATE INDEX files_by_scope ON files (scope, size_bytes);
