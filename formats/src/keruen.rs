//! Keruen's own JSON, version 1. `docs/import.md` describes it.
//!
//! Read by hand from a parsed tree rather than into types, so that one bad session costs one
//! session and every remark carries its path.

mod agenda;
mod materials;

use keruen_domain::model::{EventStatus, fields};
use keruen_domain::{Collection, Language};
use serde_json::Value;

use crate::companion::Companions;
use crate::detect::Format;
use crate::draft::{Draft, Drafting, RecordDraft};
use crate::json::{Node, Object};
use crate::problem::{Notices, Place, ReadError, ReadErrorKind, Reason};
use crate::{Options, text};

pub(crate) fn read(
    value: &Value,
    options: &Options<'_>,
    companions: &mut dyn Companions,
) -> Result<Draft, ReadError> {
    let mut ignored = Notices::default();
    let missing = |what| ReadError::of_file(ReadErrorKind::Missing(what));
    let root = Node::root(value);
    let version = root.text_of("keruen");
    if version != "1" {
        let version = if version.is_empty() {
            "?".to_owned()
        } else {
            text::line(&version)
        };
        return Err(ReadError::new(
            Place::Path("keruen".to_owned()),
            ReadErrorKind::UnsupportedVersion(version),
        ));
    }
    let mut root =
        Object::open(root, &mut ignored).ok_or_else(|| missing("the top level object"))?;
    root.get("keruen");
    let programme = root
        .get("programme")
        .ok_or_else(|| missing("`programme`"))?;
    let source = options
        .name
        .map(str::to_owned)
        .unwrap_or_else(|| programme.text_of("id"));
    if source.trim().is_empty() {
        return Err(missing(
            "`programme.id`, a text that identifies the programme for ever,",
        ));
    }
    let mut drafting = Drafting::new(Format::Keruen, source.trim(), options);
    read_programme(programme, source.trim(), options, &mut drafting)?;

    let mut events = agenda::Events::default();
    for node in root.items("events", &mut drafting.notices) {
        agenda::read_event(node, &mut events, &mut drafting)?;
    }
    for node in root.items("people", &mut drafting.notices) {
        read_person(node, &mut drafting)?;
    }
    for node in root.items("materials", &mut drafting.notices) {
        materials::read_material(node, companions, &mut drafting)?;
    }
    for node in root.items("sessions", &mut drafting.notices) {
        agenda::read_session(node, &events, &mut drafting)?;
    }
    root.finish(&mut drafting.notices);
    drafting.finish()
}

fn read_programme(
    node: Node<'_>,
    source: &str,
    options: &Options<'_>,
    drafting: &mut Drafting,
) -> Result<(), ReadError> {
    let place = node.place();
    let label = label_of(&node, "title", source);
    let Some(mut object) = Object::open(node, &mut drafting.notices) else {
        return Err(ReadError::new(
            place,
            ReadErrorKind::Missing("an object `programme`"),
        ));
    };
    object.get("id");
    let mut record = drafting.begin(Collection::PROGRAMME, source, &label, place);
    let notices = &mut drafting.notices;
    for (name, field, form) in [
        ("title", fields::TITLE, Form::Line),
        ("summary", fields::SUMMARY, Form::Block),
        ("aims", fields::AIMS, Form::Block),
        ("frame", fields::FRAME, Form::Block),
    ] {
        translated(&mut object, name, field, form, &mut record, notices);
    }
    organisers(&mut object, &mut record, notices);
    set_of_words(
        &mut object,
        "regions",
        fields::REGIONS,
        &mut record,
        notices,
    );
    set_of_words(
        &mut object,
        "languages",
        fields::LANGUAGES,
        &mut record,
        notices,
    );
    set_of_words(
        &mut object,
        "sources",
        fields::SOURCES,
        &mut record,
        notices,
    );
    set_of_words(&mut object, "sample", fields::SAMPLE, &mut record, notices);
    match object
        .get("public")
        .map(|node| (node.value.as_bool(), node.place()))
    {
        _ if options.public => record.set(fields::PUBLIC, true),
        Some((Some(public), _)) => record.set(fields::PUBLIC, public),
        Some((None, place)) => {
            let reason = Reason::WrongKind {
                wanted: "true or false",
            };
            notices.warn(&place, &record.label, reason);
        }
        None => {}
    }
    object.finish(notices);
    drafting.push(record, source).map(|_| ())
}

fn read_person(node: Node<'_>, drafting: &mut Drafting) -> Result<(), ReadError> {
    let Some((mut object, source)) = open_entry(node, "name", drafting) else {
        return Ok(());
    };
    let place = object.place();
    let name = object
        .text("name", &mut drafting.notices)
        .unwrap_or_default();
    if text::line(&name).is_empty() {
        drafting.notices.skip(&place, &source, Reason::MissingTitle);
        return Ok(());
    }
    let mut record = drafting.begin(Collection::PERSON, &source, &text::line(&name), place);
    let notices = &mut drafting.notices;
    record.line(fields::NAME, None, &name, notices);
    translated(
        &mut object,
        "organisation",
        fields::ORGANISATION,
        Form::Line,
        &mut record,
        notices,
    );
    translated(
        &mut object,
        "post",
        fields::POST,
        Form::Line,
        &mut record,
        notices,
    );
    translated(
        &mut object,
        "summary",
        fields::SUMMARY,
        Form::Block,
        &mut record,
        notices,
    );
    plain_line(&mut object, "region", fields::REGION, &mut record, notices);
    set_of_words(&mut object, "sample", fields::SAMPLE, &mut record, notices);
    object.finish(notices);
    drafting.push(record, &source).map(|_| ())
}

