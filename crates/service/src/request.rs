//! Who asks, and how a request is told from every other.

use sha2::{Digest, Sha256};
use terms::{Id, SessionId, StudyId, UserId};
use trial::{Action, Refusal};

use crate::tokens::OpaqueToken;

/// The person who asks, as the access token says. What the person may do is read from the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub user: UserId,
    /// The log-in.
    pub session: SessionId,
}

/// The noun of an idempotency key. It cannot be constructed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyNoun {}

/// An idempotency key, chosen by the client: sent again, it has one effect and one answer.
pub type IdempotencyKey = Id<KeyNoun>;

/// What stands around the body of a request that changes a study.
#[derive(Clone)]
pub struct Envelope {
    /// Who asks.
    pub caller: Caller,
    /// In which study.
    pub study: StudyId,
    /// For what.
    pub action: Action,
    /// Under which idempotency key.
    pub key: IdempotencyKey,
    /// What was asked, exactly: see [`request_digest`].
    pub digest: [u8; 32],
    /// The signing token's SHA-256, when one came with it.
    pub signature: Option<[u8; 32]>,
}

/// A request for a change of which it is not yet known in which study it has its effect, if in any.
#[derive(Clone)]
pub struct Order {
    /// Who asks.
    pub caller: Caller,
    /// For what.
    pub action: Action,
    /// Under which idempotency key.
    pub key: IdempotencyKey,
    /// What was asked, exactly: see [`request_digest`].
    pub digest: [u8; 32],
    /// The signing token's SHA-256, when one came with it.
    pub signature: Option<[u8; 32]>,
}

impl Order {
    /// The order as one to this study.
    pub fn within(self, study: StudyId) -> Envelope {
        let Self { caller, action, key, digest, signature } = self;
        Envelope { caller, study, action, key, digest, signature }
    }
}

/// What a signature and a receipt are bound to: SHA-256 over the address (path and query as sent), a line feed, and
/// the SHA-256 of the body in hexadecimal. The address is in it because it names the subject, the kit or the list.
pub fn request_digest(address: &str, body: &[u8]) -> [u8; 32] {
    digest_of(address, &hex::encode(Sha256::digest(body)))
}

/// The same from the body's SHA-256 in hexadecimal, as a client sends it when it asks for a signature.
///
/// # Errors
/// [`Refusal::Field`] when it is no SHA-256.
pub fn request_digest_from_hex(address: &str, body_sha256: &str) -> Result<[u8; 32], Refusal> {
    let is_hash = body_sha256.len() == 64
        && body_sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if is_hash {
        Ok(digest_of(address, body_sha256))
    } else {
        Err(Refusal::field("body_sha256", "must be 64 lower-case hexadecimal digits"))
    }
}

fn digest_of(address: &str, body_sha256: &str) -> [u8; 32] {
    Sha256::digest(format!("{address}\n{body_sha256}")).into()
}

/// The stored form of a signing token as it was sent.
///
/// # Errors
/// [`Refusal::SignatureInvalid`] when it has not the form of a token.
pub fn signature_digest(token: &str) -> Result<[u8; 32], Refusal> {
    OpaqueToken::parse(token).map(|token| token.digest()).ok_or(Refusal::SignatureInvalid)
}
