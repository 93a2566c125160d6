//! A material in a list.

use keruen_domain::Language;
use keruen_domain::model::{MaterialKind, Translated};
use leptos::prelude::*;

use super::{Icon, IconName, SampleLabel, SizeText, TranslatedText};
use crate::i18n::{own_name, use_translations};

/// What a row shows of a material.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaterialRowView {
    /// Where the row leads.
    pub href: String,
    /// What it is.
    pub kind: MaterialKind,
    /// What it is called.
    pub title: Translated,
    /// The language of the file or page, where it has one.
    pub language: Option<Language>,
    /// The size of its file.
    pub size_bytes: Option<u64>,
    /// Whether the content was made up for the demonstration.
    pub is_sample: bool,
}

/// A material: kind, title, language, size, and whether it is on this phone.
#[component]
pub fn MaterialRow(
    /// The material.
    material: MaterialRowView,
    /// Whether the whole of it is on this phone.
    #[prop(into)]
    is_on_phone: Signal<bool>,
    /// What stands in the place of the icon of its kind.
    #[prop(optional_no_strip)]
    picture: Option<AnyView>,
) -> impl IntoView {
    let t = use_translations();
    let MaterialRowView {
        href,
        kind,
        title,
        language,
        size_bytes,
        is_sample,
    } = material;
    view! {
        <article class="row">
            <span class="row-icon">
                {picture.unwrap_or_else(|| view! { <Icon name=kind_icon(kind) /> }.into_any())}
            </span>
            <div class="row-text">
                <h3 class="row-title">
                    <a class="row-link" href=href>
                        <TranslatedText text=title />
                    </a>
                </h3>
                <div class="row-facts">
                    <span>{move || t.material_kind(kind)}</span>
                    {language.map(|language| view! { <span lang=language.code()>{own_name(language)}</span> })}
                    {size_bytes.map(|size_bytes| view! { <SizeText size_bytes /> })}
                    // A link leads elsewhere: it is never on the phone.
                    {(kind != MaterialKind::Link)
                        .then(|| {
                            view! {
                                <span class="on-phone" class:is-absent=move || !is_on_phone.get()>
                                    <Icon name=IconName::OnPhone />
                                    {move || {
                                        if is_on_phone.get() {
                                            t.materials_on_phone()
                                        } else {
                                            t.materials_not_on_phone()
                                        }
                                    }}
                                </span>
                            }
                        })}
                    {is_sample.then(|| view! { <SampleLabel /> })}
                </div>
            </div>
        </article>
    }
}

const fn kind_icon(kind: MaterialKind) -> IconName {
    match kind {
        MaterialKind::Text => IconName::Text,
        MaterialKind::File => IconName::File,
        MaterialKind::Picture => IconName::Picture,
        MaterialKind::Audio => IconName::Audio,
        MaterialKind::Video => IconName::Video,
        MaterialKind::Link => IconName::Link,
    }
}
