//! An observation as unknowns and rules over them.

use std::collections::BTreeMap;

use terms::{Arm, Day, KitNumber, SubjectId};

use crate::{Event, HandedOut, Observation, PickRule, Received, StockSeen, ToldApart, World};

/// Something whose arm is not known: a subject with all the kits given to it, or a kit given to nobody. Its number is
/// its place; the subjects come first, in order of randomization.
pub(crate) type Unknown = usize;

/// For one arm, a sum of weights: each counts when its unknown is of that arm.
pub(crate) type Terms = Vec<(Unknown, i64)>;

/// What must hold in every world.
pub(crate) enum Rule {
    /// For every arm, the sum is at most this.
    Every(Terms, i64),
    /// For some arm, the sum is at most this.
    Some(Terms, i64),
    /// For the arm of an unknown, the sum is at most this.
    Own(Unknown, Terms, i64),
    /// Both are of one arm.
    Same(Unknown, Unknown),
    /// They are of different arms.
    Different(Unknown, Unknown),
    /// It is of this arm.
    Is(Unknown, u8),
    /// These, in order, come from permuted blocks.
    Blocks(Vec<Unknown>),
}

/// An observation without problems, put into numbers.
pub(crate) struct Puzzle<'o> {
    pub(crate) seen: &'o Observation,
    pub(crate) rules: Vec<Rule>,
    pub(crate) subjects: Vec<&'o SubjectId>,
    pub(crate) unknowns: usize,
    /// Whether the arms are interchangeable as far as anybody can see.
    pub(crate) symmetric: bool,
    places: BTreeMap<&'o SubjectId, Unknown>,
    kits: BTreeMap<KitNumber, Unknown>,
    expiries: BTreeMap<KitNumber, Day>,
}

impl<'o> Puzzle<'o> {
    /// The observation must have no problems: names that nothing introduced are passed over.
    pub(crate) fn new(seen: &'o Observation) -> Self {
        let subjects = seen.subjects();
        let places: BTreeMap<_, _> = subjects.iter().copied().zip(0..).collect();
        let mut puzzle = Self {
            seen,
            rules: Vec::new(),
            unknowns: subjects.len(),
            subjects,
            symmetric: all_equal(&seen.ratio),
            places,
            kits: BTreeMap::new(),
            expiries: BTreeMap::new(),
        };
        puzzle.name_kits();
        for event in &seen.events {
            puzzle.event(event);
        }
        puzzle.blocks();
        puzzle
    }

    /// A kit given to a subject is known by the subject, any other by itself.
    fn name_kits(&mut self) {
        for event in &self.seen.events {
            if let Event::HandedOut(handed) = event
                && let Some(place) = self.places.get(&handed.subject)
            {
                self.kits.extend(handed.kits.iter().map(|kit| (*kit, *place)));
            }
        }
        for event in &self.seen.events {
            let Event::Received(received) = event else { continue };
            for kit in &received.kits {
                self.expiries.insert(kit.number, kit.label_expiry);
                if !self.kits.contains_key(&kit.number) {
                    self.kits.insert(kit.number, self.unknowns);
                    self.unknowns += 1;
                }
            }
        }
    }

    fn event(&mut self, event: &'o Event) {
        match event {
            Event::Received(received) => self.received(received),
            Event::StockSeen(stock) => self.stock_seen(stock),
            Event::HandedOut(handed) => self.handed_out(handed),
            Event::NotServed(missed) => {
                let rule =
                    |place| Rule::Own(place, self.terms(&missed.shelf, 1), i64::from(missed.wanted) - 1);
                let rule = self.places.get(&missed.subject).copied().map(rule);
                self.rules.extend(rule);
            }
            Event::ToldApart(told) => self.told_apart(told),
            Event::CodeBroken(broken) => {
                self.symmetric = false;
                let rule = self.places.get(&broken.subject).map(|place| Rule::Is(*place, broken.arm));
                self.rules.extend(rule);
            }
            Event::Randomized(_) => {}
        }
    }

