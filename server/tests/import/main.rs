//! `keruen import` as people call it: the real program on a real data folder.

mod packs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use keruen_domain::{
    Author, Clock, Collection, DeviceId, Edit, FieldKey, Hlc, PersonId, Record, ScopeId,
};
use keruen_server::store::{Identity, Importer, SqliteStore, Store, StoreError};
use serde_json::Value;

/// A data folder of its own, with a place for files beside it.
struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder for the test"),
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).expect("written");
        path
    }

    fn import(&self, arguments: &[&str], files: &[&Path]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_keruen"))
            .arg("import")
            .args(arguments)
            .args(files)
            .arg("--data")
            .arg(self.data())
            .env_remove("KERUEN_DATA")
            .output()
            .expect("the program starts")
    }

    /// The result for one file that is imported.
    fn report(&self, file: &Path) -> Value {
        let output = self.import(&["--json", "--yes"], &[file]);
        assert!(output.status.success(), "{}: {output:?}", file.display());
        let results: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        results[0]["report"].clone()
    }

    /// An event as `keruen export` writes it.
    fn exported(&self, event: &str, format: &str, language: &str) -> PathBuf {
        let name = format!("{event}-{format}-{language}");
        let file = self.folder.path().join(name);
        let output = Command::new(env!("CARGO_BIN_EXE_keruen"))
            .args(["export", event, "--format", format])
            .args(["--language", language, "--output"])
            .arg(&file)
            .arg("--data")
            .arg(self.data())
            .env_remove("KERUEN_DATA")
            .output()
            .expect("the program starts");
        assert!(output.status.success(), "{event}: {output:?}");
        file
    }

    fn assert_refused(&self, file: &Path, what: &str) {
        let before = self.dump();
        let output = self.import(&[], &[file]);
        assert_eq!(output.status.code(), Some(1), "{what}: {output:?}");
        let message = String::from_utf8(output.stderr).expect("text");
        assert!(
            message.contains("Nothing of this file was imported"),
            "{what}: {message}"
        );
        assert_eq!(self.dump(), before, "{what}");
    }

    /// All that the database holds, as text.
    fn dump(&self) -> Vec<String> {
        let path = self.data().join("keruen.db");
        if !path.exists() {
            return Vec::new();
        }
        let database = rusqlite::Connection::open(path).expect("opens");
        let mut lines = Vec::new();
        let names = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
        let mut statement = database.prepare(names).expect("a statement");
        let tables = statement
            .query_map([], |row| row.get::<_, String>(0))
            .expect("rows");
        for table in tables.map(|table| table.expect("a name")) {
            let mut statement = database
                .prepare(&format!("SELECT * FROM \"{table}\" ORDER BY 1, 2"))
                .expect("a statement");
            let columns = statement.column_count();
            let mut rows = statement.query([]).expect("rows");
            while let Some(row) = rows.next().expect("a row") {
                let values: Vec<_> = (0..columns).map(|column| row.get_ref(column)).collect();
                lines.push(format!("{table} {values:?}"));
            }
        }
        lines
    }

    fn identity() -> Identity {
        Identity {
            epoch: 1,
            organiser: PersonId::new(1, [1; 10]),
        }
    }
}

fn total(report: &Value, counts: &str) -> u64 {
    report[counts]["total"].as_u64().expect("a count")
}

fn assert_imports_twice(scene: &Scene, file: &Path) {
    let first = scene.report(file);
    assert!(total(&first, "added") > 2, "{}: {first}", file.display());
    let before = scene.dump();
    let second = scene.report(file);
    assert_eq!(total(&second, "added"), 0, "{}", file.display());
    assert_eq!(total(&second, "changed"), 0, "{}", file.display());
    assert_eq!(total(&second, "unchanged"), total(&first, "added"));
    assert_eq!(scene.dump(), before, "{}", file.display());
}

