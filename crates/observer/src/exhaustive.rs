//! The observer against all worlds: small observations of true events, every assignment of arms enumerated.

use std::collections::{BTreeMap, BTreeSet};

use draw::{Key, Words};
use terms::{Arm, Day, KitNumber, SubjectId};

use crate::observation::Due;
use crate::{
    CodeBroken, Contradiction, Deduction, Event, Format, HandedOut, NotServed, Observation, PickRule,
    Randomized, Received, SeenKit, StockSeen, ToldApart, Verdict, World, check, deduce,
};

/// At most so many things whose arm is not known, so that there are at most 3^8 worlds.
const MOST_UNKNOWNS: usize = 8;

/// A small trial: what is true of it, and what is seen of it.
struct Story {
    words: Words,
    truth: World,
    seen: Observation,
    shelf: Vec<SeenKit>,
}

impl Story {
    fn new(number: u64) -> Self {
        let mut words = Key::derive(&[3; 32], &["test", "observer"]).words(number);
        let ratio = [vec![1, 1, 1], vec![1, 1], vec![2, 1]][below(&mut words, 3)].clone();
        let round: u32 = ratio.iter().sum();
        let sizes = [None, Some(vec![round]), Some(vec![2 * round]), Some(vec![round, 2 * round])];
        let block_sizes = sizes[below(&mut words, 4)].clone();
        let rules = [PickRule::Uniform, PickRule::LowestNumberFirst, PickRule::EarliestExpiryFirst];
        let pick = rules[[0, 0, 1, 2][below(&mut words, 4)]];
        let seen = Observation { format: Format::First, ratio, block_sizes, pick, events: Vec::new() };
        let truth = World { subjects: BTreeMap::new(), kits: BTreeMap::new() };
        let mut story = Self { words, truth, seen, shelf: Vec::new() };
        story.run();
        story
    }

    fn run(&mut self) {
        let list = self.list();
        self.receive();
        for arm in list {
            if self.truth.subjects.len() + self.free_kits() >= MOST_UNKNOWNS - 1 {
                break;
            }
            match self.below(7) {
                0 if self.truth.subjects.len() + self.free_kits() + self.seen.ratio.len() < MOST_UNKNOWNS => {
                    self.receive();
                }
                1 => self.receive_alike(),
                2 => self.stock_seen(),
                3 => self.break_code(),
                4 => self.tell_apart(),
                _ => {}
            }
            self.randomize(arm);
            for _ in 0..self.below(3) {
                self.serve();
            }
        }
        self.stock_seen();
    }

    fn below(&mut self, bound: usize) -> usize {
        below(&mut self.words, bound)
    }

    /// A list of two large blocks or four small ones.
    fn list(&mut self) -> Vec<Arm> {
        let rounds =
            self.seen.block_sizes.as_ref().map_or(2, |sizes| sizes[0] / self.seen.ratio.iter().sum::<u32>());
        let mut list = Vec::new();
        for _ in 0..4 / rounds {
            let shares = (0..).map(Arm::new).zip(&self.seen.ratio);
            let mut block: Vec<Arm> =
                shares.flat_map(|(arm, share)| (0..share * rounds).map(move |_| arm)).collect();
            self.words.shuffle(&mut block);
            list.extend(block);
        }
        list
    }

    fn free_kits(&self) -> usize {
        let handed: usize = self
            .seen
            .events
            .iter()
            .map(|event| match event {
                Event::HandedOut(handed) => handed.kits.len(),
                _ => 0,
            })
            .sum();
        self.truth.kits.len() - handed
    }

    fn kit(&mut self, arm: Arm) -> SeenKit {
        loop {
            let number = KitNumber::from_serial(self.words.below(1_000)).expect("in the space");
            let days = chrono_days(self.below(3));
            if self.truth.kits.contains_key(&number) {
                continue;
            }
            self.truth.kits.insert(number, arm);
            return SeenKit { number, label_expiry: days };
        }
    }

