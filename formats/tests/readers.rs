//! What each reader makes of whole files, sound and broken.

use std::collections::BTreeMap;

use keruen_domain::{Collection, Record};
use keruen_formats::{
    CompanionProblem, Companions, Draft, Format, NoCompanions, Options, Place, ReadError,
    ReadErrorKind, Reason, RecordDraft, read,
};

fn draft(text: &str) -> Draft {
    read(text.as_bytes(), &Options::default(), &mut NoCompanions).expect("readable")
}

fn refusal(text: &str) -> ReadError {
    read(text.as_bytes(), &Options::default(), &mut NoCompanions).expect_err("not readable")
}

fn of(draft: &Draft, collection: Collection) -> Vec<&RecordDraft> {
    let records = draft.records.iter();
    records
        .filter(|record| record.key.collection == collection)
        .collect()
}

fn session<'a>(draft: &'a Draft, label: &str) -> &'a RecordDraft {
    of(draft, Collection::SESSION)
        .into_iter()
        .find(|record| record.label == label)
        .unwrap_or_else(|| panic!("no session {label} in {:?}", draft.skipped))
}

fn text<'a>(record: &'a RecordDraft, key: &str) -> &'a str {
    record
        .fields
        .get(key)
        .and_then(|value| value.as_text())
        .unwrap_or_else(|| panic!("no text {key} in {:?}", record.fields))
}

fn number(record: &RecordDraft, key: &str) -> i64 {
    record
        .fields
        .get(key)
        .and_then(|value| value.as_number())
        .unwrap_or_else(|| panic!("no number {key} in {:?}", record.fields))
}

fn members(record: &RecordDraft, set: &str) -> usize {
    let prefix = format!("{set}/");
    let keys = record.fields.keys();
    keys.filter(|key| key.as_str().starts_with(&prefix)).count()
}

fn reasons(draft: &Draft) -> Vec<&Reason> {
    draft.skipped.iter().map(|notice| &notice.reason).collect()
}

fn warnings(draft: &Draft) -> Vec<&Reason> {
    draft.warnings.iter().map(|notice| &notice.reason).collect()
}

/// 2025-05-12T04:00Z, nine in the morning in Astana.
const NINE_IN_ASTANA: i64 = 1_747_022_400_000;

const KERUEN: &str = r#"{
  "keruen": 1, "$schema": "x", "colour": "blue",
  "programme": {"id": "p", "title": {"en": "Programme", "kk": "Бағдарлама", "de": "Programm"},
    "organisers": [{"en": "First", "ru": "Первый"}, {"en": "Second"}],
    "regions": ["KZ-71"], "languages": ["kk", "ru"], "public": true, "sources": ["https://example.org/a"]},
  "events": [
    {"id": "e", "title": {"en": "Event"}, "city": {"ru": "Астана"}, "zone": "Asia/Almaty",
     "first_day": "2025-05-12", "last_day": "2025-05-14", "status": "held", "sample": ["venue"]},
    {"id": "lost", "title": {"en": "Lost"}, "zone": "Asia/Nowhere", "first_day": "soon"}],
  "people": [{"id": "a", "name": "Айгүл", "post": {"ru": "тренер"}}, {"name": "Nobody"}],
  "materials": [
    {"id": "m", "kind": "text", "title": {"en": "Text"}, "body": {"en": "Hello"}},
    {"id": "l", "kind": "link", "title": {"en": "Link"}, "url": "javascript:alert(1)"},
    {"id": "f", "kind": "file", "title": {"en": "File"}, "file": "files/form.pdf"},
    {"id": "b", "kind": "text", "title": {"en": "Body"}, "body_files": {"ru": "materials/b.md"}}],
  "sessions": [
    {"id": "s1", "event": "e", "kind": "opening", "title": {"en": "Opening"},
     "start": "2025-05-12T09:00", "end": "2025-05-12T09:30", "room": "Hall",
     "speakers": ["a", "b"], "materials": ["m"], "sample": ["room"], "budget": 5},
    {"id": "s1", "event": "e", "title": {"en": "Again"}, "start": "2025-05-12T10:00", "end": "2025-05-12T11:00"},
    {"id": "s2", "event": "nowhere", "title": {"en": "Astray"}, "start": "2025-05-12T10:00"},
    {"id": "s3", "event": "lost", "title": {"en": "Zoneless"}, "start": "2025-05-12T10:00"},
    {"id": "s4", "event": "e", "title": {"en": "Timeless"}, "start": "noon"},
    {"id": "s5", "event": "e", "title": {"en": "Backwards"}, "start": "2025-05-12T12:00", "end": "2025-05-12T11:00"},
    {"id": "s6", "event": "e", "title": {"en": "Zulu"}, "start": "2025-05-12T04:00Z", "kind": "party"}]
}"#;

