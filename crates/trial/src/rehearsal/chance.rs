//! What happens by chance in a rehearsal.

use draw::{Key, Words};

/// One stream of chance for a whole rehearsal.
pub(super) struct Chance(Words);

impl Chance {
    pub(super) fn new(seed: &[u8; 32]) -> Self {
        Self(Key::derive(seed, &["iwrs-rehearsal-1", "words"]).words(0))
    }

    /// A whole number from 0 to `most`, each equally likely.
    pub(super) fn up_to(&mut self, most: u32) -> u32 {
        self.0.below(most.saturating_add(1))
    }

    /// Whether something happens that happens in this share of cases.
    pub(super) fn percent(&mut self, share: u32) -> bool {
        self.0.below(100) < share
    }
}
