//! The browser's promise not to delete what is here: when it is asked for, and what it answered.

use super::AppState;
use crate::platform::{Area, ask_to_persist, read_value, storage_use, write_value};

/// Whether the person was asked: once on each phone.
const ASKED: &str = "keruen.asked_to_keep";

impl AppState {
    /// Whether the person should be asked now, since something of worth is here: nobody asked them before, the
    /// browser has not promised, and there is something that it could keep.
    pub async fn should_ask_to_keep(&self) -> bool {
        self.store().is_lasting()
            && read_value(Area::Lasting, ASKED).is_none()
            && !storage_use().await.persisted
    }

    /// The person was asked, and would rather not.
    pub fn put_keeping_off() {
        write_value(Area::Lasting, ASKED, "yes");
    }

    /// Asks the browser not to delete the data by itself; whether it promised.
    pub async fn ask_to_persist() -> bool {
        Self::put_keeping_off();
        ask_to_persist().await
    }
}