struct Folder(BTreeMap<&'static str, &'static [u8]>);

impl Companions for Folder {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, CompanionProblem> {
        let bytes = self.0.get(path).ok_or(CompanionProblem::Missing)?;
        Ok(bytes.to_vec())
    }
}

#[test]
fn keruen_json_is_read_in_full() {
    let mut folder = Folder(
        [
            ("files/form.pdf", &b"%PDF-1.7 x"[..]),
            ("materials/b.md", "# Мәтін".as_bytes()),
        ]
        .into(),
    );
    let draft = read(KERUEN.as_bytes(), &Options::default(), &mut folder).expect("readable");
    assert_eq!(draft.format, Format::Keruen);
    assert_eq!(draft.title, "Programme");
    let programme = &draft.records[0];
    assert_eq!(text(programme, "title:kk"), "Бағдарлама");
    assert_eq!(text(programme, "organisers:ru"), "Первый\nSecond");
    assert_eq!(members(programme, "sources"), 1);

    let opening = session(&draft, "Opening");
    assert_eq!(number(opening, "start"), NINE_IN_ASTANA);
    assert_eq!(number(opening, "end"), NINE_IN_ASTANA + 30 * 60_000);
    assert_eq!(number(opening, "offset_minutes"), 300);
    assert_eq!(text(opening, "room"), "Hall");
    assert_eq!(members(opening, "speakers"), 1);
    assert_eq!(members(opening, "materials"), 1);
    assert_eq!(number(session(&draft, "Zulu"), "start"), NINE_IN_ASTANA);
    let backwards = session(&draft, "Backwards");
    assert_eq!(number(backwards, "start"), number(backwards, "end"));

    let labels: Vec<_> = draft
        .skipped
        .iter()
        .map(|notice| (notice.place.to_string(), notice.reason.clone()))
        .collect();
    let expected = [
        (
            "people[1]",
            Reason::WrongKind {
                wanted: "an `id` that stays the same",
            },
        ),
        ("sessions[1]", Reason::DuplicateId("s1".to_owned())),
        (
            "sessions[2]",
            Reason::UnknownReference("nowhere".to_owned()),
        ),
        (
            "sessions[3]",
            Reason::UnknownZone("of the event".to_owned()),
        ),
        ("sessions[4]", Reason::BadTime("noon".to_owned())),
    ];
    assert_eq!(
        labels,
        expected.map(|(place, reason)| (place.to_owned(), reason))
    );

    let warned: Vec<String> = draft
        .warnings
        .iter()
        .map(|notice| notice.place.to_string())
        .collect();
    for place in [
        "colour",
        "programme.title.de",
        "events[1]",
        "materials[1]",
        "sessions[0].speakers[1]",
        "sessions[0].budget",
        "sessions[5]",
        "sessions[6].kind",
    ] {
        assert!(
            warned.iter().any(|warned| warned == place),
            "{place} in {warned:?}"
        );
    }

    let files = of(&draft, Collection::MATERIAL);
    let body = files
        .iter()
        .find(|record| record.label == "Body")
        .expect("read");
    assert_eq!(text(body, "body:ru"), "# Мәтін");
    assert_eq!(draft.files.len(), 1);
    assert_eq!(draft.files[0].media_type, "application/pdf");
    assert_eq!(draft.files[0].name, "form.pdf");
}

#[test]
fn materials_without_their_files_are_left_out_whole() {
    let draft = draft(KERUEN);
    let missing = reasons(&draft)
        .iter()
        .filter(|reason| matches!(reason, Reason::FileNotReadable { .. }))
        .count();
    assert_eq!(missing, 2);
    assert_eq!(of(&draft, Collection::MATERIAL).len(), 2);
}

