//! A programme of 10,000 records in three languages, the same at each run.

use serde_json::{Value, json};

const EVENTS: usize = 40;
const DAYS: usize = 6;
const SESSIONS_A_DAY: usize = 20;
const PEOPLE: usize = 59;
const MATERIALS: usize = 5_100;

/// With the programme itself.
pub(crate) const RECORDS: usize = 1 + EVENTS + EVENTS * DAYS * SESSIONS_A_DAY + PEOPLE + MATERIALS;

/// The agenda lists the events of a programme by their first day.
pub(crate) const SECOND_DAY_OF_FIRST_EVENT: &str = "2023-06-02";

const KINDS: [&str; 5] = ["lecture", "workshop", "discussion", "group-work", "break"];

/// The programme in Keruen's own format.
pub(crate) fn json() -> Value {
    json!({
        "keruen": 1,
        "programme": {
            "id": "ten-thousand",
            "title": texts("Ten thousand records", "Десять тысяч записей", "Он мың жазба", 0),
            "languages": ["kk", "ru", "en"],
            "public": true,
        },
        "events": (0..EVENTS).map(event).collect::<Vec<_>>(),
        "people": (0..PEOPLE).map(person).collect::<Vec<_>>(),
        "materials": (0..MATERIALS).map(material).collect::<Vec<_>>(),
        "sessions": (0..EVENTS * DAYS * SESSIONS_A_DAY).map(session).collect::<Vec<_>>(),
    })
}

fn texts(english: &str, russian: &str, kazakh: &str, number: usize) -> Value {
    json!({
        "en": format!("{english} {number}"),
        "ru": format!("{russian} {number}"),
        "kk": format!("{kazakh} {number}"),
    })
}

/// The day of an event: one event begins on the first of each month, the first in June 2023.
fn day(event: usize, day: usize) -> String {
    let month = event + 5;
    format!("{}-{:02}-{:02}", 2023 + month / 12, month % 12 + 1, day + 1)
}

fn event(number: usize) -> Value {
    json!({
        "id": format!("event-{number}"),
        "title": texts("Training seminar", "Обучающий семинар", "Оқу семинары", number),
        "city": { "en": "Aktau", "ru": "Актау", "kk": "Ақтау" },
        "venue": texts("Culture centre", "Центр культуры", "Мәдениет орталығы", number),
        "region": "KZ-47",
        "zone": "Asia/Aqtau",
        "first_day": day(number, 0),
        "last_day": day(number, DAYS - 1),
        "status": "held",
    })
}

fn person(number: usize) -> Value {
    json!({
        "id": format!("person-{number}"),
        "name": format!("Айгерім Сапарова {number}"),
        "organisation": texts("House of culture", "Дом культуры", "Мәдениет үйі", number),
    })
}

fn material(number: usize) -> Value {
    json!({
        "id": format!("material-{number}"),
        "kind": "link",
        "title": texts("How to read indicator", "Как читать индикатор", "Индикаторды қалай оқу керек", number),
        "summary": texts(
            "What the number says, where it comes from and what it hides",
            "Что говорит число, откуда оно и что скрывает",
            "Сан нені айтады, қайдан алынған және нені жасырады",
            number
        ),
        "url": format!("https://example.org/indicators/{number}"),
        "topic": "indicators",
    })
}

fn session(number: usize) -> Value {
    let (whole_day, of_day) = (number / SESSIONS_A_DAY, number % SESSIONS_A_DAY);
    let (of_event, of_days) = (whole_day / DAYS, whole_day % DAYS);
    let minutes = 8 * 60 + of_day * 30;
    let time = |minutes: usize| {
        format!(
            "{}T{:02}:{:02}",
            day(of_event, of_days),
            minutes / 60,
            minutes % 60
        )
    };
    json!({
        "id": format!("session-{number}"),
        "event": format!("event-{of_event}"),
        "kind": KINDS[number % KINDS.len()],
        "title": texts(
            "Mapping the cultural ecosystem of a town, part",
            "Карта культурной экосистемы города, часть",
            "Қаланың мәдени экожүйесінің картасы, бөлім",
            number
        ),
        "abstract": texts(
            "Who makes culture here, who pays for it, and who is never asked",
            "Кто здесь создаёт культуру, кто за неё платит и кого не спрашивают",
            "Мұнда мәдениетті кім жасайды, кім төлейді және кімнен сұралмайды",
            number
        ),
        "start": time(minutes),
        "end": time(minutes + 30),
        "room": texts("Room", "Зал", "Зал", number % 4),
        "speakers": [format!("person-{}", number % PEOPLE)],
        "materials": [format!("material-{}", number % MATERIALS)],
    })
}
