//! Content in several languages.

use keruen_domain::Language;
use keruen_domain::model::Translated;
use leptos::prelude::*;

use crate::i18n::{use_language, use_translations};

/// A text in the chosen language, or in the next best with the language marked for screen readers
/// and, unless `is_unlabelled`, in words.
#[component]
pub fn TranslatedText(
    /// The text in all its languages.
    text: Translated,
    /// Leave out the words about another language: where one label for several texts is enough.
    #[prop(optional)]
    is_unlabelled: bool,
) -> impl IntoView {
    let language = use_language();
    move || {
        let (words, shown) = text.best(language.get())?;
        Some(view! {
            <span lang=shown.map(Language::code)>{words.to_owned()}</span>
            {(!is_unlabelled).then(|| view! { <FallbackLabel shown /> })}
        })
    }
}

/// “in Russian”, if that is not the chosen language. Shows nothing if the language is not known.
#[component]
pub fn FallbackLabel(
    /// The language of what is shown.
    shown: Option<Language>,
) -> impl IntoView {
    let t = use_translations();
    move || {
        let shown = shown.filter(|shown| *shown != t.language())?;
        Some(view! {
            " "
            <small class="fallback-label" title=t.common_in_language_explanation()>
                {t.in_language(shown)}
            </small>
        })
    }
}
