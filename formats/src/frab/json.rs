use super::own::{self, Own};
use super::{Day, Entry, Link, Schedule, Speaker};
use crate::json::Node;
use crate::problem::{Notices, Place, ReadError, ReadErrorKind, Reason};

pub(super) fn read(root: &Node<'_>, notices: &mut Notices) -> Result<Schedule, ReadError> {
    let missing = |what, place| ReadError::new(place, ReadErrorKind::Missing(what));
    let schedule = root
        .get("schedule")
        .ok_or_else(|| missing("`schedule`", Place::File))?;
    let conference = schedule
        .get("conference")
        .ok_or_else(|| missing("`conference`", schedule.place()))?;
    let days = conference
        .get("days")
        .filter(|days| days.value.is_array())
        .ok_or_else(|| missing("the list `days`", conference.place()))?;
    let days = days.items().map(|day| read_day(&day, notices)).collect();
    let base_url = [&schedule, &conference].map(|node| node.text_of("base_url"));
    Ok(Schedule {
        place: conference.place(),
        own: conference
            .get("meta")
            .and_then(|meta| meta.get(own::NAME))
            .and_then(|own| Own::of_value(own.value)),
        title: conference.text_of("title"),
        acronym: conference.text_of("acronym"),
        zone: conference.text_of("time_zone_name"),
        start: conference.text_of("start"),
        end: conference.text_of("end"),
        city: conference.text_of("city"),
        venue: conference.text_of("venue"),
        base_url: base_url
            .into_iter()
            .find(|url| !url.is_empty())
            .unwrap_or_default(),
        url: conference.text_of("url"),
        days,
    })
}

fn read_day(day: &Node<'_>, notices: &mut Notices) -> Day {
    let mut entries = Vec::new();
    if let Some(rooms) = day.get("rooms") {
        for (room, list) in rooms.members() {
            for entry in list.items() {
                read_entry(&entry, room, &mut entries, notices);
            }
            if !list.value.is_array() {
                let reason = Reason::WrongKind {
                    wanted: "a list of events",
                };
                notices.skip(&list.place(), room, reason);
            }
        }
        if !rooms.value.is_object() {
            let reason = Reason::WrongKind {
                wanted: "rooms with their events",
            };
            notices.skip(&rooms.place(), "", reason);
        }
    }
    Day {
        date: day.text_of("date"),
        start: day.text_of("day_start"),
        entries,
    }
}

fn read_entry(entry: &Node<'_>, room: &str, entries: &mut Vec<Entry>, notices: &mut Notices) {
    if !entry.value.is_object() {
        let reason = Reason::WrongKind { wanted: "an event" };
        notices.skip(&entry.place(), "", reason);
        return;
    }
    let own_room = entry.text_of("room");
    entries.push(Entry {
        place: entry.place(),
        guid: entry.text_of("guid"),
        id: entry.text_of("id"),
        code: entry.text_of("code"),
        room: if own_room.is_empty() {
            room.to_owned()
        } else {
            own_room
        },
        title: entry.text_of("title"),
        subtitle: entry.text_of("subtitle"),
        date: entry.text_of("date"),
        start: entry.text_of("start"),
        duration: entry.text_of("duration"),
        kind: entry.text_of("type"),
        track: entry.text_of("track"),
        language: entry.text_of("language"),
        summary: entry.text_of("abstract"),
        description: entry.text_of("description"),
        url: entry.text_of("url"),
        persons: read_persons(entry),
        links: ["links", "attachments"]
            .into_iter()
            .filter_map(|name| entry.get(name))
            .flat_map(|list| list.items().collect::<Vec<_>>())
            .map(|link| Link {
                url: link.text().unwrap_or_else(|| link.text_of("url")),
                title: link.text_of("title"),
            })
            .collect(),
    });
}

fn read_persons(entry: &Node<'_>) -> Vec<Speaker> {
    let Some(list) = entry.get("persons") else {
        return Vec::new();
    };
    let first = |person: &Node<'_>, names: &[&str]| {
        names
            .iter()
            .map(|name| person.text_of(name))
            .find(|text| !text.trim().is_empty())
            .unwrap_or_default()
    };
    list.items()
        .map(|person| Speaker {
            key: first(&person, &["guid", "code", "id"]),
            name: person
                .text()
                .unwrap_or_else(|| first(&person, &["public_name", "full_public_name", "name"])),
            biography: first(&person, &["biography", "abstract", "description"]),
        })
        .collect()
}
