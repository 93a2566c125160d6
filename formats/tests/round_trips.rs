//! Whatever an agenda holds, each format that is written of it is read back without a change.

use std::sync::Arc;

use keruen_domain::model::{Event, View as _, fields};
use keruen_domain::{
    Author, Clock, Collection, DeviceId, Edit, FieldKey, Hlc, Language, ProgrammeId, Record,
    RecordId, RecordKey, ScopeId,
};
use keruen_formats::write::{Agenda, Words, calendar, csv, frab_json, frab_xml};
use keruen_formats::{NoCompanions, Options, plan, read};
use proptest::prelude::*;

const NOW_MS: u64 = 1_747_000_000_000;
const WORDS: Words<'_> = Words {
    samples: "Made up; for show",
    cancelled: "called off",
};
const LANGUAGES: [Option<Language>; 4] = [
    Some(Language::Kazakh),
    Some(Language::Russian),
    Some(Language::English),
    None,
];

/// A text by languages, some of which are empty.
type Texts = [String; 4];

#[derive(Clone, Debug)]
struct Sample {
    zone: &'static str,
    event_title: Texts,
    event_status: &'static str,
    place: Texts,
    people: Vec<String>,
    sessions: Vec<SampleSession>,
}

#[derive(Clone, Debug)]
struct SampleSession {
    title: Texts,
    summary: Texts,
    room: Texts,
    start_ms: i64,
    length_ms: Option<i64>,
    offset_minutes: i64,
    kind: &'static str,
    status: &'static str,
    track: String,
    language: String,
    url: &'static str,
    is_sample: bool,
    speakers: Vec<prop::sample::Index>,
}

/// One line as it is stored: what formats stumble over, without spaces around or twice.
fn line() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zа-яәғқңөұүһі]{1,6}",
        1 => prop::sample::select(vec![
            "=1+1", "-", "+7", "@", "'", "'=", "\"", "\"\"", ";", ",", "\\", "\\n", "\\;", ":", "<b>", "&amp;", "]]>", "?>", "-->",
            "😀", "[called off]", "=cmd|' /C calc'!A0", "{", "}", "%", "Ә", "e\u{301}",
        ]).prop_map(str::to_owned),
        1 => "\\PC{1,3}",
    ];
    prop::collection::vec(piece, 1..5).prop_map(|pieces| {
        let joined = pieces.join(" ");
        let words = joined.split_whitespace();
        // Marks that reorder text are taken out where they are read first.
        let clean = |character: &char| {
            !matches!(character, '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        let text = words.collect::<Vec<_>>().join(" ");
        let text: String = text.chars().filter(clean).collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    })
}

/// Several lines, with spaces and breaks wherever they like to be.
fn block() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        3 => line(),
        1 => prop::sample::select(vec!["\n", "\n\n", " ", "\t", "  \n"]).prop_map(str::to_owned),
    ];
    prop::collection::vec(parts, 1..6).prop_map(|parts| parts.concat())
}

fn texts(text: impl Strategy<Value = String> + 'static + Clone) -> impl Strategy<Value = Texts> {
    let one = || prop_oneof![1 => Just(String::new()), 1 => text.clone()];
    [one(), one(), one(), one()]
}

fn session() -> impl Strategy<Value = SampleSession> {
    let round = prop::sample::select(vec![1_i64, 1_000, 60_000, 900_000]);
    let times = (
        1_600_000_000_000_i64..1_800_000_000_000,
        prop::option::weighted(0.9, 0_i64..500_000_000),
        round,
    );
    let times = times.prop_map(|(start_ms, length_ms, round)| {
        let rounded = |ms: i64| ms / round * round;
        (rounded(start_ms), length_ms.map(rounded))
    });
    let words = (
        prop::sample::select(vec!["", "lecture", "knowledge-sharing", "break", "poetry"]),
        prop::sample::select(vec!["", "planned", "cancelled"]),
        prop::sample::select(vec![
            "",
            "https://e.org/a?b=c;d&e",
            "http://e.org/[x]",
            "https://қ.kz/ә",
        ]),
        prop::sample::select(vec![300_i64, 360, 330, -570, 0, 1_000]),
    );
    let optional = || prop_oneof![Just(String::new()), line()];
    (
        // Without any title nobody would find it again.
        texts(line().boxed())
            .prop_filter("a title", |title| title.iter().any(|text| !text.is_empty())),
        texts(block().boxed()),
        texts(line().boxed()),
        times,
        words,
        (optional(), optional()),
        any::<bool>(),
        prop::collection::vec(any::<prop::sample::Index>(), 0..3),
    )
        .prop_map(
            |(title, summary, room, times, words, (track, language), is_sample, speakers)| {
                let (start_ms, length_ms) = times;
                let (kind, status, url, offset_minutes) = words;
                SampleSession {
                    title,
                    summary,
                    room,
                    start_ms,
                    length_ms,
                    offset_minutes,
                    kind,
                    status,
                    track,
                    language,
                    url,
                    is_sample,
                    speakers,
                }
            },
        )
}

fn sample() -> impl Strategy<Value = Sample> {
    (
        prop::sample::select(vec!["Asia/Almaty", "Europe/Berlin", "UTC", "", "Somewhere"]),
        texts(line().boxed()),
        prop::sample::select(vec!["", "held", "cancelled"]),
        texts(line().boxed()),
        prop::collection::vec(line(), 0..4),
        prop::collection::vec(session(), 1..4),
    )
        .prop_map(
            |(zone, event_title, event_status, place, people, sessions)| Sample {
                zone,
                event_title,
                event_status,
                place,
                people,
                sessions,
            },
        )
}

struct Making {
    programme: ProgrammeId,
    clock: Clock,
    records: Vec<Record>,
}

