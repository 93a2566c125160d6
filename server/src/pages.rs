//! What is read without the app: pages that are complete without script, in three languages, for eyes,
//! printers and the previews of messengers.
//!
//! A page is written by [`Html`], which takes markup from this program's own source only; every
//! other text is escaped.

mod agenda;
mod content;
mod html;
mod material;
mod plain;
mod session;
mod style;
mod times;
mod words;

use keruen_domain::protocol::shares::{Shared, paths};
use keruen_domain::{EventId, Language, MaterialId, ProgrammeId, Translated};

use html::Html;
pub(crate) use words::{Words, of as words_of};

pub use content::Content;
pub use plain::{Notice, gone, passphrase};
pub use style::{STYLE, style_path};

/// Where a page is.
#[derive(Clone, Copy)]
pub enum Place<'a> {
    /// It is that of a share, for those who have its link.
    Share {
        /// The link's secret.
        secret: &'a str,
        /// What files of a share with a passphrase need; empty for others.
        ticket: &'a str,
    },
    /// It is that of a public programme, for everybody and for search engines.
    Programme(ProgrammeId),
}

/// How a page is looked at.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// Where it is.
    pub place: Place<'a>,
    /// In which language.
    pub language: Language,
    /// Whether the address says which language that is.
    pub is_chosen: bool,
}

/// The page of a share.
pub fn page(view: View<'_>, content: &Content) -> String {
    match content.shared {
        Shared::Material(id) => content
            .material(id)
            .map(|it| material::page(view, it, false)),
        Shared::Session(_) => {
            let mut sessions = content.sessions.iter();
            sessions.next().map(|it| session::page(view, content, it))
        }
        Shared::Materials => Some(material::list(view, content)),
        Shared::Agenda => Some(agenda::page(view, content)),
    }
    .unwrap_or_else(|| gone(view.language))
}

/// Where the page of a public programme is: this and its identifier.
pub const PROGRAMME_PAGE: &str = "/p/";

/// The page of a public programme: its agenda.
pub fn programme_page(programme: ProgrammeId, language: Language, content: &Content) -> String {
    let view = View {
        place: Place::Programme(programme),
        language,
        is_chosen: true,
    };
    agenda::page(view, content)
}

/// The page of one of several materials; `None` if it is not among them.
pub fn material_page(view: View<'_>, content: &Content, id: MaterialId) -> Option<String> {
    let material = content.material(id)?;
    let is_only = content.shared == Shared::Material(id);
    Some(material::page(view, material, !is_only))
}

impl View<'_> {
    const fn words(&self) -> &'static Words {
        words::of(self.language)
    }

    /// An address below that of the share, in this language.
    fn address(&self, rest: &str) -> String {
        self.address_in(rest, self.is_chosen.then_some(self.language))
    }

    fn address_in(&self, rest: &str, language: Option<Language>) -> String {
        let (mut address, ticket) = match self.place {
            Place::Share { secret, ticket } => ([paths::PAGE, secret, rest].concat(), ticket),
            Place::Programme(id) => ([PROGRAMME_PAGE, &id.to_string(), rest].concat(), ""),
        };
        let language = language.map(|language| ["lang=", language.code()].concat());
        let ticket = (!ticket.is_empty()).then(|| ["ticket=", ticket].concat());
        for (before, part) in ["?", "&"].iter().zip(language.into_iter().chain(ticket)) {
            address.push_str(before);
            address.push_str(&part);
        }
        address
    }

    fn file_address(&self, sha256: &str) -> String {
        self.address_in(&[paths::FILES, sha256].concat(), None)
    }

    const fn is_public(&self) -> bool {
        matches!(self.place, Place::Programme(_))
    }

    /// Markup for those who read pages by machine: of public ones alone.
    const fn item(&self, markup: &'static str) -> &'static str {
        if self.is_public() { markup } else { "" }
    }

    fn calendar_address(&self, id: EventId) -> String {
        self.form_address("calendar", id)
    }

    /// The agenda of an event for other programs; of shares there is the calendar alone.
    fn form_address(&self, form: &str, id: EventId) -> String {
        // In the language of this page: other programs have none of their own.
        let rest = ["/", form, "/", &id.to_string()].concat();
        self.address_in(&rest, Some(self.language))
    }

    fn material_address(&self, id: MaterialId) -> String {
        self.address(&["/materials/", &id.to_string()].concat())
    }

    fn best<'t>(&self, text: &'t Translated) -> &'t str {
        text.best(self.language).map_or("", |(text, _)| text)
    }
}

