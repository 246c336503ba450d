//! Tokens: signed access tokens that anyone of us can check without a database, and opaque ones that only
//! their row makes valid.

use std::path::Path;

use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64ct::{Base64UrlUnpadded, Encoding};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use terms::{Moment, SessionId, UserId};
use zeroize::Zeroizing;

use crate::entropy::{Entropy, NoEntropy};
use crate::keys::{KeyError, SecretFile};

/// How long an access token is good for, in seconds.
pub const LIFETIME: i64 = 600;

/// How far two of our own clocks may differ, in seconds.
const LEEWAY: i64 = 5;

const ISSUER: &str = "iwrs";
const AUDIENCE: &str = "iwrs-api";
/// RFC 9068: so that no other kind of signed token passes for an access token.
const KIND: &str = "at+jwt";

/// The keys that sign and check access tokens. The previous key checks only, for the minutes after a change
/// of keys.
pub struct TokenKeys {
    current: TokenKey,
    previous: Option<TokenKey>,
}

/// An Ed25519 key, named by the fingerprint of its public half.
struct TokenKey {
    id: String,
    signing: EncodingKey,
    checking: DecodingKey,
}

/// What a good token says. The rights of the user are read from the database at every request, never from
/// here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Who.
    pub user: UserId,
    /// In which session; a session that has ended makes its tokens worthless.
    pub session: SessionId,
}

/// Why there are no token keys, or no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The key file cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The bytes of the key file are no signing key.
    #[error("a token key is no Ed25519 seed")]
    NoSeed(#[from] KeyRejected),
    /// The signature could not be made.
    #[error("a token could not be signed")]
    Signing(#[from] jsonwebtoken::errors::Error),
    /// The key could not be encoded.
    #[error("a token key could not be encoded")]
    Encoding(#[from] aws_lc_rs::error::Unspecified),
}

/// Why a token is not accepted. The answer is the same 401 for all of them; the difference is for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// It is not three parts of base64url with JSON in them.
    #[error("the token is malformed")]
    Malformed,
    /// Its header is not exactly the one that we write.
    #[error("the token's header is not ours")]
    Header,
    /// It names a key that we do not have.
    #[error("the token's key is unknown")]
    UnknownKey,
    /// The signature is not of that key over that content.
    #[error("the token's signature is wrong")]
    Signature,
    /// A claim is missing, has the wrong form, or is not for us.
    #[error("the token's claims are not ours")]
    Claims,
    /// It is not good any more.
    #[error("the token has expired")]
    Expired,
    /// It is not good yet.
    #[error("the token is not yet valid")]
    NotYet,
}

/// The claims as they are written. Times are whole seconds; a text or a fraction does not parse.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl TokenKeys {
    /// Reads the current key and, after a change of keys, the previous one. A key file holds the seed of an
    /// Ed25519 key as 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`TokenError`], naming the path.
    pub fn load(current: &Path, previous: Option<&Path>) -> Result<Self, TokenError> {
        let previous = previous.map(SecretFile::load).transpose()?;
        Self::new(&SecretFile::load(current)?, previous.as_ref())
    }

    /// The keys with these seeds.
    ///
    /// # Errors
    /// [`TokenError`] when a seed is not accepted.
    pub fn new(current: &SecretFile, previous: Option<&SecretFile>) -> Result<Self, TokenError> {
        Ok(Self { current: TokenKey::new(current)?, previous: previous.map(TokenKey::new).transpose()? })
    }

    /// A new access token, and until when it is good.
    ///
    /// # Errors
    /// [`TokenError::Signing`] when the signature cannot be made.
    pub fn issue(
        &self,
        user: &UserId,
        session: &SessionId,
        now: Moment,
    ) -> Result<(String, Moment), TokenError> {
        let seconds = now.utc().timestamp();
        let claims = Written {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user.to_string(),
            sid: session.to_string(),
            iat: seconds,
            nbf: seconds,
            exp: seconds + LIFETIME,
        };
        let token = jsonwebtoken::encode(&self.current.header(), &claims, &self.current.signing)?;
        Ok((token, now.plus_seconds(LIFETIME)))
    }

    /// Who a token is of.
    ///
    /// # Errors
    /// [`TokenRefused`] when anything about it is not as we write it.
    pub fn verify(&self, token: &str, now: Moment) -> Result<Claims, TokenRefused> {
        let header = jsonwebtoken::decode_header(token).map_err(|_unreadable| TokenRefused::Malformed)?;
        let key = self.named(header.kid.as_deref()).ok_or(TokenRefused::UnknownKey)?;
        // Our own header has four fields of fixed content. To demand exactly it refuses at once every other
        // algorithm and type, and every way of bringing one's own key (jwk, jku, x5u, x5c) or rules (crit).
        if header != key.header() {
            return Err(TokenRefused::Header);
        }
        let read = jsonwebtoken::decode::<Written>(token, &key.checking, &validation());
        let written = read.map_err(|error| refusal(&error))?.claims;
        written.check(now)
    }

    fn named(&self, id: Option<&str>) -> Option<&TokenKey> {
        [Some(&self.current), self.previous.as_ref()].into_iter().flatten().find(|key| Some(&*key.id) == id)
    }
}

