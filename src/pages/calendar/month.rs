//! `/agenda/month`, `/agenda/month/2025-05`: the events of all programmes in a calendar.

use chrono::{Datelike, Days, Months, NaiveDate};
use keruen_domain::model::{Event, parse_day};
use leptos::prelude::*;

use crate::i18n::{Messages, format, use_language, use_translations};
use crate::pages::address::Address;
use crate::pages::frame::show_frame;
use crate::pages::links::{best, day_href};
use crate::pages::today::EventRow;
use crate::state::AppState;

/// The page.
#[component]
pub(in crate::pages) fn MonthPage() -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let state = AppState::of_context();
    let named = Address::of_context().at::<String>(2);
    show_frame(
        t.signal(Messages::calendar_month),
        Signal::derive(|| Some("/agenda".to_owned())),
    );
    let month = Memo::new(move |_| {
        let named = named
            .get()
            .and_then(|month| parse_day(&[&month, "-01"].concat()));
        named.unwrap_or_else(|| nearest(&state))
    });
    let events = Memo::new(move |_| {
        state.follow_programmes();
        let (first, last) = (month.get(), last_of(month.get()));
        let mut events = state.events();
        events.retain(|event| {
            let days = event.first_day().zip(event.last_day());
            days.is_some_and(|(begins, ends)| begins <= last && first <= ends)
        });
        events
    });
    let way = move |months: i32, words: fn(&Messages) -> &'static str| {
        let href = move || {
            let month = month.get();
            let step = Months::new(months.unsigned_abs());
            let to = if months < 0 {
                month.checked_sub_months(step)
            } else {
                month.checked_add_months(step)
            };
            let to = to.unwrap_or(month);
            format!("/agenda/month/{}-{:02}", to.year(), to.month())
        };
        view! {
            <a class="button" href=href>
                {t.say(words)}
            </a>
        }
    };
    view! {
        <div class="stack detail">
            <h2 class="month-name">{move || format::month(language.get(), month.get())}</h2>
            <p class="row-of-buttons">
                {way(-1, Messages::calendar_month_before)} {way(1, Messages::calendar_month_after)}
            </p>
            {move || {
                let events = events.get();
                view! {
                    <Grid month=month.get() events=events.clone() />
                    {if events.is_empty() {
                        view! { <p class="quiet">{t.calendar_month_empty()}</p> }.into_any()
                    } else {
                        let row = |event| view! { <EventRow event=event /> };
                        view! { <div class="rows">{events.into_iter().map(row).collect_view()}</div> }
                            .into_any()
                    }}
                }
            }}
        </div>
    }
}

/// The month of the event that is now or comes next, else of the last one.
fn nearest(state: &AppState) -> NaiveDate {
    let events = state.events();
    let is_ahead = |event: &&Event| event.first_day().is_some() && state.is_ahead(event);
    let event = events.iter().find(is_ahead).or(events.last());
    let day = event.and_then(Event::first_day);
    day.and_then(|day| day.with_day(1)).unwrap_or_default()
}

fn last_of(month: NaiveDate) -> NaiveDate {
    let next = month.checked_add_months(Months::new(1));
    next.and_then(|next| next.pred_opt()).unwrap_or(month)
}

/// The weeks of a month, from Monday. On days with events the way to them.
#[component]
fn Grid(month: NaiveDate, events: Vec<Event>) -> impl IntoView {
    const WEEK: u64 = 7;
    let t = use_translations();
    let language = use_language();
    let lead = u64::from(month.weekday().num_days_from_monday());
    let first = month.checked_sub_days(Days::new(lead)).unwrap_or(month);
    let last = last_of(month);
    let week_days = (0..WEEK).filter_map(|day| first.checked_add_days(Days::new(day)));
    let heads = week_days.map(|day| {
        view! {
            <th scope="col">
                <abbr title=move || format::whole_weekday(language.get(), day)>
                    {move || format::weekday(language.get(), day)}
                </abbr>
            </th>
        }
    });
    let cell = |day: NaiveDate| {
        let here = events.iter().filter(|event| {
            let days = event.first_day().zip(event.last_day());
            days.is_some_and(|(begins, ends)| begins <= day && day <= ends)
        });
        let links = here.map(|event| {
            let (id, city) = (event.id(), event.city());
            let named = city.clone();
            let label = move || {
                let city = best(&named, t.language());
                [&city, ", ", &format::day(language.get(), day)].concat()
            };
            view! {
                <a class="month-event" href=day_href(id, day) aria-label=label>
                    {move || best(&city, language.get())}
                </a>
            }
        });
        let links: Vec<_> = links.collect();
        let is_other = day.month() != month.month();
        view! {
            <td class:is-other=is_other>
                <span class="month-day">{day.day()}</span>
                {links}
            </td>
        }
    };
    let weeks = (0..6_u64).filter_map(|week| first.checked_add_days(Days::new(week * WEEK)));
    let weeks: Vec<NaiveDate> = weeks.filter(|monday| *monday <= last).collect();
    let rows = weeks.into_iter().map(|monday| {
        let days = (0..WEEK).filter_map(|day| monday.checked_add_days(Days::new(day)));
        view! { <tr>{days.map(cell).collect_view()}</tr> }
    });
    view! {
        <table class="month">
            <thead>
                <tr>{heads.collect_view()}</tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}
