//! What is true of every kit, subject and batch, said in plain words. It is told what was done, refuses nothing, and
//! fails when something was done that must never be.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;
use ledger::{KitState, Place};
use terms::{BatchId, Country, Day, KitNumber, SubjectId, VisitId};

use crate::ReleaseStep;

/// A course of IMODALS: five days, and a day over.
const COURSE_DAYS: u64 = 5;
const MARGIN_DAYS: u64 = 1;
/// Days between the first days of two courses.
const MINIMUM_DAYS: i64 = 21;
/// What a kit must have left when it arrives.
const LEFT_ON_ARRIVAL: u64 = 30;

/// The last day for which a kit that is given on this day has to be in date.
fn needed_until(given: Day) -> Day {
    given + Days::new(COURSE_DAYS - 1 + MARGIN_DAYS)
}

#[derive(Default)]
pub(super) struct Truth {
    kits: BTreeMap<KitNumber, Facts>,
    batches: BTreeMap<BatchId, Label>,
    subjects: BTreeMap<SubjectId, Course>,
    promised: BTreeSet<KitNumber>,
}

struct Facts {
    /// The arm that it serves, by its place in the public design.
    serves: u8,
    batch: BatchId,
    place: Place,
    whose: Option<(SubjectId, VisitId)>,
    given: bool,
    set_aside: bool,
    broken: bool,
    missing: bool,
    replaced: bool,
    back: Option<KitState>,
}

struct Label {
    expiry: Day,
    lots: Vec<Day>,
    steps: BTreeSet<(Country, ReleaseStep)>,
    recalled: bool,
}

/// A subject in treatment.
struct Course {
    arm: u8,
    home: Place,
    country: Country,
    begun: Option<Day>,
}

impl Label {
    fn is_released_in(&self, country: Country) -> bool {
        [ReleaseStep::Certification, ReleaseStep::RegulatoryRelease]
            .into_iter()
            .all(|step| self.steps.contains(&(country, step)))
    }

    fn is_released(&self) -> bool {
        self.steps.iter().any(|(country, _)| self.is_released_in(*country))
    }
}

impl Truth {
    pub(super) fn registered(&mut self, batch: &BatchId, lots: Vec<Day>, kits: &[(KitNumber, u8)]) {
        let expiry = *lots.iter().min().expect("a lot");
        let label = Label { expiry, lots, steps: BTreeSet::new(), recalled: false };
        assert!(self.batches.insert(batch.clone(), label).is_none(), "a batch is registered once");
        for (number, serves) in kits {
            let facts = Facts {
                serves: *serves,
                batch: batch.clone(),
                place: Place::Store,
                whose: None,
                given: false,
                set_aside: false,
                broken: false,
                missing: false,
                replaced: false,
                back: None,
            };
            assert!(self.kits.insert(*number, facts).is_none(), "two kits have the number {number}");
        }
    }

    pub(super) fn step_taken(&mut self, batch: &BatchId, country: Country, step: ReleaseStep) {
        assert!(self.label_mut(batch).steps.insert((country, step)), "a step is taken once");
    }

    pub(super) fn labelled(&mut self, batch: &BatchId, expiry: Day, lots: Option<Vec<Day>>) {
        let label = self.label_mut(batch);
        label.lots = lots.unwrap_or_else(|| label.lots.clone());
        assert!(label.lots.iter().all(|lot| expiry <= *lot) || expiry < label.expiry, "beyond a lot");
        label.expiry = expiry;
    }

    pub(super) fn recalled(&mut self, batch: &BatchId) {
        self.label_mut(batch).recalled = true;
    }

    /// Kits were chosen for a shipment: fit to be sent there, promised to no other, and as many for every arm.
    pub(super) fn picked(&mut self, kits: &[KitNumber], from: &Place, to: Country, arrives: Day) {
        let mut for_arm = [0; 3];
        for number in kits {
            assert!(self.promised.insert(*number), "{number} is promised twice");
            self.can_leave(*number, from, to, arrives);
            for_arm[usize::from(self.kits[number].serves)] += 1;
        }
        assert!(for_arm[0] > 0 && for_arm.iter().all(|count| *count == for_arm[0]), "not as many of each");
    }

