//! Calendars and schedules that are written, and read again.

use std::sync::Arc;

use keruen_domain::model::{Event, Session, View as _, fields};
use keruen_domain::{
    Author, Clock, Collection, DeviceId, Edit, FieldKey, Hlc, Language, Record, RecordKey,
};
use keruen_formats::write::{Agenda, Words, calendar, csv, feed, frab_json, frab_xml, template};
use keruen_formats::{Draft, NoCompanions, Options, plan, read};

const NOW_MS: u64 = 1_747_000_000_000;
const WORDS: Words<'_> = Words {
    samples: "Made up; for show",
    cancelled: "called off",
};

fn clock() -> Clock {
    Clock::new(DeviceId(1), Hlc::default(), 0)
}

fn draft(text: &str) -> Draft {
    read(text.as_bytes(), &Options::default(), &mut NoCompanions).expect("readable")
}

/// The records after a first import.
fn imported(text: &str) -> Vec<Record> {
    plan(&draft(text), &[], &mut clock(), NOW_MS).changes
}

fn agenda(records: &[Record], language: Language) -> Agenda {
    let records: Vec<Arc<Record>> = records.iter().cloned().map(Arc::new).collect();
    let event = records.iter().find_map(Event::of).expect("an event");
    Agenda::of(&records, event.id(), language).expect("an agenda")
}

fn written(records: &[Record], language: Language) -> String {
    calendar(&agenda(records, language), WORDS.samples).text
}

/// In every format for one event.
fn all_written(records: &[Record], language: Language) -> [String; 4] {
    let agenda = agenda(records, language);
    [
        calendar(&agenda, WORDS.samples).text,
        frab_xml(&agenda, &WORDS).expect("written").text,
        frab_json(&agenda, &WORDS).expect("written").text,
        csv(&[agenda], language).expect("written").text,
    ]
}

/// What reading the written calendar would change.
fn changed_by(text: &str, records: &[Record]) -> Vec<Record> {
    let draft = draft(text);
    assert_eq!(draft.skipped, [], "{text}");
    let plan = plan(&draft, records, &mut clock(), NOW_MS + 1_000);
    assert_eq!(plan.report.missing, []);
    plan.changes
}

const FOREIGN: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Somebody//EN\r\n\
X-WR-CALNAME:Kieluxtage\\, zwei Tage\r\nX-WR-CALDESC:About\r\n\
BEGIN:VEVENT\r\nUID:1@example.org\r\nDTSTART;TZID=Europe/Berlin:20250912T090000\r\nDURATION:PT45M\r\n\
SUMMARY;LANGUAGE=ru:Открытие\r\nDESCRIPTION:One\\nTwo\\; three\\\\four\r\nLOCATION:Hall 1\r\nCATEGORIES:Workshop,Lecture\r\n\
URL:https://example.org/1\r\nATTACH:https://example.org/slides.pdf\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:2@example.org\r\nDTSTART:20250912T100000Z\r\nSUMMARY:No end\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:3@example.org\r\nDTSTART;TZID=Asia/Almaty:20240229T233000\r\nDTEND;TZID=Asia/Almaty:20240301T003000\r\nSUMMARY:Twice\r\nEND:VEVENT\r\n\
END:VCALENDAR\r\n";

#[test]
fn an_imported_calendar_comes_back_as_it_was() {
    let records = imported(FOREIGN);
    let texts = all_written(&records, Language::Kazakh);
    for text in &texts {
        assert_eq!(changed_by(text, &records), [], "{text}");
    }
    // And what is written of that is the same.
    assert_eq!(all_written(&records, Language::Kazakh), texts);
}

