//! What was seen, in the order in which it was seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use terms::{Day, KitNumber, SubjectId};

use crate::text;

/// Everything that an observer has seen and knows of the method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// The form of the file.
    pub format: Format,
    /// The ratio of the arms in design order: at least two, each from 1.
    pub ratio: Vec<u32>,
    /// The block sizes, when the observer knows them; each is a multiple of the sum of the ratio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block_sizes: Option<Vec<u32>>,
    /// How kits are picked, as far as the observer knows.
    pub pick: PickRule,
    /// What happened, in order.
    pub events: Vec<Event>,
}

/// The form of an observation's file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// The one that this version reads.
    #[default]
    #[serde(rename = "iwrs-observation-1")]
    First,
}

/// How a kit is picked among those of the needed type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PickRule {
    /// With equal chances, so that the pick tells nothing.
    Uniform,
    /// The lowest number first: forbidden, and here to show why.
    LowestNumberFirst,
    /// The earliest label expiry first: forbidden, and here to show why.
    EarliestExpiryFirst,
}

/// One thing that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Kits came to the site.
    Received(Received),
    /// A subject got the next position of the stratum's list.
    Randomized(Randomized),
    /// It could be seen whether every type was in stock.
    StockSeen(StockSeen),
    /// A subject was given kits.
    HandedOut(HandedOut),
    /// A subject in treatment could not be given kits.
    NotServed(NotServed),
    /// Kits were told apart by what is in them.
    ToldApart(ToldApart),
    /// A code was broken.
    CodeBroken(CodeBroken),
}

/// Kits that came together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// The kits, each of which comes once.
    pub kits: Vec<SeenKit>,
    /// How many of every type they are, when that is known; times the number of arms it is the number of kits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_every_type: Option<u32>,
    /// A kit received before, of whose type all of these are known to be.
    #[serde(default, with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub like: Option<KitNumber>,
}

/// A kit as anyone sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenKit {
    /// Its number.
    #[serde(with = "text")]
    pub number: KitNumber,
    /// The last day of use on its label.
    pub label_expiry: Day,
}

/// A randomization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Randomized {
    /// The subject, who is randomized once.
    #[serde(with = "text")]
    pub subject: SubjectId,
    /// The index of the stratum.
    pub stratum: u32,
}

/// Whether these kits hold so many of every type, over those that are due: so it is when a randomization is allowed,
/// and not so when it is refused for supply or when a later batch is opened early.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockSeen {
    /// The kits that were looked at.
    #[serde(with = "text::list")]
    pub kits: Vec<KitNumber>,
    /// Who is due kits that are not promised to others.
    #[serde(default)]
    pub due: Vec<Due>,
    /// How many were wanted of every type.
    pub wanted: u32,
    /// The answer.
    pub enough_of_every_type: bool,
}

/// Kits due to a subject in treatment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    /// The subject.
    #[serde(with = "text")]
    pub subject: SubjectId,
    /// How many kits.
    pub kits: u32,
}

/// Kits given to a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandedOut {
    /// The subject, randomized before.
    #[serde(with = "text")]
    pub subject: SubjectId,
    /// The kits from which these were picked, over all types.
    #[serde(with = "text::list")]
    pub shelf: Vec<KitNumber>,
    /// The kits, all of them on that shelf.
    #[serde(with = "text::list")]
    pub kits: Vec<KitNumber>,
}

/// A subject whose kits were not on the shelf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotServed {
    /// The subject, randomized before.
    #[serde(with = "text")]
    pub subject: SubjectId,
    /// The kits that could have been picked, over all types.
    #[serde(with = "text::list")]
    pub shelf: Vec<KitNumber>,
    /// How many were wanted.
    pub wanted: u32,
}

/// Kits that were told apart from others by what is in them, as by the recall of one true lot: all of these are of one
/// type, and none of the others is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToldApart {
    /// The kits of one type: at least one.
    #[serde(with = "text::list")]
    pub kits: Vec<KitNumber>,
    /// Kits of other types.
    #[serde(with = "text::list")]
    pub others: Vec<KitNumber>,
}

/// A code break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeBroken {
    /// The subject, randomized before.
    #[serde(with = "text")]
    pub subject: SubjectId,
    /// The index of the arm.
    pub arm: u8,
}

