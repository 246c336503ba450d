//! The events that are told by mail, and their words.

use journal::SignedNote;
use serde::{Deserialize, Serialize};
use strum::{EnumCount, IntoStaticStr};
use terms::{BatchId, Day, KitNumber, ListId, RandomizationNumber, SubjectId, UserId, VisitId};
use trial::alerts::{self, AlertKind, AlertPlace};
use trial::{HoldOn, Role};

use super::notice::Event;
use super::text;

/// What blinded people are told: that something happened, never which treatment (UNB-05).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, EnumCount, IntoStaticStr)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the fields are the nouns of the glossary, and each variant says what is told"
)]
pub enum BlindedEvent {
    /// A subject was randomized.
    SubjectRandomized {
        #[serde(with = "text")]
        subject: SubjectId,
        #[serde(with = "text")]
        number: RandomizationNumber,
    },
    /// A subject's code was broken (NOT-02).
    CodeBroken {
        #[serde(with = "text")]
        subject: SubjectId,
    },
    /// An allocation list was released for use.
    ListActivated {
        #[serde(with = "text")]
        list: ListId,
        checkpoint: CheckpointNote,
    },
    /// The journal's signed head, to be kept outside the operator's hands.
    Checkpoint { checkpoint: CheckpointNote },
    /// Randomization or dispensing was put on hold.
    HoldPlaced {
        #[serde(with = "text")]
        on: HoldOn,
    },
    /// A hold was released.
    HoldReleased {
        #[serde(with = "text")]
        on: HoldOn,
    },
    /// A role was granted.
    RoleGranted {
        #[serde(with = "text")]
        user: UserId,
        #[serde(with = "text")]
        role: Role,
    },
    /// Another kit than the one to hand over was scanned, and stopped. Which one stands sealed in the record: no mail
    /// holds a subject and a kit, for unblinded people who know what is in the kit are told, too.
    WrongKitScanned {
        #[serde(with = "text")]
        subject: SubjectId,
        #[serde(with = "text")]
        visit: VisitId,
    },
    /// A prepared unit past its limit, or something else than a unit of the subject, was stopped.
    UnitStopped {
        #[serde(with = "text")]
        subject: SubjectId,
    },
    /// More kits of a subject were replaced than the design expects. Which ones stands in the record.
    ManyReplacements {
        #[serde(with = "text")]
        subject: SubjectId,
        #[serde(with = "text")]
        visit: VisitId,
    },
    /// The label expiry of a batch changed.
    ExpiryChanged {
        #[serde(with = "text")]
        batch: BatchId,
        #[serde(with = "text")]
        label_expiry: Day,
    },
    /// A batch was called back.
    BatchRecalled {
        #[serde(with = "text")]
        batch: BatchId,
    },
    /// Some kits of a batch were called back. Which ones their sites are told, by their numbers alone.
    SomeKitsRecalled {
        #[serde(with = "text")]
        batch: BatchId,
    },
    /// These kits, at a site or on their way to it, no longer last (KIT-11).
    KitsShortened {
        #[serde(with = "text")]
        batch: BatchId,
        #[serde(with = "text")]
        label_expiry: Day,
        #[serde(with = "text::list")]
        kits: Vec<KitNumber>,
        #[serde(with = "text::list")]
        with_subjects: Vec<KitNumber>,
    },
    /// The label expiry of these kits, at a site or on their way to it, was extended (KIT-10).
    KitsExtended {
        #[serde(with = "text")]
        batch: BatchId,
        #[serde(with = "text")]
        label_expiry: Day,
        #[serde(with = "text::list")]
        kits: Vec<KitNumber>,
    },
    /// These kits, at a site or on their way to it, were called back: their numbers alone (KIT-13).
    KitsRecalled {
        #[serde(with = "text")]
        batch: BatchId,
        #[serde(with = "text::list")]
        kits: Vec<KitNumber>,
        #[serde(with = "text::list")]
        with_subjects: Vec<KitNumber>,
    },
    /// An alert was raised: what is to be seen to, where and by whom (NOT-05).
    AlertRaised(RaisedAlert),
    /// An alert has stood for a day, or for one day more, and nobody has acknowledged it.
    AlertReminded(RaisedAlert),
    /// An account was made, told to its owner. The first password goes another way.
    Invitation {
        #[serde(with = "text")]
        user: UserId,
    },
    /// A password was reset, told to its owner.
    AccountReset {
        #[serde(with = "text")]
        user: UserId,
    },
    /// Something about a second factor changed, told to the owner of the account.
    SecondFactorChanged {
        #[serde(with = "text")]
        user: UserId,
        what: FactorChange,
    },
}

