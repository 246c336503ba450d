//! One kit, one movement, and the rule that leads from the one to the other.

use std::fmt;

use terms::{DepotId, Id, KitNumber, Moment, ShipmentId, SiteId, SubjectId, VisitId};

use crate::{IllegalMove, KitState, Move, next};

/// The place that accounts for a kit. A kit that was handed over stays in the account of its site.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The sponsor's stock, in which kits come to exist.
    Store,
    /// A depot of the study.
    Depot(DepotId),
    /// A shipment: on its way, or what became of the kits in it.
    Shipment(ShipmentId),
    /// A site of the study.
    Site(SiteId),
}

impl Place {
    /// The site, when it is one.
    pub const fn site(&self) -> Option<&SiteId> {
        match self {
            Self::Site(site) => Some(site),
            Self::Store | Self::Depot(_) | Self::Shipment(_) => None,
        }
    }
}

/// The noun of [`ReasonCode`]. It cannot be constructed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonNoun {}

/// Why something unplanned happened, as a code out of the study's list; never free text.
pub type ReasonCode = Id<ReasonNoun>;

/// An entry of the ledger: one thing that happened to one kit (KIT-04). Entries are never changed; a mistake
/// is corrected by another entry. Who recorded it stands in the journal record of the act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// The kit.
    pub kit: KitNumber,
    /// Its state before; `None` when it comes to exist.
    pub from: Option<KitState>,
    /// Its state after.
    pub to: KitState,
    /// What happened.
    pub a_move: Move,
    /// The place that accounts for the kit afterwards.
    pub place: Place,
    /// The subject: named when the kit is allocated, handed over (also in error) or given back to its
    /// subject; else none or the one the kit is bound to.
    pub subject: Option<SubjectId>,
    /// The visit: named together with the subject, and optional for a hand-over in error.
    pub visit: Option<VisitId>,
    /// When it happened, as the person says.
    pub happened: Moment,
    /// When it was recorded; not before it happened.
    pub recorded: Moment,
    /// Why; required when [`Move::needs_reason`].
    pub reason: Option<ReasonCode>,
}

/// A kit as its movements so far have left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kit {
    /// Its state.
    pub state: KitState,
    /// The place that accounts for it.
    pub place: Place,
    /// The subject it is or was meant for, or who got it in error. Once bound, a kit never becomes free
    /// again.
    pub subject: Option<SubjectId>,
    /// The visit it is or was meant for.
    pub visit: Option<VisitId>,
    /// Whether it was ever released. What was lost or damaged before is not used any more.
    pub released: bool,
    /// Whether anybody was ever given it, rightly or in error. Such a kit is never used again.
    pub given: bool,
}

impl Kit {
    /// The kit after one more movement; `before` is `None` when the movement is its first.
    ///
    /// # Errors
    /// [`BadMovement`], checked in the order of its variants.
    pub fn after(before: Option<&Self>, movement: &Movement) -> Result<Self, BadMovement> {
        let state = before.map(|kit| kit.state);
        let to = next(state, movement.a_move).map_err(BadMovement::Illegal)?;
        if movement.from != state || movement.to != to {
            return Err(BadMovement::OtherState);
        }
        check_released(before, movement.a_move)?;
        check_given(before, movement.a_move)?;
        check_place(before.map(|kit| &kit.place), movement)?;
        check_subject(before, movement)?;
        if movement.a_move.needs_reason() && movement.reason.is_none() {
            return Err(BadMovement::ReasonMissing);
        }
        if movement.happened > movement.recorded {
            return Err(BadMovement::RecordedTooEarly);
        }
        let released = before.is_some_and(|kit| kit.released) || movement.a_move == Move::Release;
        let given = before.is_some_and(|kit| kit.given)
            || matches!(movement.a_move, Move::HandOver | Move::HandOverInError);
        let bound = before.cloned().map_or((None, None), |kit| (kit.subject, kit.visit));
        let (subject, visit) = match &movement.subject {
            Some(subject) => (Some(subject.clone()), movement.visit.clone()),
            None => bound,
        };
        Ok(Self { state: to, place: movement.place.clone(), subject, visit, released, given })
    }
}