impl Making {
    fn add(
        &mut self,
        collection: Collection,
        number: u8,
        fill: impl FnOnce(&mut Edit<'_>),
    ) -> RecordId {
        let id = match collection {
            Collection::PROGRAMME => self.programme.into(),
            _ => RecordId::new(NOW_MS, [number; 10]),
        };
        let key = RecordKey {
            scope: ScopeId::Programme(self.programme),
            collection,
            id,
        };
        let stamp = self.clock.stamp(NOW_MS);
        let mut edit = Edit::new(key, None, stamp, Author::Person);
        fill(&mut edit);
        self.records.extend(edit.finish());
        id
    }
}

fn put(edit: &mut Edit<'_>, field: &str, texts: &Texts) {
    for (language, text) in LANGUAGES.iter().zip(texts) {
        let key = match language {
            Some(language) => FieldKey::translated(field, *language),
            None => FieldKey::register(field),
        };
        put_word(edit, key, text);
    }
}

fn put_word(edit: &mut Edit<'_>, key: FieldKey, word: &str) {
    if !word.is_empty() {
        edit.set(key, word);
    }
}

fn records(sample: &Sample) -> Vec<Record> {
    let mut making = Making {
        programme: ProgrammeId::new(NOW_MS, [7; 10]),
        clock: Clock::new(DeviceId(1), Hlc::default(), 0),
        records: Vec::new(),
    };
    let register = FieldKey::register;
    making.add(Collection::PROGRAMME, 0, |edit| {
        edit.set(register(fields::TITLE), "Programme");
    });
    let event = making.add(Collection::EVENT, 1, |edit| {
        put(edit, fields::TITLE, &sample.event_title);
        put(edit, fields::VENUE, &sample.place);
        put_word(edit, register(fields::ZONE), sample.zone);
        put_word(edit, register(fields::STATUS), sample.event_status);
        edit.set(register(fields::FIRST_DAY), "2025-05-12");
    });
    let mut people = Vec::new();
    for (index, name) in sample.people.iter().enumerate() {
        let number = 10 + u8::try_from(index).expect("few");
        people.push(making.add(Collection::PERSON, number, |edit| {
            put_word(edit, register(fields::NAME), name);
        }));
    }
    for (index, session) in sample.sessions.iter().enumerate() {
        let number = 100 + u8::try_from(index).expect("few");
        making.add(Collection::SESSION, number, |edit| {
            edit.set(register(fields::EVENT), event);
            edit.set(register(fields::START), session.start_ms);
            if let Some(length_ms) = session.length_ms {
                edit.set(register(fields::END), session.start_ms + length_ms);
            }
            edit.set(register(fields::OFFSET_MINUTES), session.offset_minutes);
            put(edit, fields::TITLE, &session.title);
            put(edit, fields::ABSTRACT, &session.summary);
            put(edit, fields::ROOM, &session.room);
            for (field, word) in [
                (fields::KIND, session.kind),
                (fields::STATUS, session.status),
                (fields::TRACK, session.track.as_str()),
                (fields::LANGUAGE, session.language.as_str()),
                (fields::URL, session.url),
            ] {
                put_word(edit, register(field), word);
            }
            if session.is_sample {
                edit.set(FieldKey::member(fields::SAMPLE, "start"), true);
            }
            for speaker in session.speakers.iter().filter(|_| !people.is_empty()) {
                let id = speaker.get(&people).to_string();
                edit.set(FieldKey::member(fields::SPEAKERS, &id), true);
            }
        });
    }
    making.records
}

fn assert_unchanged(name: &str, text: &str, records: &[Record]) -> Result<(), TestCaseError> {
    let draft = read(text.as_bytes(), &Options::default(), &mut NoCompanions)
        .map_err(|error| TestCaseError::fail(format!("{name}: {error}\n{text}")))?;
    let mut clock = Clock::new(DeviceId(2), Hlc::default(), 0);
    let plan = plan(&draft, records, &mut clock, NOW_MS + 1_000);
    prop_assert_eq!(&plan.changes, &[], "{}: {}", name, text);
    prop_assert_eq!(&plan.report.kept, &[], "{}: {}", name, text);
    prop_assert_eq!(&draft.skipped, &[], "{}: {}", name, text);
    Ok(())
}

proptest! {
    #[test]
    fn whatever_an_agenda_holds_comes_back(
        sample in sample(),
        language in prop::sample::select(vec![Language::Kazakh, Language::Russian, Language::English]),
    ) {
        let records = records(&sample);
        let shared: Vec<Arc<Record>> = records.iter().cloned().map(Arc::new).collect();
        let event = shared.iter().find_map(Event::of).expect("an event");
        let agenda = Agenda::of(&shared, event.id(), language).expect("an agenda");
        // A calendar has no way to say that nobody said when a session ends, and its times are to the second.
        let is_of_seconds = |session: &SampleSession| {
            session.start_ms % 1_000 == 0 && session.length_ms.is_some_and(|ms| ms % 1_000 == 0)
        };
        if sample.sessions.iter().all(is_of_seconds) {
            assert_unchanged("iCalendar", &calendar(&agenda, WORDS.samples).text, &records)?;
        }
        let xml = frab_xml(&agenda, &WORDS).expect("written");
        let json = frab_json(&agenda, &WORDS).expect("written");
        let table = csv(std::slice::from_ref(&agenda), language).expect("written");
        prop_assert_eq!((xml.untimed, json.untimed, table.untimed), (0, 0, 0));
        assert_unchanged("frab XML", &xml.text, &records)?;
        assert_unchanged("frab JSON", &json.text, &records)?;
        assert_unchanged("CSV", &table.text, &records)?;
    }
}
