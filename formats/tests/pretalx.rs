//! Answers of the API of pretalx, in the shapes of its versions.

use keruen_domain::Collection;
use keruen_formats::{Draft, NoCompanions, Options, ReadErrorKind, RecordDraft, read};

fn draft(text: &str) -> Draft {
    let options = Options {
        fallback_title: Some("talks"),
        ..Options::default()
    };
    read(text.as_bytes(), &options, &mut NoCompanions).expect("readable")
}

fn shown(record: &RecordDraft) -> Vec<String> {
    let fields = record.fields.iter();
    fields
        .filter_map(|(key, value)| {
            let text = value.as_text().map(str::to_owned);
            let text = text.or_else(|| value.as_number().map(|number| number.to_string()))?;
            Some([key.as_str(), "=", &text].concat())
        })
        .collect()
}

fn of(draft: &Draft, collection: Collection) -> Vec<Vec<String>> {
    let records = draft.records.iter();
    records
        .filter(|record| record.key.collection == collection)
        .map(shown)
        .collect()
}

fn notices(notices: &[keruen_formats::Notice]) -> Vec<String> {
    notices.iter().map(ToString::to_string).collect()
}

/// As `/talks/` answered until 2025.
const TALKS: &str = r#"{"count": 1, "next": null, "previous": null, "results": [
  {"code": "ABCDE", "title": "Рисуем карту", "speakers": [{"name": "Айгүл", "code": "DEFAB", "biography": "Тренер", "email": "a@b.org"}],
   "submission_type": {"en": "Workshop"}, "track": {"en": "Heritage", "ru": "Наследие"}, "state": "confirmed",
   "abstract": "Коротко.", "description": "Подробно.", "duration": 30, "content_locale": "ru", "do_not_record": true,
   "slot": {"start": "2025-05-12T10:00:00+05:00", "end": "2025-05-12T10:30:00+05:00", "room": {"en": "Hall", "kk": "Зал"}, "room_id": 3},
   "resources": [{"resource": "https://example.org/slides.pdf", "description": "Slides"}, {"resource": "/media/x.pdf"}],
   "answers": [{"question": {"id": 1}, "answer": "secret"}], "internal_notes": "secret"}]}"#;

/// As `/submissions/`, `/slots/`, `/rooms/`, `/speakers/` and others answer since, put together.
const LISTS: &str = r#"{
  "event": {"slug": "forum", "name": {"en": "Forum", "kk-kz": "Форум kk"}, "timezone": "Asia/Almaty", "date_from": "2025-05-12", "date_to": "2025-05-14"},
  "submissions": [
    {"count": 3, "next": "https://x/?page=2", "previous": null, "results": [
      {"code": "AAA", "title": {"en": "Twice", "ru": "Дважды"}, "state": "confirmed", "speakers": ["S1", "S9"], "track": 5, "submission_type": 6, "slots": [1, 2], "resources": [12], "content_locale": "en"},
      {"code": "BBB", "title": "Rejected", "state": "rejected", "speakers": [], "slots": []}]},
    {"count": 3, "next": null, "previous": "https://x/?page=1", "results": [
      {"code": "CCC", "title": "Called off", "state": "canceled", "speakers": ["S1"], "slots": [3], "content_locale": "de"},
      {"code": "DDD", "title": "Without a slot", "state": "accepted", "slots": []}]}],
  "slots": {"results": [
    {"id": 1, "submission": "AAA", "room": 8, "start": "2025-05-12T09:00:00Z", "end": "2025-05-12T10:00:00Z"},
    {"id": 2, "submission": "AAA", "room": 9, "start": "2025-05-13T09:00:00Z", "end": null, "duration": 45},
    {"id": 3, "submission": "CCC", "room": 8, "start": "2025-05-13T12:00:00Z", "end": "2025-05-13T13:00:00Z"},
    {"id": 4, "submission": null, "room": null, "start": "2025-05-12T07:00:00Z", "end": "2025-05-12T08:00:00Z", "description": {"en": "Lunch", "ru": "Обед"}},
    {"id": 5, "submission": "ZZZ", "room": 8, "start": "2025-05-13T14:00:00Z", "end": "2025-05-13T15:00:00Z"}]},
  "rooms": [{"id": 8, "name": {"en": "Hall", "ru": "Зал"}}],
  "speakers": [{"code": "S1", "name": "Bolat", "biography": null}],
  "tracks": [{"id": 5, "name": {"en": "Heritage"}}],
  "submission_types": [{"id": 6, "name": {"en": "Panel"}}]
}"#;

