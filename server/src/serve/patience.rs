//! How long the server waits for those whom it serves.

use std::time::Duration;

use keruen_domain::protocol::limits::MAX_REQUEST_BYTES;

/// The times. A link of 23 kbit/s, which moves 2.8 kB a second, meets each of them with room to spare.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the handshake of TLS.
    pub handshake: Duration,
    /// For a whole header of a request, from the connection's begin or the end of the last answer on. So
    /// long, too, a connection stays open on which nothing is asked.
    pub header: Duration,
    /// For the next piece of a request's body.
    pub piece: Duration,
    /// What a request's body must come with at least, in the mean, once one `piece` has passed.
    pub body_bytes_per_second: u32,
    /// For the next few kB of an answer to be taken. Long, since the system takes hundreds of kB at once
    /// and then, over a slow link, nothing for minutes.
    pub answer: Duration,
    /// For what is under way when a connection is to end.
    pub farewell: Duration,
    /// How often to look whether the files of the certificate are others.
    pub certificate: Duration,
}

impl Patience {
    /// That of the product.
    pub const USUAL: Self = Self {
        handshake: Duration::from_secs(20),
        header: Duration::from_secs(30),
        piece: Duration::from_secs(30),
        body_bytes_per_second: 1_000,
        answer: Duration::from_secs(300),
        farewell: Duration::from_secs(5),
        certificate: Duration::from_secs(60),
    };

    /// For how long at most a request's body of so many bytes may be waited for.
    pub(super) fn of_body(&self, bytes: u64) -> Duration {
        let rate = u64::from(self.body_bytes_per_second.max(1));
        self.piece + Duration::from_millis(bytes.saturating_mul(1_000) / rate)
    }
}

// The largest body over the slowest link that is thought of, in seconds, is less than what is granted.
const _: () = assert!(
    MAX_REQUEST_BYTES as u64 * 8 / 23_000
        < MAX_REQUEST_BYTES as u64 / Patience::USUAL.body_bytes_per_second as u64
);