/// What is wrong with an observation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The event, from 0; none for what stands before the events.
    pub event: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.event {
            Some(event) => write!(f, "events[{event}]: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl Event {
    /// The subject who is randomized, if this is what was seen.
    fn randomized(&self) -> Option<&SubjectId> {
        match self {
            Self::Randomized(Randomized { subject, .. }) => Some(subject),
            _ => None,
        }
    }
}

impl Observation {
    /// The same subjects, blocks and code breaks without anything seen of the supply.
    pub fn without_supply(&self) -> Self {
        let kept = |event: &&Event| matches!(event, Event::Randomized(_) | Event::CodeBroken(_));
        Self { events: self.events.iter().filter(kept).cloned().collect(), ..self.clone() }
    }

    /// The subjects in order of randomization.
    pub fn subjects(&self) -> Vec<&SubjectId> {
        self.events.iter().filter_map(Event::randomized).collect()
    }

    /// Every problem: names that nothing introduced, kits that come or go twice, numbers that do not fit.
    pub fn problems(&self) -> Vec<Problem> {
        let mut reading = Reading { arms: self.ratio.len(), ..Reading::default() };
        reading.head(self);
        for (place, event) in self.events.iter().enumerate() {
            reading.place = Some(place);
            reading.event(event);
        }
        reading.problems
    }
}

/// What is known on the way through the events.
#[derive(Default)]
struct Reading<'o> {
    arms: usize,
    place: Option<usize>,
    subjects: BTreeSet<&'o SubjectId>,
    /// Every kit that came, and whether it has gone to a subject.
    kits: BTreeMap<KitNumber, bool>,
    problems: Vec<Problem>,
}

impl<'o> Reading<'o> {
    fn expect(&mut self, holds: bool, message: impl FnOnce() -> String) {
        if !holds {
            self.problems.push(Problem { event: self.place, message: message() });
        }
    }

    fn head(&mut self, seen: &Observation) {
        let ratio = &seen.ratio;
        let sound = (2..=255).contains(&ratio.len()) && ratio.iter().all(|share| (1..=1_000).contains(share));
        self.expect(sound, || "ratio: must hold 2 to 255 whole numbers from 1 to 1000".to_owned());
        let round: u32 = ratio.iter().copied().fold(0, u32::saturating_add).max(1);
        let sizes = seen.block_sizes.iter().flatten();
        let whole = sizes.clone().all(|size| *size > 0 && size.is_multiple_of(round));
        let some = seen.block_sizes.is_none() || sizes.count() > 0;
        self.expect(whole && some, || format!("block_sizes: must be multiples of {round}, at least one"));
    }

    fn event(&mut self, event: &'o Event) {
        match event {
            Event::Received(received) => self.received(received),
            Event::Randomized(Randomized { subject, .. }) => {
                let new = self.subjects.insert(subject);
                self.expect(new, || format!("subject {subject} was randomized before"));
            }
            Event::StockSeen(seen) => {
                self.on_shelf(&seen.kits);
                seen.due.iter().for_each(|due| self.randomized(&due.subject));
            }
            Event::HandedOut(handed) => self.handed_out(handed),
            Event::NotServed(missed) => {
                self.randomized(&missed.subject);
                self.on_shelf(&missed.shelf);
            }
            Event::ToldApart(told) => self.told_apart(told),
            Event::CodeBroken(broken) => {
                self.randomized(&broken.subject);
                let known = usize::from(broken.arm) < self.arms;
                self.expect(known, || format!("there is no arm {}", broken.arm));
            }
        }
    }

    fn received(&mut self, received: &Received) {
        for kit in &received.kits {
            let new = self.kits.insert(kit.number, false).is_none();
            self.expect(new, || format!("kit {} came before", kit.number));
        }
        if let Some(each) = received.of_every_type {
            let fits = usize::try_from(each).ok().and_then(|each| each.checked_mul(self.arms));
            let message = || format!("{each} of every type are not {} kits", received.kits.len());
            self.expect(fits == Some(received.kits.len()), message);
        }
        if let Some(like) = received.like {
            self.expect(self.kits.contains_key(&like), || format!("kit {like} never came"));
        }
    }

    fn handed_out(&mut self, handed: &HandedOut) {
        self.randomized(&handed.subject);
        self.on_shelf(&handed.shelf);
        for kit in &handed.kits {
            self.expect(handed.shelf.contains(kit), || format!("kit {kit} is not on the shelf"));
            self.kits.insert(*kit, true);
        }
    }

    /// They may be with subjects by then.
    fn told_apart(&mut self, told: &ToldApart) {
        self.expect(!told.kits.is_empty(), || "kits: must hold at least one".to_owned());
        for kit in told.kits.iter().chain(&told.others) {
            self.expect(self.kits.contains_key(kit), || format!("kit {kit} never came"));
        }
    }

    fn randomized(&mut self, subject: &SubjectId) {
        let known = self.subjects.contains(subject);
        self.expect(known, || format!("subject {subject} is not randomized yet"));
    }

    fn on_shelf(&mut self, kits: &[KitNumber]) {
        let mut seen = BTreeSet::new();
        for kit in kits {
            let here = self.kits.get(kit) == Some(&false);
            self.expect(here, || format!("kit {kit} never came or has gone"));
            self.expect(seen.insert(*kit), || format!("kit {kit} stands there twice"));
        }
    }
}
