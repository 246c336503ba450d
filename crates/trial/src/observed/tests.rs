use std::collections::BTreeMap;

use journal::Commitment;
use observer::{Event, Verdict, deduce};
use terms::{Day, KitNumber, Moment, SiteId, SubjectId};

use super::{Watched, judge, watch};
use crate::act::{Act, KitsRegistered, Leaf, Nonce, RegisteredKit};
use crate::study::{SealedDesign, StudyDesign};
use crate::{Disposition, QuarantineCause};

fn designs() -> (StudyDesign, SealedDesign) {
    let design = StudyDesign::from_toml(include_str!("../../../../config/imodals.toml"));
    let mut design = design.expect("the shipped design");
    let sealed = include_str!("../../../../config/imodals.sealed.toml");
    let Ok(sealed) = SealedDesign::from_toml(sealed, &design) else { panic!("the sealed design") };
    design.supply.tier_minimum = 1;
    (design, sealed)
}

fn site() -> SiteId {
    "34-001".parse().expect("an id")
}

fn kit(serial: u32) -> KitNumber {
    KitNumber::from_serial(serial).expect("a number")
}

fn kits(serials: std::ops::Range<u32>) -> Vec<KitNumber> {
    serials.map(kit).collect()
}

/// The leaves of a study, as far as the observer reads them.
struct Told(Vec<Leaf>);

impl Told {
    /// A site, and a batch of a hundred and twenty kits that lasts long.
    fn new() -> Self {
        let mut told = Self(Vec::new());
        let country = "FR".parse().expect("a country");
        let time_zone = "Europe/Paris".to_owned();
        told.add("2015-10-01", Act::SiteAdded { name: "A".to_owned(), time_zone, country });
        told.register("B-1", 0..120, "2016-12-31");
        told
    }

    fn add(&mut self, day: &str, act: Act) {
        let index = u64::try_from(self.0.len()).expect("few");
        let saved = Moment::parse(&format!("{day}T09:00:00Z")).expect("an instant");
        let nonce: Nonce = "n".parse().expect("an id");
        let site = Some(site());
        self.0.push(Leaf {
            index,
            nonce,
            saved,
            happened: None,
            actor: None,
            role: None,
            site,
            design: None,
            act,
        });
    }

    fn register(&mut self, batch: &str, serials: std::ops::Range<u32>, expiry: &str) {
        let registered = |number| RegisteredKit { number, kit_type: nothing() };
        let kits = kits(serials).into_iter().map(registered).collect();
        let (batch, label_expiry) = (batch.parse().expect("an id"), expiry.parse().expect("a day"));
        let (lots, visible) = (nothing(), BTreeMap::new());
        let registered = KitsRegistered { batch, label_expiry, lots, visible, kits };
        self.add("2015-10-01", Act::KitsRegistered(registered));
    }

    fn receive(&mut self, day: &str, serials: std::ops::Range<u32>) {
        let shipment = format!("SH-{}", self.0.len()).parse().expect("an id");
        let (received, missing, damaged) = (kits(serials), Vec::new(), Vec::new());
        let (excursion, temperature_record) = (false, None);
        self.add(
            day,
            Act::ShipmentReceived { shipment, received, missing, damaged, excursion, temperature_record },
        );
    }

    fn randomize(&mut self, day: &str, subject: &str, serial: u32) {
        let position = u32::try_from(self.0.len()).expect("few");
        let act = Act::Randomized {
            subject: subject.parse().expect("an id"),
            number: "R0001".parse().expect("a number"),
            list: "L-1".parse().expect("an id"),
            stratum: 0,
            position,
            consent: day.parse().expect("a day"),
            answers: BTreeMap::new(),
        };
        self.add(day, act);
        self.allocate(day, subject, "D1", serial);
    }

    fn allocate(&mut self, day: &str, subject: &str, visit: &str, serial: u32) {
        let from: Day = day.parse().expect("a day");
        let act = Act::KitsAllocated {
            subject: subject.parse().expect("an id"),
            visit: visit.parse().expect("an id"),
            attempt: 1,
            through: super::later(from, 4),
            kits: vec![kit(serial)],
        };
        self.add(day, act);
    }

