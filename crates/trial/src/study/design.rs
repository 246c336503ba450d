//! The public design of a study.

use std::collections::BTreeMap;

use allocator::BlockDesign;
use sha2::{Digest, Sha256};
use terms::{Arm, Stratum, StudyId, VisitId};

use super::fields::{Echo, Fields, Problem, read_file};
use super::{
    ArmWords, Assumption, BadLevels, BlindingRow, Course, Criterion, Factor, Label, Levels, Preparation,
    Schedule, Supply, Thresholds, Translations, Visit, arms, assumptions, blinding, criteria, label,
    preparations, schedule, strata, supply, thresholds, translations,
};

/// The public design of a study: everything that the protocol may say to anyone.
///
/// The only way in is [`StudyDesign::from_toml`], so whoever holds one need not check it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudyDesign {
    /// The study.
    pub id: StudyId,
    /// The study's title.
    pub title: String,
    /// Who is responsible for the study.
    pub sponsor: String,
    /// The law under which the study runs.
    pub regime: Regime,
    /// The study's numbers in public registries and at its sponsor.
    pub registrations: Vec<Registration>,
    /// The arms in design order, 2 to 255; [`Arm`] is an index into them.
    pub arms: Vec<ArmWords>,
    /// How many subjects, and how they are stratified.
    pub allocation: Allocation,
    /// The rules about time between visits.
    pub schedule: Schedule,
    /// The courses in order, at least one.
    pub courses: Vec<Course>,
    /// The visits in order.
    pub visits: Vec<Visit>,
    /// The visit at which the first course is handed out; a subject is randomized for it.
    pub first_dispensing: VisitId,
    /// The rules for kits.
    pub supply: Supply,
    /// What is prepared on site; nothing when there is none.
    pub preparations: Vec<Preparation>,
    /// From when on alerts stand.
    pub alerts: Thresholds,
    /// What stands on the label of every kit; none in a design that was made before there were labels.
    pub label: Option<Label>,
    /// The eligibility criteria, at least one.
    pub criteria: Vec<Criterion>,
    /// The blinding matrix: one row for every role of a study (BLD-01).
    pub blinding: Vec<BlindingRow>,
    /// What is assumed, because nobody could look it up.
    pub assumptions: Vec<Assumption>,
    /// The texts of the design in other languages.
    pub translations: Translations,
    fingerprint: String,
}

/// The law under which a study runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    /// Directive 2001/20/EC, with Annex 13 of EU GMP.
    Directive,
    /// Regulation (EU) No 536/2014.
    Regulation,
    /// The Medicines for Human Use (Clinical Trials) Regulations 2004 of the United Kingdom.
    UnitedKingdom,
}

/// A number under which the study is known elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Who keeps the number.
    pub registry: String,
    /// The number.
    pub number: String,
}

/// How many subjects are allocated, and how they are stratified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// How many subjects the study wants, 1 to 1000000.
    pub target: u32,
    /// No more subjects than this are ever randomized; at least the target.
    pub cap: u32,
    /// In how many days from the first subject the target is to be reached, 1 to 36500, when the file says. Nothing is
    /// decided by it.
    pub enrolment_days: Option<u32>,
    /// How long the allocation list of each stratum is at least; a list ends with a whole block.
    pub list_length: u32,
    /// The stratification factors in design order; none means one stratum.
    pub factors: Vec<Factor>,
}

const REGIMES: [(&str, Regime); 3] = [
    ("directive_2001_20", Regime::Directive),
    ("regulation_536_2014", Regime::Regulation),
    ("united_kingdom_2004", Regime::UnitedKingdom),
];

/// The form of the file that this version of the product reads.
const FORMAT: &str = "iwrs-study-1";

impl StudyDesign {
    /// Reads the public design from the text of its file.
    ///
    /// # Errors
    /// Every problem of the file, never none, each with its path: unknown, missing and mistyped fields, numbers out
    /// of range, and parts that contradict each other. A file that is no TOML gives one problem with its line.
    pub fn from_toml(text: &str) -> Result<Self, Vec<Problem>> {
        read_file(text, Echo::Public, |root| read(root, text))
    }

    /// The SHA-256 of the exact bytes of the file in hexadecimal, so that anyone can check it with `sha256sum`.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The public words of an arm; `None` for an arm of another design.
    pub fn arm(&self, arm: Arm) -> Option<&ArmWords> {
        self.arms.get(arm.as_usize())
    }

    /// Every stratum as its levels, in the order of their indices: the first factor changes slowest. A design
    /// without factors has one stratum without levels.
    pub fn strata(&self) -> Vec<Vec<&str>> {
        strata::product(&self.allocation.factors)
    }

    /// The levels of a stratum, which are none in a design without factors; `None` for a stratum that the design does
    /// not have.
    pub fn levels(&self, stratum: Stratum) -> Option<Levels> {
        let strata = self.strata();
        let levels = strata.get(usize::try_from(stratum.index()).ok()?)?;
        let named = self.allocation.factors.iter().zip(levels);
        Some(Levels(named.map(|(factor, level)| (factor.name.clone(), (*level).to_owned())).collect()))
    }

