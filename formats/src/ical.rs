//! iCalendar (RFC 5545), as calendars write it rather than as it should be.
//!
//! Components and folded lines are told apart here, where lines can be counted and broken ones
//! mended; what a single property says is read by the crate `icalendar`.

mod lines;
mod mapping;
pub(crate) mod own;
mod repetition;
mod times;

use crate::detect::Format;
use crate::draft::{Draft, Drafting};
use crate::problem::{Place, ReadError, ReadErrorKind, Reason};
use crate::{Options, text};

use lines::Component;
use times::Zones;

pub(crate) fn read(content: &str, options: &Options<'_>) -> Result<Draft, ReadError> {
    let mut notices = crate::problem::Notices::default();
    let calendars = lines::read(content, &mut notices)?;
    let named = calendars
        .iter()
        .find_map(|calendar| text_of(calendar, "X-WR-CALNAME"));
    let product = calendars
        .iter()
        .find_map(|calendar| text_of(calendar, "PRODID"));
    let place = Place::Line(calendars.first().map_or(1, |calendar| calendar.line));
    let name = options
        .name
        .map(text::line)
        .or_else(|| named.clone())
        .or_else(|| {
            let reason = Reason::UnnamedCalendar;
            notices.warn(&place, product.as_deref().unwrap_or(""), reason);
            product.clone()
        });
    let name = name.filter(|name| !name.is_empty()).ok_or_else(|| {
        let what = "a name of the calendar (X-WR-CALNAME; or give one with `--as NAME`)";
        ReadError::new(place.clone(), ReadErrorKind::Missing(what))
    })?;
    let title = named
        .or_else(|| options.name.map(text::line))
        .or_else(|| options.fallback_title.map(text::line))
        .filter(|title| !title.is_empty())
        .unwrap_or_else(|| name.clone());

    let origin = own::Origin::of(&calendars);
    let origin = origin.filter(|origin| options.takes_origin(origin.programme));
    let mut drafting = match &origin {
        Some(origin) => Drafting::of_own(Format::Calendar, origin.programme),
        None => Drafting::new(Format::Calendar, &name, options),
    };
    drafting.notices = notices;
    let zones = Zones::of(&calendars, options.zone());
    match &origin {
        Some(origin) => origin.push_programme(options, &mut drafting)?,
        None => {
            mapping::push_programme(&calendars, &title, &name, place, options, &mut drafting)?;
        }
    }
    let mut agenda = mapping::Agenda::new(&title, &calendars, &zones, origin.as_ref(), &drafting);
    for component in calendars.iter().flat_map(|calendar| &calendar.children) {
        match component.name.as_str() {
            "VEVENT" => agenda.entry(component, &mut drafting)?,
            "VTIMEZONE" => {}
            other => {
                let reason = Reason::KindNotImported(text::shown(other));
                let label = text_of(component, "SUMMARY").unwrap_or_default();
                let place = Place::Line(component.line);
                drafting.notices.skip(&place, &label, reason);
            }
        }
    }
    agenda.finish(&mut drafting)?;
    drafting.finish()
}

/// A property's text on one line, if there is any.
fn text_of(component: &Component, name: &str) -> Option<String> {
    let value = component.get(name)?.text();
    Some(text::line(&value)).filter(|text| !text.is_empty())
}

/// Calendars that only announce replies or free times hold nothing to import.
fn has_sessions(calendars: &[Component]) -> bool {
    calendars
        .iter()
        .flat_map(|calendar| &calendar.children)
        .any(|component| component.name == "VEVENT")
}
