//! What lies in a data folder, seen without the program that wrote it, and by `keruen check`.

use std::path::Path;
use std::process::Command;

use rusqlite::{Connection, OpenFlags};

/// The database is whole, its sequence numbers are in order, and an operator who asks is told so.
pub(crate) fn check(data: &Path) {
    let path = data.join("keruen.db");
    if !path.exists() {
        return;
    }
    check_database(&path);
    let asked = Command::new(env!("CARGO_BIN_EXE_keruen"))
        .arg("check")
        .env("KERUEN_DATA", data)
        .output()
        .expect("the program is there");
    let (said, why) = (asked.stdout, asked.stderr);
    let said = String::from_utf8_lossy(&said) + String::from_utf8_lossy(&why);
    assert!(asked.status.success(), "keruen check: {said}");
}

fn check_database(path: &Path) {
    // Not read-only: what the log of a killed process holds is taken in first, as it is at a start.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let database = Connection::open_with_flags(path, flags).expect("the database opens");
    let said: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("the database can be read");
    assert_eq!(said, "ok");
    let tables: i64 = database
        .query_row(
            "SELECT count(*) FROM sqlite_master WHERE name = 'records'",
            [],
            |row| row.get(0),
        )
        .expect("the database can be read");
    if tables == 0 {
        return;
    }
    let wrong: i64 = database
        .query_row(
            "SELECT count(*) FROM scopes WHERE last_sequence <
               (SELECT coalesce(max(sequence), 0) FROM records WHERE scope = scopes.number)
             OR (SELECT count(*) FROM records WHERE scope = scopes.number) <>
               (SELECT count(DISTINCT sequence) FROM records WHERE scope = scopes.number)",
            [],
            |row| row.get(0),
        )
        .expect("the database can be read");
    assert_eq!(wrong, 0, "sequence numbers are in order");
}