    pub(super) fn dispatched(
        &mut self,
        kits: &[KitNumber],
        (from, on_the_way): (&Place, &Place),
        to: Country,
        arrives: Day,
    ) {
        for number in kits {
            self.can_leave(*number, from, to, arrives);
            self.fact(*number).place = on_the_way.clone();
        }
    }

    fn can_leave(&self, number: KitNumber, from: &Place, to: Country, arrives: Day) {
        let (kit, label) = self.of(number);
        assert!(kit.place == *from && is_fit(kit) && kit.whose.is_none(), "{number} cannot leave");
        assert!(label.is_released_in(to), "{number} is not released in {to}");
        assert!(!label.recalled, "{number} is recalled");
        assert!(label.expiry >= arrives + Days::new(LEFT_ON_ARRIVAL), "{number} arrives too late");
    }

    pub(super) fn no_longer_promised(&mut self, kits: &[KitNumber]) {
        kits.iter().for_each(|kit| _ = self.promised.remove(kit));
    }

    pub(super) fn arrived(&mut self, number: KitNumber, at: &Place, country: Option<Country>) {
        let (_, label) = self.of(number);
        assert!(country.is_none_or(|country| label.is_released_in(country)), "{number} is not released");
        self.fact(number).place = at.clone();
    }

    pub(super) fn set_aside(&mut self, number: KitNumber) {
        let kit = self.fact(number);
        (kit.set_aside, kit.broken) = (true, false);
    }

    pub(super) fn given_back(&mut self, number: KitNumber) {
        let (kit, label) = self.of(number);
        assert!(kit.set_aside && !label.recalled, "{number} does not leave the quarantine");
        self.fact(number).set_aside = false;
    }

    pub(super) fn broken(&mut self, number: KitNumber) {
        let kit = self.fact(number);
        (kit.broken, kit.set_aside, kit.missing) = (true, false, false);
    }

    pub(super) fn missing(&mut self, number: KitNumber) {
        let kit = self.fact(number);
        (kit.missing, kit.set_aside, kit.broken, kit.back) = (true, false, false, None);
    }

    pub(super) fn found(&mut self, number: KitNumber, at: &Place) {
        let kit = self.fact(number);
        assert!(kit.missing && !kit.given, "{number} is not found");
        (kit.missing, kit.set_aside, kit.place) = (false, true, at.clone());
    }

    pub(super) fn randomized(
        &mut self,
        subject: &SubjectId,
        arm: u8,
        home: &Place,
        country: Country,
        on: Day,
    ) {
        let ready = (0..3).all(|arm| self.fit_for(arm, home, country, on) > 0);
        assert!(ready, "a subject is randomized while an arm could not be served");
        let course = Course { arm, home: home.clone(), country, begun: None };
        assert!(self.subjects.insert(subject.clone(), course).is_none(), "{subject} is randomized twice");
    }

    /// How many kits could be given to a subject of the arm today.
    pub(super) fn fit_for(&self, arm: u8, at: &Place, country: Country, today: Day) -> usize {
        let fits = |number: &&KitNumber| {
            let (kit, label) = self.of(**number);
            kit.serves == arm
                && kit.whose.is_none()
                && kit.place == *at
                && is_fit(kit)
                && label.is_released_in(country)
                && !label.recalled
                && label.expiry >= needed_until(today)
        };
        self.kits.keys().filter(fits).count()
    }

    /// The arm, the place and the country of somebody who could not be served.
    pub(super) fn not_served(&self, subject: &SubjectId, today: Day) {
        let course = &self.subjects[subject];
        let left = self.fit_for(course.arm, &course.home, course.country, today);
        assert_eq!(left, 0, "a dose on the shelf is withheld from {subject}");
    }

