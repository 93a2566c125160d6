//! What a talk says of its session.

use std::collections::HashMap;

use keruen_domain::model::fields;
use keruen_domain::{Collection, Language};

use super::super::id_of;
use super::super::words::Words;
use super::Mapping;
use crate::draft::RecordDraft;
use crate::json::Node;
use crate::problem::{Notices, ReadError, Reason};
use crate::text;
use crate::zone::Span;

impl<'a> Mapping<'a, '_> {
    pub(super) fn fill(
        &mut self,
        record: &mut RecordDraft,
        talk: &Node<'a>,
        slot: &Node<'a>,
        span: Span,
        title: &Words,
        locale: Option<Language>,
    ) -> Result<(), ReadError> {
        record.set(fields::EVENT, self.event);
        let notices = &mut self.drafting.notices;
        record.times(span, notices);
        lines(record, fields::TITLE, title, notices);
        let content = Words::member(talk, "abstract", locale);
        let content = content.and(Words::member(talk, "description", locale));
        for (language, content) in content.0 {
            record.block(fields::ABSTRACT, language, &content, notices);
        }
        record.line(
            fields::LANGUAGE,
            None,
            &talk.text_of("content_locale"),
            notices,
        );
        let track = named(talk.get("track"), &self.lists.tracks);
        record.line(fields::TRACK, None, &track.label(), notices);
        let kind = named(talk.get("submission_type"), &self.lists.types).label();
        if let Some(kind) = crate::frab::kind_of(&kind) {
            record.set(fields::KIND, kind.word());
        }
        self.room(record, slot);
        let lists = self.lists;
        for speaker in talk.get("speakers").iter().flat_map(Node::items) {
            let code = speaker
                .text()
                .or_else(|| id_of(&speaker))
                .unwrap_or_default();
            let known = lists.speakers.get(code.trim());
            let card = if speaker.value.is_object() {
                &speaker
            } else if let Some(known) = known {
                known
            } else {
                let reason = Reason::UnknownReference(text::shown(&code));
                self.drafting.notices.warn(&speaker.place(), "", reason);
                continue;
            };
            self.speaker(card, known, &code, record)?;
        }
        for resource in talk.get("resources").iter().flat_map(Node::items) {
            self.resource(&resource, record)?;
        }
        Ok(())
    }

    pub(super) fn room(&mut self, record: &mut RecordDraft, slot: &Node<'_>) {
        let room = named(slot.get("room"), &self.lists.rooms);
        lines(record, fields::ROOM, &room, &mut self.drafting.notices);
    }

    fn speaker(
        &mut self,
        card: &Node<'_>,
        known: Option<&Node<'_>>,
        code: &str,
        session: &mut RecordDraft,
    ) -> Result<(), ReadError> {
        let name = text::line(&card.text_of("name"));
        if name.is_empty() {
            return Ok(());
        }
        let source = match code.trim() {
            "" => ["made\n", &name].concat(),
            code => code.to_owned(),
        };
        let drafting = &mut self.drafting;
        let mut record = drafting.begin(Collection::PERSON, &source, &name, card.place());
        let id = record.key.id;
        session.member(fields::SPEAKERS, &id.to_string(), &mut drafting.notices);
        if drafting.holds(Collection::PERSON, id) {
            return Ok(());
        }
        record.line(fields::NAME, None, &name, &mut drafting.notices);
        let told = [Some(card), known].into_iter().flatten();
        let mut told = told.map(|card| Words::member(card, "biography", None));
        let biography = told
            .find(|words| !words.label().is_empty())
            .unwrap_or_default();
        for (language, content) in biography.0 {
            record.block(fields::SUMMARY, language, &content, &mut drafting.notices);
        }
        drafting.push(record, &source).map(drop)
    }

    /// Links become materials; files that only pretalx can give do not.
    fn resource(
        &mut self,
        resource: &Node<'_>,
        session: &mut RecordDraft,
    ) -> Result<(), ReadError> {
        let urls = ["link", "resource", "url"].map(|name| resource.text_of(name));
        let Some(url) = urls.iter().find(|url| text::is_web_address(url.trim())) else {
            return Ok(());
        };
        let url = url.trim();
        let title = Words::member(resource, "description", None).label();
        let title = if title.is_empty() { url } else { &title };
        let drafting = &mut self.drafting;
        let mut record = drafting.begin(Collection::MATERIAL, url, title, resource.place());
        let id = record.key.id;
        session.member(fields::MATERIALS, &id.to_string(), &mut drafting.notices);
        if drafting.holds(Collection::MATERIAL, id) {
            return Ok(());
        }
        record.set(fields::KIND, "link");
        record.line(fields::TITLE, None, title, &mut drafting.notices);
        record.address(fields::URL, url, &mut drafting.notices);
        drafting.push(record, url).map(drop)
    }
}

/// What something is called that is named itself or by an identifier.
fn named(node: Option<Node<'_>>, known: &HashMap<String, Node<'_>>) -> Words {
    let Some(node) = node else {
        return Words::default();
    };
    let by_id = node.text().and_then(|id| known.get(id.trim()));
    match by_id {
        Some(found) => Words::of(found, None),
        // A number that nothing has is no name.
        None if node.value.is_number() => Words::default(),
        None => Words::of(&node, None),
    }
}

pub(super) fn lines(record: &mut RecordDraft, field: &str, words: &Words, notices: &mut Notices) {
    for (language, text) in &words.0 {
        record.line(field, *language, text, notices);
    }
}
