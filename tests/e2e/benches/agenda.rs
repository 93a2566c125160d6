//! How soon the agenda answers a tap with 1,200 sessions on the device (20 cities, 3 days each), and with a congress of
//! 770 (5 days in 14 rooms), the processor four times as slow: opening an event, another day, the whole list, a filter;
//! and how evenly it scrolls.
//!
//! `cargo xtask bench agenda` prints the figures and fails when one is over its limit. Each is the median of several
//! taps, from the gesture until the frame with its outcome has been drawn.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use keruen_e2e::{Browser, BrowserOptions, Server, ServerOptions};
use serde_json::{Value, json};

const LIMIT_MS: f64 = 100.0;
const SLOW_DOWN: u32 = 4;
const TAPS: usize = 7;
const CITIES: usize = 20;
const DAYS: usize = 3;
const SESSIONS: usize = 20;

/// Does something, waits until the page shows what came of it, and until that frame is drawn.
const TAP: &str = "
    const drawn = () => new Promise(done => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done();
        port2.postMessage(null);
    }));
    const tap = async (act, is_done) => {
        await drawn();
        const began = performance.now();
        act();
        while (!is_done()) await new Promise(done => setTimeout(done));
        await drawn();
        return performance.now() - began;
    };
    const link = href => document.querySelector(`main a[href='${href}']`);
    const cards = () => document.querySelectorAll('.session-card').length;";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    println!("processor {SLOW_DOWN} times as slow (median of {TAPS} taps, in ms)");
    let series = measure(&series(), CITIES).await?;
    let congress = measure(&congress(), 1).await?;
    if series && congress {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("over a limit");
    Ok(ExitCode::FAILURE)
}

/// Measures with this programme on the device, which has so many events; whether all is within the limits.
async fn measure(programme: &Value, events: usize) -> Result<bool> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("programme.json");
    fs::write(&file, programme.to_string())?;
    let mut server = Server::start(&ServerOptions {
        imports: vec![file],
        ..ServerOptions::default()
    })
    .await?;
    let browser = Browser::start(BrowserOptions::default()).await?;
    browser
        .open(&server.url("/agenda?now=2027-01-01T10:00"))
        .await?;
    browser.until_offline_ready().await?;
    browser
        .until(&format!(
            "document.querySelectorAll('main .row-link').length === {events}
                && document.querySelector(\"main a[href='/agenda/list']\")"
        ))
        .await?;
    server.stop().await?;
    browser
        .devtools(
            "Emulation.setCPUThrottlingRate",
            json!({ "rate": SLOW_DOWN }),
        )
        .await?;

    let sessions = programme["sessions"].as_array().map_or(0, Vec::len);
    println!("{sessions} sessions of {events} events");
    let mut is_within = true;
    for (name, script) in [
        ("an event opens", EVENT),
        ("its next day", DAY),
        ("the list of all", LIST),
        ("a filter", FILTER),
    ] {
        let mut took = Vec::new();
        for tap in 0..TAPS {
            let turn = tap % events;
            let body = format!("{TAP}\nconst turn = {turn};\n{script}");
            let ms = browser.run_async(&body).await?;
            took.push(ms.as_f64().context("a tap takes some time")?);
        }
        took.sort_by(f64::total_cmp);
        let median = took[TAPS / 2];
        is_within &= median <= LIMIT_MS;
        println!(
            "  {name:<20} {median:>6.0}   ({:.0} to {:.0}; limit {LIMIT_MS})",
            took[0],
            took[TAPS - 1]
        );
    }
    let gaps = browser.run_async(SCROLL).await?;
    let gaps: Vec<f64> = gaps
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_f64)
        .collect();
    let longest = gaps.iter().copied().fold(0.0, f64::max);
    let late = gaps.iter().filter(|gap| **gap > 25.0).count();
    println!(
        "  scrolling the list   {late} of {} frames late, the longest {longest:.0} ms",
        gaps.len()
    );
    Ok(is_within)
}

/// From the list of events to one, each time another.
const EVENT: &str = "
    const place = document.querySelector('nav a[href=\"/agenda\"]');
    if (location.pathname !== '/agenda') await tap(() => place.click(), () => location.pathname === '/agenda');
    const target = document.querySelectorAll('main .row-link')[turn];
    const title = target.innerText;
    return await tap(
        () => target.click(),
        () => cards() && document.querySelector('.event-header h2')?.innerText === title);";

const DAY: &str = "
    const tabs = [...document.querySelectorAll('.day-tab')];
    const next = tabs[(tabs.findIndex(tab => tab.ariaCurrent) + 1) % tabs.length];
    const heading = () => document.querySelector('.day-sessions h2').innerText;
    const before = heading();
    return await tap(() => next.click(), () => cards() && heading() !== before);";

const LIST: &str = "
    const place = document.querySelector('nav a[href=\"/agenda\"]');
    await tap(() => place.click(), () => link('/agenda/list'));
    return await tap(() => link('/agenda/list').click(), () => cards() >= 5);";

