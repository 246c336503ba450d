//! Random histories against a naive model: it keeps plain facts about every kit and states the rules in other
//! words, without the transition table. Whatever it allows the ledger must allow, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use draw::{Key, Words};
use terms::{KitNumber, KitType, Moment, SiteId, SubjectId, VisitId};

use crate::{Kit, KitState, Move, Movement, Place, ReasonCode, balances, differences, replay};

const HISTORIES: u64 = 2_000;
const STEPS: u32 = 60;

type Named = (Option<SubjectId>, Option<VisitId>);

#[derive(Clone, Copy, PartialEq)]
enum Condition {
    Fine,
    SetAside,
    Broken,
    Gone,
}

/// What is true of one registered kit.
#[derive(Clone)]
struct Facts {
    released: bool,
    site: Option<SiteId>,
    meant_for: Named,
    given: bool,
    given_wrongly: bool,
    condition: Condition,
}

impl Facts {
    const NEW: Self = Self {
        released: false,
        site: None,
        meant_for: (None, None),
        given: false,
        given_wrongly: false,
        condition: Condition::Fine,
    };

    fn place(&self) -> Place {
        self.site.clone().map_or(Place::Store, Place::Site)
    }

    fn state(&self) -> KitState {
        match self {
            Self { given_wrongly: true, .. } => KitState::DispensedInError,
            Self { given: true, .. } => KitState::Dispensed,
            Self { condition: Condition::Gone, .. } => KitState::Lost,
            Self { condition: Condition::Broken, .. } => KitState::Damaged,
            Self { condition: Condition::SetAside, .. } => KitState::Quarantined,
            Self { meant_for: (Some(_), _), .. } => KitState::Allocated,
            Self { site: Some(_), .. } => KitState::Available,
            Self { released: true, .. } => KitState::Released,
            _ => KitState::Registered,
        }
    }

    /// The facts after a move, or `None` when the rules, said in plain words, forbid it.
    fn after(&self, a_move: Move, place: &Place, named: &Named) -> Option<Self> {
        let mut new = self.clone();
        let in_hand = !self.given && !self.given_wrongly;
        let usable = in_hand && self.condition == Condition::Fine;
        let free = self.meant_for == (None, None);
        let both_named = named.0.is_some() && named.1.is_some();
        let owner = both_named && *named == self.meant_for;
        let nobody_else = *named == (None, None) || *named == self.meant_for;
        let allowed = match a_move {
            Move::Register => false,
            Move::Release => usable && !self.released && nobody_else,
            Move::Receive => usable && self.released && self.site.is_none() && nobody_else,
            Move::Allocate => usable && self.site.is_some() && free && both_named,
            Move::HandOver => usable && owner,
            Move::Quarantine => in_hand && self.site.is_some() && nobody_else,
            Move::RestoreToShelf => in_hand && free && *named == (None, None),
            Move::RestoreToSubject => in_hand && owner,
            Move::Damage => in_hand && self.condition != Condition::Broken && nobody_else,
            Move::Lose => in_hand && self.condition != Condition::Gone && nobody_else,
            Move::Find => in_hand && self.site.is_some() && nobody_else,
            Move::HandOverInError => !self.given_wrongly && named.0.is_some(),
        };
        let condition_fits = match a_move {
            Move::Quarantine => matches!(self.condition, Condition::Fine | Condition::Broken),
            Move::RestoreToShelf | Move::RestoreToSubject => self.condition == Condition::SetAside,
            Move::Find => self.condition == Condition::Gone,
            _ => true,
        };
        match a_move {
            Move::Release => new.released = true,
            Move::Allocate => new.meant_for = named.clone(),
            Move::HandOver => new.given = true,
            Move::Quarantine | Move::Find => new.condition = Condition::SetAside,
            Move::RestoreToShelf | Move::RestoreToSubject => new.condition = Condition::Fine,
            Move::Damage => new.condition = Condition::Broken,
            Move::Lose => new.condition = Condition::Gone,
            Move::HandOverInError => (new.given_wrongly, new.meant_for) = (true, named.clone()),
            Move::Register | Move::Receive => {}
        }
        let brings_to_site = self.site.is_none() && matches!(a_move, Move::Receive | Move::HandOverInError);
        if let (true, Place::Site(site)) = (brings_to_site, place) {
            new.site = Some(site.clone());
        }
        let place_fits = new.place() == *place && (!brings_to_site || new.site.is_some());
        (allowed && condition_fits && place_fits).then_some(new)
    }
}