#[test]
fn talks_with_their_slot_are_sessions() {
    let draft = draft(TALKS);
    assert_eq!((draft.title.as_str(), draft.is_partial), ("talks", false));
    assert_eq!(
        of(&draft, Collection::SESSION),
        [[
            "abstract:ru=Коротко.\n\nПодробно.",
            "end=1747027800000",
            "kind=workshop",
            "language=ru",
            "offset_minutes=300",
            "room:en=Hall",
            "room:kk=Зал",
            "start=1747026000000",
            "title:ru=Рисуем карту",
            "track=Heritage",
        ]]
    );
    assert_eq!(
        of(&draft, Collection::PERSON),
        [["name=Айгүл", "summary=Тренер"]]
    );
    assert_eq!(of(&draft, Collection::MATERIAL).len(), 1);
    assert!(
        !format!("{draft:?}").contains("secret"),
        "what is asked of speakers stays there"
    );
    assert!(!format!("{draft:?}").contains("a@b.org"));
    assert_eq!(draft.skipped, []);
}

#[test]
fn lists_that_refer_to_each_other_are_put_together() {
    let draft = draft(LISTS);
    assert!(!draft.is_partial);
    let event = &of(&draft, Collection::EVENT)[0];
    assert_eq!(
        event,
        &[
            "first_day=2025-05-12",
            "last_day=2025-05-14",
            "title:en=Forum",
            "title:kk=Форум kk",
            "zone=Asia/Almaty",
        ]
    );
    let sessions = of(&draft, Collection::SESSION);
    let titles: Vec<&str> = sessions
        .iter()
        .filter_map(|it| it.iter().find_map(|field| field.strip_prefix("start=")))
        .collect();
    assert_eq!(
        titles,
        [
            "1747040400000",
            "1747126800000",
            "1747137600000",
            "1747033200000"
        ]
    );
    assert!(
        sessions[1].contains(&"end=1747129500000".to_owned()),
        "{sessions:?}"
    );
    assert!(
        sessions[0].contains(&"kind=discussion".to_owned()),
        "{sessions:?}"
    );
    assert!(
        sessions[0].contains(&"room:ru=Зал".to_owned()),
        "{sessions:?}"
    );
    assert!(
        sessions[2].contains(&"status=cancelled".to_owned()),
        "{sessions:?}"
    );
    assert!(
        sessions[2].contains(&"title=Called off".to_owned()),
        "{sessions:?}"
    );
    assert!(
        sessions[3].contains(&"kind=break".to_owned()),
        "{sessions:?}"
    );
    assert_eq!(
        notices(&draft.skipped),
        [
            "submissions[0].results[1].state (Rejected): it is not of the programme: its state is \"rejected\"",
            "submissions[1].results[1] (Without a slot): it does not say when it begins",
            "slots.results[4]: \"ZZZ\" is referred to, but the file does not hold it",
        ]
    );
    assert_eq!(
        notices(&draft.warnings),
        [
            "submissions[0].results[0].speakers[1]: \"S9\" is referred to, but the file does not hold it",
            "submissions[0].results[0].speakers[1]: \"S9\" is referred to, but the file does not hold it",
        ]
    );
}

