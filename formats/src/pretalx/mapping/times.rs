//! When a slot is.

use keruen_domain::model::Moment;

use super::Mapping;
use crate::json::Node;
use crate::problem::Reason;
use crate::text;
use crate::zone::{self, Doubt, Span, Written, Zone};

impl Mapping<'_, '_> {
    pub(super) fn span(
        &mut self,
        slot: &Node<'_>,
        talk: &Node<'_>,
        label: &str,
    ) -> Result<Span, Reason> {
        let start = self
            .moment(slot, "start", label)?
            .ok_or(Reason::MissingStart)?;
        let end = self.moment(slot, "end", label)?;
        let minutes = || {
            let nodes = [slot, talk].into_iter();
            let mut written = nodes.filter_map(|node| node.get("duration")?.value.as_i64());
            written.find(|minutes| (0..100_000).contains(minutes))
        };
        let end_ms = match end {
            Some(end) => end.unix_ms(),
            None => start.unix_ms() + minutes().unwrap_or(0) * 60_000,
        };
        Ok(Span { start, end_ms })
    }

    fn moment(
        &mut self,
        slot: &Node<'_>,
        name: &str,
        label: &str,
    ) -> Result<Option<Moment>, Reason> {
        let Some(node) = slot.get(name) else {
            return Ok(None);
        };
        let written = node.text().unwrap_or_default();
        let bad = || Reason::BadTime(text::shown(&written));
        let notices = &mut self.drafting.notices;
        let found = match zone::parse_iso(&written).ok_or_else(bad)? {
            Written::Instant(instant) => {
                let zone = self.zone.unwrap_or(Zone::Fixed(*instant.offset()));
                zone.show(instant)
            }
            Written::Wall(wall) => {
                if self.zone.is_none() {
                    notices.warn_once(&node.place(), label, Reason::NoZone);
                }
                let found = self.zone.unwrap_or(Zone::UTC).at(wall);
                let shown = || wall.format("%Y-%m-%d %H:%M").to_string();
                match found {
                    Some((_, Some(Doubt::Twice))) => {
                        notices.warn(&node.place(), label, Reason::AmbiguousTime(shown()));
                    }
                    Some((_, Some(Doubt::Never))) => {
                        notices.warn(&node.place(), label, Reason::SkippedTime(shown()));
                    }
                    _ => {}
                }
                found.map(|(moment, _)| moment)
            }
        };
        found.map(Some).ok_or_else(bad)
    }
}
