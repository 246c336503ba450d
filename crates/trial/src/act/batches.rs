//! What is done to a whole batch: its label expiry is changed, or it is called back; and the kits that it concerns,
//! place by place, so that a reader of one site sees no kit of another one.

use journal::{Commitment, Hash};
use serde::{Deserialize, Serialize};
use terms::{BatchId, Day, DepotId, ExpiryExtensionId, KitNumber, ShipmentId};

use crate::{Language, text};

/// The label expiry of a batch was shortened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpiryShortened {
    /// The batch.
    #[serde(with = "text")]
    pub batch: BatchId,
    /// The label expiry from now on.
    #[serde(with = "text")]
    pub label_expiry: Day,
    /// Why.
    pub reason: Commitment,
    /// The SHA-256 of what shows it.
    pub evidence: Hash,
}

/// An extension of the label expiry of a batch was proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtensionProposed {
    /// Its id.
    #[serde(with = "text")]
    pub extension: ExpiryExtensionId,
    /// The batch.
    #[serde(with = "text")]
    pub batch: BatchId,
    /// The label expiry that is proposed.
    #[serde(with = "text")]
    pub label_expiry: Day,
    /// The true lots with their expiries as they are known now.
    pub lots: Commitment,
    /// Why.
    pub reason: Commitment,
}

/// An extension was confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpiryExtended {
    /// The extension.
    #[serde(with = "text")]
    pub extension: ExpiryExtensionId,
    /// The SHA-256 of the decision of the Qualified Person.
    pub evidence: Hash,
}

/// A batch was called back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchRecalled {
    /// The batch.
    #[serde(with = "text")]
    pub batch: BatchId,
    /// Why.
    pub reason: Commitment,
    /// The SHA-256 of what shows it.
    pub evidence: Hash,
}

/// The kits of a batch that an act concerns, at the site of the leaf, in a depot, in a shipment, or in the sponsor's
/// stock when none is named. A shipment to a site is told in a leaf of that site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KitsAt {
    /// The batch.
    #[serde(with = "text")]
    pub batch: BatchId,
    /// The depot.
    #[serde(with = "text::optional")]
    pub depot: Option<DepotId>,
    /// The shipment.
    #[serde(with = "text::optional")]
    pub shipment: Option<ShipmentId>,
    /// The kits that nobody was given.
    #[serde(with = "text::list")]
    pub kits: Vec<KitNumber>,
    /// The kits that subjects have.
    #[serde(with = "text::list")]
    pub with_subjects: Vec<KitNumber>,
    /// Of a true lot that is called back: the kits that nobody was given and that are out of use already, in quarantine
    /// or lost. They do not come back into use.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "text::list")]
    pub out_of_use: Vec<KitNumber>,
}

/// The labels of a batch were printed: one for every kit of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelsPrinted {
    /// The batch.
    #[serde(with = "text")]
    pub batch: BatchId,
    /// The language of the labels.
    #[serde(with = "text")]
    pub language: Language,
    /// The label expiry on them.
    #[serde(with = "text")]
    pub label_expiry: Day,
    /// How many labels.
    pub labels: u64,
    /// The SHA-256 of the file.
    pub file: Hash,
    /// Why they were printed again.
    pub reason: Option<Commitment>,
}
