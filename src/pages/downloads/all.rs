//! Several files at once: of a session, a day, a programme.

use keruen_domain::model::{FileInfo, Material};
use leptos::prelude::*;

use super::file::minutes_after;
use crate::components::{Icon, IconName};
use crate::i18n::{format, use_translations};
use crate::state::{AppState, FileStand};

/// What this phone should have of these materials.
pub(in crate::pages) fn wanted(state: AppState, materials: &[Material]) -> Signal<Vec<FileInfo>> {
    let materials = materials.to_vec();
    Signal::derive(move || {
        let downloads = state.downloads();
        let wanted = materials.iter().filter_map(|of| downloads.wanted_file(of));
        wanted.collect()
    })
}

/// The button that has all files come that are not here, with what they weigh; nothing where all are here.
#[component]
pub(in crate::pages) fn DownloadAll(
    /// The files, those that are here among them.
    #[prop(into)]
    files: Signal<Vec<FileInfo>>,
    /// Of what they are, for who cannot see where the button stands.
    #[prop(into)]
    of: Signal<String>,
    /// Whether it is what the page is for.
    #[prop(optional)]
    is_primary: bool,
) -> impl IntoView {
    let t = use_translations();
    let downloads = AppState::of_context().downloads();
    let missing = move || {
        let mut files = files.get();
        files.retain(|file| downloads.stand_of(&file.sha256) != FileStand::Here);
        files
    };
    // How many bytes are not asked for yet, and whether anything is on its way.
    let open = Memo::new(move |_| {
        let missing = missing();
        let is_open = |file: &&FileInfo| downloads.stand_of(&file.sha256) == FileStand::NotHere;
        let open_bytes: u64 = missing
            .iter()
            .filter(is_open)
            .map(|file| file.size_bytes)
            .sum();
        (!missing.is_empty()).then_some(open_bytes)
    });
    let ask = move |_| downloads.ask_for(untrack(missing));
    move || {
        let open_bytes = open.get()?;
        if open_bytes == 0 {
            let words = t.downloads_road_all_coming();
            return Some(view! { <p class="small quiet" role="status">{words}</p> }.into_any());
        }
        let words = t.materials_download(&format::size(&t, open_bytes));
        let name = t.downloads_of_material(&words, &of.get());
        Some(
            view! {
                <p class="row-of-buttons">
                    <button
                        type="button"
                        class="button"
                        class:button-primary=is_primary
                        aria-label=name
                        on:click=ask
                    >
                        <Icon name=IconName::Download />
                        {words}
                    </button>
                    <span class="small quiet">
                        {move || minutes_after(&t, downloads, open_bytes).trim_start_matches(" · ").to_owned()}
                    </span>
                </p>
            }
            .into_any(),
        )
    }
}
