//! `/search`: everything on this phone by its words, while one types.

use std::ops::Range;

use keruen_domain::Collection;
use keruen_domain::model::{Session, Translated};
use keruen_search::{excerpt, highlights};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::address::Address;
use super::frame::show_frame;
use super::links::{
    best, event_href, material_href, note_href, session_href, subject_href, without_marks,
};
use crate::i18n::{Messages, format, use_translations};
use crate::state::{AppState, Findings, Found, sleep_ms};

/// About how much of a text is shown around the words.
const EXCERPT_CHARACTERS: usize = 140;
/// So much of what was found is drawn at each key that is typed: more than a screen.
const AT_ONCE: usize = 12;
/// After so long without a key, the rest.
const PAUSE_MS: u32 = 150;

/// The page.
#[component]
pub(super) fn SearchPage() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    show_frame(t.signal(Messages::common_search), Signal::derive(|| None));
    let field = NodeRef::<html::Input>::new();
    let first = Address::of_context().parameter("q").unwrap_or_default();
    let query = RwSignal::new(first.clone());
    let only = RwSignal::new(None::<Collection>);
    let is_ready = RwSignal::new(false);
    spawn_local(state.prepare_search(is_ready));
    Effect::new(move || {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
    let is_asked = Memo::new(move |_| query.with(|query| query.chars().any(char::is_alphanumeric)));
    let findings = Memo::new(move |_| {
        let is_asked = is_ready.get() && is_asked.get();
        is_asked.then(|| query.with(|query| state.search(query, only.get())))
    });
    let typed = move |event| query.set(event_target_value(&event));
    let ask = move |text: String| {
        if let Some(field) = field.get_untracked() {
            field.set_value(&text);
            let _ = field.focus();
        }
        query.set(text);
    };
    view! {
        <search class="stack">
            <input
                type="search"
                class="field"
                node_ref=field
                value=first
                enterkeyhint="search"
                autocomplete="off"
                aria-label=t.say(Messages::search_label)
                placeholder=t.say(Messages::search_placeholder)
                on:input=typed
            />
            {move || match (is_asked.get(), is_ready.get()) {
                (false, _) => view! { <Recent on_choose=Callback::new(ask) /> }.into_any(),
                (true, false) => {
                    view! { <p class="quiet">{t.say(Messages::search_preparing)}</p> }.into_any()
                }
                (true, true) => {
                    view! { <Results findings=findings query=query only=only /> }.into_any()
                }
            }}
        </search>
    }
}

/// What was searched for lately.
#[component]
fn Recent(on_choose: Callback<String>) -> impl IntoView {
    let t = use_translations();
    let recent = AppState::of_context().recent_searches();
    let entry = move |query: String| {
        let words = query.clone();
        view! {
            <li>
                <button type="button" class="button" on:click=move |_| on_choose.run(query.clone())>
                    {words}
                </button>
            </li>
        }
    };
    (!recent.is_empty()).then(|| {
        view! {
            <h2 class="section-title">{t.say(Messages::search_recent)}</h2>
            <ul class="row-of-buttons">{recent.into_iter().map(entry).collect_view()}</ul>
        }
    })
}

#[component]
fn Results(
    findings: Memo<Option<Findings>>,
    query: RwSignal<String>,
    only: RwSignal<Option<Collection>>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let total = Memo::new(move |_| {
        findings.with(|findings| {
            let totals = findings.iter().flat_map(|findings| &findings.totals);
            totals.map(|(_, total)| *total as u64).sum::<u64>()
        })
    });
    // The query of which all that was found is drawn.
    let drawn_whole = RwSignal::new(String::new());
    Effect::new(move || {
        let asked = query.get();
        spawn_local(async move {
            sleep_ms(PAUSE_MS).await;
            let is_last = query.try_with_untracked(|query| *query == asked);
            if is_last == Some(true) {
                drawn_whole.try_set(asked);
            }
        });
    });
    let most = Memo::new(move |_| {
        let is_whole = query.with(|query| drawn_whole.with(|drawn| drawn == query));
        let all = findings.with(|findings| findings.as_ref().map_or(0, |all| all.found.len()));
        if is_whole { all } else { all.min(AT_ONCE) }
    });
    let said = move || match total.get() {
        0 => t.search_nothing().to_owned(),
        total => t.search_found(total),
    };
    let chip = move |kind: Option<Collection>, words: String| {
        view! {
            <button
                type="button"
                class="button"
                aria-pressed=move || (only.get() == kind).to_string()
                on:click=move |_| only.set(kind)
            >
                {words}
            </button>
        }
    };
    let chips = move || {
        let totals = findings.with(|findings| findings.as_ref().map(|all| all.totals.clone()));
        let totals = totals.unwrap_or_default();
        (totals.len() > 1).then(|| {
            let kinds = totals.into_iter().map(|(kind, total)| {
                chip(
                    Some(kind),
                    [&plural_of(&t, kind), " ", &total.to_string()].concat(),
                )
            });
            view! {
                <div class="row-of-buttons search-kinds">
                    {chip(None, t.search_all().to_owned())} {kinds.collect_view()}
                </div>
            }
        })
    };
    let groups = move || {
        let findings = findings.get().unwrap_or_default();
        let asked = query.get_untracked();
        let mut groups: Vec<(Collection, Vec<Found>)> = Vec::new();
        for found in findings.found.into_iter().take(most.get()) {
            let kind = found.collection();
            match groups.iter_mut().find(|(of, _)| *of == kind) {
                Some((_, group)) => group.push(found),
                None => groups.push((kind, vec![found])),
            }
        }
        let group = |(kind, group): (Collection, Vec<Found>)| {
            let rows = group
                .into_iter()
                .map(|found| row(&state, &t, &found, &asked, query));
            view! {
                <h2 class="section-title">{plural_of(&t, kind)}</h2>
                <div class="rows">{rows.collect_view()}</div>
            }
        };
        groups.into_iter().map(group).collect_view()
    };
    view! {
        <p class="small quiet" role="status">
            {said}
        </p>
        {move || (total.get() == 0).then(|| view! { <p>{t.search_nothing_hint()}</p> })}
        {chips}
        {move || {
            let is_partial = findings.get().is_some_and(|findings| findings.is_partial);
            is_partial.then(|| view! { <p>{t.search_partial()}</p> })
        }}
        {groups}
    }
}

/// Something that was found: what it is called, and its words in context.
fn row(
    state: &AppState,
    t: &Messages,
    found: &Found,
    asked: &str,
    query: RwSignal<String>,
) -> AnyView {
    let language = t.language();
    let best = |text: Translated| best(&text, language);
    let (title, href) = match found {
        Found::Session(of) => (best(of.title()), Some(session_href(of.id()))),
        Found::Material(of) => (best(of.title()), Some(material_href(of.id()))),
        Found::Note(of) => (of.heading(), Some(note_href(of.id()))),
        Found::Person(of) => {
            let place = Found::place_of_person(state, of).map(subject_href);
            (of.name().unwrap_or_default().to_owned(), place)
        }
        Found::Event(of) => (best(of.title()), Some(event_href(of.id()))),
        Found::Programme(of) => (best(of.title()), Some("/agenda".to_owned())),
    };
    let title = match title.is_empty() {
        true => t.notes_untitled().to_owned(),
        false => title,
    };
    let text = found.text_in(language);
    let lines = text
        .lines()
        .map(without_marks)
        .filter(|line| !line.is_empty());
    let text = lines.collect::<Vec<_>>().join(" ").replace("**", "");
    let (shown, marks) = excerpt(&text, asked, EXCERPT_CHARACTERS);
    // A text that says nothing of it is left out: the title does, or another language.
    let excerpt = (!marks.is_empty()).then(|| {
        let dots = |is_cut: bool| is_cut.then_some("…");
        view! {
            <p class="row-excerpt">
                {dots(shown.start > 0)} {marked(&text, &shown, &marks)} {dots(shown.end < text.len())}
            </p>
        }
    });
    let facts = match found {
        Found::Session(of) => place_of(state, t, of),
        _ => None,
    };
    let marks = highlights(&title, asked);
    let title = marked(&title, &(0..title.len()), &marks);
    let state = *state;
    let opened = move |_| query.with_untracked(|query| state.remember_search(query));
    let title = match href {
        Some(href) => view! {
            <a class="row-link" href=href on:click=opened>
                {title}
            </a>
        }
        .into_any(),
        None => title,
    };
    view! {
        <article class="row">
            <div class="row-text">
                <h3 class="row-title">{title}</h3>
                {excerpt}
                {facts.map(|facts| view! { <p class="row-facts">{facts}</p> })}
            </div>
        </article>
    }
    .into_any()
}

/// At which event and on which day a session is: many are called alike.
fn place_of(state: &AppState, t: &Messages, session: &Session) -> Option<String> {
    let event = session.event().and_then(|id| state.event(id))?;
    let title = best(&event.title(), t.language());
    let day = session
        .start()
        .map(|start| format::day_with_year(t.language(), start.day()));
    Some(day.map_or_else(|| title.clone(), |day| [&title, " · ", &day].concat()))
}

/// A part of a text, with these parts of it marked.
fn marked(text: &str, shown: &Range<usize>, marks: &[Range<usize>]) -> AnyView {
    let mut pieces = Vec::new();
    let mut at = shown.start;
    for mark in marks
        .iter()
        .filter(|mark| mark.start >= shown.start && mark.end <= shown.end)
    {
        let between = text.get(at..mark.start).unwrap_or_default().to_owned();
        let words = text.get(mark.clone()).unwrap_or_default().to_owned();
        pieces.push(view! { {between}<mark>{words}</mark> }.into_any());
        at = mark.end;
    }
    let rest = text.get(at..shown.end).unwrap_or_default().to_owned();
    pieces.push(rest.into_any());
    pieces.into_any()
}

fn plural_of(t: &Messages, kind: Collection) -> String {
    let words = match kind {
        Collection::SESSION => t.search_sessions(),
        Collection::MATERIAL => t.search_materials(),
        Collection::NOTE => t.search_notes(),
        Collection::PERSON => t.search_people(),
        Collection::EVENT => t.search_events(),
        _ => t.search_programmes(),
    };
    words.to_owned()
}