/// What was done about a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorChange {
    /// It was set up; the other sessions ended.
    Set,
    /// It was given up.
    Removed,
    /// New recovery codes were made.
    CodesMade,
    /// A recovery code was used in its place.
    CodeUsed,
}

impl FactorChange {
    const fn words(self) -> &'static str {
        match self {
            Self::Set => "A second factor was set up for your account, and your other sessions were ended",
            Self::Removed => "The second factor of your account was removed",
            Self::CodesMade => "New recovery codes were made for your account",
            Self::CodeUsed => "A recovery code of your account was used",
        }
    }
}

/// An alert as it is told by mail. Its sentence is one that everybody may read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RaisedAlert {
    /// What is to be seen to.
    #[serde(with = "text")]
    pub kind: AlertKind,
    /// Where.
    #[serde(with = "text")]
    pub place: AlertPlace,
    /// The batch, the shipment or the list; else the place.
    pub reference: String,
    /// Who has to see to it.
    #[serde(with = "text")]
    pub owner: Role,
    /// What is known.
    pub says: String,
}

impl RaisedAlert {
    fn words(&self, title: &str) -> Words {
        told(
            format!("{title}: {}", words(&self.kind)),
            vec![
                ("Place", self.place.to_string()),
                ("Reference", self.reference.clone()),
                ("To be seen to by", words(&self.owner)),
                ("What is known", self.says.clone()),
            ],
        )
    }
}

/// What only unblinded people are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, EnumCount, IntoStaticStr)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
pub enum UnblindedEvent {
    /// A site could not be served: what it has of one kit type, which need not be the one that is short (NOT-05).
    ShortageAlert {
        /// The kit type in words.
        kit_type: String,
        /// How many usable kits of the type are left there.
        usable: u32,
        /// How many are wanted there.
        wanted: u32,
    },
    /// A code was broken, and so much can now be told of others (UNB-13). Which ones stands in the reconciliation.
    CodeDeducible {
        /// Whose code was broken.
        #[serde(with = "text")]
        subject: SubjectId,
    },
    /// A resupply plan was not accepted: a blinded reader could prove by it who shares an arm (BLD-10).
    ResupplyHeldBack {},
}

/// The text of a signed checkpoint, which is made from one alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CheckpointNote(String);

impl From<&SignedNote> for CheckpointNote {
    fn from(note: &SignedNote) -> Self {
        Self(note.as_str().to_owned())
    }
}

/// An event in words: a sentence for the subject and the first line, facts with their labels, and a text that
/// is given unchanged.
pub struct Words {
    pub(super) title: String,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) verbatim: Option<String>,
}

impl Event for BlindedEvent {
    const CLOSING: &'static str = "This message tells no treatment. More can be read after logging in:";

    fn template(&self) -> &'static str {
        self.into()
    }

    fn words(&self) -> Words {
        match self {
            Self::SubjectRandomized { subject, number } => told(
                format!("Subject {subject} was randomized"),
                vec![("Subject", subject.to_string()), ("Randomization number", number.to_string())],
            ),
            Self::CodeBroken { subject } => told(
                format!("The code of subject {subject} was broken"),
                vec![("Subject", subject.to_string())],
            ),
            Self::ListActivated { list, checkpoint } => checkpoint
                .told("An allocation list was released for use".to_owned(), vec![("List", list.to_string())]),
            Self::Checkpoint { checkpoint } => {
                checkpoint.told("Checkpoint of the journal".to_owned(), Vec::new())
            }
            Self::HoldPlaced { on } => told(format!("A hold was placed on {on}"), Vec::new()),
            Self::HoldReleased { on } => told(format!("A hold on {on} was released"), Vec::new()),
            Self::RoleGranted { user, role } => {
                told("A role was granted".to_owned(), vec![("To", user.to_string()), ("Role", words(role))])
            }
            Self::WrongKitScanned { subject, visit } => told(
                format!("A wrong kit was stopped for subject {subject}"),
                vec![("Subject", subject.to_string()), ("Visit", visit.to_string())],
            ),
            Self::UnitStopped { subject } => told(
                format!("A prepared unit was stopped for subject {subject}"),
                vec![("Subject", subject.to_string())],
            ),
            Self::ManyReplacements { subject, visit } => told(
                format!("More kits than expected were replaced for subject {subject}"),
                vec![("Subject", subject.to_string()), ("Visit", visit.to_string())],
            ),
            Self::ExpiryChanged { batch, label_expiry } => told(
                format!("The label expiry of batch {batch} changed"),
                vec![("Batch", batch.to_string()), ("Label expiry", label_expiry.to_string())],
            ),
            Self::BatchRecalled { batch } => {
                told(format!("Batch {batch} is recalled"), of_kits(batch, None, &[], &[]))
            }
            Self::SomeKitsRecalled { batch } => {
                told(format!("Some kits of batch {batch} are recalled"), of_kits(batch, None, &[], &[]))
            }
            Self::KitsShortened { batch, label_expiry, kits, with_subjects } => told(
                format!("Kits of batch {batch} must not be used any more"),
                of_kits(batch, Some(*label_expiry), kits, with_subjects),
            ),
            Self::KitsExtended { batch, label_expiry, kits } => told(
                format!("Kits of batch {batch} may be used longer"),
                of_kits(batch, Some(*label_expiry), kits, &[]),
            ),
            Self::KitsRecalled { batch, kits, with_subjects } => told(
                format!("Kits of batch {batch} are recalled: do not use them"),
                of_kits(batch, None, kits, with_subjects),
            ),
            Self::AlertRaised(alert) => alert.words("Alert"),
            Self::AlertReminded(alert) => alert.words("Alert that nobody has acknowledged"),
            Self::Invitation { user } => {
                let how = "your administrator gives it to you in person or by telephone";
                of_account("An account was made for you", user, ("First password", how))
            }
            Self::AccountReset { user } => {
                let what = ("If you did not ask for it", "tell another administrator at once");
                of_account("Your password was reset, and your sessions were ended", user, what)
            }
            Self::SecondFactorChanged { user, what } => {
                of_account(what.words(), user, ("If it was not you", "tell an administrator at once"))
            }
        }
    }
}