    fn receive(&mut self) {
        let arms: Vec<Arm> = (0..).map(Arm::new).take(self.seen.ratio.len()).collect();
        let mut kits: Vec<SeenKit> = arms.into_iter().map(|arm| self.kit(arm)).collect();
        kits.sort_by_key(|kit| kit.number);
        self.shelf.extend(&kits);
        self.seen.events.push(Event::Received(Received { kits, of_every_type: Some(1), like: None }));
    }

    fn receive_alike(&mut self) {
        let known: Vec<KitNumber> = self.truth.kits.keys().copied().collect();
        let like = known[self.below(known.len())];
        let kit = self.kit(self.truth.kits[&like]);
        self.shelf.push(kit);
        let received = Received { kits: vec![kit], of_every_type: None, like: Some(like) };
        self.seen.events.push(Event::Received(received));
    }

    fn randomize(&mut self, arm: Arm) {
        let subject: SubjectId = format!("S{}", self.truth.subjects.len()).parse().expect("an id");
        self.truth.subjects.insert(subject.clone(), arm);
        self.seen.events.push(Event::Randomized(Randomized { subject, stratum: 0 }));
    }

    fn some_subject(&mut self) -> Option<SubjectId> {
        let subjects: Vec<SubjectId> = self.truth.subjects.keys().cloned().collect();
        (!subjects.is_empty()).then(|| subjects[self.below(subjects.len())].clone())
    }

    fn break_code(&mut self) {
        let Some(subject) = self.some_subject() else { return };
        let arm = self.truth.subjects[&subject].index();
        self.seen.events.push(Event::CodeBroken(CodeBroken { subject, arm }));
    }

    /// Some kits, given or not, are told apart from others by what is in them.
    fn tell_apart(&mut self) {
        let known: Vec<(KitNumber, Arm)> = self.truth.kits.iter().map(|(kit, arm)| (*kit, *arm)).collect();
        let (_, arm) = known[self.below(known.len())];
        let named: Vec<&(KitNumber, Arm)> = known.iter().filter(|_| self.words.below(2) == 0).collect();
        let numbers = |alike: bool| {
            named.iter().filter(|(_, of)| (*of == arm) == alike).map(|(kit, _)| *kit).collect::<Vec<_>>()
        };
        let (kits, others) = (numbers(true), numbers(false));
        if !kits.is_empty() {
            self.seen.events.push(Event::ToldApart(ToldApart { kits, others }));
        }
    }

    fn stock_seen(&mut self) {
        let due = self.some_subject().map(|subject| Due { subject, kits: 1 }).into_iter().collect();
        let (kits, wanted) = (self.numbers(), u32::try_from(self.below(2)).expect("small"));
        let mut stock = StockSeen { kits, due, wanted, enough_of_every_type: true };
        let mut alone = Observation { events: vec![Event::StockSeen(stock.clone())], ..self.seen.clone() };
        alone.block_sizes = None;
        stock.enough_of_every_type = check(&alone, &self.truth).is_ok();
        self.seen.events.push(Event::StockSeen(stock));
    }

    fn numbers(&self) -> Vec<KitNumber> {
        self.shelf.iter().map(|kit| kit.number).collect()
    }

    /// Gives a kit to a subject, or shows that there is none.
    fn serve(&mut self) {
        let Some(subject) = self.some_subject() else { return };
        let (arm, shelf) = (self.truth.subjects[&subject], self.numbers());
        let mut own: Vec<SeenKit> =
            self.shelf.iter().filter(|kit| self.truth.kits[&kit.number] == arm).copied().collect();
        match self.seen.pick {
            PickRule::Uniform => self.words.shuffle(&mut own),
            PickRule::LowestNumberFirst => own.sort_by_key(|kit| kit.number),
            PickRule::EarliestExpiryFirst => own.sort_by_key(|kit| kit.label_expiry),
        }
        let event = match own.first() {
            Some(kit) => Event::HandedOut(HandedOut { subject, shelf, kits: vec![kit.number] }),
            None => Event::NotServed(NotServed { subject, shelf, wanted: 1 }),
        };
        self.shelf.retain(|kit| Some(kit.number) != own.first().map(|kit| kit.number));
        self.seen.events.push(event);
    }
}