const FILTER: &str = "
    if (!document.querySelector('.filters select')) {
        document.querySelector('.filters summary').click();
        await tap(() => {}, () => document.querySelector('.filters select'));
    }
    const kinds = [...document.querySelectorAll('.filters select')]
        .find(select => [...select.options].some(option => option.value === 'workshop'));
    const found = () => document.querySelector('main p.quiet[role=status]').innerText;
    const before = found();
    return await tap(
        () => {
            kinds.value = kinds.value === 'workshop' ? '' : 'workshop';
            kinds.dispatchEvent(new Event('change', { bubbles: true }));
        },
        () => found() !== before);";

/// Two screens a second, as a thumb does.
const SCROLL: &str = "
    scrollTo(0, 0);
    const gaps = [];
    let last = await new Promise(requestAnimationFrame);
    for (let frame = 0; frame < 120; frame++) {
        scrollBy(0, 25);
        const now = await new Promise(requestAnimationFrame);
        gaps.push(now - last);
        last = now;
    }
    return gaps;";

/// A made-up congress: all day long in many rooms, so that everything overlaps with something.
fn congress() -> Value {
    const DAYS: usize = 5;
    const ROOMS: usize = 14;
    const OF_ROOM: usize = 11;
    let kinds = ["lecture", "workshop", "discussion", "group-work"];
    let mut sessions = Vec::new();
    for (day, room, number) in (0..DAYS).flat_map(|day| {
        let of_day = (0..ROOMS).flat_map(|room| (0..OF_ROOM).map(move |number| (room, number)));
        of_day.map(move |(room, number)| (day, room, number))
    }) {
        let start = 9 * 60 + room * 5 % 20 + number * 50;
        let end = start + 30 + room * 5 % 20;
        let time = |minutes: usize| {
            let (hour, minute) = (minutes / 60, minutes % 60);
            format!("2027-06-{:02}T{hour:02}:{minute:02}", 10 + day)
        };
        sessions.push(json!({
            "id": format!("session-{day}-{room}-{number}"),
            "event": "congress",
            "kind": kinds[(room + number) % kinds.len()],
            "title": { "en": format!("Talk {number} of room {room} about culture in the regions") },
            "abstract": { "en": "What works, what does not, and what to try next. ".repeat(6) },
            "room": { "en": format!("Room {}", room + 1) },
            "start": time(start),
            "end": time(end),
            "speakers": [format!("person-{}", (room * OF_ROOM + number) % 60)],
        }));
    }
    let event = json!({
        "id": "congress",
        "title": { "en": "The congress" },
        "city": { "en": "Astana" },
        "zone": "Asia/Almaty",
        "first_day": "2027-06-10",
        "last_day": "2027-06-14",
    });
    programme(&[event], &sessions)
}

/// A made-up series.
fn series() -> Value {
    let kinds = ["lecture", "workshop", "discussion", "group-work"];
    let mut events = Vec::new();
    let mut sessions = Vec::new();
    for city in 0..CITIES {
        let day = |day: usize| {
            let of_year = city * 7 + day;
            format!("2027-{:02}-{:02}", 2 + of_year / 28, 1 + of_year % 28)
        };
        events.push(json!({
            "id": format!("event-{city}"),
            "title": { "en": format!("Days in city {city}") },
            "city": { "en": format!("City {city}") },
            "zone": "Asia/Almaty",
            "first_day": day(0),
            "last_day": day(DAYS - 1),
        }));
        for (of_event, number) in
            (0..DAYS).flat_map(|day| (0..SESSIONS).map(move |number| (day, number)))
        {
            let hour = 9 + number / 4 * 2;
            sessions.push(json!({
                "id": format!("session-{city}-{of_event}-{number}"),
                "event": format!("event-{city}"),
                "kind": kinds[(city + number) % kinds.len()],
                "title": {
                    "en": format!("Session {number} on creative industries in the regions"),
                    "ru": format!("Сессия {number} о креативных индустриях в регионах"),
                    "kk": format!("Өңірлердегі креативті индустриялар туралы {number}-сессия"),
                },
                "abstract": { "en": "What works, what does not, and what to try next. ".repeat(6) },
                "room": { "en": format!("Room {}", number % 4 + 1) },
                "start": format!("{}T{hour:02}:00", day(of_event)),
                "end": format!("{}T{:02}:30", day(of_event), hour + 1),
                "speakers": [format!("person-{}", (city + number) % 60)],
            }));
        }
    }
    programme(&events, &sessions)
}

fn programme(events: &[Value], sessions: &[Value]) -> Value {
    let people: Vec<Value> = (0..60)
        .map(|person| json!({ "id": format!("person-{person}"), "name": format!("Speaker {person}") }))
        .collect();
    json!({
        "keruen": 1,
        "programme": { "id": "series", "title": { "en": "A series" }, "public": true },
        "events": events,
        "people": people,
        "sessions": sessions,
        "materials": [],
    })
}