#[test]
fn a_path_out_of_the_folder_condemns_the_file() {
    for path in ["../secret", "/etc/passwd", "a\\\\b", "files/../../x"] {
        let text = KERUEN.replace("files/form.pdf", path);
        assert!(
            matches!(refusal(&text).kind, ReadErrorKind::UnsafePath(_)),
            "{path}"
        );
    }
}

#[test]
fn keruen_json_of_another_version_or_without_a_name_is_refused() {
    let newer = KERUEN.replace("\"keruen\": 1", "\"keruen\": 2");
    assert_eq!(
        refusal(&newer).kind,
        ReadErrorKind::UnsupportedVersion("2".to_owned())
    );
    let nameless = KERUEN.replace("\"id\": \"p\"", "\"id\": \" \"");
    assert!(matches!(refusal(&nameless).kind, ReadErrorKind::Missing(_)));
    assert!(matches!(
        refusal("{\"keruen\": 1}").kind,
        ReadErrorKind::Missing(_)
    ));
    assert!(matches!(
        refusal("{\"keruen\": null}").kind,
        ReadErrorKind::UnsupportedVersion(_)
    ));
}

const FRAB_XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE schedule>
<schedule>
  <conference><title>Forum</title><acronym>forum25</acronym>
    <start>2025-05-12</start><end>2025-05-13</end>
    <time_zone_name>Asia/Almaty</time_zone_name><base_url>https://example.org/s/</base_url></conference>

  <day index="1" date="2025-05-12" start="2025-05-12T09:00:00+05:00" end="2025-05-13T02:00:00+05:00">
    <room name="Үлкен зал">
      <event id="1" guid="AAAA-1">
        <date>2025-05-12T04:00:00+00:00</date><start>09:00</start><duration>01:30</duration>
        <title>Talks &amp; more</title><subtitle>A start</subtitle><type>lecture</type>
        <language>ru</language>
        <abstract>&lt;p&gt;One &lt;b&gt;two&lt;/b&gt;&lt;/p&gt;</abstract>
        <description><![CDATA[Three &mdash; four]]></description>
        <persons><person id="7">Ән Әлі</person><person>Без номера</person></persons>
        <links><link href="/paper.pdf">Paper</link><link href="ftp://x/y">Old</link></links>
      </event>
      <event id="2"><start>00:30</start><duration>0:15</duration><title>Late &nbsp;show &what;</title></event>
      <event guid="aaaa-1" id="3"><date>2025-05-12T12:00:00+05:00</date><title>Same guid</title></event>
      <event guid="b"><title>No time</title></event>
      <event guid="c"><date>2025-05-12T12:00:00+05:00</date></event>
      <event><date>2025-05-12T13:00:00+05:00</date><duration>1:00</duration><title>No id</title></event>
      <event guid="d"><date>2025-05-12T14:00</date><duration>soon</duration><title>Odd length</title></event>
    </room>
  </day>
</schedule>
"#;

#[test]
fn frab_xml_is_read_in_full() {
    let draft = draft(FRAB_XML);
    assert_eq!(
        (draft.format, draft.title.as_str()),
        (Format::FrabXml, "Forum")
    );
    let event = of(&draft, Collection::EVENT)[0];
    assert_eq!(text(event, "zone"), "Asia/Almaty");
    assert_eq!(text(event, "first_day"), "2025-05-12");
    let talk = session(&draft, "Talks & more");
    assert_eq!(talk.place, Place::Line(10));
    assert_eq!(number(talk, "start"), NINE_IN_ASTANA);
    assert_eq!(number(talk, "end"), NINE_IN_ASTANA + 90 * 60_000);
    assert_eq!(number(talk, "offset_minutes"), 300);
    assert_eq!(text(talk, "title:ru"), "Talks & more");
    assert_eq!(
        text(talk, "abstract:ru"),
        "A start\n\nOne **two**\n\nThree &mdash; four"
    );
    assert_eq!(text(talk, "room"), "Үлкен зал");
    assert_eq!(text(talk, "kind"), "lecture");
    assert_eq!(members(talk, "speakers"), 2);
    assert_eq!(members(talk, "materials"), 1);
    let link = of(&draft, Collection::MATERIAL)[0];
    assert_eq!(text(link, "url"), "https://example.org/paper.pdf");

    // Half past midnight belongs to the day before, since that day begins at nine.
    let late = session(&draft, "Late show &what;");
    assert_eq!(
        number(late, "start"),
        NINE_IN_ASTANA + (15 * 60 + 30) * 60_000
    );
    let made = session(&draft, "No id");
    assert_eq!(number(made, "start"), NINE_IN_ASTANA + 4 * 3_600_000);

    assert_eq!(
        reasons(&draft),
        [
            &Reason::UnusableAddress("ftp://x/y".to_owned()),
            &Reason::DuplicateId("aaaa-1".to_owned()),
            &Reason::MissingStart,
            &Reason::MissingTitle,
            &Reason::BadTime("soon".to_owned()),
        ]
    );
    assert!(warnings(&draft).contains(&&Reason::UnknownEntity("what".to_owned())));
    assert!(warnings(&draft).contains(&&Reason::MissingId));
}