fn below(words: &mut Words, bound: usize) -> usize {
    let bound = u32::try_from(bound).expect("small");
    usize::try_from(words.below(bound)).expect("small")
}

fn chrono_days(days: usize) -> Day {
    ["2016-01-01", "2016-02-01", "2016-03-01"][days].parse().expect("a day")
}

/// Every world that agrees with what was seen.
fn all_worlds(seen: &Observation) -> Vec<World> {
    let mut given: BTreeMap<KitNumber, SubjectId> = BTreeMap::new();
    let mut kits: BTreeSet<KitNumber> = BTreeSet::new();
    for event in &seen.events {
        match event {
            Event::Received(received) => kits.extend(received.kits.iter().map(|kit| kit.number)),
            Event::HandedOut(handed) => {
                given.extend(handed.kits.iter().map(|kit| (*kit, handed.subject.clone())));
            }
            _ => {}
        }
    }
    let subjects: Vec<SubjectId> = seen.subjects().into_iter().cloned().collect();
    let free: Vec<KitNumber> = kits.iter().copied().filter(|kit| !given.contains_key(kit)).collect();
    let arms = seen.ratio.len();
    let count = arms.pow(u32::try_from(subjects.len() + free.len()).expect("small"));
    let world = |number: usize| {
        let digit = |place: usize| {
            let power = arms.pow(u32::try_from(place).expect("small"));
            Arm::new(u8::try_from(number / power % arms).expect("small"))
        };
        let of: BTreeMap<SubjectId, Arm> =
            subjects.iter().enumerate().map(|(place, subject)| (subject.clone(), digit(place))).collect();
        let free = free.iter().enumerate().map(|(place, kit)| (*kit, digit(subjects.len() + place)));
        let given = given.iter().map(|(kit, subject)| (*kit, of[subject]));
        World { kits: free.chain(given).collect(), subjects: of.clone() }
    };
    (0..count).map(world).filter(|world| check(seen, world).is_ok()).collect()
}

/// Whether subjects share an arm in some of the worlds, and whether they do not in some.
fn relation(worlds: &[World], one: &SubjectId, other: &SubjectId) -> (bool, bool) {
    let same = |world: &World| world.subjects[one] == world.subjects[other];
    (worlds.iter().any(same), worlds.iter().any(|world| !same(world)))
}

fn assert_complete(seen: &Observation, found: &Deduction, worlds: &[World], by_blocks: &[World]) {
    for pair in &found.pairs {
        let told = match pair.verdict {
            Verdict::Same => (true, false),
            Verdict::Different => (false, true),
            Verdict::Open { same, different } => {
                for (place, alike) in [(same, true), (different, false)] {
                    let world = &found.worlds[place];
                    assert_eq!(check(seen, world), Ok(()));
                    assert_eq!(world.subjects[&pair.one] == world.subjects[&pair.other], alike);
                }
                (true, true)
            }
        };
        assert_eq!(told, relation(worlds, &pair.one, &pair.other), "{pair:?} {seen:#?}");
        let blocks = relation(by_blocks, &pair.one, &pair.other);
        assert_eq!(pair.by_blocks, blocks != (true, true), "{pair:?}");
    }
}

#[test]
fn bld_10_the_observer_proves_all_that_all_worlds_prove_and_nothing_else() {
    let (mut proved, mut open, mut refused, mut broken, mut missed, mut apart) = (0, 0, 0, 0, 0, 0);
    for number in 0..300 {
        let story = Story::new(number);
        assert_eq!(story.seen.problems(), [], "{:#?}", story.seen);
        assert_eq!(check(&story.seen, &story.truth), Ok(()), "what is seen is true");
        let found = deduce(&story.seen).expect("the truth is a world");
        let by_blocks = all_worlds(&story.seen.without_supply());
        assert_complete(&story.seen, &found, &all_worlds(&story.seen), &by_blocks);
        proved += found.by_supply();
        open += found.pairs.len() - found.by_supply() - found.by_blocks();
        for event in &story.seen.events {
            refused += usize::from(matches!(event, Event::StockSeen(stock) if !stock.enough_of_every_type));
            broken += usize::from(matches!(event, Event::CodeBroken(_)));
            missed += usize::from(matches!(event, Event::NotServed(_)));
            apart += usize::from(matches!(event, Event::ToldApart(_)));
        }
    }
    // Everything occurs often enough for the test to mean something.
    for count in [proved, open, refused, broken, missed, apart] {
        assert!(count > 50, "{proved} {open} {refused} {broken} {missed} {apart}");
    }
}

