//! What stands around an act in the journal: who, when, where, and under which design.

use serde::{Deserialize, Serialize};
use terms::{Id, Moment, SiteId, UserId};

use super::Act;
use crate::{Role, text};

/// The noun of [`Nonce`]. It cannot be constructed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NonceNoun {}

/// A text of at least 128 random bits.
pub type Nonce = Id<NonceNoun>;

/// One leaf of a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// The index in the tree, from 0; the order of events.
    pub index: u64,
    /// Chance, so that whoever sees only the leaf's hash cannot find the leaf by trying what it may say.
    #[serde(with = "text")]
    pub nonce: Nonce,
    /// When it was saved.
    #[serde(with = "text")]
    pub saved: Moment,
    /// When it happened, where that is another moment (AUD-07).
    #[serde(with = "text::optional")]
    pub happened: Option<Moment>,
    /// Who did it; the service itself when nobody did.
    #[serde(with = "text::optional")]
    pub actor: Option<UserId>,
    /// The role that gave the right.
    #[serde(with = "text::optional")]
    pub role: Option<Role>,
    /// The site that it concerns; readers of another site see only the leaf's hash.
    #[serde(with = "text::optional")]
    pub site: Option<SiteId>,
    /// The version of the study design under which it was decided.
    pub design: Option<u32>,
    /// What was done.
    pub act: Act,
}