#[test]
fn frab_xml_cut_anywhere_is_refused() {
    let whole = FRAB_XML.trim_end();
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        let result = read(
            &whole.as_bytes()[..end],
            &Options::default(),
            &mut NoCompanions,
        );
        assert!(result.is_err(), "cut at {end}");
    }
}

#[test]
fn entities_are_never_expanded() {
    let bomb = r#"<!DOCTYPE schedule [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>
        <schedule><conference><title>&b;</title></conference></schedule>"#;
    assert_eq!(refusal(bomb).kind, ReadErrorKind::DocumentType);
    let external = r#"<!DOCTYPE schedule SYSTEM "file:///etc/passwd"><schedule><conference>
        <title>&x;</title></conference><day date="2025-05-12"></day></schedule>"#;
    let draft = draft(external);
    assert_eq!(draft.title, "&x;");
}

#[test]
fn elements_too_deep_are_refused() {
    let deep = ["<schedule>", &"<a>".repeat(100_000)].concat();
    assert_eq!(refusal(&deep).kind, ReadErrorKind::TooDeep);
}

#[test]
fn xml_that_is_not_closed_properly_says_where() {
    let error = refusal("<schedule>\n<conference>\n</day>\n</schedule>");
    assert_eq!(error.place, Place::Line(3));
    assert!(matches!(error.kind, ReadErrorKind::Malformed(_)));
}

const FRAB_JSON: &str = r#"{"schedule": {"version": "1", "base_url": "https://example.org/s/",
  "conference": {"acronym": "forum25", "title": "Forum", "time_zone_name": "UTC",
    "days": [{"index": 1, "date": "2025-05-12", "day_start": "2025-05-12T04:00:00+05:00",
      "rooms": {"Hall": [
        {"id": 1, "guid": "g1", "date": "2025-05-12T09:00:00+05:00", "start": "09:00", "duration": "00:30",
         "room": "Hall", "title": "Talk", "language": "kk", "type": "Talk", "track": "A",
         "abstract": "Short", "description": "Short and long",
         "persons": [{"id": 3, "code": "ABC", "public_name": "Speaker"},
                     {"code": "ABC", "name": "Speaker", "biography": "Life"}],
         "links": [{"url": "https://example.org/x", "title": "X"}],
         "attachments": [{"url": "/media/x.pdf", "title": "Slides"}]},
        {"id": 2, "date": "2025-05-12T10:00:00+05:00", "start": "10:00", "duration": "00:30", "title": "By number"},
        "not an event",
        {"id": 2, "title": "Same number", "date": "2025-05-12T11:00:00+05:00"}]}}]}}}"#;

#[test]
fn frab_json_is_read_in_full() {
    let draft = draft(FRAB_JSON);
    let talk = session(&draft, "Talk");
    // The zone says UTC, the written hours do not: these are what stands on the door.
    assert_eq!(number(talk, "offset_minutes"), 300);
    assert_eq!(number(talk, "start"), NINE_IN_ASTANA);
    assert_eq!(text(talk, "title:kk"), "Talk");
    assert_eq!(text(talk, "abstract:kk"), "Short and long");
    assert_eq!(members(talk, "speakers"), 1);
    assert_eq!(members(talk, "materials"), 2);
    let people = of(&draft, Collection::PERSON);
    assert_eq!(people.len(), 1);
    assert_eq!(text(people[0], "summary"), "Life");
    assert!(warnings(&draft).contains(&&Reason::OffsetDisagrees));
    assert_eq!(
        reasons(&draft),
        [
            &Reason::WrongKind { wanted: "an event" },
            &Reason::DuplicateId("id:2".to_owned())
        ]
    );
}