const NATIVE: &str = r#"{"keruen": 1,
  "programme": {"id": "p", "title": {"en": "Programme", "kk": "Бағдарлама"}, "public": true},
  "events": [{"id": "e", "title": {"en": "Event", "ru": "Встреча"}, "city": {"ru": "Астана", "en": "Astana"},
    "venue": {"en": "Academy"}, "zone": "Asia/Almaty", "first_day": "2025-05-12", "last_day": "2025-05-14"}],
  "people": [{"id": "a", "name": "Айгүл", "post": {"ru": "тренер"}}, {"id": "b", "name": "Bolat"}],
  "materials": [{"id": "m", "kind": "text", "title": {"en": "Text"}, "body": {"en": "Hello"}}],
  "sessions": [
    {"id": "s1", "event": "e", "kind": "opening", "title": {"en": "Opening; welcome", "kk": "Ашылу"},
     "abstract": {"en": "What it is about"}, "start": "2025-05-12T09:00", "end": "2025-05-12T09:30",
     "room": {"en": "Hall", "ru": "Зал"}, "speakers": ["a", "b"], "materials": ["m"], "track": "Workshop"},
    {"id": "s2", "event": "e", "title": {"en": "Without a room"}, "start": "2025-05-12T10:00", "end": "2025-05-12T11:00",
     "sample": ["start"]}]
}"#;

#[test]
fn a_programme_in_three_languages_loses_nothing_by_a_file_in_one() {
    let records = imported(NATIVE);
    for language in [Language::English, Language::Kazakh, Language::Russian] {
        for text in all_written(&records, language) {
            assert_eq!(changed_by(&text, &records), [], "{text}");
        }
    }
}

fn lines(text: &str) -> Vec<String> {
    let unfolded = text.replace("\r\n ", "");
    unfolded.split("\r\n").map(str::to_owned).collect()
}

#[test]
fn people_read_where_when_and_who() {
    let lines = lines(&written(&imported(NATIVE), Language::English));
    for wanted in [
        "X-WR-TIMEZONE:Asia/Almaty",
        "DTSTART;TZID=Asia/Almaty:20250512T090000",
        "DTEND;TZID=Asia/Almaty:20250512T093000",
        "SUMMARY;LANGUAGE=en:Opening\\; welcome",
        "LOCATION:Hall\\, Academy\\, Astana",
        "DESCRIPTION:Bolat\\, Айгүл\\n\\nWhat it is about",
        "CATEGORIES:Workshop",
        "LOCATION:Academy\\, Astana",
        "DESCRIPTION:Made up\\; for show",
        "TZOFFSETTO:+0500",
    ] {
        assert!(
            lines.iter().any(|line| line == wanted),
            "{wanted}: {lines:#?}"
        );
    }
}

fn edited(record: &Record, now_ms: u64, edit: impl FnOnce(&mut Edit<'_>)) -> Record {
    let mut clock = clock();
    clock.observe(record.latest_reading(DeviceId(1)));
    let mut change = Edit::new(
        record.key,
        Some(record),
        clock.stamp(now_ms),
        Author::Person,
    );
    edit(&mut change);
    let mut merged = record.clone();
    merged.merge(change.finish().expect("an edit"));
    merged
}

fn position(records: &[Record], title: &str) -> usize {
    let is_it = |record: &Record| {
        record.key.collection == Collection::SESSION
            && record.value("title:en").as_text() == Some(title)
    };
    records.iter().position(is_it).expect("the session")
}

#[test]
fn a_moved_session_has_a_greater_sequence_and_an_edited_one_a_later_stamp() {
    let mut records = imported(NATIVE);
    let at = position(&records, "Without a room");
    let sequences = |records: &[Record]| -> Vec<String> {
        let lines = lines(&written(records, Language::English));
        let of = |name: &'static str| {
            lines
                .iter()
                .filter(move |line| line.starts_with(name))
                .cloned()
                .collect::<Vec<_>>()
        };
        [of("SEQUENCE:"), of("LAST-MODIFIED:"), of("UID:")].concat()
    };
    let before = sequences(&records);
    records[at] = edited(&records[at], NOW_MS + 60_000, |edit| {
        edit.set(FieldKey::register(fields::TRACK), "Other");
    });
    let touched = sequences(&records);
    assert_eq!(before[..2], touched[..2], "nothing was moved");
    assert!(touched[3] > before[3], "the stamp is later");
    records[at] = edited(&records[at], NOW_MS + 120_000, |edit| {
        edit.set(FieldKey::register(fields::END), 1_747_030_000_000_i64);
    });
    let moved = sequences(&records);
    assert!(moved[1] > touched[1], "{moved:?}");
    assert_eq!(moved[4..], before[4..], "identifiers stay");
}