/// The programme's events.
fn events(scene: &Scene, report: &Value) -> Vec<String> {
    let programme = report["programme"].as_str().expect("an identifier");
    let scope = ScopeId::Programme(programme.parse().expect("an identifier"));
    let mut importer = Importer::open(&scene.data(), Scene::identity()).expect("opens");
    let records = importer.import(|transaction| transaction.records(scope));
    let records = records.expect("read").into_iter();
    records
        .filter(|record| record.key.collection == Collection::EVENT)
        .map(|record| record.key.id.to_string())
        .collect()
}

/// Writes each event in each format and language: reading that changes nothing.
fn assert_comes_back(scene: &Scene, file: &Path) {
    let report = scene.report(file);
    let before = scene.dump();
    for event in events(scene, &report) {
        for format in ["ical", "frab-xml", "frab-json", "csv"] {
            for language in ["en", "ru", "kk"] {
                let exported = scene.exported(&event, format, language);
                let again = scene.report(&exported);
                for counts in ["added", "changed"] {
                    assert_eq!(total(&again, counts), 0, "{}: {again}", file.display());
                }
                for notices in ["skipped", "missing", "kept", "warnings"] {
                    assert_eq!(
                        again[notices],
                        serde_json::json!([]),
                        "{} as {format}",
                        file.display()
                    );
                }
            }
        }
    }
    assert_eq!(scene.dump(), before, "{}", file.display());
}

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nX-WR-CALNAME:Forum\r\nX-WR-TIMEZONE:Asia/Almaty\r\n\
BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Opening\r\nDTSTART:20250512T040000Z\r\nDTEND:20250512T043000Z\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:Lecture\r\nDTSTART:20250512T050000Z\r\nDTEND:20250512T060000Z\r\nEND:VEVENT\r\n\
END:VCALENDAR\r\n";

#[test]
fn samples_come_back_in_each_format() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    for name in [
        "aktau-2016",
        "creative-kazakhstan-2025",
        "regional-meetings-2023",
    ] {
        let file = samples.join(name).join("programme.json");
        assert_comes_back(&Scene::new(), &file);
    }
}

#[test]
fn real_schedules_come_back_in_each_format() {
    for file in corpus().iter().filter(|file| is_schedule(file)) {
        assert_comes_back(&Scene::new(), file);
    }
}

#[test]
fn a_whole_programme_comes_back_as_a_table() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let scene = Scene::new();
    scene.report(&samples.join("aktau-2016/programme.json"));
    scene.report(&samples.join("regional-meetings-2023/programme.json"));
    let before = scene.dump();
    let table = scene.exported("regional", "csv", "ru");
    let text = fs::read_to_string(&table).expect("written");
    for place in ["Семей", "Алматы", "Кызылорда", "Астана"] {
        assert!(text.contains(place), "{place}: {text}");
    }
    let again = scene.report(&table);
    for counts in ["added", "changed"] {
        assert_eq!(total(&again, counts), 0, "{again}");
    }
    assert_eq!(scene.dump(), before);
}

#[test]
fn a_template_is_imported_as_it_is() {
    for language in ["kk", "ru", "en"] {
        let scene = Scene::new();
        let file = scene.folder.path().join("template.csv");
        let output = Command::new(env!("CARGO_BIN_EXE_keruen"))
            .args(["template", "--language", language, "--output"])
            .arg(&file)
            .output()
            .expect("the program starts");
        assert!(output.status.success(), "{output:?}");
        assert_imports_twice(&scene, &file);
    }
}

#[test]
fn samples_import_twice() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let mut found = 0;
    for entry in fs::read_dir(samples).expect("the samples") {
        let file = entry.expect("an entry").path().join("programme.json");
        if file.exists() {
            let scene = Scene::new();
            let report = scene.report(&file);
            assert_eq!(
                report["skipped"],
                serde_json::json!([]),
                "{}",
                file.display()
            );
            assert_eq!(
                report["warnings"],
                serde_json::json!([]),
                "{}",
                file.display()
            );
            let scene = Scene::new();
            assert_imports_twice(&scene, &file);
            found += 1;
        }
    }
    assert!(found > 0, "no samples");
}

