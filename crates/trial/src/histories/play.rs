//! A study as the service keeps it: kits in the ledger, batches, shipments and subjects.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use draw::{Key, Words};
use ledger::{Kit, KitState, Move, Movement, Place, ReasonCode};
use terms::{BatchId, Country, Day, KitNumber, KitType, Moment, Sealed, ShipmentId, SubjectId, VisitId};

use super::Happened;
use super::truth::Truth;
use crate::SubjectState;
use crate::decide::batch::Taken;
use crate::decide::supply::{Shelf, ShelfKit};
use crate::study::{SealedDesign, StudyDesign};

/// What every history has in common.
pub(super) struct House {
    pub(super) design: StudyDesign,
    pub(super) sealed: SealedDesign,
    /// Two sites and a depot, each with its country.
    pub(super) places: [(Place, Country); 3],
    pub(super) visits: Vec<VisitId>,
    pub(super) moment: Moment,
    pub(super) reason: ReasonCode,
}

impl House {
    /// IMODALS in groups of one, so that a shipment has three kits, and with two sites in two countries.
    pub(super) fn imodals() -> Self {
        let text = include_str!("../../../../config/imodals.toml");
        let mut design = StudyDesign::from_toml(text).expect("the shipped design");
        let sealed = include_str!("../../../../config/imodals.sealed.toml");
        let Ok(sealed) = SealedDesign::from_toml(sealed, &design) else { panic!("the sealed design") };
        (design.supply.group_size, design.supply.tier_minimum) = (1, 6);
        let site = |id: &str| Place::Site(id.parse().expect("a site"));
        let country = |code: &str| code.parse().expect("a country");
        Self {
            visits: design.dispensing_visits().map(|(visit, _)| visit.id.clone()).collect(),
            design,
            sealed,
            places: [
                (site("34-001"), country("FR")),
                (site("49-001"), country("DE")),
                (Place::Depot("NIMES".parse().expect("a depot")), country("FR")),
            ],
            moment: Moment::parse("2015-10-05T08:00:00Z").expect("an instant"),
            reason: ReasonCode::parse("so-it-was").expect("a reason"),
        }
    }
}

/// A kit as it stands in the database.
pub(super) struct Held {
    pub(super) kit: Kit,
    pub(super) kit_type: KitType,
    /// The place of its batch.
    pub(super) batch: usize,
}

pub(super) struct Batch {
    pub(super) id: BatchId,
    pub(super) label_expiry: Day,
    pub(super) lots: String,
    pub(super) is_shortened: bool,
    pub(super) taken: Vec<Taken>,
    pub(super) recalled: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Picked,
    Dispatched,
    Over,
}

pub(super) struct Shipment {
    pub(super) id: ShipmentId,
    pub(super) from: Place,
    /// The place of where it goes to.
    pub(super) to: usize,
    pub(super) kits: Vec<KitNumber>,
    pub(super) stage: Stage,
}

pub(super) struct Subject {
    pub(super) id: SubjectId,
    pub(super) home: usize,
    pub(super) arm: u8,
    pub(super) state: SubjectState,
    /// The kits of every attempt for every visit.
    pub(super) allocated: Vec<(VisitId, u32, Vec<KitNumber>)>,
    pub(super) dispensed: Vec<Dispensed>,
    pub(super) replaced: u32,
}

pub(super) struct Dispensed {
    pub(super) visit: VisitId,
    pub(super) day: Day,
    pub(super) kits: Vec<KitNumber>,
    /// The kits that were handed over of it, with the day.
    pub(super) given: BTreeMap<KitNumber, Day>,
}

pub(super) struct Play<'h> {
    pub(super) house: &'h House,
    pub(super) words: Words,
    pub(super) seed: [u8; 32],
    pub(super) today: Day,
    pub(super) kits: BTreeMap<KitNumber, Held>,
    pub(super) batches: Vec<Batch>,
    pub(super) shipments: Vec<Shipment>,
    pub(super) subjects: Vec<Subject>,
    pub(super) truth: Truth,
    movements: Vec<Movement>,
    happened: Happened,
}

impl<'h> Play<'h> {
    pub(super) fn new(house: &'h House, number: u64) -> Self {
        let key = Key::derive(&[5; 32], &["test", "histories of a study"]);
        Self {
            house,
            seed: key.bytes(),
            words: key.words(number),
            today: "2015-10-05".parse().expect("a day"),
            kits: BTreeMap::new(),
            batches: Vec::new(),
            shipments: Vec::new(),
            subjects: Vec::new(),
            truth: Truth::default(),
            movements: Vec::new(),
            happened: Happened::new(),
        }
    }

