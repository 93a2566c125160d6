//! Tables as people and spreadsheets write them.

use keruen_domain::{Collection, Value};
use keruen_formats::limits::MAX_ENTRIES;
use keruen_formats::{Draft, NoCompanions, Options, ReadErrorKind, RecordDraft, read};

fn try_read(bytes: &[u8]) -> Result<Draft, keruen_formats::ReadError> {
    let options = Options {
        fallback_title: Some("agenda"),
        ..Options::default()
    };
    read(bytes, &options, &mut NoCompanions)
}

fn draft(text: &str) -> Draft {
    try_read(text.as_bytes()).expect("readable")
}

fn of(draft: &Draft, collection: Collection) -> Vec<&RecordDraft> {
    let records = draft.records.iter();
    records
        .filter(|record| record.key.collection == collection)
        .collect()
}

fn text<'a>(record: &'a RecordDraft, field: &str) -> Option<&'a str> {
    let found = record.fields.iter().find(|(key, _)| key.as_str() == field);
    found.and_then(|(_, value)| value.as_text())
}

fn number(record: &RecordDraft, field: &str) -> Option<i64> {
    let found = record.fields.iter().find(|(key, _)| key.as_str() == field);
    found.and_then(|(_, value)| value.as_number())
}

/// Two events in two offsets, the second after midnight; cells joined downwards are empty below.
const ROWS: [[&str; 8]; 4] = [
    [
        "Форум",
        "Семей",
        "Asia/Almaty",
        "21.11.2023",
        "9:00",
        "10:30",
        "Открытие",
        "Айгүл; Bolat",
    ],
    ["", "", "", "", "23:00", "01:00", "Ночь =)", ""],
    [
        "",
        "Қызылорда",
        "Asia/Qyzylorda",
        "13.11.2023",
        "09:00",
        "10:00",
        "Открытие",
        "Bolat",
    ],
    [
        "",
        "",
        "",
        "14.11.2023",
        "9.00–10.30",
        "",
        "Дәріс, екі бөлім",
        "Bolat",
    ],
];
const HEADINGS: [[&str; 8]; 3] = [
    [
        "Programme",
        "City",
        "Time zone",
        "Date",
        "Start",
        "End",
        "Title",
        "Speakers",
    ],
    [
        "Программа",
        "Город",
        "Часовой пояс",
        "Дата",
        "Начало",
        "Конец",
        "Название",
        "Спикеры",
    ],
    [
        "Бағдарлама",
        "Қала",
        "Уақыт белдеуі",
        "Күні",
        "Басталуы",
        "Аяқталуы",
        "Атауы",
        "Спикерлер",
    ],
];

fn table(headings: [&str; 8], delimiter: char, line_end: &str) -> String {
    let mut text = String::new();
    for row in [headings].iter().chain(&ROWS) {
        for (index, cell) in row.iter().enumerate() {
            if index > 0 {
                text.push(delimiter);
            }
            text.extend(["\"", cell, "\""]);
        }
        text.push_str(line_end);
    }
    text
}

#[test]
fn every_delimiter_encoding_and_language_says_the_same() {
    let wanted = draft(&table(HEADINGS[0], ',', "\n"));
    assert_eq!(wanted.skipped, []);
    assert_eq!(wanted.title, "Форум");
    let starts: Vec<_> = of(&wanted, Collection::SESSION)
        .iter()
        .map(|session| (number(session, "start"), number(session, "offset_minutes")))
        .collect();
    let hour_ms = 3_600_000;
    let semey = 1_700_535_600_000;
    let kyzylorda = 1_699_848_000_000;
    assert_eq!(
        starts,
        [
            (Some(semey), Some(360)),
            (Some(semey + 14 * hour_ms), Some(360)),
            (Some(kyzylorda), Some(300)),
            (Some(kyzylorda + 24 * hour_ms), Some(300)),
        ]
    );
    let events = of(&wanted, Collection::EVENT);
    assert_eq!(events.len(), 2);
    assert_eq!(text(events[1], "city"), Some("Қызылорда"));
    assert_eq!(text(events[0], "last_day"), Some("2023-11-22"));
    assert_eq!(text(events[1], "last_day"), Some("2023-11-14"));
    assert_eq!(of(&wanted, Collection::PERSON).len(), 2);
    for headings in HEADINGS {
        for delimiter in [',', ';', '\t'] {
            for line_end in ["\n", "\r\n"] {
                let text = table(headings, delimiter, line_end);
                let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                for file in [
                    text.clone().into_bytes(),
                    [b"\xef\xbb\xbf", text.as_bytes()].concat(),
                    [b"\xff\xfe", utf16.as_slice()].concat(),
                    format!("sep={delimiter}\r\n{text}").into_bytes(),
                ] {
                    let mut other = try_read(&file).expect("readable");
                    for (record, wanted) in other.records.iter_mut().zip(&wanted.records) {
                        record.place = wanted.place.clone();
                    }
                    assert_eq!(other.records, wanted.records, "{text}");
                }
            }
        }
    }
}