    /// The stratum of a subject with these levels by factor name.
    ///
    /// # Errors
    /// [`BadLevels`] when a factor lacks its level, or a level or factor is not of this design (SEQ-13).
    pub fn stratum_of(&self, levels: &BTreeMap<String, String>) -> Result<Stratum, BadLevels> {
        strata::stratum_of(&self.allocation.factors, levels)
    }

    /// A visit by its id.
    pub fn visit(&self, id: &VisitId) -> Option<&Visit> {
        self.visits.iter().find(|visit| visit.id == *id)
    }

    /// A criterion by its id.
    pub fn criterion(&self, id: &str) -> Option<&Criterion> {
        self.criteria.iter().find(|criterion| criterion.id == id)
    }
}

fn read(root: &mut Fields<'_>, text: &str) -> Option<StudyDesign> {
    let design = untranslated(root, text);
    let translations = translations::of_public(root, design.as_ref());
    Some(StudyDesign { translations, ..design? })
}

fn untranslated(root: &mut Fields<'_>, text: &str) -> Option<StudyDesign> {
    let format = root.choice("format", &[(FORMAT, ())]);
    let head = root.table("study", head);
    let arms = arms::read(root);
    let allocation = root.table("allocation", allocation);
    let schedule = schedule::read(root);
    let courses = schedule::courses(root);
    let supply = supply::read(root);
    let preparations = preparations::read(root);
    let alerts = thresholds::read(root).unwrap_or_default();
    let label = label::read(root);
    if let (Some(Some(label)), Some(arms)) = (&label, &arms) {
        label::check(root, label, arms);
    }
    let kits_per_course = supply.map(|supply| supply.kits_per_course);
    let visits = schedule::visits(root, courses.as_deref(), kits_per_course);
    if let (Some(courses), Some(schedule)) = (&courses, schedule) {
        schedule::check_distance(root, courses, schedule);
    }
    let criteria = criteria::read(root);
    let blinding = blinding::read(root);
    let assumptions = assumptions::read(root, &text.parse().ok()?);
    let (visits, head, arms, supply) = (visits?, head?, arms?, supply?);
    format?;
    Some(StudyDesign {
        id: head.id,
        title: head.title,
        sponsor: head.sponsor,
        regime: head.regime,
        registrations: head.registrations,
        alerts: alerts.with_defaults(&supply, arms.len()),
        arms,
        allocation: allocation?,
        schedule: schedule?,
        courses: courses?,
        first_dispensing: visits.iter().find(|visit| visit.dispensing.is_some())?.id.clone(),
        visits,
        supply,
        preparations: preparations?,
        label: label?,
        criteria: criteria?,
        blinding: blinding?,
        assumptions: assumptions?,
        translations: Translations::default(),
        fingerprint: hex::encode(Sha256::digest(text.as_bytes())),
    })
}

struct Head {
    id: StudyId,
    title: String,
    sponsor: String,
    regime: Regime,
    registrations: Vec<Registration>,
}

fn head(fields: &mut Fields<'_>) -> Option<Head> {
    let id = study_id(fields);
    let title = fields.text("title");
    let sponsor = fields.text("sponsor");
    let regime = fields.choice("regime", &REGIMES);
    let registrations = fields.tables("registrations", |fields| {
        let registry = fields.text("registry");
        let number = fields.text("number");
        Some(Registration { registry: registry?, number: number? })
    });
    Some(Head { id: id?, title: title?, sponsor: sponsor?, regime: regime?, registrations: registrations? })
}

fn study_id(fields: &mut Fields<'_>) -> Option<StudyId> {
    let id = StudyId::parse(&fields.text("id")?);
    id.map_err(|bad| fields.problem("id", bad.to_string())).ok()
}

fn allocation(fields: &mut Fields<'_>) -> Option<Allocation> {
    fields.choice("method", &[("permuted_blocks", ())]);
    let target: Option<u32> = fields.whole("target", 1..=1_000_000);
    let cap: Option<u32> = fields.whole("cap", 1..=1_000_000);
    let enrolment_days = fields.whole_if_there("enrolment_days", 1..=36_500);
    let list_length: Option<u32> = fields.whole("list_length", 1..=1_000_000);
    let factors = strata::read(fields);
    if let (Some(target), Some(cap)) = (target, cap)
        && cap < target
    {
        fields.problem("cap", "must not be under the target");
    }
    if let (Some(cap), Some(length), Some(factors)) = (cap, list_length, &factors) {
        check_length(fields, cap, length, factors);
    }
    let (target, cap, list_length) = (target?, cap?, list_length?);
    Some(Allocation { target, cap, enrolment_days, list_length, factors: factors? })
}

/// The lists of all strata together must hold a position for every subject up to the cap (SEQ-15).
fn check_length(fields: &Fields<'_>, cap: u32, length: u32, factors: &[Factor]) {
    let positions = strata::product(factors).iter().map(|_| u64::from(length)).sum::<u64>();
    if positions < u64::from(cap) {
        fields.problem("list_length", "is too short: all strata together must reach the cap");
    }
    if positions > BlockDesign::MAX_POSITIONS {
        let most = BlockDesign::MAX_POSITIONS;
        fields.problem("list_length", format!("is too long: all strata together may reach {most}"));
    }
}