    fn terms(&self, kits: &[KitNumber], weight: i64) -> Terms {
        kits.iter().filter_map(|kit| self.kits.get(kit)).map(|unknown| (*unknown, weight)).collect()
    }

    /// As the numbers fit, "at most so many of every type" is "exactly so many".
    fn received(&mut self, received: &Received) {
        let numbers: Vec<KitNumber> = received.kits.iter().map(|kit| kit.number).collect();
        if let Some(each) = received.of_every_type {
            self.rules.push(Rule::Every(self.terms(&numbers, 1), i64::from(each)));
        }
        if let Some(like) = received.like.and_then(|like| self.kits.get(&like)).copied() {
            let alike = numbers.iter().filter_map(|kit| self.kits.get(kit)).map(|kit| Rule::Same(*kit, like));
            let alike: Vec<Rule> = alike.collect();
            self.rules.extend(alike);
        }
    }

    fn told_apart(&mut self, told: &ToldApart) {
        let known = |kits: &[KitNumber]| {
            kits.iter().filter_map(|kit| self.kits.get(kit).copied()).collect::<Vec<_>>()
        };
        let (alike, others) = (known(&told.kits), known(&told.others));
        let Some(first) = alike.first().copied() else { return };
        self.rules.extend(alike.into_iter().skip(1).map(|kit| Rule::Same(kit, first)));
        self.rules.extend(others.into_iter().map(|kit| Rule::Different(kit, first)));
    }

    fn stock_seen(&mut self, stock: &StockSeen) {
        let wanted = i64::from(stock.wanted);
        let due = |sign: i64| {
            let known = stock.due.iter().filter_map(|due| Some((*self.places.get(&due.subject)?, due.kits)));
            known.map(move |(place, kits)| (place, sign * i64::from(kits))).collect::<Terms>()
        };
        let rule = if stock.enough_of_every_type {
            Rule::Every([self.terms(&stock.kits, -1), due(1)].concat(), -wanted)
        } else {
            Rule::Some([self.terms(&stock.kits, 1), due(-1)].concat(), wanted - 1)
        };
        self.rules.push(rule);
    }

    /// A kit that the rule of picking would have taken first is of another type.
    fn handed_out(&mut self, handed: &HandedOut) {
        let Some(place) = self.places.get(&handed.subject).copied() else { return };
        let first = |kit: &&KitNumber| {
            let before = |given: &KitNumber| match self.seen.pick {
                PickRule::Uniform => false,
                PickRule::LowestNumberFirst => *kit < given,
                PickRule::EarliestExpiryFirst => self.expiries.get(kit) < self.expiries.get(given),
            };
            !handed.kits.contains(kit) && handed.kits.iter().any(before)
        };
        let passed_over = handed.shelf.iter().filter(first).filter_map(|kit| self.kits.get(kit));
        let rules: Vec<Rule> = passed_over.map(|kit| Rule::Different(*kit, place)).collect();
        self.rules.extend(rules);
    }

    fn blocks(&mut self) {
        if self.seen.block_sizes.is_none() {
            return;
        }
        let mut strata: BTreeMap<u32, Vec<Unknown>> = BTreeMap::new();
        for event in &self.seen.events {
            if let Event::Randomized(randomized) = event {
                let place = self.places.get(&randomized.subject);
                strata.entry(randomized.stratum).or_default().extend(place);
            }
        }
        self.rules.extend(strata.into_values().map(Rule::Blocks));
    }

    /// The world in which the unknowns are of these arms, in order.
    pub(crate) fn world(&self, arms: &[Arm]) -> World {
        let arm = |unknown: &Unknown| arms.get(*unknown).copied();
        let subjects = self.places.iter().filter_map(|(id, place)| Some(((*id).clone(), arm(place)?)));
        let kits = self.kits.iter().filter_map(|(kit, place)| Some((*kit, arm(place)?)));
        World { subjects: subjects.collect(), kits: kits.collect() }
    }
}

fn all_equal(ratio: &[u32]) -> bool {
    ratio.windows(2).all(|pair| pair.first() == pair.last())
}
