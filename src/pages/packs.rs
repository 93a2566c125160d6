//! `/more/packs`: giving a programme from phone to phone, taking one, and what came so.

mod give;
mod take;

use keruen_domain::ScopeId;
use keruen_domain::model::View;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use self::give::GivePart;
use self::take::TakePart;
use super::frame::show_frame;
use super::links::best;
use crate::components::Confirm;
use crate::i18n::{Messages, format, use_translations};
use crate::state::{AppState, PackDamage, PackTrouble, ReceivedPack, Time};

/// Where the page is.
pub(super) const ADDRESS: &str = "/more/packs";

/// The page.
#[component]
pub(super) fn PacksPage() -> impl IntoView {
    let t = use_translations();
    show_frame(
        t.signal(Messages::packs_title),
        Signal::derive(|| Some("/more".to_owned())),
    );
    view! {
        <div class="stack detail">
            <p class="quiet">{t.say(Messages::packs_text)}</p>
            <TakePart />
            <GivePart />
            <ReceivedPart />
        </div>
    }
}

/// What was wrong with a pack, what is safe, and what to do.
fn trouble_words(t: &Messages, trouble: &PackTrouble) -> String {
    match trouble {
        PackTrouble::Damaged(PackDamage::NoPack) => t.packs_no_pack().to_owned(),
        PackTrouble::Damaged(PackDamage::CutOff) => t.packs_cut_off().to_owned(),
        PackTrouble::Damaged(PackDamage::Newer) => t.packs_newer().to_owned(),
        PackTrouble::Damaged(PackDamage::Broken(place) | PackDamage::WrongContent(place)) => {
            t.packs_damaged(place)
        }
        PackTrouble::Damaged(PackDamage::TooMuch(_)) | PackTrouble::TooLarge => {
            t.packs_too_large().to_owned()
        }
        PackTrouble::Unreadable => t.packs_unreadable().to_owned(),
        PackTrouble::NoRoom(room_bytes) => t.making_no_room(&format::size(t, *room_bytes)),
        PackTrouble::Store(_) => t.making_not_made().to_owned(),
    }
}

/// What came by packs and was not said by the server.
#[component]
fn ReceivedPart() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let packs = RwSignal::new(Vec::<ReceivedPack>::new());
    Effect::new(move || {
        state.follow_programmes();
        spawn_local(async move {
            let now = state.received_packs().await;
            // The page may have been left meanwhile.
            packs.try_set(now);
        });
    });
    let row = move |pack: ReceivedPack| {
        let scope = pack.scope;
        let title = move || match scope {
            ScopeId::Programme(id) => {
                let programme = state.programme(id);
                programme.map(|programme| best(&programme.title(), t.language()))
            }
            _ => None,
        };
        let made = Time::phone_wall(pack.made_ms);
        let words = move || {
            let day = format::day_with_year(t.language(), made.date());
            t.packs_received_row(pack.records as u64, &day)
        };
        view! {
            <article class="row">
                <div class="row-text">
                    <h3 class="row-title">{move || title().unwrap_or_default()}</h3>
                    <p class="row-facts">{words}</p>
                    <Confirm
                        label=t.signal(Messages::packs_remove)
                        question=t.signal(Messages::packs_remove_sure)
                        yes=t.signal(Messages::packs_remove)
                        on_yes=move |()| {
                            spawn_local(async move { state.remove_received(scope).await });
                        }
                    />
                </div>
            </article>
        }
    };
    move || {
        let packs = packs.get();
        (!packs.is_empty()).then(|| {
            view! {
                <section class="stack-close">
                    <h2>{t.say(Messages::packs_received_title)}</h2>
                    <p class="small quiet">{t.say(Messages::packs_received_text)}</p>
                    <div class="rows">{packs.into_iter().map(row).collect_view()}</div>
                </section>
            }
        })
    }
}

/// On what came by a pack and was not said by the server.
#[component]
pub(super) fn ReceivedMark<V: View + Clone + Send + Sync + 'static>(of: V) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    state.is_received(&of).then(|| {
        view! {
            <p class="small quiet">
                <a href=ADDRESS>{t.say(Messages::packs_mark)}</a>
            </p>
        }
    })
}