    pub(super) fn allocated(&mut self, number: KitNumber, subject: &SubjectId, visit: &VisitId, today: Day) {
        assert!(self.kits[&number].whose.is_none(), "{number} was meant for somebody before");
        self.can_be_given(number, subject, today);
        self.fact(number).whose = Some((subject.clone(), visit.clone()));
    }

    /// A course is announced: that of a visit, no sooner after the one before than is safe.
    pub(super) fn announced(&mut self, kits: &[KitNumber], subject: &SubjectId, today: Day) {
        for number in kits {
            self.can_be_given(*number, subject, today);
        }
        let course = self.subjects.get_mut(subject).expect("a subject");
        let waited = course.begun.map(|begun| (today - begun).num_days());
        assert!(waited.is_none_or(|days| days >= MINIMUM_DAYS), "{subject} begins after {waited:?} days");
        course.begun = Some(today);
    }

    pub(super) fn handed_over(
        &mut self,
        number: KitNumber,
        subject: &SubjectId,
        visit: &VisitId,
        today: Day,
    ) {
        self.can_be_given(number, subject, today);
        let kit = self.fact(number);
        assert_eq!(
            kit.whose.as_ref(),
            Some(&(subject.clone(), visit.clone())),
            "{number} is somebody else's"
        );
        assert!(!kit.given, "{number} is given twice");
        assert!(!kit.replaced, "{number} was replaced");
        kit.given = true;
        let course = self.subjects.get_mut(subject).expect("a subject");
        course.begun = course.begun.max(Some(today));
    }

    pub(super) fn replaced(&mut self, number: KitNumber) {
        assert!(!std::mem::replace(&mut self.fact(number).replaced, true), "{number} is replaced twice");
    }

    pub(super) fn returned(&mut self, number: KitNumber, how: KitState) {
        let kit = self.fact(number);
        assert!(kit.given, "{number} comes back and was never given");
        (kit.back, kit.missing) = (Some(how), false);
    }

    /// Everything that must hold of a kit in the hands of a subject.
    fn can_be_given(&self, number: KitNumber, subject: &SubjectId, today: Day) {
        let ((kit, label), course) = (self.of(number), &self.subjects[subject]);
        assert_eq!(kit.serves, course.arm, "{number} is of the wrong type for {subject}");
        assert_eq!(kit.place, course.home, "{number} lies elsewhere");
        assert!(is_fit(kit), "{number} is set aside, broken, lost or given");
        assert!(label.is_released_in(course.country), "{number} is not released");
        assert!(!label.recalled, "{number} is recalled");
        assert!(label.expiry >= needed_until(today), "{number} expires too soon");
    }

    /// The state that a kit must have in the ledger, and where.
    pub(super) fn standing(&self, number: KitNumber) -> (KitState, &Place) {
        let (kit, label) = self.of(number);
        let state = match kit {
            Facts { missing: true, .. } => KitState::Lost,
            Facts { back: Some(how), .. } => *how,
            Facts { given: true, .. } => KitState::Dispensed,
            Facts { broken: true, .. } => KitState::Damaged,
            Facts { set_aside: true, .. } => KitState::Quarantined,
            Facts { whose: Some(_), .. } => KitState::Allocated,
            Facts { place: Place::Site(_), .. } => KitState::Available,
            Facts { place: Place::Shipment(_), .. } => KitState::InTransit,
            _ if label.is_released() => KitState::Released,
            _ => KitState::Registered,
        };
        (state, &kit.place)
    }

    pub(super) fn count(&self) -> usize {
        self.kits.len()
    }

    fn of(&self, number: KitNumber) -> (&Facts, &Label) {
        let kit = &self.kits[&number];
        (kit, &self.batches[&kit.batch])
    }

    fn fact(&mut self, number: KitNumber) -> &mut Facts {
        self.kits.get_mut(&number).expect("a registered kit")
    }

    fn label_mut(&mut self, batch: &BatchId) -> &mut Label {
        self.batches.get_mut(batch).expect("a registered batch")
    }
}

fn is_fit(kit: &Facts) -> bool {
    !kit.set_aside && !kit.broken && !kit.missing && !kit.given && kit.back.is_none()
}
