//! Random histories against a naive model: it keeps plain facts about every kit and states the rules in other
//! words, without the transition table. Whatever it allows the ledger must allow, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use draw::{Key, Words};
use terms::{DepotId, KitNumber, KitType, Moment, ShipmentId, SiteId, SubjectId, VisitId};

use crate::{Kit, KitState, Move, Movement, Place, ReasonCode, balances, differences, replay};

/// How many histories are played, of so many steps each: enough in every run, and more by `IWRS_HISTORIES`.
const HISTORIES: u64 = 100_000;
const STEPS: u32 = 40;

/// A share of the histories, for what is slow to check.
fn histories(share: u64) -> std::ops::Range<u64> {
    let wanted = option_env!("IWRS_HISTORIES").and_then(|number| number.parse().ok());
    0..wanted.unwrap_or(HISTORIES) / share
}

type Named = (Option<SubjectId>, Option<VisitId>);

#[derive(Clone, Copy, PartialEq)]
enum Whereabouts {
    Here,
    Moving,
    WithOwner,
    WithSomebodyElse,
    Back(KitState),
    Nowhere,
}

#[derive(Clone, Copy, PartialEq)]
enum Condition {
    Fine,
    SetAside,
    Broken,
}

/// What is true of one registered kit.
#[derive(Clone)]
struct Facts {
    released: bool,
    /// All places it was in, in order; the last is where it is.
    places: Vec<Place>,
    meant_for: Named,
    ever_given: bool,
    whereabouts: Whereabouts,
    condition: Condition,
    counted: bool,
    destroyed: bool,
}

impl Facts {
    fn new() -> Self {
        Self {
            released: false,
            places: vec![Place::Store],
            meant_for: (None, None),
            ever_given: false,
            whereabouts: Whereabouts::Here,
            condition: Condition::Fine,
            counted: false,
            destroyed: false,
        }
    }

    fn place(&self) -> &Place {
        self.places.last().expect("a kit is somewhere")
    }

    fn at_site(&self) -> bool {
        matches!(self.place(), Place::Site(_))
    }

    fn in_stock(&self) -> bool {
        matches!(self.place(), Place::Store | Place::Depot(_))
    }

    fn state(&self) -> KitState {
        match self {
            Self { destroyed: true, .. } => KitState::Destroyed,
            Self { counted: true, .. } => KitState::Reconciled,
            Self { whereabouts: Whereabouts::Nowhere, .. } => KitState::Lost,
            Self { whereabouts: Whereabouts::WithSomebodyElse, .. } => KitState::DispensedInError,
            Self { whereabouts: Whereabouts::WithOwner, .. } => KitState::Dispensed,
            Self { whereabouts: Whereabouts::Back(how), .. } => *how,
            Self { whereabouts: Whereabouts::Moving, .. } => KitState::InTransit,
            Self { condition: Condition::Broken, .. } => KitState::Damaged,
            Self { condition: Condition::SetAside, .. } => KitState::Quarantined,
            Self { meant_for: (Some(_), _), .. } => KitState::Allocated,
            _ if self.at_site() => KitState::Available,
            Self { released: true, .. } => KitState::Released,
            _ => KitState::Registered,
        }
    }

    /// Whether the rules, said in plain words, allow the move to somebody who names these.
    fn allows(&self, a_move: Move, named: &Named) -> bool {
        let open = !self.counted && !self.destroyed;
        let here = open && self.whereabouts == Whereabouts::Here;
        let moving = open && self.whereabouts == Whereabouts::Moving;
        let gone = open && self.whereabouts == Whereabouts::Nowhere;
        let usable = here && self.condition == Condition::Fine;
        let aside = here && self.condition == Condition::SetAside;
        let free = self.meant_for == (None, None);
        let both_named = named.0.is_some() && named.1.is_some();
        let owner = both_named && *named == self.meant_for;
        let nobody_else = *named == (None, None) || *named == self.meant_for;
        match a_move {
            Move::Register => false,
            Move::Release => usable && !self.released && nobody_else,
            Move::Dispatch => usable && self.released && self.in_stock() && nobody_else,
            Move::Stock => moving && nobody_else,
            Move::Receive => {
                let from_store = usable && self.released && *self.place() == Place::Store;
                (moving || from_store) && nobody_else
            }
            Move::Allocate => usable && self.at_site() && free && both_named,
            Move::HandOver => usable && owner,
            Move::Quarantine => {
                let set_aside = here && !aside && (self.released || self.condition == Condition::Broken);
                let corrected = self.counted && !self.destroyed && !self.ever_given;
                (set_aside || corrected) && (self.at_site() || self.in_stock()) && nobody_else
            }
            Move::RestoreToStock => aside && self.released && self.in_stock() && nobody_else,
            Move::RestoreToShelf => aside && self.at_site() && free && *named == (None, None),
            Move::RestoreToSubject => aside && self.at_site() && owner,
            Move::Damage => {
                let whole = (here && self.condition != Condition::Broken) || moving || gone;
                whole && !self.ever_given && nobody_else
            }
            Move::Lose => open && !gone && nobody_else,
            Move::Find => gone && !self.ever_given && nobody_else,
            Move::HandOverInError => self.state() != KitState::DispensedInError && named.0.is_some(),
            Move::ReturnUnused | Move::ReturnPartlyUsed | Move::ReturnUsed => {
                self.ever_given && !self.destroyed && nobody_else
            }
            Move::Reconcile => open && !moving && nobody_else,
            Move::Destroy => self.counted && !self.destroyed && nobody_else,
        }
    }

