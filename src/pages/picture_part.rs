//! A picture that has smaller forms: the one for a screen first, the full one by choice.

use keruen_domain::model::{FileInfo, MaterialKind, PictureForms, Translated};
use leptos::prelude::*;

use super::downloads::DownloadPart;
use super::file_viewer::FileViewer;
use super::thumbnail::LightPicture;
use crate::i18n::Messages;
use crate::state::{AppState, FileStand};

/// The largest form that is here, and the ways to larger ones.
#[component]
pub(super) fn PicturePart(file: FileInfo, forms: PictureForms, title: Translated) -> impl IntoView {
    let downloads = AppState::of_context().downloads();
    let is_here = move |file: &FileInfo| {
        let sha256 = file.sha256.clone();
        Memo::new(move |_| downloads.stand_of(&sha256) == FileStand::Here)
    };
    let PictureForms { light, medium, .. } = forms;
    let has_full = is_here(&file);
    let has_medium = medium.as_ref().map(is_here);
    let viewer = {
        let title = title.clone();
        move |file: FileInfo| view! { <FileViewer kind=MaterialKind::Picture file=file title=title.clone() /> }
    };
    let full = {
        let file = file.clone();
        move |is_primary: bool| {
            let words = Messages::downloads_form_full;
            view! { <DownloadPart file=file.clone() words is_primary /> }
        }
    };
    view! {
        <section class="card stack-close">
            {move || {
                if has_full.get() {
                    return viewer(file.clone()).into_any();
                }
                match (&medium, has_medium) {
                    (Some(medium), Some(is_here)) if is_here.get() => {
                        view! {
                            {viewer(medium.clone())}
                            {full(false)}
                        }
                            .into_any()
                    }
                    (Some(medium), _) => {
                        let words = Messages::downloads_form_medium;
                        view! {
                            <LightPicture light=light.clone() class="picture" />
                            <DownloadPart file=medium.clone() words />
                            {full(false)}
                        }
                            .into_any()
                    }
                    (None, _) => {
                        view! {
                            <LightPicture light=light.clone() class="picture" />
                            {full(true)}
                        }
                            .into_any()
                    }
                }
            }}
        </section>
    }
}
