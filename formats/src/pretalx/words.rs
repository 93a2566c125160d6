//! Texts that are one, or one for each language.

use keruen_domain::Language;

use crate::json::Node;

/// A text in each language that it is there in; without one where that is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words(pub(super) Vec<(Option<Language>, String)>);

impl Words {
    /// A text, `{"en": …, "ru": …}`, or something with such a `name`. `otherwise` is the language of a
    /// single text.
    pub(super) fn of(node: &Node<'_>, otherwise: Option<Language>) -> Self {
        if let Some(name) = node.get("name") {
            return Self::of(&name, otherwise);
        }
        if let Some(text) = node.text() {
            return Self(vec![(otherwise, text)]);
        }
        let mut words = Self::default();
        let mut foreign = None;
        for (tag, text) in node.members() {
            let Some(text) = text.text().filter(|text| !text.trim().is_empty()) else {
                continue;
            };
            match Language::from_tag(tag) {
                Some(language) if !words.has(language) => words.0.push((Some(language), text)),
                Some(_) => {}
                None => foreign = foreign.or(Some(text)),
            }
        }
        // What nobody here reads is better than nothing.
        match foreign {
            Some(text) if words.0.is_empty() => Self(vec![(None, text)]),
            _ => words,
        }
    }

    pub(super) fn member(node: &Node<'_>, name: &str, otherwise: Option<Language>) -> Self {
        node.get(name)
            .map_or_else(Self::default, |node| Self::of(&node, otherwise))
    }

    fn has(&self, language: Language) -> bool {
        self.0.iter().any(|(known, _)| *known == Some(language))
    }

    /// One for places that have no languages: English where there is it.
    pub(super) fn label(&self) -> String {
        let wanted = [Language::English, Language::Russian, Language::Kazakh];
        let mut found = wanted.into_iter().filter_map(|wanted| {
            let found = self
                .0
                .iter()
                .find(|(language, _)| *language == Some(wanted));
            found.map(|(_, text)| text)
        });
        let any = self.0.first().map(|(_, text)| text);
        let text = found.next().or(any).map_or("", String::as_str);
        crate::text::line(text)
    }

    /// This and what follows it, in each language.
    pub(super) fn and(self, more: Self) -> Self {
        let mut words = self;
        for (language, text) in more.0 {
            match words.0.iter_mut().find(|(known, _)| *known == language) {
                Some((_, before)) => *before = joined(before, &text),
                None => words.0.push((language, text)),
            }
        }
        words
    }
}

/// Programs that have one text write it twice, or the first lines of it.
fn joined(before: &str, text: &str) -> String {
    let (before, text) = (before.trim(), text.trim());
    if before.is_empty() || text.starts_with(before) {
        text.to_owned()
    } else if text.is_empty() {
        before.to_owned()
    } else {
        [before, "\n\n", text].concat()
    }
}