#[test]
fn what_is_called_off_says_so_and_what_has_no_time_is_counted() {
    let mut records = imported(NATIVE);
    let at = position(&records, "Without a room");
    records[at] = edited(&records[at], NOW_MS, |edit| {
        edit.set(FieldKey::register(fields::STATUS), "cancelled");
    });
    let text = written(&records, Language::English);
    assert_eq!(text.matches("STATUS:CANCELLED").count(), 1, "{text}");
    records[at] = edited(&records[at], NOW_MS, |edit| {
        edit.set(
            FieldKey::register(fields::START),
            keruen_domain::Value::Nothing,
        );
    });
    let agenda = agenda(&records, Language::English);
    assert_eq!(
        (agenda.len(), calendar(&agenda, WORDS.samples).untimed),
        (1, 1)
    );
    for written in [frab_xml(&agenda, &WORDS), frab_json(&agenda, &WORDS)] {
        assert_eq!(written.expect("written").untimed, 1);
    }
}

#[test]
fn a_session_that_an_update_calls_off_is_called_off_and_can_take_place_again() {
    let calls_off = FOREIGN.replace("SUMMARY:No end", "STATUS:CANCELLED\r\nSUMMARY:No end");
    for (planned, cancelled) in [
        (FOREIGN, &*calls_off),
        (
            NATIVE,
            &NATIVE.replace(
                "\"id\": \"s2\",",
                "\"id\": \"s2\", \"status\": \"cancelled\",",
            ),
        ),
    ] {
        let mut records = imported(planned);
        let changes = changed_by(cancelled, &records);
        let [change] = &changes[..] else {
            panic!("{changes:?}");
        };
        let at = records.iter().position(|it| it.key == change.key);
        let record = &mut records[at.expect("a session that is there")];
        record.merge(change.clone());
        let is_cancelled = |record: &Record| {
            let session = Session::of(&Arc::new(record.clone()));
            session.expect("a session").is_cancelled()
        };
        assert!(is_cancelled(record));
        assert_eq!(changed_by(cancelled, &records), []);
        let back = changed_by(planned, &records);
        assert_eq!(back.len(), 1);
        let record = &mut records[at.expect("a session that is there")];
        record.merge(back[0].clone());
        assert!(!is_cancelled(record));
    }
}

#[test]
fn that_an_event_is_called_off_is_not_taken_for_its_sessions() {
    let mut records = imported(&NATIVE.replace("\"zone\"", "\"status\": \"cancelled\", \"zone\""));
    let text = written(&records, Language::English);
    assert_eq!(
        text.matches("STATUS;X-OF-EVENT=TRUE:CANCELLED").count(),
        2,
        "{text}"
    );
    assert_eq!(changed_by(&text, &records), []);
    let at = position(&records, "Without a room");
    records[at] = edited(&records[at], NOW_MS, |edit| {
        edit.set(FieldKey::register(fields::STATUS), "cancelled");
    });
    let text = written(&records, Language::English);
    assert_eq!(text.matches("STATUS:CANCELLED").count(), 1, "{text}");
    assert_eq!(changed_by(&text, &records), []);
}

#[test]
fn an_edit_in_the_file_is_an_edit_of_that_session_alone() {
    let records = imported(NATIVE);
    let text = written(&records, Language::English);
    let text = text.replace("T093000", "T094500");
    let changes = changed_by(&text, &records);
    let keys: Vec<RecordKey> = changes.iter().map(|change| change.key).collect();
    assert_eq!(keys, [records[position(&records, "Opening; welcome")].key]);
    let fields: Vec<&str> = changes[0].fields().map(|(key, _)| key.as_str()).collect();
    assert_eq!(fields, [fields::END]);
}

#[test]
fn a_name_that_is_asked_for_counts_more_than_the_origin() {
    for text in all_written(&imported(NATIVE), Language::English) {
        let options = Options {
            name: Some("copy"),
            ..Options::default()
        };
        let copy = read(text.as_bytes(), &options, &mut NoCompanions).expect("readable");
        assert_ne!(copy.programme, draft(&text).programme);
        assert!(!copy.is_partial);
    }
}

