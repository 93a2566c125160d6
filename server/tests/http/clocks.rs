//! Phones whose clocks are wrong.

use keruen_domain::protocol::v1::Outcome;
use keruen_domain::{DeviceId, Refusal, ScopeId};

use crate::harness::*;

const YEAR_MS: u64 = 365 * 24 * 60 * 60 * 1_000;
const MINUTE_MS: u64 = 60 * 1_000;

/// A device of the organiser whose clock is this far ahead.
fn ahead(number: u64, ahead_ms: u64) -> Device {
    let mut device = Device::of_organiser(number);
    device.ahead_ms = ahead_ms;
    device
}

#[tokio::test]
async fn an_edit_from_far_ahead_is_taken_and_wins_over_nobody_who_comes_later() {
    let server = TestServer::start().await;
    let mut wrong = ahead(1, YEAR_MS);
    let change = wrong.edit(note(1), "body", "tea");
    let response = wrong.exchange(&server, &[change]).await;
    assert_eq!(outcomes(&response), [Outcome::Bounded]);
    // The row is told although its writer has just said it: it is another one.
    assert_eq!(record_count(&response), 1);
    let own = ScopeId::Person(ORGANISER);
    let row = server
        .rows(own)
        .await
        .remove(0)
        .record
        .moved_to(ScopeId::OWN);
    assert_eq!(wrong.rows[&note(1)], row);
    assert_eq!(row.last_edit().unwrap().time.unix_ms(), NOW_MS);

    let mut right = Device::of_organiser(2);
    right.pull(&server).await;
    assert_eq!(right.text(&note(1), "body"), Some("tea"));
    let change = right.edit(note(1), "body", "tea and bread");
    let response = right.exchange(&server, &[change]).await;
    assert_eq!(outcomes(&response), [Outcome::Accepted]);
    wrong.pull(&server).await;
    for device in [&wrong, &right] {
        assert_eq!(device.text(&note(1), "body"), Some("tea and bread"));
        assert_eq!(device.rows[&note(1)].contested().count(), 0);
    }
}

#[tokio::test]
async fn later_edits_of_the_same_phone_still_win_over_what_they_replace() {
    let server = TestServer::start().await;
    let mut wrong = ahead(1, YEAR_MS);
    // Two in one request, one before the answer came, one after it.
    let first = [
        wrong.edit(note(1), "body", "one"),
        wrong.edit(note(1), "body", "two"),
    ];
    let lost = wrong.ask(&server, &first).await;
    let third = wrong.edit(note(1), "body", "three");
    let repeated = [first[0].clone(), first[1].clone(), third];
    let response = wrong.exchange(&server, &repeated).await;
    assert_eq!(response.results[..2], lost.results[..]);
    assert_eq!(outcomes(&response), [Outcome::Bounded; 3]);
    let fourth = wrong.edit(note(1), "body", "four");
    wrong.exchange(&server, &[fourth]).await;
    let mut other = Device::of_organiser(2);
    other.pull(&server).await;
    for device in [&wrong, &other] {
        assert_eq!(device.text(&note(1), "body"), Some("four"));
        assert_eq!(device.rows[&note(1)].contested().count(), 0);
    }
    assert_eq!(wrong.rows, other.rows);
    // Its clock takes nobody along.
    assert!(other.rows[&note(1)].latest_reading(other.id).unix_ms() <= NOW_MS);
    // Nor once it has been set right.
    wrong.ahead_ms = 0;
    let fifth = wrong.edit(note(1), "body", "five");
    wrong.exchange(&server, &[fifth]).await;
    other.pull(&server).await;
    assert_eq!(other.text(&note(1), "body"), Some("five"));
    assert_eq!(wrong.rows, other.rows);
}

#[tokio::test]
async fn a_repeated_edit_from_far_ahead_is_one() {
    let server = TestServer::start().await;
    let mut wrong = ahead(1, YEAR_MS);
    let change = wrong.edit(note(1), "body", "tea");
    wrong.ask(&server, std::slice::from_ref(&change)).await;
    let own = ScopeId::Person(ORGANISER);
    let rows = server.rows(own).await;
    let mut renamed = change.clone();
    renamed.id = keruen_domain::ChangeId::new(99, RANDOM);
    wrong.exchange(&server, &[change, renamed]).await;
    assert_eq!(server.rows(own).await, rows);
    assert_eq!(
        wrong.rows[&note(1)],
        rows[0].record.clone().moved_to(ScopeId::OWN)
    );
}

#[tokio::test]
async fn a_few_minutes_ahead_are_left_as_they_are() {
    let server = TestServer::start().await;
    let mut device = ahead(1, 10 * MINUTE_MS);
    let change = device.edit(note(1), "body", "tea");
    let response = device.exchange(&server, &[change]).await;
    assert_eq!(outcomes(&response), [Outcome::Accepted]);
    assert_eq!(record_count(&response), 0);
    let mut device = ahead(2, 10 * MINUTE_MS + 1);
    let change = device.edit(note(2), "body", "tea");
    let response = device.exchange(&server, &[change]).await;
    assert_eq!(outcomes(&response), [Outcome::Bounded]);
}

#[tokio::test]
async fn a_stamp_that_no_clock_shows_is_refused() {
    let server = TestServer::start().await;
    let mut device = ahead(1, u64::MAX - NOW_MS);
    assert_eq!(device.id, DeviceId(1));
    let change = device.edit(note(1), "body", "tea");
    let response = device.ask(&server, &[change]).await;
    assert_eq!(outcomes(&response), [Outcome::Refused(Refusal::Malformed)]);
}