#[test]
fn a_refused_file_does_not_even_make_a_database() {
    let scene = Scene::new();
    let file = scene.file("schedule.ics", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n");
    scene.assert_refused(&file, "truncated");
    assert!(!scene.data().exists());
}

const HALF: &str = "Title;Start;Programme\nGood;2025-05-12 09:00;P\nBad;soon;P\n";

#[test]
fn what_is_left_of_a_file_is_imported_only_when_somebody_accepts_it() {
    let scene = Scene::new();
    let file = scene.file("half.csv", HALF);
    let output = scene.import(&[], &[&file]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told = String::from_utf8(output.stdout).expect("text");
    assert!(
        told.contains("line 3, column B (Start) (Bad): \"soon\" is no time"),
        "{told}"
    );
    let told = String::from_utf8(output.stderr).expect("text");
    assert!(told.contains("--yes"), "{told}");
    assert!(!scene.data().exists());
    let output = scene.import(&["--yes"], &[&file]);
    assert!(output.status.success(), "{output:?}");
    assert!(!scene.dump().is_empty());
}

#[test]
fn a_preview_says_everything_and_writes_nothing() {
    let scene = Scene::new();
    let file = scene.file("calendar.ics", CALENDAR);
    let preview = |file: &Path| {
        let output = scene.import(&["--preview", "--json"], &[file]);
        assert!(output.status.success(), "{output:?}");
        let results: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(results[0]["imported"], false);
        results[0]["report"].clone()
    };
    assert_eq!(total(&preview(&file), "added"), 4);
    assert!(!scene.data().exists());
    scene.report(&file);
    let before = scene.dump();
    let renamed = scene.file("renamed.ics", CALENDAR.replace("Lecture", "Reading"));
    let foreseen = preview(&renamed);
    assert_eq!(
        (total(&foreseen, "added"), total(&foreseen, "changed")),
        (0, 1)
    );
    assert_eq!(
        preview(&scene.file("half.csv", HALF))["skipped"][0]["entry"],
        "Bad"
    );
    assert_eq!(scene.dump(), before);
}

#[test]
fn a_zone_is_given_to_files_that_name_none() {
    let scene = Scene::new();
    let file = scene.file("table.csv", "Title;Start\nA;2025-05-12 09:00\n");
    let import = |zone: &str| scene.import(&["--json", "--zone", zone], &[&file]);
    assert_eq!(import("Nowhere").status.code(), Some(2));
    let output = import("Asia/Almaty");
    let results: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let warnings = results[0]["report"]["warnings"].to_string();
    assert!(!warnings.contains("no-zone"), "{warnings}");
    let exported = scene.exported("", "ical", "en");
    let text = fs::read_to_string(exported).expect("written");
    assert!(
        text.contains("DTSTART;TZID=Asia/Almaty:20250512T090000"),
        "{text}"
    );
}

#[test]
fn each_file_is_imported_by_itself() {
    let scene = Scene::new();
    let bad = scene.file("bad.ics", "not a calendar");
    let good = scene.file("good.ics", CALENDAR);
    let output = scene.import(
        &["--json"],
        &[&bad, &scene.folder.path().join("none"), &good],
    );
    assert_eq!(output.status.code(), Some(1));
    let results: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let imported: Vec<_> = (0..3)
        .map(|index| results[index]["imported"].as_bool())
        .collect();
    assert_eq!(imported, [Some(false), Some(false), Some(true)]);
    assert!(!scene.dump().is_empty());
}

#[test]
fn wrong_arguments_are_told_apart_from_wrong_files() {
    let scene = Scene::new();
    let file = scene.file("good.ics", CALENDAR);
    assert_eq!(scene.import(&[], &[]).status.code(), Some(2));
    assert_eq!(
        scene.import(&["--as", "x"], &[&file, &file]).status.code(),
        Some(2)
    );
    assert_eq!(
        scene.import(&["--as", " "], &[&file]).status.code(),
        Some(2)
    );
    assert!(!scene.data().exists());
}

#[test]
fn a_huge_file_is_refused_unread() {
    let scene = Scene::new();
    let path = scene.file("huge.ics", "");
    let file = fs::File::options().write(true).open(&path).expect("opens");
    // A hole: it takes no space and would take long to read.
    file.set_len(1 << 40).expect("grows");
    scene.assert_refused(&path, "huge");
}

#[test]
fn a_programme_is_public_when_it_is_said_so() {
    for (arguments, expected) in [(&[][..], false), (&["--public"][..], true)] {
        let scene = Scene::new();
        let file = scene.file("calendar.ics", CALENDAR);
        assert!(scene.import(arguments, &[&file]).status.success());
        // A later import that does not mention it leaves it as it is.
        assert!(scene.import(&[], &[&file]).status.success());
        let scopes = in_store(&scene, |store| async move {
            store.read(|transaction| transaction.shared_scopes()).await
        });
        let public: Vec<_> = scopes.iter().map(|scope| scope.is_public).collect();
        assert_eq!(public, [expected]);
    }
}

#[test]
fn another_name_makes_another_programme() {
    let scene = Scene::new();
    let file = scene.file("calendar.ics", CALENDAR);
    let first = scene.report(&file);
    let output = scene.import(&["--json", "--as", "Second"], &[&file]);
    let results: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_ne!(results[0]["report"]["programme"], first["programme"]);
    assert_eq!(
        total(&results[0]["report"], "added"),
        total(&first, "added")
    );
}

#[test]
fn files_of_materials_are_stored_and_those_outside_refused() {
    let keruen = |path: &str| {
        format!(
            r#"{{"keruen": 1, "programme": {{"id": "p", "title": "P"}}, "materials":
            [{{"id": "m", "kind": "file", "title": "M", "file": "{path}"}}]}}"#
        )
    };
    let scene = Scene::new();
    scene.file("form.pdf", b"%PDF-1.7");
    let file = scene.file("programme.json", keruen("form.pdf"));
    let report = scene.report(&file);
    assert_eq!(report["added"]["materials"], 1);
    let stored = scene.data().join("files");
    assert!(fs::read_dir(stored).expect("files").count() > 0);

    for path in ["../form.pdf", "/etc/hostname", "x/../../y"] {
        let file = scene.file("other.json", keruen(path));
        scene.assert_refused(&file, path);
    }
}

