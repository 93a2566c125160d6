//! Pages without content: the link that does not open, and the question for the passphrase.

use keruen_domain::Language;

use super::{Frame, words};

/// What is said above the field of a passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Nothing was typed yet.
    None,
    /// It was typed wrong.
    Wrong,
    /// It was typed wrong too often.
    Wait,
}

/// What stands where a link does not open, whyever.
pub fn gone(language: Language) -> String {
    let words = words::of(language);
    plain(language, words.gone_title).around(|page| {
        page.markup("<h1>");
        page.text(words.gone_title);
        page.markup("</h1>\n<p>");
        page.text(words.gone_text);
        page.markup("</p>\n");
    })
}

/// Asks for the passphrase. It says nothing of what is shared.
pub fn passphrase(language: Language, notice: Notice) -> String {
    let words = words::of(language);
    plain(language, words.passphrase_title).around(|page| {
        page.markup("<h1>");
        page.text(words.passphrase_title);
        page.markup("</h1>\n<p>");
        page.text(words.passphrase_text);
        page.markup("</p>\n");
        let notice = match notice {
            Notice::None => None,
            Notice::Wrong => Some(words.passphrase_wrong),
            Notice::Wait => Some(words.passphrase_wait),
        };
        if let Some(notice) = notice {
            page.markup("<p class=\"failure\" role=\"alert\" id=\"notice\">");
            page.text(notice);
            page.markup("</p>\n");
        }
        // Without an address of its own a form is sent to that of the page.
        page.markup("<form class=\"share-form\" method=\"post\"><label for=\"passphrase\">");
        page.text(words.passphrase_label);
        page.markup(
            "</label><input class=\"field\" id=\"passphrase\" name=\"passphrase\" type=\"password\" \
             autocomplete=\"off\" maxlength=\"200\" required",
        );
        if notice.is_some() {
            page.markup(" aria-describedby=\"notice\" aria-invalid=\"true\"");
        }
        page.markup("><button class=\"button button-primary\" type=\"submit\">");
        page.text(words.passphrase_open);
        page.markup("</button></form>\n");
    })
}

const fn plain(language: Language, title: &'static str) -> Frame<'static> {
    Frame {
        title,
        about: "",
        view: None,
        rest: "",
        in_app: "",
        language,
    }
}
