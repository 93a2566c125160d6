//! Tickets: what stands in addresses once a passphrase was typed, since browsers open addresses without
//! asking anybody.
//!
//! A ticket says until when it holds, and bears a code (HMAC-SHA-256) over that and the share, made
//! with a key that this process alone knows. After a restart the passphrase is typed again.

use std::sync::OnceLock;

use hmac::{Hmac, KeyInit as _, Mac as _};
use keruen_domain::ShareId;
use sha2::Sha256;

use crate::machine::{self, NoRandomBits};

/// For how long a ticket holds.
const VALID_MS: u64 = 4 * 60 * 60 * 1_000;
/// Hexadecimal digits of the time, and of the code: 128 bits of it.
const TIME_DIGITS: usize = 16;
const CODE_DIGITS: usize = 32;

/// Makes tickets and knows them again.
#[derive(Default)]
pub(super) struct Tickets {
    key: OnceLock<[u8; 32]>,
}

impl Tickets {
    /// A ticket for this share from now on.
    pub(super) fn issue(&self, share: ShareId, now_ms: u64) -> Result<String, NoRandomBits> {
        let end_ms = now_ms.saturating_add(VALID_MS);
        let time = format!("{end_ms:016x}");
        let code = self.code(share, &time)?.finalize().into_bytes();
        let code = code.iter().map(|byte| format!("{byte:02x}"));
        let code: String = code.collect();
        Ok([&time, &code[..CODE_DIGITS]].concat())
    }

    /// Whether this is a ticket for the share that still holds.
    pub(super) fn is_valid(
        &self,
        ticket: &str,
        share: ShareId,
        now_ms: u64,
    ) -> Result<bool, NoRandomBits> {
        let Some((time, code)) = ticket.split_at_checked(TIME_DIGITS) else {
            return Ok(false);
        };
        let end_ms = u64::from_str_radix(time, 16).unwrap_or_default();
        let Some(code) = bytes(code).filter(|_| now_ms < end_ms) else {
            return Ok(false);
        };
        // Compares in constant time.
        let verified = self.code(share, time)?.verify_truncated_left(&code);
        Ok(verified.is_ok())
    }

    fn code(&self, share: ShareId, time: &str) -> Result<Hmac<Sha256>, NoRandomBits> {
        let key = match self.key.get() {
            Some(key) => key,
            None => {
                let fresh = machine::random_bytes()?;
                self.key.get_or_init(|| fresh)
            }
        };
        let mut code = Hmac::new_from_slice(key).expect("keys of any length will do");
        code.update(share.uuid().as_bytes());
        code.update(time.as_bytes());
        Ok(code)
    }
}

/// The bytes of a code; `None` if it is none.
fn bytes(digits: &str) -> Option<[u8; CODE_DIGITS / 2]> {
    let is_code =
        digits.len() == CODE_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u128::from_str_radix(digits, 16).ok().filter(|_| is_code)?;
    Some(number.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 1_750_000_000_000;

    fn share(number: u64) -> ShareId {
        ShareId::new(number, [1; 10])
    }

    #[test]
    fn a_ticket_is_for_one_share_and_some_hours() {
        let tickets = Tickets::default();
        let ticket = tickets.issue(share(1), NOW_MS).unwrap();
        let holds = |ticket: &str, share, now_ms| tickets.is_valid(ticket, share, now_ms).unwrap();
        assert!(holds(&ticket, share(1), NOW_MS));
        assert!(holds(&ticket, share(1), NOW_MS + VALID_MS - 1));
        assert!(!holds(&ticket, share(1), NOW_MS + VALID_MS));
        assert!(!holds(&ticket, share(2), NOW_MS));
        let elsewhere = Tickets::default();
        assert!(!elsewhere.is_valid(&ticket, share(1), NOW_MS).unwrap());
    }

    #[test]
    fn no_changed_ticket_holds() {
        let tickets = Tickets::default();
        let ticket = tickets.issue(share(1), NOW_MS).unwrap();
        for at in 0..ticket.len() {
            let mut changed = ticket.clone().into_bytes();
            changed[at] = if changed[at] == b'e' { b'f' } else { b'e' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(
                !tickets.is_valid(&changed, share(1), NOW_MS).unwrap(),
                "{at}"
            );
        }
        for wrong in [
            "",
            "e",
            &ticket[..47],
            &ticket[..16],
            &[&ticket, "0"].concat(),
            &"қ".repeat(24),
            "ffffffffffffffff+0000000000000000000000000000000",
        ] {
            assert!(
                !tickets.is_valid(wrong, share(1), NOW_MS).unwrap(),
                "{wrong}"
            );
        }
    }
}