#[test]
fn problems_name_line_and_column() {
    let draft = draft(
        "Date;Start;End;Title;Kind;Status;Budget;Link\n\
         2025-05-12;09:00;10:00;Good;Lecture;;;\n\
         12 May;09:00;10:00;Bad day;;;;\n\
         2025-05-12;25:00;26:00;Bad start;;;;\n\
         2025-05-12;09:00;nine;\"Bad\n\nend\";;;;\n\
         05/12/2025;09:00;10:00;Two days;;;;\n\
         2025-05-12;09:00;08:00;;;;;\n\
         2025-05-13;09:00;10:00;Odd words;Poetry;perhaps;7;javascript:x;more\n",
    );
    let skipped: Vec<String> = draft.skipped.iter().map(ToString::to_string).collect();
    assert_eq!(
        skipped,
        [
            "line 3, column A (Date) (Bad day): \"12 May\" is no time that can be read",
            "line 4, column B (Start) (Bad start): \"25:00\" is no time that can be read",
            "line 5, column C (End) (Bad end): \"nine\" is no time that can be read",
            "line 8, column A (Date) (Two days): \"05/12/2025\" may be two different days; write it as 2025-05-12 or 12.05.2025",
            "line 9, column D (Title): it has no title",
        ]
    );
    let warnings: Vec<String> = draft.warnings.iter().map(ToString::to_string).collect();
    for wanted in [
        "line 1, column G (Budget): the field \"Budget\" is not known",
        "line 10: it has 9 cells under 8 headings",
        "line 10, column E (Kind) (Odd words): \"Poetry\" is not one of the known words",
        "line 10, column F (Status) (Odd words): \"perhaps\" is not one of the known words",
        "line 2, column B (Start) (Good): it has times without a time zone; they were taken as UTC (and at one more place)",
    ] {
        assert!(
            warnings.iter().any(|known| known == wanted),
            "{wanted}: {warnings:#?}"
        );
    }
    assert_eq!(of(&draft, Collection::SESSION).len(), 2);
}

#[test]
fn what_contradicts_itself_is_said_and_not_made_up() {
    let draft = draft(
        "Date,Start,End,Title,Time zone,ID\n\
         2025-05-12,09:00,2025-05-11 10:00,Backwards,Asia/Almaty,1\n\
         2025-05-12,09:00,10:00,Again,Asia/Almaty,1\n\
         2024-02-29,23:30,23:45,Twice,Asia/Almaty,2\n\
         2025-05-12,09:00,10:00,Nowhere,Asia/Nowhere,3\n",
    );
    let reasons = |notices: &[keruen_formats::Notice]| {
        let reasons = notices.iter().map(ToString::to_string);
        reasons.collect::<Vec<_>>().join("\n")
    };
    let skipped = reasons(&draft.skipped);
    assert!(
        skipped.contains("(Again): an entry before it has the same identifier"),
        "{skipped}"
    );
    let warnings = reasons(&draft.warnings);
    assert!(
        warnings.contains("(Backwards): it ends before it begins"),
        "{warnings}"
    );
    assert!(
        warnings.contains("(Twice): the clocks showed 2024-02-29 23:30 twice"),
        "{warnings}"
    );
    assert_eq!(of(&draft, Collection::SESSION).len(), 3);
}

#[test]
fn a_table_that_is_none_is_refused_with_words() {
    let kind = |text: &str| try_read(text.as_bytes()).map(|_| ()).expect_err(text).kind;
    assert_eq!(kind("Name;Age\nA;1\n"), ReadErrorKind::NotRecognised(None));
    assert!(matches!(
        kind("Date;Start;Title\n"),
        ReadErrorKind::Missing(_)
    ));
    assert_eq!(
        kind("Date;Start;Title\n2025-05-12;09:00;\"never ends\n"),
        ReadErrorKind::OpenQuote
    );
    assert_eq!(
        kind("Date;Start;Title\n2025-05-12;09:0"),
        ReadErrorKind::Truncated
    );
    let many = [
        "Date;Start;Title\n",
        &"2025-05-12;09:00;x\n".repeat(MAX_ENTRIES + 2),
    ]
    .concat();
    assert_eq!(kind(&many), ReadErrorKind::TooManyEntries);
    let wide = ["Date;Start;Title", &";x".repeat(1_000), "\n1;2;3\n"].concat();
    assert_eq!(kind(&wide), ReadErrorKind::TooManyEntries);
    // Windows-1251, in which Kazakh letters are lost.
    let error = try_read(b"\xc4\xe0\xf2\xe0;\xcd\xe0\xf7\xe0\xeb\xee\n").expect_err("no UTF-8");
    assert_eq!(error.kind, ReadErrorKind::NotText);
    assert!(error.to_string().contains("CSV UTF-8"), "{error}");
}

#[test]
fn a_table_cut_anywhere_is_refused_or_loses_whole_rows_and_ends_of_texts_only() {
    let text = table(HEADINGS[1], ';', "\r\n");
    let whole = draft(&text);
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        let Ok(cut) = try_read(&text.as_bytes()[..end]) else {
            continue;
        };
        assert!(cut.records.len() <= whole.records.len(), "cut at {end}");
        for session in of(&cut, Collection::SESSION) {
            assert!(
                whole.records.iter().any(|known| known.key == session.key),
                "cut at {end}: {session:?}"
            );
        }
    }
}

#[test]
fn a_row_without_words_of_people_says_nothing_of_them() {
    let draft = draft("Title;Start\nA;2025-05-12 09:00\n");
    let session = of(&draft, Collection::SESSION)[0];
    assert_eq!(text(session, "title"), Some("A"));
    assert!(
        !session
            .fields
            .values()
            .any(|value| *value == Value::Nothing)
    );
    assert!(!draft.is_partial);
}
