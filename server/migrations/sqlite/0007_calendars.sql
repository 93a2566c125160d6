-- Addresses by which people subscribe to their own agendas, one for each at most. Of an address's secret
-- there is only its SHA-256. The holder of the operator's token may have one without being a person.

CREATE TABLE calendars (
    person BLOB PRIMARY KEY CHECK (length(person) = 16),
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    made_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
