//! What there is to learn from, by programme.

use keruen_domain::model::Material;
use keruen_domain::{MaterialId, ProgrammeId, ScopeId};
use leptos::prelude::*;

use super::address::Address;
use super::downloads::DownloadAll;
use super::frame::show_frame;
use super::links::{best, material_row, note_href};
use super::making::{AddMaterials, UnfinishedPart, UploadsPart};
use super::material::MaterialPage;
use super::pictures::show_pictures;
use super::thumbnail::thumbnail;
use crate::components::{EmptyState, MaterialRow, Panes, TranslatedText};
use crate::i18n::{Messages, use_translations};
use crate::state::AppState;

/// The list of materials, with the chosen one beside it on a wide screen.
#[component]
pub(super) fn MaterialsPage() -> impl IntoView {
    show_pictures();
    let t = use_translations();
    let state = AppState::of_context();
    let chosen = Address::of_context().at::<MaterialId>(1);
    show_frame(
        Signal::derive(move || {
            let material = chosen.get().and_then(|id| state.material(id));
            material.map_or_else(
                || t.materials_title().to_owned(),
                |material| t.material_kind(material.kind()).to_owned(),
            )
        }),
        Signal::derive(move || {
            let material = state.material(chosen.get()?);
            let note = material.and_then(|material| material.note());
            Some(note.map_or_else(|| "/materials".to_owned(), note_href))
        }),
    );
    view! {
        <Panes
            is_detail_open=Signal::derive(move || chosen.get().is_some())
            list=move || view! { <MaterialList chosen=chosen /> }
        >
            {move || match chosen.get() {
                None => view! { <NoMaterialChosen /> }.into_any(),
                Some(id) => view! { <MaterialPage id=id /> }.into_any(),
            }}
        </Panes>
    }
}

/// What stands beside the list until one is chosen.
#[component]
fn NoMaterialChosen() -> impl IntoView {
    let t = use_translations();
    view! {
        <EmptyState title=t.signal(Messages::materials_choose) text="" />
    }
}

#[component]
fn MaterialList(chosen: Memo<Option<MaterialId>>) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let row = move |material: Material| {
        let view = material_row(&material);
        let picture = thumbnail(state, &material);
        let id = material.id();
        let is_on_phone = Signal::derive(move || state.is_on_phone(&material));
        view! {
            <div class:is-current=move || chosen.get() == Some(id)>
                <MaterialRow material=view is_on_phone=is_on_phone picture=picture />
            </div>
        }
    };
    let rows = move |mut materials: Vec<Material>| {
        // As whoever made them put them; what has no place stands behind.
        materials.sort_by_cached_key(|material| {
            (
                material.place().unwrap_or(i64::MAX),
                material.kind(),
                best(&material.title(), t.language()),
                material.id(),
            )
        });
        view! { <div class="rows">{materials.into_iter().map(row).collect_view()}</div> }
    };
    let downloads = state.downloads();
    let section = move |id: ProgrammeId| {
        let materials = move || state.materials_in(ScopeId::Programme(id));
        let files = move || {
            let materials = materials();
            materials
                .iter()
                .filter_map(|of| downloads.wanted_file(of))
                .collect::<Vec<_>>()
        };
        let title = move || state.programme(id).map(|programme| programme.title());
        view! {
            <section class="stack-close">
                <h2 class="programme-title">
                    {move || title().map(|title| view! { <TranslatedText text=title /> })}
                </h2>
                <AddMaterials programme=id />
                <DownloadAll
                    files=Signal::derive(files)
                    of=Signal::derive(move || {
                        title().map(|title| best(&title, t.language())).unwrap_or_default()
                    })
                />
                {move || rows(materials())}
            </section>
        }
        .into_any()
    };
    // The sections stay while what is in them changes: somebody may be adding to one.
    let shown = Memo::new(move |_| {
        let programmes = state
            .programmes()
            .into_iter()
            .map(|programme| programme.id());
        let is_shown = |id: &ProgrammeId| {
            let materials = state.materials_in(ScopeId::Programme(*id));
            !materials.is_empty() || state.may_add_materials(*id)
        };
        programmes.filter(is_shown).collect::<Vec<_>>()
    });
    let has_kept = move || !state.materials_in(ScopeId::OWN).is_empty();
    let kept = move || {
        let materials = state.materials_in(ScopeId::OWN);
        (!materials.is_empty()).then(|| {
            view! {
                <section class="stack-close">
                    <h2 class="programme-title">{t.say(Messages::shares_opened_title)}</h2>
                    {rows(materials)}
                </section>
            }
            .into_any()
        })
    };
    view! {
        <UnfinishedPart />
        <UploadsPart />
        {move || {
            let sections: Vec<_> = shown.get().into_iter().map(section).collect();
            if sections.is_empty() && !has_kept() {
                view! {
                    <EmptyState
                        title=t.signal(Messages::materials_empty_title)
                        text=t.signal(Messages::materials_empty_text)
                    />
                }
                    .into_any()
            } else {
                sections.into_any()
            }
        }}
        {kept}
    }
}
