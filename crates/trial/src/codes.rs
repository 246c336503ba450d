//! Closed lists of codes that records, rows and requests share. A code's one spelling is the variant's name in
//! snake case; a test compares them with the published list.

use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// Why a code is broken: one category, chosen before the reveal; everything else may be written after it (UNB-03).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum BreakReason {
    /// Treatment of a serious adverse event depends on knowing.
    SeriousAdverseEvent,
    /// An overdose, or an injection by somebody else.
    Overdose,
    /// A pregnancy.
    Pregnancy,
    /// Another medical emergency.
    MedicalEmergency,
}

/// By which number the subject of a code break was found (UNB-11).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum FoundBy {
    /// The screening number.
    ScreeningNumber,
    /// The randomization number.
    RandomizationNumber,
    /// The number of a kit that was allocated to the subject.
    KitNumber,
}

/// Why a text is redacted: it tells who somebody is, and was typed by mistake (AUD-13). Nothing else is a reason: what
/// was written about a treatment or an act is evidence.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum RedactionReason {
    /// It tells who a subject is.
    IdentifiesSubject,
    /// It tells more of somebody of the staff than the account does.
    IdentifiesStaff,
    /// It tells who somebody else is.
    IdentifiesAnother,
}

/// The language of a label. Which ones a study has is in its public design.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Language {
    /// English.
    En,
    /// French.
    Fr,
}

/// What a hold stops. Neither ever stops a code break.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum HoldOn {
    /// No subject is randomized.
    Randomization,
    /// No kit is revealed or handed over. Whoever is randomized in the meantime gets kits allocated, and waits.
    Dispensing,
}

/// One of the two steps after which a batch may be used in a country (KIT-01). Neither alone is enough.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum ReleaseStep {
    /// The certification by the Qualified Person, recorded by the quality role.
    Certification,
    /// The sponsor's regulatory release.
    RegulatoryRelease,
}

/// Why kits were set aside.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum QuarantineCause {
    /// They were too warm or too cold.
    Excursion,
    /// Their quality is in doubt for another reason.
    Complaint,
    /// Their batch is called back.
    Recall,
}

/// Why a true lot is called back; the same words whatever is in it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum LotRecallReason {
    /// Something is wrong with the lot.
    QualityDefect,
    /// Somebody has complained of it.
    Complaint,
    /// An authority asks for it.
    Authority,
}

/// What the quality role decides about kits in quarantine (KIT-12).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Disposition {
    /// They may be used: each goes back to where it was.
    Release,
    /// They must not be used.
    Reject,
}

/// What happened to one kit outside the planned way.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Incident {
    /// It is broken.
    Damaged,
    /// Nobody knows where it is.
    Lost,
    /// It was lost and turned up.
    Found,
}

/// What a subject stops; stopping the drug is not leaving the study.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Stops {
    /// The drug: follow-up goes on.
    Drug,
    /// The study.
    Study,
}

/// Why a subject stops.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum StopReason {
    /// The subject's own wish.
    Withdrew,
    /// A pregnancy.
    Pregnancy,
    /// A serious adverse event related to the drug.
    SeriousAdverseEvent,
    /// The investigator's decision.
    Investigator,
    /// The subject cannot be reached.
    LostToFollowUp,
    /// The subject died.
    Death,
}

/// Why a kit of a dispensation is replaced; the same words whatever is in it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum ReplaceReason {
    /// Nobody knows where it is; the subject may have lost it.
    Lost,
    /// It is broken. One that was handed over stays so until it comes back.
    Damaged,
    /// The subject has it and did not take it.
    NotTaken,
    /// It does not last through its dosing days: it was not handed over in time, or its label expiry was shortened.
    Expired,
    /// It lies in quarantine.
    Quarantined,
    /// Its batch was called back.
    Recalled,
}

/// The answer to one criterion.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Fulfilled {
    /// The criterion is true of the subject.
    Yes,
    /// It is not.
    No,
    /// It does not apply to this subject.
    NotApplicable,
}

/// The sex of a subject, as the study asks it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// What has become of a subject.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum SubjectState {
    /// Entered, not yet randomized.
    Screened,
    /// Not eligible, or did not want to go on, before randomization.
    ScreenFailed,
    /// Randomized and on the drug.
    InTreatment,
    /// Randomized, off the drug, still followed.
    OffDrug,
    /// Randomized, and no longer in the study.
    LeftStudy,
}

/// What has become of an allocation list.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum ListState {
    /// Made and committed; not yet approved.
    Generated,
    /// Approved by a second person.
    Approved,
    /// In use.
    Active,
    /// Given up, with a reason; it stays visible.
    Discarded,
}

impl SubjectState {
    /// Whether the subject has been randomized.
    pub const fn is_randomized(self) -> bool {
        matches!(self, Self::InTreatment | Self::OffDrug | Self::LeftStudy)
    }

    /// The state in words, for a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Screened => "in screening",
            Self::ScreenFailed => "a screen failure",
            Self::InTreatment => "in treatment",
            Self::OffDrug => "off the drug",
            Self::LeftStudy => "no longer in the study",
        }
    }
}

/// What became of a unit that was prepared on site.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum UnitEnd {
    /// It was given to its subject.
    Given,
    /// It was thrown away.
    Discarded,
}

#[cfg(test)]
mod tests {
    use std::fmt::Display;
    use std::str::FromStr;

    use strum::VariantArray;

    use super::{
        BreakReason, FoundBy, Fulfilled, HoldOn, Language, ListState, LotRecallReason, RedactionReason,
        ReplaceReason, Sex, StopReason, Stops, SubjectState, UnitEnd,
    };

    fn check<T: VariantArray + Display + FromStr>(codes: &str) {
        let written: Vec<String> = T::VARIANTS.iter().map(ToString::to_string).collect();
        assert_eq!(written.join(" "), codes);
        assert!(written.iter().all(|code| T::from_str(code).is_ok()));
        assert!(T::from_str("").is_err() && T::from_str("Yes").is_err());
    }

    #[test]
    fn the_codes_are_the_published_ones() {
        check::<BreakReason>("serious_adverse_event overdose pregnancy medical_emergency");
        check::<FoundBy>("screening_number randomization_number kit_number");
        check::<Language>("en fr");
        check::<HoldOn>("randomization dispensing");
        check::<Stops>("drug study");
        check::<StopReason>("withdrew pregnancy serious_adverse_event investigator lost_to_follow_up death");
        check::<RedactionReason>("identifies_subject identifies_staff identifies_another");
        check::<ReplaceReason>("lost damaged not_taken expired quarantined recalled");
        check::<LotRecallReason>("quality_defect complaint authority");
        check::<Fulfilled>("yes no not_applicable");
        check::<Sex>("female male");
        check::<SubjectState>("screened screen_failed in_treatment off_drug left_study");
        check::<ListState>("generated approved active discarded");
        check::<UnitEnd>("given discarded");
    }
}
