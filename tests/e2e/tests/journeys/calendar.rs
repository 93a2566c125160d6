//! One's own agenda, and those who make the agenda.

use anyhow::{Result, ensure};
use keruen_e2e::{Browser, BrowserOptions, eventually};

use crate::steps;

/// At the same time as [`steps::SESSION`].
const BESIDE: &str = "Impact investment: group 2";

#[tokio::test]
async fn sessions_are_marked_and_what_overlaps_is_said_without_a_network_too() -> Result<()> {
    let mut server = steps::server().await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    server.stop().await?;
    steps::open_session(&phone).await?;
    phone.click("button", "Add to my agenda").await?;
    phone.find("button", "In my agenda").await?;
    phone.is_well_made().await?;
    steps::go_to(&phone, "Agenda").await?;
    phone.click("link", steps::EVENT).await?;
    phone.click("link", steps::DAY).await?;
    phone
        .sees(&format!(
            "At the same time as 09:30 “{}” in my agenda",
            steps::SESSION
        ))
        .await?;
    phone.is_well_made().await?;
    phone.click("link", BESIDE).await?;
    phone.click("button", "Add to my agenda").await?;
    steps::go_to(&phone, "Agenda").await?;
    phone.click("link", "My agenda").await?;
    phone.find("heading", "My agenda").await?;
    phone.find("link", steps::SESSION).await?;
    phone.find("link", BESIDE).await?;
    phone
        .sees(&format!(
            "At the same time as 09:30 “{BESIDE}” in my agenda"
        ))
        .await?;
    phone.is_well_made().await?;
    phone.reload().await?;
    phone.find("link", BESIDE).await?;

    let downloads = tempfile::tempdir()?;
    phone.keep_downloads_in(downloads.path()).await?;
    phone
        .open(&server.url("/agenda/mine?now=2025-05-12T10:15"))
        .await?;
    steps::unfold(&phone, "Reminders in the phone’s calendar").await?;
    phone
        .find("combobox", "How long before")
        .await?
        .select_by_value("30")
        .await?;
    phone.is_well_made().await?;
    phone.click("button", "Save the calendar file").await?;
    phone
        .sees("The file is among the browser’s downloads.")
        .await?;
    let file = downloads.path().join("My agenda.ics");
    eventually("the calendar is saved", || async {
        Ok(file.is_file().then_some(()))
    })
    .await?;
    let calendar = std::fs::read_to_string(&file)?;
    for line in [
        "DTSTART;X-OFFSET-MINUTES=300:20250513T043000Z",
        "TRIGGER:-PT30M",
        "ACTION:DISPLAY",
        "END:VCALENDAR",
    ] {
        ensure!(
            calendar.lines().any(|known| known == line),
            "{line} in {calendar}"
        );
    }
    ensure!(calendar.matches("BEGIN:VALARM").count() == 2, "{calendar}");
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn other_calendars_follow_ones_own_agenda_until_its_address_is_taken_back() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    steps::open_session(&phone).await?;
    phone.click("button", "Add to my agenda").await?;
    phone.find("button", "In my agenda").await?;
    steps::sync_now(&phone).await?;
    steps::go_to(&phone, "Agenda").await?;
    phone.click("link", "My agenda").await?;
    steps::unfold(&phone, "Subscribe in another calendar").await?;
    phone.click("button", "Make an address").await?;
    let address = crate::joining::shown_link(&phone).await?;
    phone.is_well_made().await?;
    let fetch = format!(
        "const answer = await fetch('{address}');
        return answer.ok ? await answer.text() : String(answer.status)"
    );
    // Whoever has the address reads it; nobody asks this browser what it complained about.
    let other = steps::visitor(&server.url("/")).await?;
    let calendar = other.run_async(&fetch).await?;
    let calendar = calendar.as_str().unwrap_or_default();
    ensure!(calendar.contains(steps::SESSION), "{calendar}");
    ensure!(calendar.matches("BEGIN:VEVENT").count() == 1, "{calendar}");
    phone.reload().await?;
    steps::unfold(&phone, "Subscribe in another calendar").await?;
    phone.sees("There is an address already.").await?;
    phone.click("button", "Take back").await?;
    phone.sees_no("There is an address already.").await?;
    let gone = other.run_async(&fetch).await?;
    ensure!(gone.as_str() == Some("404"), "{gone}");
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn an_organiser_moves_calls_off_and_makes_sessions_offline_and_others_see_it() -> Result<()> {
    let mut server = steps::server().await?;
    let mut organiser = steps::visitor(&server.organiser_url("/")).await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    steps::open_session(&phone).await?;
    phone.sees_no("Change").await?;
    server.stop().await?;

    steps::open_session(&organiser).await?;
    organiser.click("link", "Change").await?;
    organiser.find("textbox", "Title, English").await?;
    organiser.is_well_made().await?;
    organiser.type_into("Title, English", " and more").await?;
    steps::set_field(&organiser, "Begins", "15:20").await?;
    steps::set_field(&organiser, "Ends", "15:10").await?;
    organiser.click("button", "Save").await?;
    organiser
        .sees("Give a day, and an end after the beginning.")
        .await?;
    organiser.click("button", "+15 min").await?;
    organiser.click("button", "Save").await?;
    organiser
        .find("heading", "Creative hubs: group 1 and more")
        .await?;
    organiser.sees("15:20–15:25").await?;
    organiser.is_well_made().await?;

    organiser.click("link", "Change").await?;
    organiser
        .click(
            "checkbox",
            "Called off: it stays in the agenda, struck through",
        )
        .await?;
    organiser.click("button", "Save").await?;
    organiser.sees("This session was called off.").await?;

    server.start_again().await?;
    steps::sync_now(&organiser).await?;
    phone.reload().await?;
    phone
        .find("heading", "Creative hubs: group 1 and more")
        .await?;
    phone.sees("This session was called off.").await?;
    phone.sees("15:20–15:25").await?;
    steps::finish([&mut organiser, &mut phone]).await
}

#[tokio::test]
async fn a_day_is_made_once_more_and_collisions_are_said() -> Result<()> {
    let server = steps::server().await?;
    let mut organiser = steps::visitor(&server.organiser_url("/")).await?;
    steps::open_session(&organiser).await?;
    organiser.click("link", "Make one like it").await?;
    organiser
        .sees(&format!("The room is taken: 09:30 “{}”", steps::SESSION))
        .await?;
    organiser.is_well_made().await?;
    organiser.type_into("Title, English", ", once more").await?;
    organiser.click("button", "Save").await?;
    organiser
        .find("heading", &format!("{}, once more", steps::SESSION))
        .await?;
    organiser.click("link", "Change").await?;
    organiser.click("button", "Delete the session").await?;
    organiser.click("button", "Yes, delete").await?;

    organiser.find("heading", "Agenda").await?;
    organiser.click("link", steps::EVENT).await?;
    organiser.click("link", steps::DAY).await?;
    organiser.sees_no("once more").await?;
    steps::unfold(&organiser, "Copy this day").await?;
    organiser
        .run(
            "
        const field = document.querySelector('main .day-tools input[type=date]');
        field.value = '2025-05-15';
        field.dispatchEvent(new Event('input', { bubbles: true }));",
        )
        .await?;
    organiser.is_well_made().await?;
    organiser.click("button", "Copy").await?;
    organiser.find("heading", "Thursday, 15 May").await?;
    organiser.find("link", steps::SESSION).await?;
    organiser.is_well_made().await?;
    steps::finish([&mut organiser]).await
}

#[tokio::test]
async fn who_was_offline_sees_the_old_and_the_new_time_until_they_have_seen_it() -> Result<()> {
    const MORNING: &str = "/?now=2025-05-12T10:15";
    let mut server = steps::server().await?;
    let mut organiser = steps::visitor(&server.organiser_url("/")).await?;
    let mut phone = steps::visitor(&server.url(MORNING)).await?;
    phone.find("link", "Whole agenda").await?;
    // All of the app is there, and somebody looks at Today.
    steps::go_to(&phone, "Notes").await?;
    steps::go_to(&phone, "Today").await?;
    phone.sees_no("What changed").await?;
    // The phone is away while the organiser changes the agenda.
    phone.open("about:blank").await?;
    steps::open_session(&organiser).await?;
    organiser.click("link", "Change").await?;
    organiser.find("textbox", "Title, English").await?;
    steps::set_field(&organiser, "Begins", "14:00").await?;
    steps::set_field(&organiser, "Ends", "15:00").await?;
    organiser.click("button", "Save").await?;
    organiser.sees("14:00–15:00").await?;
    steps::sync_now(&organiser).await?;
    organiser.open(&server.url(MORNING)).await?;
    organiser.find("link", "Whole agenda").await?;
    organiser.sees_no("What changed").await?;

    phone.open(&server.url(MORNING)).await?;
    phone.find("heading", "What changed").await?;
    phone.find("link", steps::SESSION).await?;
    phone.sees("09:30–11:00").await?;
    phone.sees("14:00–15:00").await?;
    phone.is_well_made().await?;
    server.stop().await?;
    phone.click("link", steps::SESSION).await?;
    phone.sees("09:30–11:00").await?;
    phone.is_well_made().await?;
    steps::go_to(&phone, "Today").await?;
    phone.click("button", "Seen").await?;
    phone.sees_no("What changed").await?;
    phone.reload().await?;
    phone.find("link", "Whole agenda").await?;
    phone.sees_no("What changed").await?;
    steps::finish([&mut organiser, &mut phone]).await
}

#[tokio::test]
async fn the_series_is_read_as_a_list_by_month_and_by_room_and_now_is_a_tap_away() -> Result<()> {
    let mut server = steps::server().await?;
    let mut phone = steps::visitor(&server.url("/?now=2025-05-13T10:00")).await?;
    server.stop().await?;
    steps::go_to(&phone, "Notes").await?;
    steps::go_to(&phone, "Agenda").await?;
    phone.click("link", "List").await?;
    phone.find("heading", "List").await?;
    phone.sees_no("How the second day works").await?;
    steps::unfold(&phone, "Filter").await?;
    phone
        .find("combobox", "Kind")
        .await?
        .select_by_label("Project work")
        .await?;
    phone
        .find("link", "Project work 2: the measure and its cost, group 1")
        .await?;
    phone.sees_no(steps::SESSION).await?;
    phone.is_well_made().await?;
    phone
        .find("combobox", "Room")
        .await?
        .select_by_label("Room 3")
        .await?;
    phone.sees_no("group 1").await?;
    phone
        .find("link", "Project work 2: the measure and its cost, group 3")
        .await?;

    steps::go_to(&phone, "Agenda").await?;
    phone.click("link", "Month").await?;
    phone.find("heading", "May 2025").await?;
    phone.find("link", "Astana, 13 May").await?;
    phone.is_well_made().await?;
    phone.click("link", "Earlier").await?;
    phone.find("heading", "April 2025").await?;
    phone.sees("No events in this month.").await?;
    phone.click("link", "Later").await?;
    phone.click("link", "Astana, 12 May").await?;
    phone.find("heading", "Monday, 12 May").await?;
    phone.is_well_made().await?;
    phone.click("link", "Now").await?;
    phone.find("heading", "Tuesday, 13 May").await?;
    phone
        .until(
            "[...document.querySelectorAll('.session-card.is-now')].some(card => {
                const { top, bottom } = card.getBoundingClientRect();
                return top >= 0 && bottom <= innerHeight;
            })",
        )
        .await?;
    phone.click("link", "By room").await?;
    phone.find("heading", "Main hall").await?;
    phone.find("heading", "Room 3").await?;
    phone.find("link", steps::SESSION).await?;
    phone.is_well_made().await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_phone_in_another_zone_or_with_old_tables_shows_the_venues_time_and_says_so() -> Result<()>
{
    const MORNING: &str = "/?now=2025-05-13T10:00";
    /// Believes in Almaty's clocks of 2023, as phones do that were never updated.
    const OLD_TABLES: &str = "
        Date.prototype.getTimezoneOffset = () => -360;
        const told = Intl.DateTimeFormat.prototype.resolvedOptions;
        Intl.DateTimeFormat.prototype.resolvedOptions = function () {
            return { ...told.call(this), timeZone: 'Asia/Almaty' };
        }";
    let server = steps::server().await?;
    let mut traveller = Browser::start(BrowserOptions::default()).await?;
    let zone = serde_json::json!({ "timezoneId": "Europe/Moscow" });
    traveller
        .devtools("Emulation.setTimezoneOverride", zone)
        .await?;
    let mut old = Browser::start(BrowserOptions::default()).await?;
    old.prepare_pages(OLD_TABLES).await?;
    for (phone, words) in [
        (
            &traveller,
            "The times are the venue’s, UTC+5. This phone’s clock is set to UTC+3.",
        ),
        (
            &old,
            "The times are the venue’s, UTC+5. This phone’s clock is set to UTC+6.",
        ),
    ] {
        phone.open(&server.url(MORNING)).await?;
        steps::settle(phone).await?;
        steps::go_to(phone, "Notes").await?;
        steps::go_to(phone, "Agenda").await?;
        phone.click("link", steps::EVENT).await?;
        phone.click("link", steps::DAY).await?;
        phone.sees(words).await?;
        phone.click("link", steps::SESSION).await?;
        phone.sees("09:30–11:00").await?;
        phone.is_well_made().await?;
        steps::go_to(phone, "Today").await?;
    }
    old.sees("This phone’s clock may be an hour off").await?;
    old.sees("It believes that its time zone is UTC+6, but there it is UTC+5 by now.")
        .await?;
    old.is_well_made().await?;
    traveller.sees_no("This phone’s clock may be").await?;
    steps::finish([&mut traveller, &mut old]).await
}