#[test]
fn an_open_store_sees_what_was_imported_beside_it() {
    let scene = Scene::new();
    let file = scene.file("calendar.ics", CALENDAR);
    let rows = in_store(&scene, |store| {
        let report = scene.report(&file);
        let programme = report["programme"].as_str().expect("an id");
        let scope = ScopeId::Programme(programme.parse().expect("an id"));
        async move {
            store
                .read(move |transaction| Ok(transaction.scope(scope)?.last_sequence))
                .await
        }
    });
    assert_eq!(rows, 4);
}

#[test]
fn what_a_person_wrote_outlives_the_next_import() {
    let scene = Scene::new();
    let file = scene.file("calendar.ics", CALENDAR);
    let report = scene.report(&file);
    let scope = ScopeId::Programme(
        report["programme"]
            .as_str()
            .expect("id")
            .parse()
            .expect("id"),
    );
    let mut importer = Importer::open(&scene.data(), Scene::identity()).expect("opens");
    let edited = importer.import(|transaction| {
        let records = transaction.records(scope)?;
        let lecture = records
            .into_iter()
            .find(|record| record.value("title").as_text() == Some("Lecture"));
        let lecture = lecture.expect("imported");
        let mut clock = Clock::new(DeviceId(7), Hlc::default(), 0);
        clock.observe(lecture.latest_reading(clock.device()));
        let mut edit = Edit::new(lecture.key, Some(&lecture), clock.stamp(1), Author::Person);
        edit.set(FieldKey::register("title"), "Talk");
        transaction.write(edit.finish().expect("an edit"), 0)?;
        Ok::<_, StoreError>(lecture.key)
    });
    let key = edited.expect("written");
    drop(importer);

    let renamed = scene.file("renamed.ics", CALENDAR.replace("Lecture", "Reading"));
    let report = scene.report(&renamed);
    assert_eq!(total(&report, "changed"), 0);
    assert_eq!(report["kept"][0]["fields"], serde_json::json!(["title"]));
    let mut importer = Importer::open(&scene.data(), Scene::identity()).expect("opens");
    let record: Record = importer
        .import(|transaction| transaction.record(&key))
        .expect("read")
        .expect("is there");
    assert_eq!(record.key.collection, Collection::SESSION);
    assert_eq!(record.value("title").as_text(), Some("Talk"));
}

