use super::{View, fields};

super::view! {
    /// What somebody marked of a session, for themselves.
    Mark, SessionId, MARK
}

impl Mark {
    /// Whether the session is in their own agenda.
    pub fn is_mine(&self) -> bool {
        self.record().value(fields::MINE).is_set()
    }
}
