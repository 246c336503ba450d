//! The service: everything that a use case needs, built once at the start.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use journal::SigningKey;
use store::Store;
use trial::study::StudyDesign;

use crate::clock::Clock;
use crate::denials::Denials;
use crate::entropy::Entropy;
use crate::keys::{MasterKey, Sealer};
use crate::passwords::Passwords;
use crate::throttle::Throttle;
use crate::tokens::TokenKeys;

/// Everything that a use case needs.
pub struct Service {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) master: MasterKey,
    pub(crate) sealer: Sealer,
    pub(crate) passwords: Passwords,
    pub(crate) tokens: TokenKeys,
    pub(crate) checkpoints: SigningKey,
    pub(crate) throttle: Throttle,
    pub(crate) denials: Denials,
    pub(crate) designs: Mutex<BTreeMap<String, Arc<StudyDesign>>>,
}

impl Service {
    /// A service out of its parts.
    pub fn new(parts: Parts) -> Self {
        Self {
            store: parts.store,
            clock: parts.clock,
            entropy: parts.entropy,
            master: parts.master,
            sealer: parts.sealer,
            passwords: parts.passwords,
            tokens: parts.tokens,
            checkpoints: parts.checkpoints,
            throttle: Throttle::default(),
            denials: Denials::default(),
            designs: Mutex::default(),
        }
    }

    /// Whether this instance may hand out positions and kits. Code breaks go on in any case.
    pub fn may_allocate(&self) -> bool {
        true
    }
}

/// A service that threads share.
pub type Shared = Arc<Service>;

/// What a service is built from.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// The key that wraps the data keys.
    pub master: MasterKey,
    /// How values are sealed.
    pub sealer: Sealer,
    /// How passwords are checked.
    pub passwords: Passwords,
    /// The keys of access tokens.
    pub tokens: TokenKeys,
    /// The key that signs checkpoints.
    pub checkpoints: SigningKey,
}