/// What stands around the content of a page.
struct Frame<'a> {
    /// What the page is called.
    title: &'a str,
    /// What it is about, for previews.
    about: &'a str,
    /// Where the page of this share is, without the share's own address; `None` where there is no such.
    view: Option<View<'a>>,
    /// Below the address of the share.
    rest: &'a str,
    /// Where it is in the app, if that needs no secret.
    in_app: &'a str,
    language: Language,
}

/// Characters of a preview's text.
const PREVIEW_CHARACTERS: usize = 200;

impl Frame<'_> {
    /// The whole page around this content.
    fn around(&self, content: impl FnOnce(&mut Html)) -> String {
        let words = words::of(self.language);
        let mut page = Html::default();
        page.markup("<!doctype html>\n<html lang=\"");
        page.markup(self.language.code());
        page.markup("\" dir=\"ltr\">\n");
        self.head(&mut page, words);
        page.markup("<body>\n<header class=\"share-bar\"><span class=\"share-name\">");
        page.text(words.common_app_name);
        page.markup("</span>");
        self.languages(&mut page, words);
        page.markup("</header>\n<main class=\"share\">\n");
        content(&mut page);
        page.markup("</main>\n");
        if let Some(view) = self.view {
            page.markup("<footer class=\"share-foot\"><a class=\"button button-primary\" href=\"");
            match view.place {
                Place::Share { secret, .. } => {
                    page.markup("/#share=");
                    page.text(secret);
                }
                Place::Programme(_) => page.text(self.in_app),
            }
            page.markup("\">");
            page.text(words.open_in_app);
            page.markup("</a><p class=\"small quiet\">");
            page.text(words.open_in_app_text);
            page.markup("</p></footer>\n");
        }
        page.markup("</body>\n</html>\n");
        page.finish()
    }

    fn head(&self, page: &mut Html, words: &Words) {
        let about = shortened(self.about);
        page.markup(
            "<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"theme-color\" content=\"#0b6b75\" media=\"(prefers-color-scheme: light)\">\n\
             <meta name=\"theme-color\" content=\"#0d2529\" media=\"(prefers-color-scheme: dark)\">\n",
        );
        let og_type = match self.view.map(|view| view.place) {
            Some(Place::Programme(_)) => "website",
            Some(Place::Share { .. }) | None => {
                page.markup("<meta name=\"robots\" content=\"noindex, nofollow\">\n");
                "article"
            }
        };
        page.markup("<title>");
        page.text(self.title);
        page.markup(" · ");
        page.text(words.common_app_name);
        page.markup("</title>\n");
        let locale = match self.language {
            Language::Kazakh => "kk_KZ",
            Language::Russian => "ru_RU",
            Language::English => "en_GB",
        };
        for (name, value) in [
            ("og:title", self.title),
            ("og:description", &about),
            ("og:type", og_type),
            ("og:site_name", words.common_app_name),
            ("og:locale", locale),
        ] {
            if !value.is_empty() {
                page.markup("<meta property=\"");
                page.markup(name);
                page.markup("\" content=\"");
                page.text(value);
                page.markup("\">\n");
            }
        }
        if !about.is_empty() {
            page.markup("<meta name=\"description\" content=\"");
            page.text(&about);
            page.markup("\">\n");
        }
        page.markup(
            "<link rel=\"icon\" href=\"/icons/favicon.svg\">\n<link rel=\"stylesheet\" href=\"",
        );
        page.text(style_path());
        page.markup("\">\n</head>\n");
    }

    /// Links to the page in the other languages.
    fn languages(&self, page: &mut Html, words: &Words) {
        page.markup("<nav class=\"share-languages\" aria-label=\"");
        page.text(words.languages);
        page.markup("\">");
        for language in Language::ALL {
            let name = words::own_name(*language);
            page.markup("<a lang=\"");
            page.markup(language.code());
            page.markup("\" hreflang=\"");
            page.markup(language.code());
            page.markup("\" href=\"");
            match self.view {
                Some(view) => page.text(&view.address_in(self.rest, Some(*language))),
                None => {
                    page.markup("?lang=");
                    page.markup(language.code());
                }
            }
            if *language == self.language {
                page.markup("\" aria-current=\"true");
            }
            page.markup("\">");
            page.text(name);
            page.markup("</a>");
        }
        page.markup("</nav>");
    }
}

fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(PREVIEW_CHARACTERS) {
        Some((end, _)) => {
            let whole_words = text[..end]
                .rsplit_once(' ')
                .map_or(&text[..end], |(words, _)| words);
            [whole_words, "…"].concat()
        }
        None => text,
    }
}

/// A text in the best language there is, marked where that is not the page's.
fn say(page: &mut Html, view: View<'_>, text: &Translated) {
    say_as(page, view, text, "");
}

/// The same, with an attribute that says what it is.
fn say_as(page: &mut Html, view: View<'_>, text: &Translated, attribute: &'static str) {
    let Some((text, language)) = text.best(view.language) else {
        return;
    };
    let other = language.filter(|language| *language != view.language);
    if language.is_some() && other.is_none() && attribute.is_empty() {
        page.text(text);
        return;
    }
    page.markup("<span");
    page.markup(attribute);
    match (language, other) {
        (_, Some(other)) => {
            page.markup(" lang=\"");
            page.markup(other.code());
            page.markup("\"");
        }
        (None, None) => page.markup(" lang=\"\" dir=\"auto\""),
        (Some(_), None) => {}
    }
    page.markup(">");
    page.text(text);
    page.markup("</span>");
    if let Some(other) = other {
        page.markup(" ");
        in_language(page, view, other);
    }
}

/// That something was called off.
fn cancelled(page: &mut Html, view: View<'_>) {
    page.markup(" <span class=\"fallback-label\">");
    page.text(view.words().agenda_status_cancelled);
    page.markup("</span>");
    page.markup(
        view.item("<link itemprop=\"eventStatus\" href=\"https://schema.org/EventCancelled\">"),
    );
}

/// The label of a text that is in another language than the page.
fn in_language(page: &mut Html, view: View<'_>, language: Language) {
    let words = view.words();
    page.markup("<span class=\"fallback-label\">");
    page.text(match language {
        Language::Kazakh => words.common_in_kazakh,
        Language::Russian => words.common_in_russian,
        Language::English => words.common_in_english,
    });
    page.markup("</span>");
}

/// That some of what follows was made up for the sample programmes, in words.
pub const fn about_samples(language: Language) -> &'static str {
    words::of(language).calendar_samples
}

/// What somebody's own agenda is called.
pub const fn my_agenda(language: Language) -> &'static str {
    words::of(language).calendar_my_agenda
}

/// What other programs show with an agenda, in words.
pub const fn words_for_files(language: Language) -> keruen_formats::write::Words<'static> {
    let words = words::of(language);
    keruen_formats::write::Words {
        samples: words.calendar_samples,
        cancelled: words.agenda_status_cancelled,
    }
}

/// The label of what was made up for the demonstration.
fn sample(page: &mut Html, view: View<'_>, is_sample: bool) {
    if is_sample {
        page.markup(" <span class=\"share-sample\" title=\"");
        page.text(view.words().common_sample_explanation);
        page.markup("\">");
        page.text(view.words().common_sample);
        page.markup("</span>");
    }
}

/// A Markdown text; `first_heading` is the level of its own first one.
fn markdown(
    page: &mut Html,
    view: View<'_>,
    text: &str,
    language: Option<Language>,
    first_heading: u8,
) {
    page.markup("<div class=\"markdown\"");
    if let Some(language) = language.filter(|language| *language != view.language) {
        page.markup(" lang=\"");
        page.markup(language.code());
        page.markup("\"");
    }
    page.markup(" dir=\"auto\">");
    page.tree(
        &keruen_markdown::parse(text, first_heading),
        view.words().leads_outside,
    );
    page.markup("</div>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previews_are_short_and_end_with_a_word() {
        assert_eq!(shortened(" a\n b "), "a b");
        let long = "сөз ".repeat(200);
        let short = shortened(&long);
        assert!(short.chars().count() <= PREVIEW_CHARACTERS + 1);
        assert!(short.ends_with("сөз…"));
        assert_eq!(shortened(&"қ".repeat(300)).chars().count(), 201);
    }
}
