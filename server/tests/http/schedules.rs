//! Files of other programs, read for an organiser.

use keruen_domain::protocol::schedules::{ReadFile, ReadSchedule, Reading, limits, paths};
use keruen_domain::{Collection, ProgrammeId, Role, ScopeId};

use crate::harness::*;
use crate::people::{ask, invited, joined, private_programme};

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nX-WR-CALNAME:Forum\r\n\
BEGIN:VEVENT\r\nUID:1@x\r\nDTSTART;TZID=Asia/Almaty:20250512T090000\r\nDTEND;TZID=Asia/Almaty:20250512T100000\r\n\
SUMMARY:Opening\r\nLOCATION:Hall A\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:2@x\r\nSUMMARY:No time\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn question(file: &str, into: Option<ProgrammeId>, language: &str) -> ReadSchedule {
    ReadSchedule {
        file: file.as_bytes().to_vec(),
        name: "forum".to_owned(),
        into,
        zone: String::new(),
        language: language.to_owned(),
    }
}

async fn read(
    server: &TestServer,
    device: &Device,
    question: &ReadSchedule,
) -> Result<Reading, (u16, String)> {
    ask(server, device, paths::READ, question).await
}

async fn held(server: &TestServer, device: &Device, question: &ReadSchedule) -> ReadFile {
    match read(server, device, question).await {
        Ok(Reading::Read(file)) => file,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_is_read_into_the_organisers_programme_and_nothing_is_written() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let secret = invited(&server, 1, Role::Organiser, 1).await;
    let (organiser, _) = joined(&server, &secret, 1).await;

    let into = Some(programme_id(1));
    let file = held(&server, &organiser, &question(CALENDAR, into, "ru")).await;
    assert_eq!(file.programme, programme_id(1));
    assert_eq!(file.title, "Forum");
    let collections: Vec<Collection> = file
        .records
        .iter()
        .map(|of| of.record.key.collection)
        .collect();
    assert_eq!(collections, [Collection::SESSION, Collection::EVENT]);
    let is_its = |of: &keruen_domain::protocol::schedules::ReadRecord| {
        of.record.key.scope == ScopeId::Programme(programme_id(1))
    };
    assert!(file.records.iter().all(is_its));
    assert_eq!(file.records[0].label, "Opening");
    assert_eq!(
        file.skipped,
        ["строка 12: «No time»: Не сказано, когда начинается."]
    );
    // The same again has the same identifiers; another file others; and nobody was sent anything.
    let again = held(&server, &organiser, &question(CALENDAR, into, "kk")).await;
    assert_eq!(again.records, file.records);
    assert!(again.skipped[0].starts_with("12-жол"));
    let other = CALENDAR.replace("NAME:Forum", "NAME:Other");
    let other = held(&server, &organiser, &question(&other, into, "ru")).await;
    assert_ne!(
        other.records[0].record.key, file.records[0].record.key,
        "two calendars may call two entries alike"
    );
    let mut organiser = organiser;
    organiser.pull(&server).await;
    assert_eq!(organiser.text(&file.records[0].record.key, "title"), None);
}

#[tokio::test]
async fn only_who_organises_the_programme_has_files_read_for_it() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    private_programme(&server, 2).await;
    let into = question(CALENDAR, Some(programme_id(1)), "en");
    let new = question(CALENDAR, None, "en");
    let visitor = Device::visitor(9);
    for question in [&into, &new] {
        let refused = read(&server, &visitor, question).await.unwrap_err();
        assert_eq!(refused, (401, "not-authorised".to_owned()));
    }
    for (number, programme, role) in [
        (1, 1, Role::Participant),
        (2, 1, Role::Trainer),
        (3, 2, Role::Organiser),
    ] {
        let secret = invited(&server, programme, role, 1).await;
        let (device, _) = joined(&server, &secret, number).await;
        for question in [&into, &new] {
            let refused = read(&server, &device, question).await.unwrap_err();
            assert_eq!(refused, (403, "not-allowed".to_owned()), "{role:?}");
        }
    }
    let operator = Device::of_organiser(1_000);
    let file = held(&server, &operator, &new).await;
    assert_eq!(file.records[0].record.key.collection, Collection::PROGRAMME);
}

#[tokio::test]
async fn what_is_no_schedule_is_refused_with_words_and_what_is_no_question_without() {
    let server = TestServer::start().await;
    let operator = Device::of_organiser(1_000);
    for (file, language, words) in [
        ("", "en", "The file is empty."),
        ("BEGIN:VCALENDAR\r\n", "ru", "Файл обрывается."),
        ("hello", "kk", "Мұндай кесте мұнда оқылмайды."),
    ] {
        let reading = read(&server, &operator, &question(file, None, language)).await;
        let Ok(Reading::Refused(said)) = reading else {
            panic!("{reading:?}");
        };
        assert!(said.contains(words), "{said}");
    }
    let long = ReadSchedule {
        name: "x".repeat(limits::MAX_TEXT_BYTES + 1),
        ..question(CALENDAR, None, "en")
    };
    let refused = read(&server, &operator, &long).await.unwrap_err();
    assert_eq!(refused, (400, "malformed".to_owned()));
    let nowhere = ReadSchedule {
        zone: "Asia/Nowhere".to_owned(),
        ..question(CALENDAR, None, "en")
    };
    let reading = read(&server, &operator, &nowhere).await;
    assert!(
        matches!(&reading, Ok(Reading::Refused(said)) if said.contains("Asia/Nowhere")),
        "{reading:?}"
    );
    let large = "x".repeat(limits::MAX_FILE_BYTES + 1);
    let refused = read(&server, &operator, &question(&large, None, "en")).await;
    assert_eq!(refused.unwrap_err(), (413, "too-large".to_owned()));
}

#[tokio::test]
async fn a_table_to_be_filled_is_for_everybody_and_can_be_read() {
    let server = TestServer::start().await;
    for (language, heading) in [
        ("en", "Programme"),
        ("ru", "Программа"),
        ("kk", "Бағдарлама"),
    ] {
        let answer = server
            .get(&format!("{}?lang={language}", paths::TEMPLATE))
            .await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
        let text = answer.text().await.unwrap();
        assert!(text.contains(heading), "{text}");
    }
}