    /// At the end the ledger says of every kit what is true, its movements lead there, and nothing was lost or made.
    pub(super) fn settle(self, number: u64) -> Happened {
        assert_eq!(self.kits.len(), self.truth.count(), "history {number}");
        for (kit, held) in &self.kits {
            assert_eq!(
                (held.kit.state, &held.kit.place),
                self.truth.standing(*kit),
                "history {number}, {kit}"
            );
        }
        if number.is_multiple_of(50) {
            let replayed = ledger::replay(&self.movements).expect("movements that follow each other");
            let stored = self.kits.iter().map(|(number, held)| (*number, held.kit.clone())).collect();
            assert_eq!(ledger::differences(&replayed, &stored), BTreeSet::new(), "history {number}");
            let accounts = ledger::balances(&self.movements, |kit| self.kits[&kit].kit_type);
            let accounts = accounts.expect("accounts that add up");
            assert!(accounts.values().all(ledger::Balance::is_conserved), "history {number}");
        }
        self.happened
    }

    pub(super) fn happens(&mut self, what: &'static str) {
        *self.happened.entry(what).or_default() += 1;
    }

    pub(super) fn one_in(&mut self, many: u32) -> bool {
        self.words.below(many) == 0
    }

    pub(super) fn up_to(&mut self, most: u32) -> u32 {
        self.words.below(most + 1)
    }

    /// The place of one of so many things; none of none.
    pub(super) fn any(&mut self, of: usize) -> Option<usize> {
        let of = u32::try_from(of).expect("few");
        (of > 0).then(|| usize::try_from(self.words.below(of)).expect("few"))
    }

    /// One of the kits that are as wanted.
    pub(super) fn any_kit(&mut self, wanted: impl Fn(&Held) -> bool) -> Option<KitNumber> {
        let fitting = self.kits.iter().filter(|(_, held)| wanted(held)).map(|(number, _)| *number);
        let fitting: Vec<KitNumber> = fitting.collect();
        self.any(fitting.len()).map(|place| fitting[place])
    }

    pub(super) fn state(&self, number: KitNumber) -> KitState {
        self.kits[&number].kit.state
    }

    pub(super) fn batch_of(&self, number: KitNumber) -> &Batch {
        &self.batches[self.kits[&number].batch]
    }

    /// Posts a movement as the service does; what the ledger refuses changes nothing.
    pub(super) fn post(
        &mut self,
        number: KitNumber,
        a_move: Move,
        place: &Place,
        whose: Option<(&SubjectId, &VisitId)>,
    ) -> Result<(), &'static str> {
        let before = self.kits.get(&number).map(|held| held.kit.clone());
        let from = before.as_ref().map(|kit| kit.state);
        let movement = Movement {
            kit: number,
            from,
            to: ledger::next(from, a_move).map_err(|_illegal| "kit-state")?,
            a_move,
            place: place.clone(),
            subject: whose.map(|(subject, _)| subject.clone()),
            visit: whose.map(|(_, visit)| visit.clone()),
            happened: self.house.moment,
            recorded: self.house.moment,
            reason: Some(self.house.reason.clone()),
        };
        let after = Kit::after(before.as_ref(), &movement).map_err(|_bad| "kit-state")?;
        if let Some(held) = self.kits.get_mut(&number) {
            held.kit = after;
        }
        self.movements.push(movement);
        Ok(())
    }

    /// A movement that a decision calls for: the ledger has to allow it.
    pub(super) fn must(&mut self, number: KitNumber, a_move: Move, place: &Place) {
        let posted = self.post(number, a_move, place, None);
        assert_eq!(posted, Ok(()), "{a_move:?} of {number}, which is {:?}", self.kits[&number].kit);
    }

    /// A kit comes to exist.
    pub(super) fn register(&mut self, number: KitNumber, kit_type: KitType, batch: usize) {
        self.post(number, Move::Register, &Place::Store, None).expect("a new kit");
        let movement = self.movements.last().expect("one movement");
        let kit = Kit::after(None, movement).expect("a first movement");
        self.kits.insert(number, Held { kit, kit_type, batch });
    }

    /// The kits that are as wanted, as a decision is given them.
    pub(super) fn stock(&self, wanted: impl Fn(KitNumber, &Held) -> bool) -> Shelf {
        let on_shelf = |(number, held): (&KitNumber, &Held)| ShelfKit {
            number: *number,
            batch: self.batches[held.batch].id.clone(),
            label_expiry: self.batches[held.batch].label_expiry,
            kit_type: Sealed::new(held.kit_type),
        };
        let wanted = self.kits.iter().filter(|(number, held)| wanted(**number, held));
        Shelf { kits: wanted.map(on_shelf).collect(), pick_seed: Sealed::new(self.seed) }
    }

    /// A site's shelf: what is available there.
    pub(super) fn shelf(&self, place: usize) -> Shelf {
        let site = &self.house.places[place].0;
        self.stock(|_, held| held.kit.state == KitState::Available && held.kit.place == *site)
    }
}
