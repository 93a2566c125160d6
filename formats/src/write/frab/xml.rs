use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesPI, BytesText, Event};

use super::times::{clock, date_time, duration};
use super::{Entry, GENERATOR, GENERATOR_VERSION, Schedule, TIMESLOT};
use crate::frab::own::{self, Own};

pub(super) fn write(schedule: &Schedule) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Into memory nothing fails to be written.
    let written = document(&mut writer, schedule);
    debug_assert!(written.is_ok(), "{written:?}");
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).unwrap_or_default()
}

type Xml = Writer<Vec<u8>>;

fn document(writer: &mut Xml, schedule: &Schedule) -> io::Result<()> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root = writer.create_element("schedule");
    root.write_inner_content(|writer| {
        writer
            .create_element("generator")
            .with_attribute(("name", GENERATOR))
            .with_attribute(("version", GENERATOR_VERSION))
            .write_empty()?;
        element(writer, "version", &schedule.version)?;
        conference(writer, schedule)?;
        for (index, day) in schedule.days.iter().enumerate() {
            writer
                .create_element("day")
                .with_attribute(("index", &*(index + 1).to_string()))
                .with_attribute(("date", &*day.date.to_string()))
                .with_attribute(("start", &*date_time(day.start)))
                .with_attribute(("end", &*date_time(day.end)))
                .write_inner_content(|writer| {
                    for (name, entries) in &day.rooms {
                        room(writer, schedule, name, entries)?;
                    }
                    Ok(())
                })?;
        }
        writer.write_event(Event::PI(BytesPI::new(instruction(&schedule.own))))
    })?;
    Ok(())
}

/// What only Keruen reads. Neither the instruction's end nor what XML cannot hold may stand in it.
fn instruction(own: &Own) -> String {
    let json = serde_json::to_string(own).unwrap_or_default();
    let json = json
        .replace('>', "\\u003e")
        .replace('\u{fffe}', "\\ufffe")
        .replace('\u{ffff}', "\\uffff");
    [own::NAME, " ", &json].concat()
}

fn conference(writer: &mut Xml, schedule: &Schedule) -> io::Result<()> {
    let days = (schedule.last - schedule.first).num_days() + 1;
    let conference = writer.create_element("conference");
    conference.write_inner_content(|writer| {
        element(writer, "title", &schedule.title)?;
        element(writer, "acronym", &schedule.acronym)?;
        element(writer, "start", &schedule.first.to_string())?;
        element(writer, "end", &schedule.last.to_string())?;
        element(writer, "days", &days.to_string())?;
        element(writer, "timeslot_duration", TIMESLOT)?;
        match &schedule.zone {
            Some(zone) => element(writer, "time_zone_name", zone),
            None => Ok(()),
        }
    })?;
    Ok(())
}

fn room(writer: &mut Xml, schedule: &Schedule, name: &str, entries: &[Entry]) -> io::Result<()> {
    let mut room = writer.create_element("room").with_attribute(("name", name));
    if let Some(guid) = schedule.rooms.get(name) {
        room = room.with_attribute(("guid", &*guid.to_string()));
    }
    room.write_inner_content(|writer| {
        for entry in entries {
            event(writer, entry)?;
        }
        Ok(())
    })?;
    Ok(())
}

fn event(writer: &mut Xml, entry: &Entry) -> io::Result<()> {
    let event = writer
        .create_element("event")
        .with_attribute(("guid", &*entry.guid.to_string()))
        .with_attribute(("id", &*entry.number.to_string()));
    event.write_inner_content(|writer| {
        for (name, text) in [
            ("date", &*date_time(entry.start)),
            ("start", &clock(entry.start)),
            ("duration", &duration(entry.minutes)),
            ("room", &entry.room),
            ("slug", &entry.slug),
            ("title", &entry.title),
            ("subtitle", &entry.subtitle),
            ("track", &entry.track),
            ("type", &entry.kind),
            ("language", &entry.language),
            ("abstract", &entry.summary),
            ("description", &entry.description),
        ] {
            element(writer, name, text)?;
        }
        if let Some(url) = &entry.url {
            element(writer, "url", url)?;
        }
        let persons = writer.create_element("persons");
        persons.write_inner_content(|writer| {
            for person in &entry.persons {
                writer
                    .create_element("person")
                    .with_attribute(("guid", &*person.guid))
                    .write_text_content(BytesText::new(&person.name))?;
            }
            Ok(())
        })?;
        let links = writer.create_element("links");
        links.write_inner_content(|writer| {
            for link in &entry.links {
                writer
                    .create_element("link")
                    .with_attribute(("href", &*link.url))
                    .write_text_content(BytesText::new(&link.title))?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

fn element(writer: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    let element = writer.create_element(name);
    if text.is_empty() {
        element.write_empty()?;
    } else {
        element.write_text_content(BytesText::new(text))?;
    }
    Ok(())
}