/// Why a movement cannot follow what the ledger holds of its kit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadMovement {
    /// The state does not allow the move.
    Illegal(IllegalMove),
    /// The movement names other states than the kit had or gets.
    OtherState,
    /// Somebody was given the kit, so it can come back or be explained, and nothing else.
    HandedOver,
    /// Nobody was given the kit, so it cannot come back.
    NotHandedOver,
    /// The movement is at a place where the kit is not or cannot be.
    OtherPlace,
    /// The move needs a subject and a visit, and one is not named.
    SubjectMissing,
    /// The kit is meant for another subject or visit (KIT-16).
    OtherSubject,
    /// The kit was meant for a subject, so it cannot go back to the shelf.
    MeantForSubject,
    /// The move needs a reason.
    ReasonMissing,
    /// It was recorded before it happened.
    RecordedTooEarly,
}

impl BadMovement {
    /// The published code; it never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Illegal(why) => why.code(),
            Self::OtherState => "kit_other_state",
            Self::HandedOver => "kit_handed_over",
            Self::NotHandedOver => "kit_not_handed_over",
            Self::OtherPlace => "kit_other_place",
            Self::SubjectMissing => "kit_subject_missing",
            Self::OtherSubject => "kit_other_subject",
            Self::MeantForSubject => "kit_meant_for_subject",
            Self::ReasonMissing => "kit_reason_missing",
            Self::RecordedTooEarly => "kit_recorded_too_early",
        }
    }
}

impl fmt::Display for BadMovement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for BadMovement {}

/// Quality cannot give back to the stock what was never released.
fn check_released(before: Option<&Kit>, a_move: Move) -> Result<(), BadMovement> {
    let released = before.is_some_and(|kit| kit.released);
    if a_move == Move::RestoreToStock && !released {
        return Err(BadMovement::Illegal(IllegalMove::NotReleased));
    }
    Ok(())
}

/// What the state does not tell of a lost or reconciled kit: whether anybody was given it. If so it may come back,
/// but never onto the shelf (KIT-16); if not, there is nobody from whom it could come back.
fn check_given(before: Option<&Kit>, a_move: Move) -> Result<(), BadMovement> {
    let given = before.is_some_and(|kit| kit.given);
    let uses =
        matches!(a_move, Move::Allocate | Move::HandOver | Move::Quarantine | Move::Find | Move::Damage);
    match (given, a_move.is_return()) {
        (false, true) => Err(BadMovement::NotHandedOver),
        (true, false) if uses => Err(BadMovement::HandedOver),
        _ => Ok(()),
    }
}

/// A kit begins in the store. A shipment takes it from a stock to a depot or a site; a small study brings it from
/// the store to a site by its receipt alone. At a site it stays: transfers between sites do not exist (KIT-19).
fn check_place(before: Option<&Place>, movement: &Movement) -> Result<(), BadMovement> {
    let stays = || before == Some(&movement.place);
    let at_site = matches!(movement.place, Place::Site(_));
    let in_stock = matches!(movement.place, Place::Store | Place::Depot(_));
    let fits = match (movement.a_move, before) {
        (Move::Register, _) => movement.place == Place::Store,
        (Move::Dispatch, Some(Place::Store | Place::Depot(_))) => {
            matches!(movement.place, Place::Shipment(_))
        }
        (Move::Stock, Some(Place::Shipment(_))) => matches!(movement.place, Place::Depot(_)),
        (Move::Receive, Some(Place::Store | Place::Shipment(_))) => at_site,
        (Move::Dispatch | Move::Stock | Move::Receive, _) => false,
        // What was lost on the way turns up at its end; a kit that somebody was given after all joins the account
        // of the site that gave it.
        (Move::Find, Some(Place::Shipment(_))) => at_site || in_stock,
        (Move::HandOverInError, Some(Place::Store | Place::Depot(_) | Place::Shipment(_))) => at_site,
        (Move::RestoreToStock, _) => stays() && in_stock,
        (Move::Quarantine, _) => stays() && (at_site || in_stock),
        (Move::Allocate | Move::HandOver | Move::RestoreToShelf | Move::RestoreToSubject, _) => {
            stays() && at_site
        }
        _ => stays(),
    };
    if fits { Ok(()) } else { Err(BadMovement::OtherPlace) }
}