/// An entry's object and its `id`. One without an id cannot be referred to, nor found again after
/// its words changed, and this format always has one: it is left out.
fn open_entry<'a>(
    node: Node<'a>,
    title: &str,
    drafting: &mut Drafting,
) -> Option<(Object<'a>, String)> {
    let label = label_of(&node, title, "");
    let place = node.place();
    let mut object = Object::open(node, &mut drafting.notices)?;
    let source = object
        .get("id")
        .and_then(|node| node.text())
        .unwrap_or_default();
    let source = source.trim().to_owned();
    if source.is_empty() {
        let reason = Reason::WrongKind {
            wanted: "an `id` that stays the same",
        };
        drafting.notices.skip(&place, &label, reason);
        return None;
    }
    Some((object, source))
}

/// What an entry is called in messages.
fn label_of(node: &Node<'_>, name: &str, otherwise: &str) -> String {
    let Some(title) = node.get(name) else {
        return otherwise.to_owned();
    };
    let label = title.text().or_else(|| {
        [Language::English, Language::Russian, Language::Kazakh]
            .iter()
            .find_map(|language| title.get(language.code())?.text())
    });
    let label = text::line(&label.unwrap_or_default());
    if label.is_empty() {
        otherwise.to_owned()
    } else {
        label
    }
}

#[derive(Clone, Copy)]
enum Form {
    Line,
    Block,
}

/// Reads `{"en": …, "ru": …, "kk": …}`, or a plain text whose language is not known.
fn translated(
    object: &mut Object<'_>,
    name: &'static str,
    field: &str,
    form: Form,
    record: &mut RecordDraft,
    notices: &mut Notices,
) {
    let Some(node) = object.get(name) else { return };
    let mut write = |language, content: &str, notices: &mut Notices| match form {
        Form::Line => record.line(field, language, content, notices),
        Form::Block => record.block(field, language, content, notices),
    };
    if let Some(content) = node.text() {
        write(None, &content, notices);
        return;
    }
    if !node.value.is_object() {
        let reason = Reason::WrongKind {
            wanted: "a text, or texts by language",
        };
        notices.warn(&node.place(), "", reason);
        return;
    }
    for (code, content) in node.members() {
        match (Language::from_word(code), content.text()) {
            (Some(language), Some(content)) => write(Some(language), &content, notices),
            (None, _) => {
                notices.warn(
                    &content.place(),
                    "",
                    Reason::UnknownField(text::shown(code)),
                );
            }
            (Some(_), None) if content.value.is_null() => {}
            (Some(_), None) => {
                let reason = Reason::WrongKind { wanted: "a text" };
                notices.warn(&content.place(), "", reason);
            }
        }
    }
}

/// Organisers are one text per language with a line for each; who has no name in a language stands
/// there with the one they have.
fn organisers(object: &mut Object<'_>, record: &mut RecordDraft, notices: &mut Notices) {
    let organisers = object.items("organisers", notices);
    let plain: Vec<String> = organisers.iter().filter_map(Node::text).collect();
    if !plain.is_empty() && plain.len() == organisers.len() {
        record.block(fields::ORGANISERS, None, &plain.join("\n"), notices);
        return;
    }
    let known = |language: Language| {
        organisers
            .iter()
            .any(|organiser| organiser.get(language.code()).is_some())
    };
    for language in [Language::Kazakh, Language::Russian, Language::English] {
        if !known(language) {
            continue;
        }
        let lines: Vec<String> = organisers
            .iter()
            .filter_map(|organiser| {
                let translated = language
                    .preference()
                    .into_iter()
                    .find_map(|language| organiser.get(language.code())?.text());
                translated.or_else(|| organiser.text())
            })
            .map(|line| text::line(&line))
            .collect();
        record.block(
            fields::ORGANISERS,
            Some(language),
            &lines.join("\n"),
            notices,
        );
    }
    for organiser in &organisers {
        for (code, content) in organiser.members() {
            if Language::from_word(code).is_none() {
                notices.warn(
                    &content.place(),
                    "",
                    Reason::UnknownField(text::shown(code)),
                );
            }
        }
    }
}

fn set_of_words(
    object: &mut Object<'_>,
    name: &'static str,
    set: &str,
    record: &mut RecordDraft,
    notices: &mut Notices,
) {
    for node in object.items(name, notices) {
        match node.text() {
            Some(member) => record.member(set, &text::line(&member), notices),
            None => notices.warn(&node.place(), "", Reason::WrongKind { wanted: "a text" }),
        }
    }
}

fn plain_line(
    object: &mut Object<'_>,
    name: &'static str,
    field: &str,
    record: &mut RecordDraft,
    notices: &mut Notices,
) {
    if let Some(content) = object.text(name, notices) {
        record.line(field, None, &content, notices);
    }
}

/// A word of a fixed list; an unknown one is left out with a notice.
fn word(
    object: &mut Object<'_>,
    name: &'static str,
    is_known: impl Fn(&str) -> bool,
    record: &mut RecordDraft,
    notices: &mut Notices,
) {
    let Some(node) = object.get(name) else { return };
    let content = node.text().unwrap_or_default();
    if is_known(&content) {
        record.set(name, content);
    } else {
        let reason = Reason::UnknownWord(text::shown(&content));
        notices.warn(&node.place(), &record.label, reason);
    }
}

fn is_status(word: &str) -> bool {
    EventStatus::from_word(word).is_some()
}