impl Event for UnblindedEvent {
    const CLOSING: &'static str =
        "UNBLINDED: this message is for you alone. Do not forward it. More can be read after logging in:";

    fn template(&self) -> &'static str {
        self.into()
    }

    fn words(&self) -> Words {
        // The kit type stands in the text alone: subject lines are shown on locked screens.
        match self {
            Self::ShortageAlert { kit_type, usable, wanted } => told(
                "A site could not be served from its shelf".to_owned(),
                vec![
                    ("Kit type", kit_type.clone()),
                    // As long whatever the number: whoever carries the mail sees its size.
                    ("Usable kits", format!("{usable:>6}")),
                    ("Wanted", format!("{wanted:>6}")),
                ],
            ),
            Self::CodeDeducible { subject } => told(
                "What a broken code tells of others".to_owned(),
                vec![
                    ("Broken", subject.to_string()),
                    ("What can be deduced from all breaks", "see the reconciliation".to_owned()),
                ],
            ),
            Self::ResupplyHeldBack {} => told(
                "A resupply plan was not accepted".to_owned(),
                vec![
                    ("Why", "by it a blinded reader could prove who shares an arm".to_owned()),
                    ("What helps", "larger groups, or a shipment of more groups".to_owned()),
                ],
            ),
        }
    }
}

impl BlindedEvent {
    /// Whether it names kits that lie at a site, or tells which are left there.
    pub(crate) fn names_kits(&self) -> bool {
        match self {
            Self::KitsShortened { .. } | Self::KitsExtended { .. } | Self::KitsRecalled { .. } => true,
            Self::AlertRaised(alert) | Self::AlertReminded(alert) => {
                !alerts::sees(Role::SupplyManager, alert.kind, &alert.place)
            }
            _ => false,
        }
    }
}

/// What is told to the owner of an account.
fn of_account(title: &str, user: &UserId, (label, fact): (&'static str, &str)) -> Words {
    told(title.to_owned(), vec![("Log-in", user.to_string()), (label, fact.to_owned())])
}

/// What is told of kits of a batch: their numbers, and nothing else of each.
fn of_kits(
    batch: &BatchId,
    label_expiry: Option<Day>,
    kits: &[KitNumber],
    with_subjects: &[KitNumber],
) -> Vec<(&'static str, String)> {
    let numbers = |kits: &[KitNumber]| kits.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut facts = vec![("Batch", batch.to_string())];
    facts.extend(label_expiry.map(|day| ("Label expiry", day.to_string())));
    facts.extend((!kits.is_empty()).then(|| ("Kits", numbers(kits))));
    facts.extend((!with_subjects.is_empty()).then(|| ("Kits that subjects have", numbers(with_subjects))));
    facts
}

impl CheckpointNote {
    fn told(&self, title: String, facts: Vec<(&'static str, String)>) -> Words {
        Words { verbatim: Some(self.0.clone()), ..told(title, facts) }
    }
}

/// A code in words.
fn words(code: &impl ToString) -> String {
    code.to_string().replace('_', " ")
}

fn told(title: String, facts: Vec<(&'static str, String)>) -> Words {
    Words { title, facts, verbatim: None }
}

#[cfg(test)]
mod tests;