#[test]
fn one_schedule_in_two_notations_is_one_programme() {
    assert_eq!(draft(FRAB_JSON).programme, draft(FRAB_XML).programme);
}

const CALENDAR: &str = "\u{feff}BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nX-WR-CALNAME:Forum\\, May\r\n\
BEGIN:VTIMEZONE\r\nTZID:Venue\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0500\r\nTZOFFSETTO:+0500\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
BEGIN:VEVENT\r\nUID:1@x\r\nDTSTART;TZID=Asia/Almaty;X-NOBODY-KNOWS=1:20250512T090000\r\nDURATION:PT30M\r\nSUMMARY;LANGUAGE=ru:Открытие\r\nLOCATION:Hall\r\n\
DESCRIPTION:first line\nsecond: raw line\r\nATTENDEE;CN=\"A: B\":mailto:a@example.org\r\nATTACH:https://example.org/f.pdf\r\nATTACH;ENCODING=BASE64:AAAA\r\n\
BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT\r\n\r\n\
BEGIN:VEVENT\r\nUID:2@x\r\nDTSTART;TZID=Venue:20250512T100000\r\nDTEND;TZID=Venue:20250512T110000\r\nSUMMARY:Weekly\r\nRRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:2@x\r\nRECURRENCE-ID:20250519T100000\r\nDTSTART:20250519T070000Z\r\nSUMMARY:Moved\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:2@x\r\nDTSTART:20250520T070000Z\r\nSUMMARY:Twice\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:3@x\r\nDTSTART;TZID=Nowhere:20250512T100000\r\nSUMMARY:Lost\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:4@x\r\nSUMMARY:Whenever\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:5@x\r\nDTSTART:20250512T070000Z\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:6@x\r\nSTATUS:CANCELLED\r\nDTSTART:20250512T070000Z\r\nSUMMARY:Off\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nDTSTART:20250512T070000Z\r\nSUMMARY:No id\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:7@x\r\nDTSTART;VALUE=DATE:20250513\r\nSUMMARY:All day\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:8@x\r\nDTSTART:20250513T090000\r\nSUMMARY:Floating\r\nEND:VEVENT\r\n\
BEGIN:VTODO\r\nUID:9@x\r\nSUMMARY:Chore\r\nEND:VTODO\r\n\
END:VCALENDAR\r\n";

/// The beginnings of all sessions of this calendar's entries.
fn starts(entries: &str) -> Vec<String> {
    let text = [
        "BEGIN:VCALENDAR\r\nX-WR-CALNAME:C\r\n",
        entries,
        "END:VCALENDAR\r\n",
    ]
    .concat();
    let draft = draft(&text);
    let sessions = of(&draft, Collection::SESSION);
    let shown = sessions.iter().map(|session| {
        let start = chrono::DateTime::from_timestamp_millis(number(session, "start"));
        let start = start.expect("a time").format("%m-%d %H:%M");
        assert_eq!(number(session, "end") - number(session, "start"), 3_600_000);
        start.to_string()
    });
    shown.collect()
}

fn entry(start: &str, rest: &str) -> String {
    format!(
        "BEGIN:VEVENT\r\nUID:r\r\nSUMMARY:R\r\nDURATION:PT1H\r\n{start}\r\n{rest}END:VEVENT\r\n"
    )
}

