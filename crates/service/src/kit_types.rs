//! What is known of kits from before. What is in a kit never changes, so its type is opened once in the life of the
//! process, and kept sealed: an act at a shelf of a thousand kits does not open a thousand values.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use terms::{BatchId, Day, KitNumber, KitType, OpeningId, Sealed, StudyId};
use trial::decide::supply::ShelfKit;

/// The kits that are known, by study. Their types are wiped when the process lets go of them.
#[derive(Default)]
pub(crate) struct KitTypes(Mutex<BTreeMap<StudyId, OfStudy>>);

/// The batches of a study, each with the opening of its lots, and their kits. That opening is named anew at every
/// registration: a batch of another database, restored under a running server, has another one.
#[derive(Default)]
struct OfStudy {
    batches: BTreeMap<BatchId, OpeningId>,
    kits: HashMap<KitNumber, (BatchId, Sealed<KitType>)>,
}

/// Kits that are all known, with the registrations that they are known of.
#[derive(Default)]
pub(crate) struct Known {
    /// Their batches, each with the opening of its lots.
    pub(crate) batches: BTreeMap<BatchId, OpeningId>,
    kits: Vec<(KitNumber, BatchId, Sealed<KitType>)>,
}

impl Known {
    /// The kits as they lie on a shelf, of batches with these label expiries; none when a batch has none.
    pub(crate) fn on_shelf(self, labels: &BTreeMap<BatchId, Day>) -> Option<Vec<ShelfKit>> {
        let on_shelf = |(number, batch, kit_type)| {
            let label_expiry = *labels.get(&batch)?;
            Some(ShelfKit { number, batch, label_expiry, kit_type })
        };
        self.kits.into_iter().map(on_shelf).collect()
    }
}

impl KitTypes {
    /// What is known of these kits; none when one of them is not known.
    pub(crate) fn of(&self, study: &StudyId, kits: &[KitNumber]) -> Option<Known> {
        let all = self.lock();
        let Some(of_study) = all.get(study) else { return kits.is_empty().then(Known::default) };
        let mut known = Known::default();
        for number in kits {
            let (batch, kit_type) = of_study.kits.get(number)?;
            if !known.batches.contains_key(batch) {
                known.batches.insert(batch.clone(), of_study.batches.get(batch)?.clone());
            }
            known.kits.push((*number, batch.clone(), kit_type.clone()));
        }
        Some(known)
    }

    /// Keeps the kits of a batch.
    pub(crate) fn learn(
        &self,
        study: &StudyId,
        batch: &BatchId,
        lots: OpeningId,
        kits: Vec<(KitNumber, Sealed<KitType>)>,
    ) {
        let mut all = self.lock();
        let known = all.entry(study.clone()).or_default();
        known.kits.retain(|_, (of, _)| of != batch);
        known.kits.extend(kits.into_iter().map(|(number, kit_type)| (number, (batch.clone(), kit_type))));
        known.batches.insert(batch.clone(), lots);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<StudyId, OfStudy>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use terms::{BatchId, Day, Id, KitNumber, KitType, OpeningId, Sealed, StudyId};

    use super::KitTypes;

    fn number(serial: u32) -> KitNumber {
        KitNumber::from_serial(serial).expect("in the space")
    }

    fn id<T>(text: &str) -> Id<T> {
        Id::parse(text).expect("an id")
    }

    fn kits(serials: &[u32]) -> Vec<(KitNumber, Sealed<KitType>)> {
        serials.iter().map(|serial| (number(*serial), Sealed::new(KitType::new(1)))).collect()
    }

    #[test]
    fn kits_are_known_by_study_and_number_with_the_registration_that_they_are_of() {
        let types = KitTypes::default();
        let [study, other]: [StudyId; 2] = ["imodals", "other"].map(id);
        let [a, b]: [BatchId; 2] = ["A", "B"].map(id);
        let [lots, later]: [OpeningId; 2] = ["lots", "later"].map(id);
        types.learn(&study, &a, lots.clone(), kits(&[1, 2]));
        types.learn(&study, &b, lots.clone(), kits(&[3]));
        let batches = |study: &StudyId, serials: &[u32]| {
            let numbers: Vec<KitNumber> = serials.iter().map(|serial| number(*serial)).collect();
            types.of(study, &numbers).map(|known| known.batches.into_iter().collect::<Vec<_>>())
        };
        let (of_a, of_b) = ((a.clone(), lots.clone()), (b.clone(), lots));
        assert_eq!(batches(&study, &[1, 2]), Some(vec![of_a.clone()]));
        assert_eq!(batches(&study, &[1, 3]), Some(vec![of_a, of_b]));
        assert_eq!(batches(&study, &[1, 4]), None, "one is not known");
        assert_eq!(batches(&other, &[1]), None, "another study");
        assert_eq!(batches(&other, &[]), Some(Vec::new()), "an empty shelf needs nothing known");
        // The same batch, registered again in another history of the study, has other kits.
        types.learn(&study, &a, later.clone(), kits(&[2]));
        assert_eq!(batches(&study, &[2]), Some(vec![(a.clone(), later)]));
        assert_eq!(batches(&study, &[1]), None, "it is no kit of the batch any more");
        let day: Day = "2030-12-31".parse().expect("a day");
        let labels = BTreeMap::from([(a, day)]);
        let shelf = types.of(&study, &[number(2)]).and_then(|known| known.on_shelf(&labels)).expect("known");
        assert_eq!((shelf.len(), shelf[0].number, shelf[0].label_expiry), (1, number(2), day));
        let other = types.of(&study, &[number(3)]).expect("known");
        assert!(other.on_shelf(&labels).is_none(), "a batch without a label expiry");
    }
}
