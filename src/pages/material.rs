//! One material: its text, its file, or where it leads.

use keruen_domain::MaterialId;
use keruen_domain::model::{
    FileInfo, Material, MaterialKind, Session, Subject, Translated, View, fields,
};
use keruen_domain::protocol::shares::Shared;
use leptos::prelude::*;

use super::downloads::DownloadPart;
use super::file_viewer::FileViewer;
use super::keep_question::KeepQuestion;
use super::links::{best, session_href};
use super::making::{ChangeLink, SendingPart};
use super::not_found::NotOnPhone;
use super::packs::ReceivedMark;
use super::picture_part::PicturePart;
use super::session::NotesAbout;
use super::share_part::SharePart;
use super::versions::OtherVersions;
use crate::components::{FallbackLabel, Icon, IconName, Markdown, SampleLabel, TranslatedText};
use crate::i18n::{Messages, format, own_name, use_language, use_translations};
use crate::state::{AppState, FileStand};

/// A material.
#[component]
pub(super) fn MaterialPage(
    /// Which one.
    id: MaterialId,
) -> impl IntoView {
    let state = AppState::of_context();
    let language = use_language();
    view! {
        {move || {
            state.follow_programmes();
            match state.material(id) {
            None => view! { <NotOnPhone /> }.into_any(),
            Some(material) => view! { <MaterialDetail material=material /> }.into_any(),
        }}}
        <SharePart
            thing=Signal::derive(move || {
                let material = state.material(id)?;
                Some((material.record().key.scope, Shared::Material(id)))
            })
            title=Signal::derive(move || {
                let material = state.material(id);
                let title = material.map(|material| best(&material.title(), language.get()));
                title.unwrap_or_default()
            })
        />
    }
}

#[component]
fn MaterialDetail(material: Material) -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let state = AppState::of_context();
    let summary = material.summary();
    let body = material.body();
    let body_text = body.clone();
    let heading = material.title();
    let text = Signal::derive(move || {
        let language = language.get();
        without_heading(best(&body_text, language), &best(&heading, language))
    });
    let body_language = body.clone();
    let shown = move || {
        body_language
            .best(language.get())
            .and_then(|(_, shown)| shown)
    };
    let sessions = state.sessions_with(material.id());

    let subject = Subject::Material(material.id());
    let is_sample = material.record().members(fields::SAMPLE).next().is_some();
    view! {
        <article class="stack detail">
            <header class="stack-close">
                <h2 class="detail-title">
                    <TranslatedText text=material.title() />
                    {is_sample.then(|| view! { " " <SampleLabel /> })}
                </h2>
                {(!summary.is_empty())
                    .then(|| {
                        view! {
                            <p class="quiet">
                                <TranslatedText text=summary />
                            </p>
                        }
                    })}
            </header>
            <OtherVersions record=material.record().clone() />
            <ReceivedMark of=material.clone() />
            <ChangeLink material=material.clone() />
            {material.file().map(|file| view! { <SendingPart material=material.clone() file=file /> })}
            {material.file().map(|file| {
                let title = material.title();
                match state.forms_of(&material) {
                    Some(forms) => view! { <PicturePart file forms title /> }.into_any(),
                    None => view! { <FilePart kind=material.kind() file title /> }.into_any(),
                }
            })}
            <KeepQuestion is_worth={
                let material = material.clone();
                Signal::derive(move || state.downloads().is_asked_for(&material))
            } />
            {material.url().map(|url| view! { <LinkPart url=url.to_owned() /> })}
            {(!body.is_empty())
                .then(|| {
                    view! {
                        <div lang=move || shown().map(|shown| shown.code())>
                            {
                                let shown = body.clone();
                                move || {
                                    let best = shown.best(language.get()).and_then(|(_, shown)| shown);
                                    view! { <FallbackLabel shown=best /> }
                                }
                            }
                            <Markdown text=text first_heading=2 />
                        </div>
                    }
                })}
            <Facts material=material.clone() />
            {(!sessions.is_empty())
                .then(|| {
                    view! {
                        <section class="stack-close">
                            <h2>{t.say(Messages::materials_in_sessions)}</h2>
                            <div class="rows">
                                {sessions
                                    .into_iter()
                                    .map(|session| view! { <SessionRow session=session /> })
                                    .collect_view()}
                            </div>
                        </section>
                    }
                })}
            <NotesAbout subject=subject />
        </article>
    }
}

/// The text without its first heading, if that only says the material's title again.
fn without_heading(text: String, title: &str) -> String {
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let heading = first.strip_prefix("# ").map(str::trim);
    if heading == Some(title.trim()) {
        rest.trim_start().to_owned()
    } else {
        text
    }
}

/// A session that uses the material: what, where and when. They may be of several events.
#[component]
fn SessionRow(session: Session) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let event = session.event().and_then(|id| state.event(id));
    let city = event.map(|event| event.city()).unwrap_or_default();
    let start = session.start();
    view! {
        <article class="row">
            <div class="row-text">
                <h3 class="row-title">
                    <a class="row-link" href=session_href(session.id())>
                        <TranslatedText text=session.title() />
                    </a>
                </h3>
                <p class="row-facts">
                    <span>
                        <TranslatedText text=city is_unlabelled=true />
                    </span>
                    {start
                        .map(|start| {
                            let time = format::time(start.wall().time());
                            view! {
                                <span>{move || format::day_with_year(t.language(), start.day())}</span>
                                <span>{time}</span>
                            }
                        })}
                </p>
            </div>
        </article>
    }
}

/// Author, licence, language.
#[component]
fn Facts(material: Material) -> impl IntoView {
    let t = use_translations();
    let text = |name: &str| material.text(name).map(str::to_owned);
    let author = text(fields::AUTHOR);
    let licence = text(fields::LICENCE);
    let language = material
        .language()
        .map(|language| own_name(language).to_owned());
    let fact = |word: Signal<String>, value: Option<String>| {
        value.map(|value| view! { <dt>{word}</dt> <dd>{value}</dd> })
    };
    let has_any = [&author, &licence, &language]
        .into_iter()
        .any(Option::is_some);
    has_any.then(|| {
        view! {
            <dl class="facts">
                {fact(t.signal(Messages::materials_author), author)}
                {fact(t.signal(Messages::materials_licence), licence)}
                {fact(t.signal(Messages::materials_language), language)}
            </dl>
        }
    })
}

/// A page elsewhere.
#[component]
fn LinkPart(url: String) -> impl IntoView {
    let t = use_translations();
    view! {
        <section class="card stack-close">
            <p>
                <a class="button button-primary" href=url.clone() rel="noopener noreferrer" target="_blank">
                    <Icon name=IconName::Link />
                    {t.say(Messages::materials_open_link)}
                </a>
            </p>
            <p class="small quiet address">{url}</p>
            <p class="small quiet">{t.say(Messages::materials_link_needs_network)}</p>
        </section>
    }
}

/// The file: not here yet, on its way, or here to be looked at and saved.
#[component]
fn FilePart(kind: MaterialKind, file: FileInfo, title: Translated) -> impl IntoView {
    let downloads = AppState::of_context().downloads();
    let is_here = {
        let sha256 = file.sha256.clone();
        Memo::new(move |_| downloads.stand_of(&sha256) == FileStand::Here)
    };
    view! {
        <section class="card stack-close">
            {move || {
                if is_here.get() {
                    view! { <FileViewer kind=kind file=file.clone() title=title.clone() /> }.into_any()
                } else {
                    view! { <DownloadPart file=file.clone() /> }.into_any()
                }
            }}
        </section>
    }
}
