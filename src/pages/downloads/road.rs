//! Ready for the road: what the next days need, and whether it is on this phone.

use keruen_domain::ProgrammeId;
use keruen_domain::model::FileInfo;
use leptos::prelude::*;

use super::all::DownloadAll;
use super::queue::{FullPart, QueuePart};
use super::ready::{ReadyCount, ToldPart};
use super::room::MadeRoom;
use super::thrift::ThriftPart;
use crate::components::{EmptyState, Icon, IconName, TranslatedText};
use crate::i18n::{Messages, format, use_translations};
use crate::pages::frame::show_frame;
use crate::pages::keep_question::KeepQuestion;
use crate::pages::links::best;
use crate::state::{AppState, FileStand, RoadDay};

/// Where the board is.
pub(in crate::pages) const ROAD: &str = "/more/road";

/// The files of some days, each once.
fn files_of<'a>(days: impl IntoIterator<Item = &'a RoadDay>) -> Vec<FileInfo> {
    let mut files: Vec<FileInfo> = Vec::new();
    for file in days.into_iter().flat_map(|day| &day.files) {
        if !files.iter().any(|known| known.sha256 == file.sha256) {
            files.push(file.clone());
        }
    }
    files
}

/// On Today: what of today and tomorrow is not on this phone yet.
#[component]
pub(in crate::pages) fn RoadLine() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let downloads = state.downloads();
    let is_shown = Memo::new(move |_| !state.today().is_empty());
    let files = Signal::derive(move || {
        let days = state.today();
        let soon = days.iter().flat_map(|today| {
            let id = today.event.id();
            [Some(today.day), today.day.succ_opt()].map(|day| (id, day))
        });
        let soon: Vec<_> = soon.collect();
        let mut road = state.road();
        road.retain(|day| soon.contains(&(day.event.id(), Some(day.day))));
        files_of(&road)
    });
    let missing = Memo::new(move |_| {
        let mut files = files.get();
        files.retain(|file| downloads.stand_of(&file.sha256) != FileStand::Here);
        let bytes: u64 = files.iter().map(|file| file.size_bytes).sum();
        (files.len() as u64, bytes)
    });
    let words = move || match missing.get() {
        (0, _) => t.downloads_road_ready().to_owned(),
        (count, bytes) => t.downloads_road_missing(count, &format::size(&t, bytes)),
    };
    view! {
        <Show when=move || is_shown.get()>
            <section class="card stack-close">
                <h2>{t.say(Messages::downloads_road_title)}</h2>
                <p>{words}</p>
                <DownloadAll files of=t.signal(Messages::downloads_road_title) />
                <p>
                    <a class="way" href=ROAD>
                        {t.say(Messages::downloads_road_open)}
                    </a>
                </p>
            </section>
        </Show>
    }
}

/// The board.
#[component]
pub(in crate::pages) fn RoadPage() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let downloads = state.downloads();
    show_frame(
        t.signal(Messages::downloads_road_title),
        Signal::derive(|| Some("/more".to_owned())),
    );
    let days = Memo::new(move |_| state.road());
    let files = Signal::derive(move || days.with(|days| files_of(days)));
    let is_ready = move || {
        let files = files.get();
        let is_here = |file: &FileInfo| downloads.stand_of(&file.sha256) == FileStand::Here;
        files.iter().all(is_here)
    };
    view! {
        <div class="stack detail">
            <p class="quiet">{t.say(Messages::downloads_road_text)}</p>
            <FullPart />
            <MadeRoom />
            {move || {
                let days = days.get();
                if days.is_empty() {
                    return view! {
                        <EmptyState title=t.signal(Messages::downloads_road_nothing) text="" />
                    }
                        .into_any();
                }
                view! {
                    <Show when=is_ready>
                        <p class="on-phone">
                            <Icon name=IconName::OnPhone />
                            {t.say(Messages::downloads_road_all_ready)}
                        </p>
                    </Show>
                    <DownloadAll files of=t.signal(Messages::downloads_road_title) is_primary=true />
                    <div class="rows">
                        {days.into_iter().map(|day| view! { <DayRow day=day /> }).collect_view()}
                    </div>
                }
                    .into_any()
            }}
            {move || {
                let led = state.led_programmes();
                led.into_iter().map(|(programme, _)| view! { <ReadyOf programme /> }).collect_view()
            }}
            <ToldPart />
            <QueuePart />
            <KeepQuestion is_worth=Signal::derive(move || !downloads.queue().is_empty()) />
            <ThriftPart />
        </div>
    }
}

#[component]
fn DayRow(day: RoadDay) -> impl IntoView {
    let t = use_translations();
    let downloads = AppState::of_context().downloads();
    let RoadDay { event, day, files } = day;
    let total = files.len() as u64;
    let size_bytes: u64 = files.iter().map(|file| file.size_bytes).sum();
    let files = Signal::stored(files);
    let here = Memo::new(move |_| {
        files.with(|files| {
            let is_here = |file: &&FileInfo| downloads.stand_of(&file.sha256) == FileStand::Here;
            files.iter().filter(is_here).count() as u64
        })
    });
    let words = move || {
        let number = format::number(t.language(), here.get());
        let all = format::number(t.language(), total);
        let words = t.downloads_road_day_files(&number, &all);
        [&words, " · ", &format::size(&t, size_bytes)].concat()
    };
    let city = event.city();
    let name = {
        let city = city.clone();
        Signal::derive(move || {
            let date = format::weekday_and_day(t.language(), day);
            [&date, ", ", &best(&city, t.language())].concat()
        })
    };
    view! {
        <article class="row">
            <div class="row-text">
                <h2 class="row-title">
                    {move || format::weekday_and_day(t.language(), day)} ", "
                    <TranslatedText text=city is_unlabelled=true />
                </h2>
                <p class="row-facts">
                    <span class="on-phone" class:is-absent=move || here.get() < total>
                        <Icon name=IconName::OnPhone />
                        {words}
                    </span>
                </p>
                <DownloadAll files of=name />
            </div>
        </article>
    }
}

/// How many phones of a programme are ready, with what it is called.
#[component]
fn ReadyOf(programme: ProgrammeId) -> impl IntoView {
    let state = AppState::of_context();
    let title = untrack(|| state.programme(programme)).map(|programme| programme.title());
    title.map(|title| {
        view! {
            <section class="card stack-close">
                <h2>
                    <TranslatedText text=title />
                </h2>
                <ReadyCount programme />
            </section>
        }
    })
}
