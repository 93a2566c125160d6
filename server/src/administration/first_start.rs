//! The link by which the first organiser of a new server comes in.

use std::net::SocketAddr;

use keruen_domain::{InvitationId, Role};

use crate::machine::{self, NoRandomBits};
use crate::people::{self, settled};
use crate::serve::StartError;
use crate::store::{KeptInvitation, Store};
use crate::{qr, secrets};

/// For how long it can be used: a week, in milliseconds.
const VALID_MS: u64 = 7 * 24 * 60 * 60 * 1_000;
/// By which it is known again.
const NOTE: &str = "first start";

/// Prints a link for one organiser of everything, unless somebody has joined already. To standard output
/// and not to the log, which others may read. That of an earlier start is void.
pub async fn invite(
    store: &dyn Store,
    address: SocketAddr,
    is_https: bool,
) -> Result<(), StartError> {
    let Some(secret) = make(store).await? else {
        return Ok(());
    };
    println!("Nobody organises anything here yet. Whoever opens this first, within a week, does:");
    let scheme = if is_https { "https" } else { "http" };
    let place = reachable(address);
    qr::print(&format!("{scheme}://{place}/#join={secret}"));
    Ok(())
}

/// How this machine reaches what listens there.
fn reachable(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    }
}

async fn make(store: &dyn Store) -> Result<Option<String>, StartError> {
    let made_by = store.identity().organiser;
    let now_ms = machine::unix_ms();
    let random = || -> Result<_, NoRandomBits> {
        let id = InvitationId::new(now_ms, machine::random_bytes()?);
        Ok((id, secrets::for_link()?))
    };
    let (id, secret) = random()?;
    let work = move |write: &mut dyn crate::store::WriteTransaction| {
        if !write.persons()?.is_empty() {
            return Ok(None);
        }
        for earlier in write.invitations(None)? {
            if earlier.note == NOTE {
                write.revoke_invitation(earlier.id)?;
            }
        }
        let invitation = KeptInvitation {
            id,
            programme: None,
            role: Role::Organiser,
            made_by,
            made_ms: now_ms,
            expires_ms: now_ms.saturating_add(VALID_MS),
            max_uses: 1,
            uses: 0,
            note: NOTE.to_owned(),
            is_revoked: false,
        };
        let made = settled(people::invite_to(write, invitation, secret))?;
        Ok(made.ok().map(|made| made.secret))
    };
    Ok(store.write(work).await?)
}