/// Found by `fuzz/`: what looked like HTML was made into Markdown a second time, and of a folded text
/// lines of spaces alone were passed over.
#[test]
fn texts_stay_as_they_were_written() {
    let mut records = imported(NATIVE);
    let at = position(&records, "Opening; welcome");
    let spaced = ["far", &" ".repeat(300), "apart"].concat();
    for text in [
        "a\nb</p> &amp; <p>c",
        " \tindented, and an end\n",
        "]]> ?> é",
        &spaced,
    ] {
        records[at] = edited(&records[at], NOW_MS, |edit| {
            edit.set(
                FieldKey::translated(fields::ABSTRACT, Language::English),
                text,
            );
        });
        for written in all_written(&records, Language::English) {
            let plan = plan(&draft(&written), &records, &mut clock(), NOW_MS + 1_000);
            assert_eq!(plan.changes, []);
            assert_eq!(plan.report.kept, []);
        }
    }
}

#[test]
fn schedules_show_what_is_called_off_and_where_the_event_is() {
    let mut records = imported(NATIVE);
    let at = position(&records, "Without a room");
    records[at] = edited(&records[at], NOW_MS, |edit| {
        edit.set(FieldKey::register(fields::STATUS), "cancelled");
    });
    let [_, xml, json, _] = all_written(&records, Language::English);
    for wanted in [
        "<title>[called off] Without a room</title>",
        "<room>Academy</room>",
        "<description>Made up; for show</description>",
        "<date>2025-05-12T09:00:00+05:00</date>",
        "<day index=\"1\" date=\"2025-05-12\" start=\"2025-05-12T00:00:00+05:00\" end=\"2025-05-12T23:59:59+05:00\">",
        "<duration>00:30</duration>",
        ">Bolat</person>",
        "<time_zone_name>Asia/Almaty</time_zone_name>",
    ] {
        assert!(xml.contains(wanted), "{wanted}: {xml}");
    }
    assert!(json.contains("\"[called off] Without a room\""), "{json}");
    for text in [xml, json] {
        let plan = plan(&draft(&text), &records, &mut clock(), NOW_MS + 1_000);
        assert_eq!((plan.changes, plan.report.kept), (vec![], vec![]), "{text}");
    }
}

#[test]
fn an_edit_in_a_schedule_is_an_edit_of_that_session_alone() {
    let records = imported(NATIVE);
    let [_, xml, json, _] = all_written(&records, Language::English);
    for (text, from, to) in [
        (xml, "<duration>00:30<", "<duration>00:45<"),
        (json, "\"duration\": \"00:30\"", "\"duration\": \"00:45\""),
    ] {
        assert!(text.contains(from), "{text}");
        let changes = changed_by(&text.replace(from, to), &records);
        let keys: Vec<RecordKey> = changes.iter().map(|change| change.key).collect();
        assert_eq!(keys, [records[position(&records, "Opening; welcome")].key]);
        let fields: Vec<&str> = changes[0].fields().map(|(key, _)| key.as_str()).collect();
        assert_eq!(fields, [fields::END]);
    }
}

#[test]
fn times_that_a_schedule_cannot_say_come_back_too() {
    let mut records = imported(NATIVE);
    let at = position(&records, "Without a room");
    for (start, end, offset) in [
        (1_747_000_000_123_i64, Some(1_747_000_061_456_i64), 300),
        (1_747_000_000_000, Some(1_747_500_000_000), -1_000),
        (1_747_000_000_000, None, 345),
        // The second of two hours that the clocks of Almaty showed alike.
        (1_709_231_400_000, Some(1_709_235_000_000), 300),
    ] {
        records[at] = edited(&records[at], NOW_MS, |edit| {
            edit.set(FieldKey::register(fields::START), start);
            match end {
                Some(end) => edit.set(FieldKey::register(fields::END), end),
                None => edit.set(
                    FieldKey::register(fields::END),
                    keruen_domain::Value::Nothing,
                ),
            };
            edit.set(FieldKey::register(fields::OFFSET_MINUTES), offset);
        });
        for text in &all_written(&records, Language::English)[1..] {
            let plan = plan(&draft(text), &records, &mut clock(), NOW_MS + 1_000);
            assert_eq!((plan.changes, plan.report.kept), (vec![], vec![]), "{text}");
        }
    }
}

