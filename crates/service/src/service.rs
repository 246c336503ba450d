//! The service: everything that a use case needs, built once at the start.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use journal::SigningKey;
use ledger::Place;
use store::rows::study;
use store::rows::tally::Tally;
use store::{Store, Tree};
use terms::{ListId, StudyId};
use trial::Refusal;
use trial::study::StudyDesign;

use crate::alerts;
use crate::break_file::BreakFile;
use crate::clock::Clock;
use crate::denials::Denials;
use crate::entropy::Entropy;
use crate::failure::Failure;
use crate::gathered::Gathered;
use crate::keys::{MasterKey, Sealer};
use crate::kit_types::KitTypes;
use crate::kits::by_type::ByType;
use crate::lists::Position;
use crate::passwords::Passwords;
use crate::people::{FailedLogIns, SecondFactorRule};
use crate::predictability::Assessed;
use crate::reconciliation::{Balance, Reconciliation};
use crate::remembered::Remembered;
use crate::request::Caller;
use crate::throttle::Throttle;
use crate::tokens::TokenKeys;
use crate::trust::Trust;
use crate::vault::Vault;

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
    pub(crate) trust: Trust,
    pub(crate) breaks: BreakFile,
    pub(crate) second_factor: SecondFactorRule,
    pub(crate) throttle: Throttle,
    pub(crate) denials: Denials,
    pub(crate) failed_log_ins: FailedLogIns,
    pub(crate) kit_types: KitTypes,
    pub(crate) facts: Remembered<alerts::KnownFacts>,
    pub(crate) tallies: Remembered<Vec<(Place, Tally)>>,
    pub(crate) assessed: Assessed,
    pub(crate) reading: Reading,
    pub(crate) designs: Mutex<BTreeMap<String, Arc<StudyDesign>>>,
    /// Held by whoever asks the observer, one at a time.
    pub(crate) observer: Mutex<()>,
    /// Whether something that was deleted may still be in the files of the database. At the start nobody knows.
    pub(crate) to_forget: AtomicBool,
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
            trust: parts.trust,
            breaks: parts.breaks,
            second_factor: parts.second_factor,
            throttle: Throttle::default(),
            denials: Denials::default(),
            failed_log_ins: FailedLogIns::default(),
            kit_types: KitTypes::default(),
            facts: Remembered::default(),
            tallies: Remembered::default(),
            assessed: Assessed::default(),
            reading: Reading::default(),
            designs: Mutex::default(),
            observer: Mutex::default(),
            to_forget: AtomicBool::new(true),
        }
    }

    /// Who speaks with this access token; whether the log-in is still live is for the use case to read.
    ///
    /// # Errors
    /// [`Refusal::NotAuthenticated`] for a token that is no good, whatever is wrong with it.
    pub fn caller_of(&self, token: &str) -> Result<Caller, Refusal> {
        let claims = self.tokens.verify(token, self.clock.now());
        let claims = claims.map_err(|_refused| Refusal::NotAuthenticated)?;
        Ok(Caller { user: claims.user, session: claims.session })
    }

    /// Passes when the master key opens the data keys of the database: with another one nothing could be sealed or
    /// opened, and a code break would be the first to notice.
    ///
    /// # Errors
    /// A fault that names the tree whose key does not open.
    pub fn assert_master_key(&self) -> Result<(), Failure> {
        self.store.read(|conn| {
            let studies = study::all(conn)?.into_iter().map(|(study, _)| Tree::Study(study));
            for tree in std::iter::once(Tree::Installation).chain(studies) {
                Vault::unlock(self, conn, &tree)?;
            }
            Ok(())
        })
    }

    /// An id for the next request, for the log and the answer.
    pub fn request_id(&self) -> Option<String> {
        self.entropy.id::<()>().map(|id| id.to_string()).ok()
    }
}

/// What is being read of what only unblinded people may see.
#[derive(Default)]
pub(crate) struct Reading {
    pub(crate) reconciliation: Gathered<StudyId, Reconciliation>,
    pub(crate) balance: Gathered<StudyId, Balance>,
    pub(crate) stock: Gathered<StudyId, ByType>,
    pub(crate) positions: Gathered<ListId, Vec<Position>>,
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
    /// What is remembered of the journals outside the database.
    pub trust: Trust,
    /// Where code breaks are recorded outside the database.
    pub breaks: BreakFile,
    /// Whether unblinded people and administrators must have a second factor.
    pub second_factor: SecondFactorRule,
}