impl TokenKey {
    fn new(seed: &SecretFile) -> Result<Self, TokenError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.bytes())?;
        let public = pair.public_key().as_ref();
        let fingerprint = hex::encode(Sha256::digest(public));
        Ok(Self {
            id: fingerprint.chars().take(16).collect(),
            signing: EncodingKey::from_ed_der(pair.to_pkcs8()?.as_ref()),
            checking: DecodingKey::from_ed_der(public),
        })
    }

    fn header(&self) -> Header {
        Header { typ: Some(KIND.to_owned()), kid: Some(self.id.clone()), ..Header::new(Algorithm::EdDSA) }
    }
}

impl Written {
    fn check(self, now: Moment) -> Result<Claims, TokenRefused> {
        let seconds = now.utc().timestamp();
        if self.exp.saturating_add(LEEWAY) <= seconds {
            return Err(TokenRefused::Expired);
        }
        if self.nbf.max(self.iat) > seconds.saturating_add(LEEWAY) {
            return Err(TokenRefused::NotYet);
        }
        let user = UserId::parse(&self.sub).map_err(|_bad| TokenRefused::Claims)?;
        let session = SessionId::parse(&self.sid).map_err(|_bad| TokenRefused::Claims)?;
        Ok(Claims { user, session })
    }
}

/// Times are checked by [`Written::check`] against our own clock, not by the library against the system's.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation
}

fn refusal(error: &jsonwebtoken::errors::Error) -> TokenRefused {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidSignature => TokenRefused::Signature,
        ErrorKind::InvalidToken | ErrorKind::Base64(_) => TokenRefused::Malformed,
        _ => TokenRefused::Claims,
    }
}

/// A token of 256 random bits that means nothing by itself: a refresh token, or the token of one signature.
/// The database keeps only its digest, so a dump of it gives nobody a session.
pub struct OpaqueToken(Zeroizing<String>);

impl OpaqueToken {
    /// A new token.
    ///
    /// # Errors
    /// [`NoEntropy`] when there are no random bytes.
    pub fn generate(entropy: &Entropy) -> Result<Self, NoEntropy> {
        let bytes = Zeroizing::new(entropy.bytes::<32>()?);
        Ok(Self(Zeroizing::new(Base64UrlUnpadded::encode_string(bytes.as_slice()))))
    }

    /// Reads a token that was sent; `None` when it cannot be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        let decoded = Base64UrlUnpadded::decode(text, bytes.as_mut_slice()).ok()?;
        (decoded.len() == 32).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The token, to be handed to its owner once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored instead of the token: SHA-256 of its text. A slow hash is for what people choose; 256
    /// random bits cannot be guessed.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

#[cfg(test)]
mod abuse;
