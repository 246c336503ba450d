//! What the recalls of true lots tell: acts that reveal something by their nature, and are listed apart by it.

use std::collections::BTreeSet;

use observer::{Contradiction, Event, Observation, Pair, Received, SeenKit, ToldApart, Verdict, deduce};
use terms::{BatchId, KitNumber, SubjectId};

use super::{Watch, Watched};
use crate::act::{Act, KitsAt, Leaf};
use crate::decide::recall::names;
use crate::rebuild;

/// The recall of a true lot, as a blinded reader knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotRecall {
    /// Its leaf.
    pub index: u64,
    /// The batch.
    pub batch: BatchId,
    /// The kits that it named, wherever they were.
    named: BTreeSet<KitNumber>,
    /// The places among the events of what it told.
    events: Vec<usize>,
}

/// The recalls so far. The last one is open while the leaves follow that name its kits.
#[derive(Default)]
pub(super) struct Lots {
    pub(super) recalls: Vec<LotRecall>,
    is_open: bool,
    /// Named kits that are not on their way to anybody: one of them stands for the lot where none of it came.
    elsewhere: Vec<KitNumber>,
}

impl Watch<'_> {
    /// Follows the recall of a lot through the leaves that name its kits, up to the last of `before`.
    pub(super) fn lot(&mut self, before: &[Leaf], next: Option<&Leaf>) {
        let Some(leaf) = before.last() else { return };
        match &leaf.act {
            Act::LotRecalled(of) => {
                let (named, events) = (BTreeSet::new(), Vec::new());
                let recall = LotRecall { index: leaf.index, batch: of.batch.clone(), named, events };
                self.lots.recalls.push(recall);
                (self.lots.is_open, self.lots.elsewhere) = (true, Vec::new());
            }
            Act::KitsRecalled(at) if self.lots.is_open => self.names(at),
            _ => {}
        }
        let goes_on = next.is_some_and(|next| matches!(next.act, Act::KitsRecalled(_)));
        if self.lots.is_open && !goes_on {
            self.lots.is_open = false;
            self.recalled(before);
        }
    }

    fn names(&mut self, at: &KitsAt) {
        let kits: Vec<KitNumber> =
            [&at.kits, &at.with_subjects, &at.out_of_use].into_iter().flatten().copied().collect();
        if at.shipment.is_none() {
            self.lots.elsewhere.extend(&kits);
        }
        self.lots.recalls.iter_mut().last().into_iter().for_each(|recall| recall.named.extend(&kits));
    }

    /// Everybody sees which kits of the batch are recalled, and which others would have been named with them.
    fn recalled(&mut self, before: &[Leaf]) {
        let Some(recall) = self.lots.recalls.last() else { return };
        // What cannot be replayed is no journal of this product: nothing is said of the others then.
        let standing = rebuild::replay(before).map(|replayed| replayed.kits).unwrap_or_default();
        let others = standing.iter().filter(|(number, kit)| names(kit) && !recall.named.contains(*number));
        let (batch, named) = (recall.batch.clone(), recall.named.clone());
        let others = self.kits.here(&batch, others.map(|(number, _)| number));
        let mut kits = self.kits.here(&batch, &named);
        if kits.is_empty() {
            let Some(number) = self.lots.elsewhere.first().copied() else { return };
            let seen = SeenKit { number, label_expiry: self.kits.label_expiry(number) };
            self.kits.come(&[number]);
            let received = Received { kits: vec![seen], of_every_type: None, like: None };
            self.tells(self.lots.recalls.len() - 1, Event::Received(received));
            kits.push(number);
        }
        self.tells(self.lots.recalls.len() - 1, Event::ToldApart(ToldApart { kits, others }));
    }

    fn tells(&mut self, recall: usize, event: Event) {
        let place = self.events.len();
        self.lots.recalls.get_mut(recall).into_iter().for_each(|recall| recall.events.push(place));
        self.events.push(event);
    }

    /// What comes to the site later can be told apart by an earlier recall, too.
    pub(super) fn came_after_a_recall(&mut self, new: &[KitNumber]) {
        for place in 0..self.lots.recalls.len() {
            let Some(recall) = self.lots.recalls.get(place) else { return };
            let (batch, named) = (recall.batch.clone(), recall.named.clone());
            let known = self.kits.here(&batch, named.iter().filter(|kit| !new.contains(kit)));
            let (mut kits, others): (Vec<_>, Vec<_>) =
                self.kits.here(&batch, new).into_iter().partition(|kit| named.contains(kit));
            kits.extend(known.first());
            if !kits.is_empty() && kits.len() + others.len() > 1 {
                self.tells(place, Event::ToldApart(ToldApart { kits, others }));
            }
        }
    }
}