#[test]
fn what_cannot_have_been_seen_is_called_so() {
    let mut story = Story::new(0);
    let (one, other) = (story.kit(Arm::new(0)), story.kit(Arm::new(0)));
    let subjects: Vec<SubjectId> = story.seen.subjects().into_iter().cloned().collect();
    let arms = story.seen.ratio.len();
    let kits = vec![one, other]
        .into_iter()
        .chain((2..arms).map(|arm| story.kit(Arm::new(u8::try_from(arm).expect("small")))));
    let kits: Vec<SeenKit> = kits.collect();
    let numbers: Vec<KitNumber> = kits.iter().map(|kit| kit.number).collect();
    story.seen.events.push(Event::Received(Received { kits, of_every_type: Some(1), like: None }));
    assert!(deduce(&story.seen).is_ok());
    let handed =
        HandedOut { subject: subjects[0].clone(), shelf: numbers.clone(), kits: numbers[..2].to_vec() };
    story.seen.events.push(Event::HandedOut(handed));
    assert_eq!(deduce(&story.seen), Err(Contradiction), "one of each type, and two to one subject");
}

#[test]
fn problems_of_an_observation_are_all_named() {
    let mut seen = Story::new(1).seen;
    seen.ratio = vec![1];
    seen.block_sizes = Some(vec![]);
    let stranger: SubjectId = "stranger".parse().expect("an id");
    let kit = KitNumber::from_serial(99_999).expect("in the space");
    let stock = StockSeen {
        kits: vec![kit],
        due: vec![Due { subject: stranger.clone(), kits: 1 }],
        wanted: 1,
        enough_of_every_type: true,
    };
    let late = SeenKit { number: kit, label_expiry: chrono_days(0) };
    seen.events = vec![
        Event::StockSeen(stock),
        Event::CodeBroken(CodeBroken { subject: stranger.clone(), arm: 7 }),
        Event::Received(Received { kits: vec![late, late], of_every_type: Some(5), like: None }),
        Event::Randomized(Randomized { subject: stranger.clone(), stratum: 0 }),
        Event::Randomized(Randomized { subject: stranger.clone(), stratum: 0 }),
        Event::HandedOut(HandedOut { subject: stranger, shelf: vec![kit, kit], kits: vec![] }),
        Event::ToldApart(ToldApart {
            kits: vec![],
            others: vec![KitNumber::from_serial(1).expect("in the space")],
        }),
    ];
    let found: Vec<String> = seen.problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "ratio: must hold 2 to 255 whole numbers from 1 to 1000",
            "block_sizes: must be multiples of 1, at least one",
            "events[0]: kit 0009999925 never came or has gone",
            "events[0]: subject stranger is not randomized yet",
            "events[1]: subject stranger is not randomized yet",
            "events[1]: there is no arm 7",
            "events[2]: kit 0009999925 came before",
            "events[2]: 5 of every type are not 2 kits",
            "events[4]: subject stranger was randomized before",
            "events[5]: kit 0009999925 stands there twice",
            "events[6]: kits: must hold at least one",
            "events[6]: kit 0000000195 never came",
        ]
    );
}

#[test]
fn a_file_holds_the_whole_observation() {
    for number in 0..20 {
        let seen = Story::new(number).seen;
        let text = serde_json::to_string(&seen).expect("JSON");
        assert_eq!(serde_json::from_str::<Observation>(&text).expect("JSON"), seen);
    }
    let unknown = r#"{"format":"iwrs-observation-1","ratio":[1,1],"pick":"uniform","events":[],"more":1}"#;
    assert!(serde_json::from_str::<Observation>(unknown).is_err());
}