#[test]
fn repetitions_are_sessions_by_the_clocks_of_the_venue() {
    let berlin = "DTSTART;TZID=Europe/Berlin:20250328T090000";
    // The clocks were put forward on 30 March.
    assert_eq!(
        starts(&entry(berlin, "RRULE:FREQ=DAILY;COUNT=4\r\n")),
        ["03-28 08:00", "03-29 08:00", "03-30 07:00", "03-31 07:00"]
    );
    assert_eq!(
        starts(&entry(
            berlin,
            "RRULE:FREQ=DAILY;UNTIL=20250331T070000Z\r\nEXDATE;TZID=Europe/Berlin:20250329T090000\r\nEXDATE;VALUE=DATE:20250330\r\n"
        )),
        ["03-28 08:00", "03-31 07:00"]
    );
    assert_eq!(
        starts(&entry(
            berlin,
            "RDATE;TZID=Europe/Berlin:20250402T100000,20250403T100000\r\nEXDATE;TZID=Europe/Berlin:20250328T090000\r\n"
        )),
        ["04-02 08:00", "04-03 08:00"]
    );
    let moved = entry(
        "DTSTART:20250329T120000Z",
        "RECURRENCE-ID;TZID=Europe/Berlin:20250329T090000\r\n",
    );
    assert_eq!(
        starts(&[entry(berlin, "RRULE:FREQ=DAILY;COUNT=3\r\n"), moved].concat()),
        ["03-28 08:00", "03-30 07:00", "03-29 12:00"]
    );
}

#[test]
fn a_repetition_that_is_not_read_or_has_no_end_says_so() {
    let reason = |rule: &str| {
        let rest = ["RRULE:", rule, "\r\n"].concat();
        let entries = entry("DTSTART:20250512T090000Z", &rest);
        assert_eq!(starts(&entries).len(), 1, "{rule}");
        let text = [
            "BEGIN:VCALENDAR\r\nX-WR-CALNAME:C\r\nX-WR-TIMEZONE:UTC\r\n",
            &entries,
            "END:VCALENDAR",
        ];
        let draft = draft(&text.concat());
        assert_eq!(draft.warnings.len(), 1, "{:?}", draft.warnings);
        (
            draft.warnings[0].place.clone(),
            draft.warnings[0].reason.clone(),
        )
    };
    assert_eq!(
        reason("FREQ=MONTHLY;COUNT=3"),
        (
            Place::Line(9),
            Reason::RepetitionNotRead("FREQ=MONTHLY;COUNT=3".to_owned())
        )
    );
    assert_eq!(reason("FREQ=WEEKLY").1, Reason::EndlessRepetition);
}

#[test]
fn a_calendar_is_read_in_full() {
    let draft = draft(CALENDAR);
    assert_eq!(
        (draft.format, draft.title.as_str()),
        (Format::Calendar, "Forum, May")
    );
    let opening = session(&draft, "Открытие");
    assert_eq!(opening.place, Place::Line(13));
    assert_eq!(number(opening, "start"), NINE_IN_ASTANA);
    assert_eq!(number(opening, "end"), NINE_IN_ASTANA + 30 * 60_000);
    assert_eq!(text(opening, "title:ru"), "Открытие");
    assert_eq!(text(opening, "abstract"), "first line\nsecond: raw line");
    assert_eq!(text(opening, "room"), "Hall");
    assert_eq!(members(opening, "materials"), 1);
    assert_eq!(members(opening, "speakers"), 0);

    let weekly = session(&draft, "Weekly");
    assert_eq!(number(weekly, "start"), NINE_IN_ASTANA + 3_600_000);
    assert_eq!(number(weekly, "offset_minutes"), 300);
    assert_ne!(session(&draft, "Moved").key, weekly.key);
    let is_weekly = |record: &&&RecordDraft| record.label == "Weekly";
    let sessions = of(&draft, Collection::SESSION);
    assert_eq!(
        sessions.iter().filter(is_weekly).count(),
        1,
        "the next was moved"
    );
    let all_day = session(&draft, "All day");
    assert_eq!(
        number(all_day, "end") - number(all_day, "start"),
        86_400_000
    );

    assert_eq!(text(session(&draft, "Off"), "status"), "cancelled");
    assert!(
        !session(&draft, "Moved")
            .fields
            .keys()
            .any(|key| key.as_str() == "status")
    );

    assert_eq!(
        reasons(&draft),
        [
            &Reason::UnusableAddress("AAAA".to_owned()),
            &Reason::DuplicateId("2@x".to_owned()),
            &Reason::UnknownZone("Nowhere".to_owned()),
            &Reason::MissingStart,
            &Reason::MissingTitle,
            &Reason::KindNotImported("VTODO".to_owned()),
        ]
    );
    for reason in [
        Reason::BrokenLine,
        Reason::PeopleLeftOut,
        Reason::RepetitionsUntil("2025-05-20".to_owned()),
        Reason::MissingId,
        Reason::WholeDays,
        Reason::NoZone,
    ] {
        assert!(warnings(&draft).contains(&&reason), "{reason:?}");
    }
    let event = of(&draft, Collection::EVENT)[0];
    assert_eq!(text(event, "first_day"), "2025-05-12");
    assert_eq!(text(event, "last_day"), "2025-05-19");
}