#[test]
fn a_schedule_without_any_day_is_not_written() {
    let text = r#"{"keruen": 1, "programme": {"id": "p", "title": "P"}, "events": [{"id": "e", "title": "E"}]}"#;
    let agenda = agenda(&imported(text), Language::English);
    assert!(frab_xml(&agenda, &WORDS).is_err() && frab_json(&agenda, &WORDS).is_err());
    assert!(csv(&[agenda], Language::English).is_err());
}

fn table(records: &[Record], language: Language) -> String {
    let [.., table] = all_written(records, language);
    table
}

/// As a spreadsheet would write it after an edit.
fn recut(table: &str, edit: impl Fn(&mut Vec<Vec<String>>)) -> String {
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(b';')
        .has_headers(false)
        .from_reader(table.trim_start_matches('\u{feff}').as_bytes());
    let rows = reader.records().map(|row| row.expect("a row"));
    let mut rows: Vec<Vec<String>> = rows
        .map(|row| row.iter().map(str::to_owned).collect())
        .collect();
    edit(&mut rows);
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).expect("written");
    }
    String::from_utf8(writer.into_inner().expect("written")).expect("text")
}

fn column(rows: &[Vec<String>], heading: &str) -> usize {
    let found = rows[0].iter().position(|known| known == heading);
    found.unwrap_or_else(|| panic!("{heading} in {:?}", rows[0]))
}

#[test]
fn a_table_opens_in_excel_and_is_not_calculated() {
    let mut records = imported(NATIVE);
    let at = position(&records, "Without a room");
    let formulas = ["=1+1", "+7 727", "-x", "@x", "'=x", " =x", "\tx"];
    for formula in formulas {
        records[at] = edited(&records[at], NOW_MS, |edit| {
            for field in [fields::TITLE, fields::ABSTRACT] {
                edit.set(FieldKey::translated(field, Language::Russian), formula);
            }
        });
        let text = table(&records, Language::Russian);
        assert!(text.starts_with("\u{feff}"), "{text}");
        assert!(text.contains("\r\n") && text.contains(";Начало;"), "{text}");
        recut(&text, |rows| {
            for cell in rows.iter().flatten() {
                let begins = cell.trim_start().chars().next();
                assert!(!matches!(begins, Some('=' | '+' | '-' | '@')), "{cell}");
            }
        });
        let plan = plan(&draft(&text), &records, &mut clock(), NOW_MS + 1_000);
        let changed: Vec<_> = plan.changes.iter().flat_map(|it| it.fields()).collect();
        assert_eq!(changed, [], "{text}");
        // Spaces around a title are not of it.
        let kept = plan.report.kept.iter().flat_map(|kept| &kept.fields);
        assert!(
            kept.clone()
                .all(|field| field == "title:ru" && formula != formula.trim())
        );
    }
}

#[test]
fn what_is_edited_emptied_or_added_in_a_table_is_all_that_changes() {
    let records = imported(NATIVE);
    let text = recut(&table(&records, Language::Kazakh), |rows| {
        let [title, room, start, end, speakers, id, abstract_] = [
            "Атауы (ru)",
            "Залы (ru)",
            "Басталуы",
            "Аяқталуы",
            "Спикерлер",
            "ID",
            "Сипаттамасы (en)",
        ]
        .map(|heading| column(rows, heading));
        rows[1][title] = "Открытие".to_owned();
        rows[1][room] = String::new();
        rows[1][abstract_] = String::new();
        rows[1][speakers] = "Bolat; Нұрлан".to_owned();
        let mut added = rows[2].clone();
        added[id] = String::new();
        added[start] = "12:00".to_owned();
        added[end] = "13:00".to_owned();
        rows.push(added);
    });
    let draft = draft(&text);
    assert_eq!(draft.skipped, []);
    let plan = plan(&draft, &records, &mut clock(), NOW_MS + 1_000);
    assert_eq!(plan.report.added.to_string(), "2 (1 session, 1 person)");
    assert_eq!(plan.report.changed.to_string(), "1 (1 session)");
    let opening = records[position(&records, "Opening; welcome")].key;
    let change = plan.changes.iter().find(|change| change.key == opening);
    let changed: Vec<&str> = change
        .expect("the opening")
        .fields()
        .map(|(key, _)| {
            key.as_str()
                .split_once('/')
                .map_or(key.as_str(), |(set, _)| set)
        })
        .collect();
    assert_eq!(
        changed,
        ["abstract:en", "room:ru", "speakers", "speakers", "title:ru"],
        "{change:?}"
    );
    // Both events are one: the added row belongs to that of the others.
    assert_eq!(
        draft
            .records
            .iter()
            .filter(|it| it.key.collection == Collection::EVENT)
            .count(),
        1
    );
}

