//! Identifiers: one type per noun, so that a subject can never be passed where a site is meant.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// The nouns that identifiers are of. None of them can be constructed.
pub mod ids {
    /// A study.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Study {}
    /// A site of a study.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Site {}
    /// A subject; its id is the screening number that the site wrote down.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Subject {}
    /// A person with an account.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum User {}
    /// A role held by a person, granted once.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Grant {}
    /// A log-in.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Session {}
    /// An allocation list.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum List {}
    /// A planned visit of the study design, for example `D29`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Visit {}
    /// A blinded packaging batch.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Batch {}
    /// The handing over of kits at one visit.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Dispensation {}
    /// A code break.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Unblinding {}
    /// A hold on randomization or dispensing.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Hold {}
    /// The salt and value behind a commitment.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Opening {}
    /// A mail to be sent.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Notice {}
    /// A depot of a study, from which sites are supplied.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Depot {}
    /// Kits on their way from a stock to a depot or a site.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Shipment {}
    /// A signed explanation of kits at a place.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum KitReconciliation {}
    /// The destruction of reconciled kits.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Destruction {}
    /// The redaction of a text.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Redaction {}
    /// The extension of a label expiry.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum ExpiryExtension {}
    /// The statement of what the recall of a true lot reveals, as somebody read it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum LotStatement {}
    /// An alert, from when it is raised until it is cleared.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Alert {}
    /// A way in which units are prepared on site, of the study design.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Preparation {}
}

/// A study, for example `imodals`.
pub type StudyId = Id<ids::Study>;
/// A way in which units are prepared on site, for example `reconstituted`.
pub type PreparationId = Id<ids::Preparation>;
/// A site of a study, for example `34-001`.
pub type SiteId = Id<ids::Site>;
/// A subject: the screening number, unique in the study.
pub type SubjectId = Id<ids::Subject>;
/// A person with an account.
pub type UserId = Id<ids::User>;
/// One grant of a role to a person.
pub type GrantId = Id<ids::Grant>;
/// A log-in.
pub type SessionId = Id<ids::Session>;
/// An allocation list.
pub type ListId = Id<ids::List>;
/// A visit of the study design.
pub type VisitId = Id<ids::Visit>;
/// A blinded packaging batch.
pub type BatchId = Id<ids::Batch>;
/// A dispensation.
pub type DispensationId = Id<ids::Dispensation>;
/// A code break.
pub type UnblindingId = Id<ids::Unblinding>;
/// A hold.
pub type HoldId = Id<ids::Hold>;
/// The opening of a commitment.
pub type OpeningId = Id<ids::Opening>;
/// A mail to be sent.
pub type NoticeId = Id<ids::Notice>;
/// A depot of a study, for example `NIMES`.
pub type DepotId = Id<ids::Depot>;
/// A shipment.
pub type ShipmentId = Id<ids::Shipment>;
/// A signed explanation of kits at a place.
pub type KitReconciliationId = Id<ids::KitReconciliation>;
/// The destruction of reconciled kits.
pub type DestructionId = Id<ids::Destruction>;
/// The redaction of a text.
pub type RedactionId = Id<ids::Redaction>;
/// An extension of a batch's label expiry, as it was proposed.
pub type ExpiryExtensionId = Id<ids::ExpiryExtension>;
/// A statement of what the recall of a true lot reveals, as it was read.
pub type LotStatementId = Id<ids::LotStatement>;
/// An alert that was raised.
pub type AlertId = Id<ids::Alert>;

/// A text identifier of the noun `K`: 1 to 40 characters out of `A-Z a-z 0-9 . _ -`, beginning with a letter or
/// a digit, so that it is safe in an address, a file name and a log line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id<K> {
    text: String,
    noun: PhantomData<K>,
}

/// The text is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadId;

impl fmt::Display for BadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be 1 to 40 characters of A-Z a-z 0-9 . _ - and begin with a letter or a digit")
    }
}

impl std::error::Error for BadId {}

impl<K> Id<K> {
    /// Reads an identifier.
    ///
    /// # Errors
    /// [`BadId`] when the text is empty, longer than 40 bytes, or holds another character.
    pub fn parse(text: &str) -> Result<Self, BadId> {
        let begins_well = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        let all_allowed = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if begins_well && all_allowed && text.len() <= 40 {
            Ok(Self { text: text.to_owned(), noun: PhantomData })
        } else {
            Err(BadId)
        }
    }

    /// The text of the identifier.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<K> FromStr for Id<K> {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::StudyId;

    #[test]
    fn an_identifier_is_safe_in_an_address() {
        for good in ["imodals", "34-001", "A", "9.b_c", &"x".repeat(40)] {
            assert_eq!(StudyId::parse(good).map(|id| id.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "-a", ".a", "a b", "a/b", "é", "a\n", "a%", &"x".repeat(41)] {
            assert!(StudyId::parse(bad).is_err(), "{bad:?} must be refused");
        }
    }
}