fn chance(words: &mut Words, one_in: u32) -> bool {
    words.below(one_in) == 0
}

fn any<T: Clone>(words: &mut Words, items: &[T]) -> T {
    items[usize::try_from(words.below(u32::try_from(items.len()).expect("few"))).expect("few")].clone()
}

fn sites() -> [Place; 3] {
    let site = |text| Place::Site(SiteId::parse(text).expect("a site"));
    [Place::Store, site("34-001"), site("30-001")]
}

fn anybody(words: &mut Words) -> Named {
    let subjects = ["S1", "S2"].map(|text| SubjectId::parse(text).expect("a subject"));
    let visits = ["D1", "D29"].map(|text| VisitId::parse(text).expect("a visit"));
    (Some(any(words, &subjects)), Some(any(words, &visits)))
}

/// An attempt, mostly a sensible one, on a kit about which these are the facts.
fn attempt(words: &mut Words, kit: KitNumber, facts: Option<&Facts>, recorded: Moment) -> Movement {
    let planned = [Move::Register, Move::Release, Move::Receive, Move::Allocate, Move::HandOver];
    let a_move = if chance(words, 2) { any(words, &Move::ALL) } else { any(words, &planned) };
    let stays = facts.map_or(Place::Store, Facts::place);
    let arrives = a_move == Move::Receive || a_move == Move::HandOverInError;
    let guess = if arrives && stays == Place::Store { any(words, &sites()) } else { stays };
    let place = if chance(words, 12) { any(words, &sites()) } else { guess };
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
                .then_some(Facts::NEW)
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
    for number in 0..HISTORIES {
        let history = play(number);
        moves.extend(history.movements.iter().map(|movement| (movement.from, movement.a_move)));
        states.extend(history.kits.values().map(|kit| kit.state));
        for (kit, facts) in &history.facts {
            let stored = &history.kits[kit];
            assert_eq!((stored.state, &stored.place), (facts.state(), &facts.place()), "history {number}");
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
    for number in 0..HISTORIES / 4 {
        let movements = play(number).movements;
        for kit in movements.iter().map(|movement| movement.kit).collect::<BTreeSet<_>>() {
            let count = |a_move| movements.iter().filter(|m| m.kit == kit && m.a_move == a_move).count();
            assert!(count(Move::HandOver) <= 1 && count(Move::HandOverInError) <= 1, "history {number}");
            assert!(count(Move::Allocate) <= 1 && count(Move::Receive) <= 1, "history {number}");
        }
    }
}

#[test]
fn kit_05_stock_is_conserved_after_every_movement() {
    for number in 0..HISTORIES / 20 {
        let history = play(number);
        for end in 0..=history.movements.len() {
            let accounts = balances(&history.movements[..end], type_of).expect("balanced");
            assert!(accounts.values().all(|balance| balance.is_conserved()), "history {number}");
        }
    }
}

#[test]
fn kit_05_balances_count_what_is_true() {
    for number in 0..HISTORIES / 4 {
        let history = play(number);
        let accounts = balances(&history.movements, type_of).expect("balanced");
        for ((kit_type, place), balance) in &accounts {
            let here =
                |(kit, facts): &(&KitNumber, &Facts)| type_of(**kit) == *kit_type && facts.place() == *place;
            for state in KitState::ALL {
                let count =
                    history.facts.iter().filter(here).filter(|(_, facts)| facts.state() == state).count();
                assert_eq!(usize::try_from(balance.count(state)).expect("few"), count, "history {number}");
            }
            let all_of_type = history.facts.keys().filter(|kit| type_of(**kit) == *kit_type).count();
            let here_now = history.facts.iter().filter(here).count();
            let ever_here = if *place == Place::Store { all_of_type } else { here_now };
            assert_eq!(usize::try_from(balance.received()).expect("few"), ever_here);
            assert_eq!(usize::try_from(balance.passed_on()).expect("few"), ever_here - here_now);
        }
    }
}

#[test]
fn a_history_with_a_movement_left_out_or_doubled_or_changed_is_found_out() {
    for number in 0..HISTORIES / 20 {
        let History { movements, kits, .. } = play(number);
        for index in 0..movements.len() {
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
