-- Everybody who came with a device's name: a name that two people gave tells nothing of who wrote what.
CREATE TABLE writers (
    device BLOB NOT NULL CHECK (length(device) = 8),
    person BLOB NOT NULL CHECK (length(person) = 16),
    PRIMARY KEY (device, person)
) STRICT, WITHOUT ROWID;

INSERT INTO writers (device, person) SELECT id, person FROM devices;