#[test]
fn a_calendar_without_a_name_says_what_it_was_identified_by() {
    let nameless = CALENDAR.replace("X-WR-CALNAME:Forum\\, May\r\n", "");
    let draft = draft(&nameless);
    assert!(warnings(&draft).contains(&&Reason::UnnamedCalendar));
    let named = Options {
        name: Some("Forum, May"),
        ..Options::default()
    };
    let named = read(nameless.as_bytes(), &named, &mut NoCompanions).expect("readable");
    assert_eq!(named.programme, self::draft(CALENDAR).programme);
    let bare = nameless.replace("PRODID:-//x//y//EN\r\n", "");
    assert!(matches!(refusal(&bare).kind, ReadErrorKind::Missing(_)));
}

#[test]
fn a_calendar_without_entries_is_refused() {
    let error = refusal("BEGIN:VCALENDAR\nX-WR-CALNAME:x\nEND:VCALENDAR\n");
    assert!(matches!(error.kind, ReadErrorKind::Missing(_)));
}

#[test]
fn more_entries_than_allowed_are_refused() {
    let event = "BEGIN:VEVENT\nUID:x\nDTSTART:20250512T070000Z\nSUMMARY:a\nEND:VEVENT\n";
    let text = [
        "BEGIN:VCALENDAR\nX-WR-CALNAME:x\n",
        &event.repeat(keruen_formats::limits::MAX_ENTRIES + 1),
        "END:VCALENDAR\n",
    ]
    .concat();
    assert_eq!(refusal(&text).kind, ReadErrorKind::TooManyEntries);
}

#[test]
fn the_same_file_gives_the_same_draft() {
    for text in [KERUEN, FRAB_XML, FRAB_JSON, CALENDAR] {
        assert_eq!(draft(text), draft(text));
    }
}

mod planning {
    use keruen_domain::model::fields;
    use keruen_domain::{Author, Clock, DeviceId, Edit, FieldKey, Hlc};
    use keruen_formats::plan;

    use super::*;

    fn clock(device: u64) -> Clock {
        Clock::new(DeviceId(device), Hlc::default(), 0)
    }

    /// Imports into rows, as a server does, and gives the report.
    fn import(text: &str, rows: &mut Vec<Record>, now_ms: u64) -> keruen_formats::Report {
        let planned = plan(&draft(text), rows, &mut clock(now_ms), now_ms);
        for change in planned.changes {
            match rows.iter_mut().find(|row| row.key == change.key) {
                Some(row) => row.merge(change),
                None => rows.push(change),
            }
        }
        planned.report
    }