    fn watch(&self) -> Watched {
        let watched = watch(&designs().0, Some(&[6]), &self.0, &site());
        let problems: Vec<String> = watched.observation.problems().iter().map(ToString::to_string).collect();
        assert_eq!(problems, Vec::<String>::new());
        watched
    }

    /// What the observer says of the first two subjects.
    fn verdict(&self) -> Verdict {
        let found = deduce(&self.watch().observation).expect("no contradiction");
        found.pairs.first().expect("two subjects").verdict
    }

    fn besides(&self, shipment: std::ops::Range<u32>) -> usize {
        let order_day = "2015-10-26".parse().expect("a day");
        let (design, sealed) = designs();
        let judged = judge(&design, &sealed, &self.watch(), (&site(), order_day), &kits(shipment));
        judged.expect("no contradiction").besides
    }
}

fn nothing() -> Commitment {
    Commitment::new([0; 32])
}

fn shelf(event: &Event) -> usize {
    match event {
        Event::StockSeen(seen) => seen.kits.len(),
        Event::HandedOut(handed) => handed.shelf.len(),
        _ => 0,
    }
}

#[test]
fn two_kits_of_one_shipment_of_one_of_each_prove_two_arms() {
    let mut told = Told::new();
    told.receive("2015-10-05", 0..3);
    told.receive("2015-10-05", 3..12);
    told.randomize("2015-10-06", "S-1", 0);
    told.randomize("2015-10-06", "S-2", 1);
    assert_eq!(told.verdict(), Verdict::Different);
    let mut told = Told::new();
    told.receive("2015-10-05", 0..12);
    told.randomize("2015-10-06", "S-1", 0);
    told.randomize("2015-10-06", "S-2", 1);
    assert!(matches!(told.verdict(), Verdict::Open { .. }));
}

#[test]
fn the_shelf_is_what_lies_there_and_can_be_used() {
    let mut told = Told::new();
    told.register("B-2", 200..206, "2015-10-10");
    told.receive("2015-10-05", 0..12);
    told.receive("2015-10-05", 200..206);
    // B-2 ends a day too early for a course that begins on the 6th.
    told.randomize("2015-10-06", "S-1", 0);
    let cause = QuarantineCause::Excursion;
    told.add("2015-10-07", Act::KitsQuarantined { depot: None, cause, kits: kits(1..5), evidence: None });
    let released = Act::QuarantineDecided {
        depot: None,
        shipment: None,
        disposition: Disposition::Release,
        kits: kits(1..3),
        reason: nothing(),
        evidence: journal::empty_root(),
    };
    told.add("2015-10-08", released);
    told.randomize("2015-10-08", "S-2", 1);
    let events = told.watch().observation.events;
    assert_eq!(events.iter().map(shelf).collect::<Vec<_>>(), [0, 0, 12, 0, 12, 9, 0, 9]);
}

#[test]
fn who_is_due_is_seen_at_a_randomization_within_the_lead_time() {
    let due = |day: &str| {
        let mut told = Told::new();
        told.receive("2015-10-05", 0..12);
        told.randomize("2015-10-06", "S-1", 0);
        told.randomize(day, "S-2", 1);
        let due = told.watch().observation.events.into_iter().rev().find_map(|event| match event {
            Event::StockSeen(seen) => Some(seen.due),
            _ => None,
        });
        due.expect("a randomization").iter().map(|due| due.subject.clone()).collect::<Vec<SubjectId>>()
    };
    // Day 29 of S-1 is 3 November, a week of lead time before it 27 October.
    assert_eq!(due("2015-10-26"), []);
    assert_eq!(due("2015-10-27"), ["S-1".parse().expect("an id")]);
}

#[test]
fn bld_10_small_groups_would_tell_something_ahead_and_large_ones_nothing() {
    let mut told = Told::new();
    told.receive("2015-10-05", 0..9);
    for (place, subject) in (0..).zip(["S-1", "S-2", "S-3", "S-4"]) {
        told.randomize("2015-10-06", subject, place);
    }
    // All four come for their second course within the horizon.
    assert!(told.besides(9..12) > 0, "one of each, while four are due");
    assert_eq!(told.besides(9..45), 0, "twelve of each");
    assert_eq!(told.besides(9..12), told.besides(9..12), "the answer is repeatable");
    let early = Told(told.0[..3].to_vec());
    assert_eq!(early.besides(9..12), 0, "nobody is due anything");
}