fn check_subject(before: Option<&Kit>, movement: &Movement) -> Result<(), BadMovement> {
    let named = (movement.subject.as_ref(), movement.visit.as_ref());
    let bound = before.map_or((None, None), |kit| (kit.subject.as_ref(), kit.visit.as_ref()));
    match movement.a_move {
        Move::Allocate | Move::HandOver | Move::RestoreToSubject
            if named.0.is_none() || named.1.is_none() =>
        {
            Err(BadMovement::SubjectMissing)
        }
        Move::HandOverInError if named.0.is_none() => Err(BadMovement::SubjectMissing),
        // A shelf holds only kits that were never bound, so a pick cannot bind one twice.
        Move::Allocate if bound.0.is_some() => Err(BadMovement::MeantForSubject),
        Move::RestoreToShelf if bound.0.is_some() => Err(BadMovement::MeantForSubject),
        Move::Allocate | Move::HandOverInError => Ok(()),
        _ if named != bound && named != (None, None) => Err(BadMovement::OtherSubject),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Kit, Movement, Place, ReasonCode};
    use crate::{KitState, Move, next};
    use terms::{DepotId, KitNumber, Moment, ShipmentId, SiteId, SubjectId, VisitId};

    fn place(text: &str) -> Place {
        match text.split_once(':') {
            Some(("depot", id)) => Place::Depot(DepotId::parse(id).expect("a depot")),
            Some((_, id)) => Place::Shipment(ShipmentId::parse(id).expect("a shipment")),
            None if text == "store" => Place::Store,
            None => Place::Site(SiteId::parse(text).expect("a site")),
        }
    }

    fn kit(state: &str, at: &str, subject: &str, visit: &str) -> Kit {
        let state = KitState::parse(state).expect("a state");
        Kit {
            state,
            place: place(at),
            subject: SubjectId::parse(subject).ok(),
            visit: VisitId::parse(visit).ok(),
            released: state != KitState::Registered,
            given: matches!(state, KitState::Dispensed | KitState::DispensedInError),
        }
    }

    fn given(state: &str) -> Kit {
        Kit { given: true, ..kit(state, "A", "S1", "D1") }
    }

    /// The movement that fits the kit's state, at a place, naming a subject and a visit (`-` for none).
    fn movement(before: &Kit, line: &str) -> Movement {
        let words: Vec<&str> = line.split(' ').collect();
        let a_move = Move::parse(words[0]).expect("a move");
        let now = Moment::parse("2015-10-05T08:00:00Z").expect("an instant");
        Movement {
            kit: KitNumber::from_serial(7).expect("in the space"),
            from: Some(before.state),
            to: next(Some(before.state), a_move).unwrap_or(KitState::Lost),
            a_move,
            place: place(words[1]),
            subject: SubjectId::parse(words[2]).ok(),
            visit: VisitId::parse(words[3]).ok(),
            happened: now,
            recorded: now,
            reason: a_move.needs_reason().then(|| ReasonCode::parse("why").expect("a reason")),
        }
    }

    fn check(table: &[(&Kit, &str, &str)]) {
        for (before, line, expected) in table {
            let got = Kit::after(Some(before), &movement(before, line));
            assert_eq!(got.map_or_else(|why| why.code(), |_| "ok"), *expected, "{line} after {before:?}");
        }
    }

    #[test]
    fn a_movement_must_fit_place_subject_and_visit() {
        let store = kit("released", "store", "-", "-");
        let shelf = kit("available", "A", "-", "-");
        let meant = kit("allocated", "A", "S1", "D1");
        let aside = kit("quarantined", "A", "-", "-");
        let meant_aside = kit("quarantined", "A", "S1", "D1");
        let impossible = kit("available", "A", "S1", "D1");
        check(&[
            (&store, "receive A - -", "ok"),
            (&store, "receive store - -", "kit_other_place"),
            (&store, "damage A - -", "kit_other_place"),
            (&store, "hand_over_in_error A S1 -", "ok"),
            (&store, "hand_over_in_error store S1 -", "kit_other_place"),
            (&shelf, "allocate A S1 D1", "ok"),
            (&shelf, "allocate B S1 D1", "kit_other_place"),
            (&shelf, "allocate store S1 D1", "kit_other_place"),
            (&shelf, "allocate A - D1", "kit_subject_missing"),
            (&shelf, "allocate A S1 -", "kit_subject_missing"),
            (&shelf, "damage A S1 -", "kit_other_subject"),
            (&shelf, "hand_over_in_error A S1 D1", "ok"),
            (&shelf, "hand_over_in_error B S1 D1", "kit_other_place"),
            (&shelf, "hand_over_in_error A - D1", "kit_subject_missing"),
            (&impossible, "allocate A S2 D1", "kit_meant_for_subject"),
            (&meant, "hand_over A S1 D1", "ok"),
            (&meant, "hand_over A S2 D1", "kit_other_subject"),
            (&meant, "hand_over A S1 D29", "kit_other_subject"),
            (&meant, "hand_over A - -", "kit_subject_missing"),
            (&meant, "hand_over B S1 D1", "kit_other_place"),
            (&meant, "hand_over_in_error A S2 -", "ok"),
            (&meant, "quarantine A - -", "ok"),
            (&meant, "quarantine A S1 D1", "ok"),
            (&meant, "quarantine A S2 D1", "kit_other_subject"),
            (&meant, "allocate A S1 D1", "kit_already_allocated"),
            (&aside, "restore_to_shelf A - -", "ok"),
            (&aside, "restore_to_subject A S1 D1", "kit_other_subject"),
            (&meant_aside, "restore_to_subject A S1 D1", "ok"),
            (&meant_aside, "restore_to_subject A S1 D29", "kit_other_subject"),
            (&meant_aside, "restore_to_subject A - -", "kit_subject_missing"),
            (&meant_aside, "restore_to_shelf A - -", "kit_meant_for_subject"),
            (&meant_aside, "restore_to_shelf A S1 D1", "kit_meant_for_subject"),
            (&aside, "restore_to_stock A - -", "kit_other_place"),
        ]);
    }

    #[test]
    fn kits_move_between_stocks_shipments_and_sites() {
        let store = kit("released", "store", "-", "-");
        let lost_in_store = kit("lost", "store", "-", "-");
        let damaged_in_store = kit("damaged", "store", "-", "-");
        let aside_in_store = kit("quarantined", "store", "-", "-");
        let never_released = Kit { released: false, ..aside_in_store.clone() };
        let in_depot = kit("released", "depot:N", "-", "-");
        let on_its_way = kit("in_transit", "ship:1", "-", "-");
        let lost_on_its_way = kit("lost", "ship:1", "-", "-");
        let damaged_on_its_way = kit("damaged", "ship:1", "-", "-");
        check(&[
            (&lost_in_store, "find store - -", "ok"),
            (&lost_in_store, "find A - -", "kit_other_place"),
            (&damaged_in_store, "quarantine store - -", "ok"),
            (&aside_in_store, "restore_to_stock store - -", "ok"),
            (&never_released, "restore_to_stock store - -", "kit_not_released"),
            (&aside_in_store, "restore_to_shelf store - -", "kit_other_place"),
            (&store, "dispatch ship:1 - -", "ok"),
            (&store, "dispatch A - -", "kit_other_place"),
            (&in_depot, "dispatch ship:1 - -", "ok"),
            (&in_depot, "receive A - -", "kit_other_place"),
            (&on_its_way, "receive A - -", "ok"),
            (&on_its_way, "stock depot:N - -", "ok"),
            (&on_its_way, "stock A - -", "kit_other_place"),
            (&on_its_way, "receive store - -", "kit_other_place"),
            (&on_its_way, "lose ship:1 - -", "ok"),
            (&on_its_way, "lose ship:2 - -", "kit_other_place"),
            (&lost_on_its_way, "find A - -", "ok"),
            (&lost_on_its_way, "find depot:N - -", "ok"),
            (&lost_on_its_way, "find ship:1 - -", "kit_other_place"),
            (&damaged_on_its_way, "quarantine ship:1 - -", "kit_other_place"),
        ]);
    }

    #[test]
    fn kit_16_what_somebody_was_given_comes_back_or_is_explained_and_is_never_used_again() {
        let given = kit("dispensed", "A", "S1", "D1");
        let lost = kit("lost", "A", "-", "-");
        let counted = kit("reconciled", "A", "-", "-");
        let lost_by_subject = self::given("lost");
        let counted_after_use = self::given("reconciled");
        check(&[
            (&given, "hand_over_in_error A S2 D1", "ok"),
            (&given, "hand_over A S1 D1", "kit_already_dispensed"),
            (&given, "return_unused A S1 D1", "ok"),
            (&given, "return_unused B S1 D1", "kit_other_place"),
            (&given, "return_used A S2 D1", "kit_other_subject"),
            (&given, "lose A - -", "ok"),
            (&lost_by_subject, "return_partly_used A - -", "ok"),
            (&lost_by_subject, "find A - -", "kit_handed_over"),
            (&lost_by_subject, "damage A - -", "kit_handed_over"),
            (&lost, "return_unused A - -", "kit_not_handed_over"),
            (&counted, "return_unused A - -", "kit_not_handed_over"),
            (&counted, "quarantine A - -", "ok"),
            (&counted_after_use, "quarantine A - -", "kit_handed_over"),
            (&counted_after_use, "return_used A - -", "ok"),
        ]);
    }

    #[test]
    fn a_kit_stays_bound_and_who_got_it_in_error_is_known() {
        let meant = kit("allocated", "A", "S1", "D1");
        let after = |line| Kit::after(Some(&meant), &movement(&meant, line)).expect("a movement that fits");
        assert_eq!(after("damage A - -"), kit("damaged", "A", "S1", "D1"));
        assert_eq!(after("hand_over A S1 D1"), kit("dispensed", "A", "S1", "D1"));
        assert_eq!(after("hand_over_in_error A S2 -"), kit("dispensed_in_error", "A", "S2", "-"));
    }

    #[test]
    fn states_reason_and_times_are_checked() {
        let shelf = kit("available", "A", "-", "-");
        let good = movement(&shelf, "damage A - -");
        let table = [
            (good.clone(), "ok"),
            (Movement { from: None, ..good.clone() }, "kit_other_state"),
            (Movement { from: Some(KitState::Allocated), ..good.clone() }, "kit_other_state"),
            (Movement { to: KitState::Lost, ..good.clone() }, "kit_other_state"),
            (Movement { reason: None, ..good.clone() }, "kit_reason_missing"),
            (Movement { happened: good.recorded.plus_seconds(1), ..good.clone() }, "kit_recorded_too_early"),
            (Movement { recorded: good.recorded.plus_seconds(1), ..good.clone() }, "ok"),
        ];
        for (changed, expected) in table {
            let got = Kit::after(Some(&shelf), &changed);
            assert_eq!(got.map_or_else(|why| why.code(), |_| "ok"), expected, "{changed:?}");
        }
    }
}