    fn edit(rows: &mut [Record], label: &str, now_ms: u64, write: impl FnOnce(&mut Edit<'_>)) {
        let key = session(&draft(CALENDAR), label).key;
        let row = rows
            .iter_mut()
            .find(|row| row.key == key)
            .expect("imported");
        let mut phone = clock(99);
        phone.observe(row.latest_reading(phone.device()));
        let before = row.clone();
        let mut edit = Edit::new(key, Some(&before), phone.stamp(now_ms), Author::Person);
        write(&mut edit);
        row.merge(edit.finish().expect("an edit"));
    }

    fn row<'a>(rows: &'a [Record], label: &str) -> &'a Record {
        let key = session(&draft(CALENDAR), label).key;
        rows.iter().find(|row| row.key == key).expect("imported")
    }

    #[test]
    fn a_second_import_changes_nothing() {
        for text in [KERUEN, FRAB_XML, FRAB_JSON, CALENDAR] {
            let mut rows = Vec::new();
            let first = import(text, &mut rows, 1_000);
            assert_eq!(first.added.total, rows.len());
            assert_eq!(first.changed.total + first.unchanged.total, 0);
            let before = rows.clone();
            let second = import(text, &mut rows, 2_000);
            assert_eq!(second.unchanged.total, before.len());
            assert_eq!(second.added.total + second.changed.total, 0);
            assert_eq!(rows, before);
        }
    }

    #[test]
    fn a_renamed_session_is_the_same_session() {
        let mut rows = Vec::new();
        import(CALENDAR, &mut rows, 1_000);
        let renamed = CALENDAR.replace("SUMMARY:Weekly", "SUMMARY:Every week");
        let report = import(&renamed, &mut rows, 2_000);
        assert_eq!((report.added.total, report.changed.total), (0, 1));
        assert_eq!(
            row(&rows, "Weekly").value("title").as_text(),
            Some("Every week")
        );
        assert!(report.missing.is_empty());
    }

    #[test]
    fn what_the_file_no_longer_says_is_emptied() {
        let mut rows = Vec::new();
        import(CALENDAR, &mut rows, 1_000);
        let shorter = CALENDAR
            .replace("LOCATION:Hall\r\n", "")
            .replace("ATTACH:https://example.org/f.pdf\r\n", "");
        let report = import(&shorter, &mut rows, 2_000);
        assert_eq!(report.changed.sessions, 1);
        let opening = row(&rows, "Открытие");
        assert_eq!(opening.value("room").as_text(), None);
        assert_eq!(opening.members("materials").count(), 0);
        assert_eq!(report.missing.len(), 1, "the attachment stays");
        let again = import(&shorter, &mut rows, 3_000);
        assert_eq!(again.changed.total, 0);
    }

    #[test]
    fn what_a_person_wrote_stays_and_is_reported() {
        let mut rows = Vec::new();
        import(CALENDAR, &mut rows, 1_000);
        edit(&mut rows, "Weekly", 2_000, |edit| {
            edit.set(FieldKey::register("title"), "Ours")
                .set(FieldKey::register(fields::END), NINE_IN_ASTANA + 9_000_000);
        });
        let moved = CALENDAR.replace("RRULE:FREQ=WEEKLY\r\n", "").replace(
            "DTSTART;TZID=Venue:20250512T100000",
            "DTSTART;TZID=Venue:20250512T103000",
        );
        let report = import(&moved, &mut rows, 3_000);
        assert_eq!(report.changed.total, 0);
        assert_eq!(report.kept.len(), 1);
        assert_eq!(report.kept[0].fields, ["end", "start", "title"]);
        let weekly = row(&rows, "Weekly");
        assert_eq!(weekly.value("title").as_text(), Some("Ours"));
        assert_eq!(
            weekly.value("start").as_number(),
            Some(NINE_IN_ASTANA + 3_600_000)
        );
    }

    #[test]
    fn what_a_person_deleted_stays_deleted() {
        let mut rows = Vec::new();
        import(CALENDAR, &mut rows, 1_000);
        edit(&mut rows, "Weekly", 2_000, |edit| {
            edit.delete();
        });
        let report = import(CALENDAR, &mut rows, 3_000);
        assert_eq!((report.added.total, report.changed.total), (0, 0));
        assert_eq!(report.kept[0].fields, ["~deleted"]);
        assert!(row(&rows, "Weekly").is_deleted());
    }

    #[test]
    fn what_is_gone_from_the_file_is_missing_and_stays() {
        let mut rows = Vec::new();
        import(CALENDAR, &mut rows, 1_000);
        let count = rows.len();
        let without = CALENDAR.replace("UID:7@x", "UID:77@x");
        let report = import(&without, &mut rows, 2_000);
        assert_eq!(report.added.sessions, 1);
        assert_eq!(report.missing.len(), 1);
        assert_eq!(report.missing[0].title, "All day");
        assert_eq!(rows.len(), count + 1);
        assert!(!row(&rows, "All day").is_deleted());
    }
}

#[test]
fn a_few_lines_that_stand_for_very_much_are_refused() {
    let long = [
        "DESCRIPTION:",
        &"x".repeat(100_000),
        "\r\nRRULE:FREQ=DAILY;COUNT=400\r\n",
    ]
    .concat();
    let text = [
        "BEGIN:VCALENDAR\r\nX-WR-CALNAME:C\r\n",
        &entry("DTSTART:20250512T090000Z", &long),
        "END:VCALENDAR",
    ]
    .concat();
    assert_eq!(refusal(&text).kind, ReadErrorKind::TooMuchText);
}