#[test]
fn slots_with_talks_inside_and_the_data_of_the_widget_say_the_same() {
    let expanded = draft(
        r#"{"version": "1", "slots": [{"id": 1, "room": {"id": 2, "name": {"en": "Hall"}}, "start": "2025-05-12T09:00:00+05:00", "end": "2025-05-12T10:00:00+05:00",
            "submission": {"code": "AAA", "title": "Talk", "speakers": [{"code": "S", "name": "Bolat"}], "track": {"name": {"en": "Heritage"}}}}]}"#,
    );
    let widget = draft(
        r#"{"talks": [{"id": 1, "code": "AAA", "title": "Talk", "speakers": ["S"], "track": 3, "room": 2, "duration": 60, "start": "2025-05-12T09:00:00+05:00", "end": "2025-05-12T10:00:00+05:00"}],
            "rooms": [{"id": 2, "name": {"en": "Hall"}}], "tracks": [{"id": 3, "name": {"en": "Heritage"}}], "speakers": [{"code": "S", "name": "Bolat"}],
            "version": "1", "timezone": "Asia/Almaty", "event_start": "2025-05-12", "event_end": "2025-05-12"}"#,
    );
    let array = draft(
        r#"[{"code": "AAA", "title": "Talk", "speakers": [{"code": "S", "name": "Bolat"}], "track": "Heritage", "slots": [{"room": {"name": {"en": "Hall"}}, "start": "2025-05-12T09:00:00+05:00", "end": "2025-05-12T10:00:00+05:00"}]}]"#,
    );
    for collection in [Collection::SESSION, Collection::PERSON] {
        let wanted = of(&expanded, collection);
        assert_eq!(wanted.len(), 1);
        assert_eq!(of(&widget, collection), wanted);
        assert_eq!(of(&array, collection), wanted);
    }
    let id = |draft: &Draft| {
        let found = draft.records.iter();
        let mut found = found.filter(|it| it.key.collection == Collection::SESSION);
        found.next().map(|it| it.key.id)
    };
    assert_eq!(id(&expanded), id(&widget));
}

#[test]
fn one_page_of_several_leaves_the_others_as_they_are() {
    let draft = draft(&TALKS.replace("\"next\": null", "\"next\": \"https://x/?page=2\""));
    assert!(draft.is_partial);
    let warnings = notices(&draft.warnings);
    assert!(
        warnings.iter().any(|it| it.contains("one page of several")),
        "{warnings:?}"
    );
}

#[test]
fn without_a_name_without_talks_or_with_too_many_nothing_is_made_up() {
    let error = read(TALKS.as_bytes(), &Options::default(), &mut NoCompanions);
    assert!(matches!(
        error.expect_err("no name").kind,
        ReadErrorKind::Missing(_)
    ));
    let refused = |text: String| {
        let options = Options {
            name: Some("p"),
            ..Options::default()
        };
        let error = read(text.as_bytes(), &options, &mut NoCompanions);
        assert_eq!(
            error.expect_err("enormous").kind,
            ReadErrorKind::TooManyEntries
        );
    };
    refused(["{\"talks\":[1", &",1".repeat(4_000_000), "]}"].concat());
    refused(["{\"slots\":{\"results\":[1", &",1".repeat(60_000), "]}}"].concat());
    let first = r#"{"talks":[{"code":"B","title":"T","start":"2025-05-12T09:00Z"}"#;
    let talk = r#",{"code":"A","title":"T","slots":[{"start":"2025-05-12T09:00Z"}]}"#;
    refused([first, &talk.repeat(50_001), "]}"].concat());
    let bad = draft(
        r#"{"talks": [1, null, {"code": "A"}, {"title": "T", "start": 5}, {"code": "B", "title": "T", "start": "soon"}]}"#,
    );
    assert_eq!(of(&bad, Collection::SESSION).len(), 0);
    assert_eq!(bad.skipped.len(), 5, "{:?}", bad.skipped);
}
