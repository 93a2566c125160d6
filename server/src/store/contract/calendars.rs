//! What is promised of addresses of people's own agendas.

use super::*;
use crate::secrets::SecretHash;

/// Each has one at most, that is found by its secret alone, outlives the store's closing, and goes with its
/// person.
pub(in crate::store) async fn somebody_has_one_calendar_at_most(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let [first, second] = [1, 2].map(|number| PersonId::new(number, RANDOM));
    let hash = |text: &str| SecretHash::of(text);
    let work = store.write(move |write| {
        write.put_calendar(first, &hash("a"), 10)?;
        write.put_calendar(second, &hash("b"), 20)?;
        write.put_calendar(first, &hash("c"), 30)
    });
    work.await.expect("the store works");
    drop(store);
    let store = backend.open(identity(1));
    let work = store.write(move |write| {
        assert_eq!(write.calendar(&hash("a"))?, None, "it was replaced");
        assert_eq!(write.calendar(&hash("b"))?, Some(second));
        assert_eq!(write.calendar(&hash("c"))?, Some(first));
        assert_eq!(write.calendar_of(first)?, Some(30));
        write.remove_calendar(first)?;
        write.remove_calendar(first)?;
        assert_eq!(write.calendar(&hash("c"))?, None);
        assert_eq!(write.calendar_of(first)?, None);
        write.erase_person(second)?;
        assert_eq!(write.calendar(&hash("b"))?, None);
        write.put_calendar(first, &hash("b"), 40)
    });
    work.await.expect("the store works");
}