    /// Whether the move can happen in this place.
    fn may_be_in(&self, a_move: Move, place: &Place) -> bool {
        let to_site = matches!(place, Place::Site(_));
        let to_depot = matches!(place, Place::Depot(_));
        let stays = place == self.place();
        match a_move {
            Move::Dispatch => matches!(place, Place::Shipment(_)),
            Move::Stock => to_depot,
            Move::Receive => to_site,
            Move::Find if matches!(self.place(), Place::Shipment(_)) => !matches!(place, Place::Shipment(_)),
            Move::HandOverInError if !self.at_site() => to_site,
            _ => stays,
        }
    }

    /// The facts after a move, or `None` when the rules forbid it.
    fn after(&self, a_move: Move, place: &Place, named: &Named) -> Option<Self> {
        if !self.allows(a_move, named) || !self.may_be_in(a_move, place) {
            return None;
        }
        let mut new = self.clone();
        if place != self.place() {
            new.places.push(place.clone());
        }
        if a_move != Move::Destroy {
            (new.counted, new.destroyed) = (a_move == Move::Reconcile, false);
        }
        match a_move {
            Move::Release => new.released = true,
            Move::Dispatch => new.whereabouts = Whereabouts::Moving,
            Move::Stock | Move::Receive => new.whereabouts = Whereabouts::Here,
            Move::Allocate => new.meant_for = named.clone(),
            Move::HandOver => (new.ever_given, new.whereabouts) = (true, Whereabouts::WithOwner),
            Move::Quarantine | Move::Find => {
                (new.whereabouts, new.condition) = (Whereabouts::Here, Condition::SetAside);
            }
            Move::RestoreToStock | Move::RestoreToShelf | Move::RestoreToSubject => {
                new.condition = Condition::Fine;
            }
            Move::Damage => (new.whereabouts, new.condition) = (Whereabouts::Here, Condition::Broken),
            Move::Lose => new.whereabouts = Whereabouts::Nowhere,
            Move::HandOverInError => {
                (new.ever_given, new.whereabouts) = (true, Whereabouts::WithSomebodyElse);
                new.meant_for = named.clone();
            }
            Move::ReturnUnused => new.whereabouts = Whereabouts::Back(KitState::ReturnedUnused),
            Move::ReturnPartlyUsed => new.whereabouts = Whereabouts::Back(KitState::ReturnedPartlyUsed),
            Move::ReturnUsed => new.whereabouts = Whereabouts::Back(KitState::ReturnedUsed),
            Move::Destroy => new.destroyed = true,
            Move::Register | Move::Reconcile => {}
        }
        Some(new)
    }
}

fn chance(words: &mut Words, one_in: u32) -> bool {
    words.below(one_in) == 0
}

fn any<T: Clone>(words: &mut Words, items: &[T]) -> T {
    items[usize::try_from(words.below(u32::try_from(items.len()).expect("few"))).expect("few")].clone()
}

fn places() -> [Place; 6] {
    let site = |text| Place::Site(SiteId::parse(text).expect("a site"));
    let depot = Place::Depot(DepotId::parse("NIMES").expect("a depot"));
    let shipment = |text| Place::Shipment(ShipmentId::parse(text).expect("a shipment"));
    [Place::Store, depot, shipment("1"), shipment("2"), site("34-001"), site("30-001")]
}

