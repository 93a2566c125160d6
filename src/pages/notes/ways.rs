//! The ways to find a note in the list: tags to press, the rest folded away.

use keruen_domain::model::NoteColour;
use leptos::prelude::*;

use super::wanted::{Offered, Order, Since, Wanted, Whose};
use crate::i18n::{Messages, use_translations};
use crate::pages::links::best;
use crate::pages::note::colour_words;
use crate::state::{AppState, subject_title};

/// What is asked of the list: tags to press, the rest folded away.
#[component]
pub(super) fn Ways(wanted: RwSignal<Wanted>) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let offered = Memo::new(move |_| Offered::of(&state.notes()));
    Effect::new(move || {
        let pruned = offered.with(|offered| wanted.with(|wanted| offered.prune(wanted)));
        if wanted.with_untracked(|wanted| *wanted != pruned) {
            wanted.set(pruned);
        }
    });
    let tag = move |of: Option<String>| {
        let words = of.as_ref().map(|tag| ["#", tag].concat());
        let (pressed, chosen) = (of.clone(), of);
        let is_pressed = move || wanted.with(|wanted| wanted.tag == pressed).to_string();
        view! {
            <button
                type="button"
                class="button"
                aria-pressed=is_pressed
                on:click=move |_| wanted.update(|wanted| wanted.tag.clone_from(&chosen))
            >
                {move || words.clone().unwrap_or_else(|| t.notes_all().to_owned())}
            </button>
        }
    };
    let tags = Memo::new(move |_| offered.with(|offered| offered.tags.clone()));
    let are_many = Memo::new(move |_| offered.with(|offered| offered.count > 1));
    view! {
        {move || {
            let tags = tags.get();
            (!tags.is_empty())
                .then(|| {
                    view! {
                        <div class="row-of-buttons search-kinds">
                            {tag(None)} {tags.into_iter().map(|of| tag(Some(of))).collect_view()}
                        </div>
                    }
                })
        }}
        <Show when=move || are_many.get()>
            <details class="ticks">
                <summary>{t.say(Messages::notes_filter)}</summary>
                <Choices wanted=wanted offered=offered />
            </details>
        </Show>
    }
}

/// The choices that are there for these notes.
#[component]
fn Choices(wanted: RwSignal<Wanted>, offered: Memo<Offered>) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    type Options = Vec<(String, String)>;
    let choice = move |words: fn(&Messages) -> &'static str,
                       options: Options,
                       chosen: fn(&Wanted) -> String,
                       choose: fn(&mut Wanted, &str)| {
        let option = move |(word, words): (String, String)| {
            let value = word.clone();
            let is_chosen = move || wanted.with(chosen) == value;
            view! { <option value=word selected=is_chosen>{words}</option> }
        };
        view! {
            <label class="row-of-buttons">
                <span>{t.say(words)}</span>
                <select
                    class="field"
                    on:change=move |event| {
                        let word = event_target_value(&event);
                        wanted.update(|wanted| choose(wanted, &word));
                    }
                >
                    {options.into_iter().map(option).collect_view()}
                </select>
            </label>
        }
    };
    let pair = |word: &str, words: &str| (word.to_owned(), words.to_owned());
    let whose = move || {
        let groups = offered.with(|offered| offered.groups.clone());
        (!groups.is_empty()).then(|| {
            let known = state.known_groups();
            let mut options = vec![
                pair("all", t.notes_whose_all()),
                pair("mine", t.notes_whose_mine()),
            ];
            options.extend(groups.into_iter().map(|group| {
                let known = known.iter().find(|known| known.group == group);
                let name = known.map(|known| known.name.clone());
                let name = name.unwrap_or_else(|| t.notes_of_some_group().to_owned());
                (group.to_string(), name)
            }));
            choice(
                Messages::notes_whose,
                options,
                |wanted| wanted.whose.word(),
                |wanted, word| wanted.whose = Whose::of(word),
            )
        })
    };
    let about = move || {
        let subjects = offered.with(|offered| offered.subjects.clone());
        (!subjects.is_empty()).then(|| {
            let mut options = vec![pair("", t.notes_any())];
            options.extend(subjects.into_iter().filter_map(|subject| {
                let title = best(&subject_title(&state, subject)?, t.language());
                Some((subject.to_string(), title))
            }));
            choice(
                Messages::notes_subject,
                options,
                |wanted| {
                    wanted
                        .about
                        .map_or_else(String::new, |about| about.to_string())
                },
                |wanted, word| wanted.about = word.parse().ok(),
            )
        })
    };
    let colour = move || {
        let colours = offered.with(|offered| offered.colours.clone());
        (!colours.is_empty()).then(|| {
            let mut options = vec![pair("", t.notes_any())];
            let named = colours.into_iter();
            options.extend(named.map(|colour| pair(colour.word(), colour_words(&t, colour))));
            choice(
                Messages::notes_colour,
                options,
                |wanted| wanted.colour.map_or("", NoteColour::word).to_owned(),
                |wanted, word| {
                    wanted.colour = NoteColour::from_word(word).filter(|_| !word.is_empty());
                },
            )
        })
    };
    let since = move || {
        let options = vec![
            pair("", t.notes_any()),
            pair("1", t.notes_since_day()),
            pair("7", t.notes_since_week()),
            pair("30", t.notes_since_month()),
        ];
        choice(
            Messages::notes_since,
            options,
            |wanted| match wanted.since {
                Since::Ever => String::new(),
                Since::Days(days) => days.to_string(),
            },
            |wanted, word| wanted.since = Since::of(word),
        )
    };
    let order = move || {
        let options = vec![
            pair("edited", t.notes_sort_edited()),
            pair("new", t.notes_sort_new()),
            pair("title", t.notes_sort_title()),
        ];
        choice(
            Messages::notes_sort,
            options,
            |wanted| wanted.order.word().to_owned(),
            |wanted, word| wanted.order = Order::of(word),
        )
    };
    view! { <div class="stack-close">{whose} {about} {since} {colour} {order}</div> }
}
