//! The light forms of pictures: a few KB each, part of a programme's data. They come by themselves, one at a
//! time, when all texts are here and nothing is to come that somebody asked for.

use std::collections::BTreeSet;

use keruen_domain::ScopeId;
use keruen_domain::downloads::MOST_LIGHT_BYTES;
use keruen_domain::model::{FileInfo, Material, PictureForms, View};
use keruen_domain::sync::{Backoff, Connection};
use leptos::prelude::*;

use super::runner::{nudge_after, obstacle};
use super::{AppState, Downloads, QueueStand};
use crate::platform::{is_visible, random_u32};
use crate::sync::{Ended, Transfer};

/// What is known of the light forms that are not here.
#[derive(Default)]
pub(super) struct Lights {
    /// Those to come; `None` until it is looked for.
    missing: Option<Vec<FileInfo>>,
    /// Those that the server did not have, or not whole: not asked for again by this page.
    absent: BTreeSet<Box<str>>,
}

impl Lights {
    /// The materials are others, or files have gone.
    pub(super) fn look_again(&mut self) {
        self.missing = None;
    }
}

/// Brings what is missing until something else is to be done; how the queue stands then.
pub(super) async fn bring(downloads: Downloads) -> QueueStand {
    let runner = downloads.runner();
    while may_come(downloads) && !runner.is_nudged.get() {
        let Some(file) = next(downloads) else {
            break;
        };
        match Transfer::bring_small(&runner.store, &file).await {
            Ok(()) => runner.backoff.set(Backoff::default()),
            Err(Ended::Failed(_)) => {
                runner.lights.borrow_mut().absent.insert(file.sha256);
            }
            // They come again at another start, or once there is room.
            Err(Ended::Store(_)) => break,
            Err(_) => {
                runner.lights.borrow_mut().look_again();
                let mut backoff = runner.backoff.get();
                let pause_ms = backoff.pause_ms(random_u32());
                runner.backoff.set(backoff);
                nudge_after(downloads, pause_ms);
                break;
            }
        }
    }
    QueueStand::Idle
}

/// Whether the texts are here, somebody looks, and it costs nobody who saves.
fn may_come(downloads: Downloads) -> bool {
    let status = downloads.state.status.get_untracked();
    let texts_are_here = obstacle(status).is_none()
        && status.connection == Connection::Reached
        && status.last_contact_ms.is_some()
        && !status.lacks_chunks;
    let thrift = downloads.thrift.get_untracked();
    let connection = downloads.connection.get_untracked();
    texts_are_here
        && is_visible()
        && !downloads.runner().is_full.get()
        && thrift.lets_light_come(connection)
}

fn next(downloads: Downloads) -> Option<FileInfo> {
    let runner = downloads.runner();
    let mut lights = runner.lights.borrow_mut();
    let Lights { missing, absent } = &mut *lights;
    let missing = missing.get_or_insert_with(|| untrack(|| missing_of(downloads, absent)));
    missing.pop()
}

fn missing_of(downloads: Downloads, absent: &BTreeSet<Box<str>>) -> Vec<FileInfo> {
    let store = downloads.state.store();
    let mut missing: Vec<FileInfo> = Vec::new();
    for material in downloads.state.all::<Material>() {
        let Some(forms) = downloads.state.forms_of(&material) else {
            continue;
        };
        let light = forms.light;
        let is_wanted = (1..=MOST_LIGHT_BYTES).contains(&light.size_bytes)
            && !absent.contains(&light.sha256)
            && !store.has_file(&light.sha256)
            && !missing.iter().any(|known| known.sha256 == light.sha256);
        if is_wanted {
            missing.push(light);
        }
    }
    missing
}

impl AppState {
    /// The smaller forms of a picture of a programme or a note. What was kept from a link has none here: they are not
    /// under the link's address.
    pub fn forms_of(&self, material: &Material) -> Option<PictureForms> {
        let is_copy = material.record().key.scope == ScopeId::OWN && material.note().is_none();
        if is_copy { None } else { material.forms() }
    }
}