#[test]
fn a_table_makes_its_programme_where_there_is_none() {
    let records = imported(NATIVE);
    let again = plan(
        &draft(&table(&records, Language::English)),
        &[],
        &mut clock(),
        NOW_MS,
    );
    assert_eq!(
        again.report.added.to_string(),
        "6 (1 programme, 1 event, 2 sessions, 2 people)"
    );
}

#[test]
fn templates_are_read_in_each_language() {
    for language in [Language::Kazakh, Language::Russian, Language::English] {
        let text = template(language);
        let draft = draft(&text);
        assert_eq!((draft.skipped.len(), draft.records.len()), (0, 5), "{text}");
        let warnings: Vec<String> = draft.warnings.iter().map(ToString::to_string).collect();
        // Only that the row has no identifier.
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        let session = &draft.records[4];
        for (field, wanted) in [
            ("title:kk", "Картаны бірге сызамыз"),
            ("title:ru", "Рисуем карту вместе"),
            ("title:en", "Drawing a map together"),
            ("kind", "workshop"),
            ("status", "planned"),
            ("url", "https://example.org/session"),
        ] {
            let value = session.fields.iter().find(|(key, _)| key.as_str() == field);
            let text = value.and_then(|(_, value)| value.as_text());
            assert_eq!(text, Some(wanted), "{language} {field}");
        }
        assert!(session.fields.iter().any(|(key, value)| {
            key.as_str() == fields::START && value.as_number() == Some(1_747_022_400_000)
        }));
    }
}

#[test]
fn sessions_of_several_events_are_one_feed() {
    let here = imported(NATIVE);
    let there = imported(FOREIGN);
    let chosen = |records: &[Record], title: &str| {
        let is_left_out = |record: &Record| {
            let session = Session::of(&Arc::new(record.clone()));
            let title_of = |session: &Session| {
                let title = session.title();
                title
                    .best(Language::English)
                    .map(|(text, _)| text.to_owned())
            };
            session.is_some_and(|session| title_of(&session).as_deref() != Some(title))
        };
        let records = records.iter().filter(|record| !is_left_out(record));
        records.cloned().collect::<Vec<_>>()
    };
    let agendas = [
        agenda(&chosen(&here, "Opening; welcome"), Language::English),
        agenda(&chosen(&there, "Twice"), Language::English),
    ];
    let title = "Mine; and yours";
    let text = feed(title, Language::English, &agendas, WORDS.samples).text;
    let lines = lines(&text);
    for wanted in [
        "NAME;LANGUAGE=en:Mine\\; and yours",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "TZID:Asia/Almaty",
        "SUMMARY;LANGUAGE=en:Opening\\; welcome",
        "SUMMARY:Twice",
        "DTSTART;TZID=Asia/Almaty:20250512T090000",
    ] {
        assert_eq!(
            lines.iter().filter(|line| *line == wanted).count(),
            1,
            "{wanted}: {text}"
        );
    }
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 2);
    assert!(!text.contains("X-KERUEN-EVENT"), "{text}");
    let again = draft(&text);
    assert_eq!((again.skipped.len(), again.is_partial), (0, false));
    let nothing = feed(title, Language::English, &[], WORDS.samples).text;
    assert!(nothing.ends_with("X-PUBLISHED-TTL:PT1H\r\nEND:VCALENDAR\r\n"));
}
