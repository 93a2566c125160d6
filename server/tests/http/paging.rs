//! News in pages.

use std::collections::BTreeSet;

use keruen_domain::Collection;

use crate::harness::*;

const PAGE: u64 = 5;

#[tokio::test]
async fn every_row_comes_once_wherever_the_page_ends() {
    for count in [
        0,
        1,
        PAGE - 1,
        PAGE,
        PAGE + 1,
        3 * PAGE - 1,
        3 * PAGE,
        3 * PAGE + 1,
    ] {
        let server = TestServer::start().await;
        // The programme's own record is one of them.
        if count > 0 {
            server.put(vec![programme_record(1, true)]).await;
            server.put(sessions(1, count - 1)).await;
        }
        let mut device = Device::visitor(1);
        device.page_records = u32::try_from(PAGE).unwrap();
        let (exchanges, records) = device.pull(&server).await;
        let expected = usize::try_from(count).unwrap();
        assert_eq!(records, expected, "of {count} rows");
        assert_eq!(device.rows.len(), expected, "of {count} rows");
        let needed = usize::try_from(count.div_ceil(PAGE).max(1)).unwrap();
        assert_eq!(exchanges, needed, "for {count} rows");
    }
}

#[tokio::test]
async fn pages_go_on_from_one_scope_to_the_next() {
    let server = TestServer::start().await;
    for number in 1..=4 {
        server.put(vec![programme_record(number, true)]).await;
        server.put(sessions(number, 6)).await;
    }
    let mut device = Device::visitor(1);
    device.page_records = 5;
    assert_eq!(device.pull(&server).await, (6, 28));
    assert_eq!(device.rows.len(), 28);
    let scopes: BTreeSet<_> = device.cursors.keys().copied().collect();
    assert_eq!(scopes, (1..=4).map(programme).collect());
}

#[tokio::test]
async fn rows_that_change_between_pages_come_again() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    server.put(sessions(1, 9)).await;
    let mut device = Device::visitor(1);
    device.page_records = 4;
    device.exchange(&server, &[]).await;
    let moved = key(programme(1), Collection::SESSION, 1_000);
    server.put(vec![imported(moved, "room", "Hall 2")]).await;
    device.pull(&server).await;
    assert_eq!(device.text(&moved, "room"), Some("Hall 2"));
    assert_eq!(device.text(&moved, "title"), Some("Session 0"));
    assert_eq!(device.rows.len(), 10);
}

#[tokio::test]
async fn an_answer_stays_short_when_rows_are_long() {
    const LONG: usize = 50 * 1024;
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    let text = "x".repeat(LONG);
    let materials = (0..40).map(|number| {
        let key = key(programme(1), Collection::MATERIAL, number);
        imported(key, "body", text.as_str())
    });
    server.put(materials.collect()).await;
    let whole = key(programme(1), Collection::MATERIAL, 900);
    let longest = "x".repeat(500 * 1024);
    server
        .put(vec![imported(whole, "body", longest.as_str())])
        .await;

    let mut device = Device::visitor(1);
    let response = device.exchange(&server, &[]).await;
    assert!(response.more);
    let records = record_count(&response);
    assert!(
        (2..=11).contains(&records),
        "{records} records in one answer"
    );
    device.pull(&server).await;
    assert_eq!(device.rows.len(), 42);
    assert_eq!(
        device.text(&whole, "body").map(str::len),
        Some(longest.len())
    );
}

#[tokio::test]
async fn who_wants_no_records_hears_whether_there_are_any() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    let mut device = Device::visitor(1);
    device.page_records = 0;
    let response = device.exchange(&server, &[]).await;
    assert_eq!((record_count(&response), response.more), (0, true));
    device.page_records = u32::MAX;
    assert_eq!(device.pull(&server).await, (1, 1));
    device.page_records = 0;
    assert!(!device.exchange(&server, &[]).await.more);
}