/// Two subjects, and whether they are proved to share an arm or not to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// The earlier one.
    pub one: SubjectId,
    /// The later one.
    pub other: SubjectId,
    /// Whether they share an arm.
    pub share_an_arm: bool,
}

/// The pairs that are proved, by what proves them.
pub struct Pairs {
    /// By the blocks and the code breaks alone.
    pub by_blocks: Vec<Told>,
    /// By the supply.
    pub by_supply: Vec<Told>,
    /// By each recall of a true lot, over what was proved before it.
    pub by_lot_recalls: Vec<(LotRecall, Vec<Told>)>,
    /// How many pairs there are.
    pub all: usize,
}

impl Watched {
    /// What can be proved, with what is proved only by the recall of a lot set apart.
    ///
    /// # Errors
    /// [`Contradiction`] when no world agrees with what was seen.
    pub fn pairs(&self) -> Result<Pairs, Contradiction> {
        let found = deduce(&self.up_to(0))?;
        let told =
            |of: fn(&Pair) -> bool| found.pairs.iter().filter(|pair| of(pair)).filter_map(told).collect();
        let (by_blocks, by_supply): (Vec<Told>, Vec<Told>) =
            (told(|pair| pair.by_blocks), told(Pair::proved_by_supply));
        let mut known: BTreeSet<Told> = by_blocks.iter().chain(&by_supply).cloned().collect();
        let mut by_lot_recalls = Vec::new();
        for (count, recall) in (1..).zip(&self.lot_recalls) {
            let proved = deduce(&self.up_to(count))?;
            let new: Vec<Told> =
                proved.pairs.iter().filter_map(self::told).filter(|pair| !known.contains(pair)).collect();
            known.extend(new.iter().cloned());
            by_lot_recalls.push((recall.clone(), new));
        }
        Ok(Pairs { by_blocks, by_supply, by_lot_recalls, all: found.pairs.len() })
    }

    /// What was seen, with what the first so many recalls told and without what the later ones did.
    fn up_to(&self, recalls: usize) -> Observation {
        let later: BTreeSet<usize> =
            self.lot_recalls.iter().skip(recalls).flat_map(|recall| recall.events.iter().copied()).collect();
        let events = self.observation.events.iter().enumerate();
        let kept = events.filter(|(place, _)| !later.contains(place)).map(|(_, event)| event.clone());
        Observation { events: kept.collect(), ..self.observation.clone() }
    }

    /// The pairs that would be proved besides if these kits of a batch were recalled now, of those that the recall
    /// could name.
    ///
    /// # Errors
    /// [`Contradiction`] when no world agrees with what was seen.
    pub fn besides(
        &self,
        batch: &BatchId,
        hit: &BTreeSet<KitNumber>,
        named: &BTreeSet<KitNumber>,
    ) -> Result<Vec<Told>, Contradiction> {
        let known: BTreeSet<Told> = deduce(&self.observation)?.pairs.iter().filter_map(told).collect();
        let others = self.kits.here(batch, named.iter().filter(|kit| !hit.contains(kit)));
        let (mut kits, mut seen) = (self.kits.here(batch, hit), self.observation.clone());
        if let (Some(number), true) = (hit.first().copied(), kits.is_empty()) {
            let kit = SeenKit { number, label_expiry: self.kits.label_expiry(number) };
            let received = Received { kits: vec![kit], of_every_type: None, like: None };
            seen.events.push(Event::Received(received));
            kits.push(number);
        }
        if kits.is_empty() {
            return Ok(Vec::new());
        }
        seen.events.push(Event::ToldApart(ToldApart { kits, others }));
        let proved = deduce(&seen)?;
        Ok(proved.pairs.iter().filter_map(told).filter(|pair| !known.contains(pair)).collect())
    }
}

fn told(pair: &Pair) -> Option<Told> {
    let share_an_arm = match pair.verdict {
        Verdict::Same => true,
        Verdict::Different => false,
        Verdict::Open { .. } => return None,
    };
    Some(Told { one: pair.one.clone(), other: pair.other.clone(), share_an_arm })
}
