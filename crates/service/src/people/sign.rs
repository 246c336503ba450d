//! Signing one act (`POST /signatures`): re-authentication, bound to the act (SIG-02, SIG-09).

use std::sync::Arc;

use store::rows::session::{self, Signing};
use store::{Tree, Tx};
use terms::Moment;
use trial::{Action, Refusal};

use super::credentials::{Attempt, prove};
use crate::case::admit;
use crate::failure::Failure;
use crate::request::{Caller, request_digest_from_hex};
use crate::service::Shared;
use crate::throttle::Door;
use crate::tokens::OpaqueToken;

/// A signature is good for so many seconds.
pub const LIFETIME: i64 = 60;

/// What is to be signed.
pub struct Wanted {
    /// The act.
    pub action: Action,
    /// The address to which the act will be sent, path and query.
    pub address: String,
    /// The SHA-256 of the body that will be sent, in hexadecimal.
    pub body_sha256: String,
}

/// A signature, shown once.
pub struct Signature {
    /// The token, to be sent with the act.
    pub token: String,
    /// Until when it can be used.
    pub ends_at: Moment,
}

/// Signs one act: the token is good for this action, address and body, in this session, once.
///
/// It asks for no right to the act, which is decided when the act is done. A break of a code is signed at a
/// place and under a throttle of its own, so that no flood of log-ins delays it (UNB-08).
///
/// # Errors
/// [`Refusal::Field`] for a thing that is not signed; [`Refusal::WrongCredentials`] for a wrong password;
/// [`Refusal::TooManyAttempts`]; [`Refusal::Busy`].
pub fn sign(
    service: &Shared,
    caller: &Caller,
    wanted: &Wanted,
    attempt: &Attempt,
) -> Result<Signature, Failure> {
    if !wanted.action.needs_signature() {
        return Err(Refusal::field("action", "is not one that is signed").into());
    }
    let request = request_digest_from_hex(&wanted.address, &wanted.body_sha256)?;
    service.store.read(|conn| admit(service, conn, caller, wanted.action).map(|_actor| ()))?;
    let door = if wanted.action == Action::Unblind { Door::Break } else { Door::LogIn };
    let proved = prove(service, door, caller.user.as_str(), attempt)?;
    let (shared, caller, action) = (Arc::clone(service), caller.clone(), wanted.action);
    service.store.write(Tree::Installation, move |tx: &mut Tx| {
        let now = shared.clock.now();
        admit(&shared, tx, &caller, action)?;
        proved.still_holds(tx)?;
        let token = OpaqueToken::generate(&shared.entropy)?;
        let signing = Signing {
            hash: token.digest(),
            user: caller.user.clone(),
            session: caller.session.clone(),
            action: action.to_string(),
            request,
            issued_at: now,
            expires_at: now.plus_seconds(LIFETIME),
        };
        session::add_signing(tx, &signing)?;
        Ok(Signature { token: token.reveal().to_owned(), ends_at: signing.expires_at })
    })
}