/// Somewhere that fits the move, often.
fn somewhere(words: &mut Words, a_move: Move, facts: Option<&Facts>) -> Place {
    let [store, depot, one, other, here, there] = places();
    let stays = facts.map_or(store, |facts| facts.place().clone());
    match a_move {
        Move::Dispatch => any(words, &[one, other]),
        Move::Stock => depot,
        Move::Receive => any(words, &[here, there]),
        Move::HandOverInError | Move::Find if !matches!(stays, Place::Site(_)) => {
            any(words, &[stays, depot, here, there])
        }
        _ => stays,
    }
}

fn anybody(words: &mut Words) -> Named {
    let subjects = ["S1", "S2"].map(|text| SubjectId::parse(text).expect("a subject"));
    let visits = ["D1", "D29"].map(|text| VisitId::parse(text).expect("a visit"));
    (Some(any(words, &subjects)), Some(any(words, &visits)))
}

/// An attempt, mostly a sensible one, on a kit about which these are the facts.
fn attempt(words: &mut Words, kit: KitNumber, facts: Option<&Facts>, recorded: Moment) -> Movement {
    let planned = [
        Move::Register,
        Move::Release,
        Move::Dispatch,
        Move::Receive,
        Move::Allocate,
        Move::HandOver,
        Move::ReturnUsed,
        Move::Reconcile,
    ];
    let a_move = if chance(words, 2) { any(words, &Move::ALL) } else { any(words, &planned) };
    let fitting = somewhere(words, a_move, facts);
    let place = if chance(words, 12) { any(words, &places()) } else { fitting };
    let owner = facts.map_or((None, None), |facts| facts.meant_for.clone());
    let (mut subject, visit) = match a_move {
        Move::Allocate | Move::HandOverInError => anybody(words),
        _ if chance(words, 8) => anybody(words),
        _ if chance(words, 3) => (None, None),
        _ => owner,
    };
    if chance(words, 12) {
        subject = None;
    }
    let from = facts.map(Facts::state);
    // The state that the transition table gives, so that no attempt is refused for its states alone.
    let to = crate::next(from, a_move).unwrap_or(KitState::Lost);
    let reason = (!chance(words, 20)).then(|| ReasonCode::parse("as-planned").expect("a reason"));
    Movement { kit, from, to, a_move, place, subject, visit, happened: recorded, recorded, reason }
}

/// What the model says to an attempt whose states are its own.
fn model_after(facts: Option<&Facts>, movement: &Movement) -> Option<Facts> {
    let named = (movement.subject.clone(), movement.visit.clone());
    let new = match facts {
        None => {
            (movement.a_move == Move::Register && movement.place == Place::Store && named == (None, None))
                .then(Facts::new)
        }
        Some(facts) => facts.after(movement.a_move, &movement.place, &named),
    };
    new.filter(|_| movement.reason.is_some() || !movement.a_move.needs_reason())
}

/// Out of a few attempts one that the model allows, so that histories go far; sometimes one that it forbids.
fn mostly_good_attempt(words: &mut Words, kit: KitNumber, facts: Option<&Facts>, now: Moment) -> Movement {
    let mut movement = attempt(words, kit, facts, now);
    while model_after(facts, &movement).is_none() && !chance(words, 8) {
        movement = attempt(words, kit, facts, now);
    }
    movement
}

struct History {
    movements: Vec<Movement>,
    facts: BTreeMap<KitNumber, Facts>,
    kits: BTreeMap<KitNumber, Kit>,
}

/// Plays one history; the ledger and the model must agree at every step.
fn play(number: u64) -> History {
    let mut words = Key::derive(&[3; 32], &["test", "histories"]).words(number);
    let numbers: Vec<KitNumber> = (0..4).filter_map(KitNumber::from_serial).collect();
    let mut history = History { movements: Vec::new(), facts: BTreeMap::new(), kits: BTreeMap::new() };
    let mut now = Moment::parse("2015-10-05T08:00:00Z").expect("an instant");
    for step in 0..STEPS {
        now = now.plus_seconds(60);
        let kit = any(&mut words, &numbers);
        let movement = mostly_good_attempt(&mut words, kit, history.facts.get(&kit), now);
        let expected = model_after(history.facts.get(&kit), &movement);
        let got = Kit::after(history.kits.get(&kit), &movement);
        assert_eq!(got.is_ok(), expected.is_some(), "history {number} step {step}: {got:?} {movement:?}");
        if let (Ok(kit_after), Some(facts)) = (got, expected) {
            history.facts.insert(kit, facts);
            history.kits.insert(kit, kit_after);
            history.movements.push(movement);
        }
    }
    history
}

fn type_of(kit: KitNumber) -> KitType {
    KitType::new(u8::from(kit > KitNumber::from_serial(1).expect("in the space")))
}