/// Does something with the store open, as a running server has it.
fn in_store<T, F>(scene: &Scene, work: impl FnOnce(std::sync::Arc<dyn Store>) -> F) -> T
where
    F: Future<Output = Result<T, StoreError>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let store = SqliteStore::open(&scene.data(), Scene::identity()).expect("opens");
    runtime
        .block_on(work(std::sync::Arc::new(store)))
        .expect("read")
}

/// Settings as the command line gives them.
#[derive(clap::Parser)]
struct Arguments {
    #[command(flatten)]
    config: keruen_server::config::Config,
}

#[test]
fn what_the_server_made_of_a_picture_outlives_the_next_import() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let file = samples.join("regional-meetings-2023/programme.json");
    let scene = Scene::new();
    scene.report(&file);
    let made = in_store(&scene, |store| async move {
        let config = <Arguments as clap::Parser>::parse_from(["keruen"]).config;
        let state = keruen_server::AppState::new(&config, store, std::sync::Arc::new(|| 1));
        let mut maker = keruen_server::forms::Maker::new().expect("random bits");
        maker.make_missing(&state).await
    });
    assert_eq!(made, 1);
    let before = scene.dump();
    let again = scene.report(&file);
    assert_eq!((total(&again, "added"), total(&again, "changed")), (0, 0));
    assert_eq!(scene.dump(), before);
}

/// The files of `$KERUEN_CORPUS`; empty, with a word about it, when it is not set.
fn corpus() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("KERUEN_CORPUS") else {
        println!("skipped: KERUEN_CORPUS names no folder with real schedules");
        return Vec::new();
    };
    // Tests run in the package's folder, the variable is set where the repository begins.
    let from_root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(&folder);
    let mut folders = vec![if from_root.exists() {
        from_root
    } else {
        PathBuf::from(folder)
    }];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the corpus") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    assert!(!files.is_empty(), "KERUEN_CORPUS holds no files");
    files
}

/// The corpus holds schemas and a description beside the schedules.
fn is_schedule(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    !name.ends_with(".md") && !name.ends_with(".xsd") && !name.contains("schema")
}

#[test]
fn real_schedules_import_twice_and_other_files_are_refused() {
    for file in corpus() {
        let scene = Scene::new();
        if is_schedule(&file) {
            assert_imports_twice(&scene, &file);
        } else {
            scene.assert_refused(&file, &file.display().to_string());
        }
    }
}

#[test]
fn damaged_schedules_leave_the_database_as_it_was() {
    for file in corpus().iter().filter(|file| is_schedule(file)) {
        let scene = Scene::new();
        scene.report(file);
        let bytes = fs::read(file).expect("readable");
        let length = bytes.trim_ascii_end().len();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        for end in [
            0,
            1,
            17,
            length / 3,
            length / 2,
            length * 9 / 10,
            length - 2,
            length - 1,
        ] {
            let cut = scene.file(&name, &bytes[..end]);
            scene.assert_refused(&cut, &format!("{name} cut at {end}"));
        }
        let mut flipped = bytes.clone();
        flipped.iter_mut().take(4).for_each(|byte| *byte = !*byte);
        let flipped = scene.file(&name, &flipped);
        scene.assert_refused(&flipped, &format!("{name} with a flipped head"));
    }
}