#[tokio::test]
async fn a_trainer_changes_the_sessions_that_they_lead_and_no_others() -> Result<()> {
    let server = steps::server().await?;
    let mut organiser = steps::visitor(&server.organiser_url("/")).await?;
    crate::joining::open(&organiser, "People and invitations").await?;
    steps::unfold(&organiser, "Make an invitation").await?;
    let role = organiser.find("combobox", "They join as").await?;
    role.select_by_label("trainer").await?;
    let link = crate::joining::invite(&organiser).await?;
    let mut trainer = Browser::start(BrowserOptions::default()).await?;
    trainer.open(&link).await?;
    trainer.sees("You are invited as trainer.").await?;
    trainer.type_into("Your name", "Gulnara").await?;
    trainer
        .click(
            "checkbox",
            "The other participants may see my name, organisation and region",
        )
        .await?;
    trainer.click("button", "Join").await?;
    trainer.find("heading", "Today").await?;
    steps::settle(&trainer).await?;
    steps::open_session(&trainer).await?;
    trainer.find("button", "Add to my agenda").await?;
    trainer.sees_no("Make one like it").await?;
    ensure!(!trainer.has("link", "Change").await?, "others lead it");

    steps::sync_now(&organiser).await?;
    steps::open_session(&organiser).await?;
    organiser.click("link", "Change").await?;
    steps::unfold(&organiser, "Speakers").await?;
    organiser.click("checkbox", "Gulnara").await?;
    organiser.click("button", "Save").await?;
    organiser.sees("Gulnara").await?;
    steps::sync_now(&organiser).await?;

    trainer.click("link", "Change").await?;
    trainer.find("textbox", "Title, English").await?;
    trainer.type_into("Title, English", " with Gulnara").await?;
    trainer.click("button", "Save").await?;
    trainer
        .find("heading", &format!("{} with Gulnara", steps::SESSION))
        .await?;
    steps::sync_now(&trainer).await?;
    organiser
        .find("heading", &format!("{} with Gulnara", steps::SESSION))
        .await?;
    steps::go_to(&trainer, "Agenda").await?;
    trainer.click("link", steps::EVENT).await?;
    trainer.click("link", steps::DAY).await?;
    trainer.click("link", BESIDE).await?;
    trainer.find("button", "Add to my agenda").await?;
    ensure!(!trainer.has("link", "Change").await?, "others lead it");
    steps::finish([&mut organiser, &mut trainer]).await
}