#[test]
fn kit_04_ledger_and_model_agree_on_every_history() {
    let mut moves = BTreeSet::new();
    let mut states = BTreeSet::new();
    for number in histories(1) {
        let history = play(number);
        moves.extend(history.movements.iter().map(|movement| (movement.from, movement.a_move)));
        states.extend(history.kits.values().map(|kit| kit.state));
        for (kit, facts) in &history.facts {
            let stored = &history.kits[kit];
            assert_eq!((stored.state, &stored.place), (facts.state(), facts.place()), "history {number}");
            assert_eq!((stored.released, stored.given), (facts.released, facts.ever_given));
            assert_eq!((&stored.subject, &stored.visit), (&facts.meant_for.0, &facts.meant_for.1));
        }
        assert_eq!(
            differences(&replay(&history.movements).expect("consistent"), &history.kits),
            BTreeSet::new()
        );
    }
    let states_from = || std::iter::once(None).chain(KitState::ALL.map(Some));
    let allowed = states_from().flat_map(|from| Move::ALL.map(|a_move| (from, a_move)));
    let allowed: BTreeSet<_> = allowed.filter(|(from, a_move)| crate::next(*from, *a_move).is_ok()).collect();
    assert_eq!(moves, allowed, "every allowed pair came up, and no other");
    assert_eq!(states, KitState::ALL.into_iter().collect());
}

#[test]
fn no_kit_is_ever_handed_over_twice_or_meant_for_two() {
    for number in histories(4) {
        let movements = play(number).movements;
        for kit in movements.iter().map(|movement| movement.kit).collect::<BTreeSet<_>>() {
            let count = |a_move| movements.iter().filter(|m| m.kit == kit && m.a_move == a_move).count();
            assert!(count(Move::HandOver) <= 1, "history {number}");
            assert!(count(Move::Allocate) <= 1 && count(Move::Receive) <= 1, "history {number}");
        }
    }
}

#[test]
fn kit_05_stock_is_conserved_after_every_movement() {
    for number in histories(100) {
        let history = play(number);
        for end in 0..=history.movements.len() {
            let accounts = balances(&history.movements[..end], type_of).expect("balanced");
            assert!(accounts.values().all(|balance| balance.is_conserved()), "history {number}");
        }
    }
}

#[test]
fn kit_05_balances_count_what_is_true() {
    for number in histories(4) {
        let history = play(number);
        let accounts = balances(&history.movements, type_of).expect("balanced");
        for ((kit_type, place), balance) in &accounts {
            let here =
                |(kit, facts): &(&KitNumber, &Facts)| type_of(**kit) == *kit_type && facts.place() == place;
            for state in KitState::ALL {
                let count =
                    history.facts.iter().filter(here).filter(|(_, facts)| facts.state() == state).count();
                assert_eq!(usize::try_from(balance.count(state)).expect("few"), count, "history {number}");
            }
            let here_now = history.facts.iter().filter(here).count();
            let of_type = history.facts.iter().filter(|(kit, _)| type_of(**kit) == *kit_type);
            let ever_here: usize =
                of_type.map(|(_, facts)| facts.places.iter().filter(|ever| *ever == place).count()).sum();
            assert_eq!(usize::try_from(balance.received()).expect("few"), ever_here);
            assert_eq!(usize::try_from(balance.passed_on()).expect("few"), ever_here - here_now);
        }
    }
}

#[test]
fn a_history_with_a_movement_left_out_or_doubled_or_changed_is_found_out() {
    for number in histories(100) {
        let History { movements, kits, .. } = play(number);
        // A return that is only counted again changes nothing; that it is missing shows in the journal's indices.
        let changes = |index: &usize| movements[*index].from != Some(movements[*index].to);
        for index in (0..movements.len()).filter(changes) {
            let mut left_out = movements.clone();
            left_out.remove(index);
            let found = replay(&left_out).map_or(true, |replayed| !differences(&replayed, &kits).is_empty());
            assert!(found, "history {number} without movement {index}");
            let mut doubled = movements.clone();
            doubled.insert(index, movements[index].clone());
            assert!(replay(&doubled).is_err(), "history {number} with movement {index} twice");
            assert!(balances(&doubled, |kit| kit).is_err(), "history {number} with movement {index} twice");
            let mut changed = movements.clone();
            changed[index].to = any(&mut Key::derive(&[4; 32], &["test"]).words(number), &KitState::ALL);
            assert_eq!(replay(&changed).is_ok(), changed == movements, "history {number} movement {index}");
        }
    }
}
