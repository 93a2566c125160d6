//! Passphrases, kept so that who steals the database must try them one by one, slowly.
//!
//! Argon2id with 19 MiB, two passes and one lane, the least that OWASP recommends: some 20 ms of a small
//! server. A passphrase opens one link and nothing else, and who tries it here is limited in any case.

use argon2::{Algorithm, Argon2, Params, Version};
use subtle::ConstantTimeEq as _;

const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Says by which rule the bytes were made, for when the rule is another one.
const RULE: u8 = 1;
pub(super) const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// What is kept of a passphrase: rule, salt and hash; `None` if the machine has not the memory for it.
pub(super) fn kept(passphrase: &str, salt: [u8; SALT_BYTES]) -> Option<Vec<u8>> {
    let hash = hash(passphrase, &salt)?;
    Some([&[RULE], &salt[..], &hash].concat())
}

/// Whether this is the passphrase of which that was kept.
pub(super) fn is(passphrase: &str, kept: &[u8]) -> bool {
    let Some((RULE, kept)) = kept.split_first().map(|(rule, kept)| (*rule, kept)) else {
        return false;
    };
    let Some((salt, known)) = kept.split_at_checked(SALT_BYTES) else {
        return false;
    };
    hash(passphrase, salt).is_some_and(|hash| hash.ct_eq(known).into())
}

fn hash(passphrase: &str, salt: &[u8]) -> Option<[u8; HASH_BYTES]> {
    let parameters = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES)).ok()?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    let mut hash = [0; HASH_BYTES];
    argon2
        .hash_password_into(typed(passphrase).as_bytes(), salt, &mut hash)
        .ok()?;
    Some(hash)
}

/// What somebody meant: phones add spaces after words.
pub(super) fn typed(passphrase: &str) -> &str {
    passphrase.trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_passphrase_is_it() {
        let kept = kept("құпия сөз", [7; SALT_BYTES]).unwrap();
        assert!(is(" құпия сөз ", &kept));
        for wrong in ["құпия", "құпия  сөз", "Құпия сөз", ""] {
            assert!(!is(wrong, &kept), "{wrong}");
        }
        let other_salt = super::kept("құпия сөз", [8; SALT_BYTES]).unwrap();
        assert_ne!(kept, other_salt);
        assert!(!String::from_utf8_lossy(&kept).contains("сөз"));
    }

    #[test]
    fn what_is_damaged_opens_nothing() {
        let kept = kept("a passphrase", [7; SALT_BYTES]).unwrap();
        for damaged in [&[][..], &[2], &kept[..1], &kept[..17], &kept[..48]] {
            assert!(!is("a passphrase", damaged));
        }
        let mut other_rule = kept;
        other_rule[0] = 2;
        assert!(!is("a passphrase", &other_rule));
    }
}
