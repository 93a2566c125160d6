use serde_json::{Map, Value, json};

use super::times::{clock, date_time, duration};
use super::{Day, Entry, GENERATOR, GENERATOR_VERSION, Schedule, TIMESLOT};
use crate::frab::own;

pub(super) fn write(schedule: &Schedule) -> String {
    let mut text = format!("{:#}", document(schedule));
    text.push('\n');
    text
}

fn document(schedule: &Schedule) -> Value {
    let rooms = schedule.rooms.iter();
    let rooms: Vec<Value> = rooms
        .map(|(name, guid)| json!({"name": name, "guid": guid.to_string()}))
        .collect();
    let days = schedule.days.iter().enumerate();
    let days: Vec<Value> = days.map(|(index, it)| day(index + 1, it)).collect();
    let mut conference = json!({
        "title": schedule.title,
        "acronym": schedule.acronym,
        "start": schedule.first.to_string(),
        "end": schedule.last.to_string(),
        "daysCount": (schedule.last - schedule.first).num_days() + 1,
        "timeslot_duration": TIMESLOT,
        "rooms": rooms,
        "days": days,
        "meta": {own::NAME: &schedule.own},
    });
    if let Some(zone) = &schedule.zone {
        conference["time_zone_name"] = json!(zone);
    }
    json!({
        "$schema": "https://c3voc.de/schedule/schema.json",
        "generator": {"name": GENERATOR, "version": GENERATOR_VERSION},
        "schedule": {"version": schedule.version, "conference": conference},
    })
}

fn day(index: usize, day: &Day) -> Value {
    let rooms = day.rooms.iter().map(|(name, entries)| {
        let entries: Vec<Value> = entries.iter().map(event).collect();
        (name.clone(), Value::Array(entries))
    });
    json!({
        "index": index,
        "date": day.date.to_string(),
        "day_start": date_time(day.start),
        "day_end": date_time(day.end),
        "rooms": rooms.collect::<Map<_, _>>(),
    })
}

fn event(entry: &Entry) -> Value {
    let persons = entry.persons.iter().map(|person| {
        json!({
            "guid": person.guid,
            "name": person.name,
            // As older readers look for it.
            "public_name": person.name,
            "biography": person.summary,
        })
    });
    let links = entry.links.iter();
    let links = links.map(|link| json!({"url": link.url, "title": link.title, "type": "related"}));
    // An entry has to have an address. This one leads nowhere.
    let nowhere = || ["urn:uuid:", &entry.guid.to_string()].concat();
    json!({
        "guid": entry.guid,
        "id": entry.number,
        "date": date_time(entry.start),
        "start": clock(entry.start),
        "duration": duration(entry.minutes),
        "room": entry.room,
        "slug": entry.slug,
        "url": entry.url.clone().unwrap_or_else(nowhere),
        "title": entry.title,
        "subtitle": entry.subtitle,
        "track": entry.track,
        "type": entry.kind,
        "language": entry.language,
        "abstract": entry.summary,
        "description": entry.description,
        "persons": persons.collect::<Vec<_>>(),
        "links": links.collect::<Vec<_>>(),
        "attachments": [],
    })
}
